//! Traces: spans of requests go to an OpenTelemetry collector (OTLP over HTTP), under the trace that the caller began.

use std::time::Duration;

use http::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::registry::LookupSpan;

use crate::collector::Collector;

/// How long one export may take; what can't be sent is dropped, requests never wait for it.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// The way to the collector. [`Traces::stop`] sends what is left.
#[derive(Clone, Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
    service: &'static str,
}

impl Traces {
    /// Connects to the collector at `endpoint` (`OTEL_EXPORTER_OTLP_ENDPOINT`, such as `http://collector:4318`). Nothing is sent
    /// before the first span ends, so the collector need not be there yet.
    ///
    /// # Errors
    /// One line that names the variable and the remedy.
    pub fn to(endpoint: &str, service: &'static str, version: &'static str) -> anyhow::Result<Self> {
        let wrong = |why: &dyn std::fmt::Display| {
            anyhow::anyhow!(
                "OTEL_EXPORTER_OTLP_ENDPOINT: `{endpoint}` can't be used: {why}; write one such as http://collector:4318"
            )
        };
        let base = endpoint.trim_end_matches('/');
        if !base.starts_with("http://") {
            return Err(wrong(&"spans go over plain http, to a collector in the same network"));
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(EXPORT_TIMEOUT)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{base}/v1/traces"))
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .map_err(|error| wrong(&error))?;
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(opentelemetry::KeyValue::new("service.version", version))
            .build();
        let provider = SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
        Ok(Self { provider, service })
    }

    pub(crate) fn layer<S>(&self) -> OpenTelemetryLayer<S, opentelemetry_sdk::trace::SdkTracer>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.provider.tracer(self.service))
    }

    /// Sends what is left. Blocks for at most a few seconds.
    pub fn stop(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::debug!(%error, "the last traces could not be sent");
        }
    }
}

/// Continues the trace that the headers name (W3C Trace Context).
pub(crate) fn continue_from(headers: &HeaderMap, span: &Span) {
    let parent = TraceContextPropagator::new().extract(&Headers(headers));
    // Without a collector there is nothing to attach to.
    let _no_collector = span.set_parent(parent);
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
