//! Fetches a foreign issuer's JWKS document, over TLS by rustls with ring.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use todo_auth::jwt::Fetch;
use url::Url;

use crate::tls;

/// A JWKS document is smaller than this, in bytes.
const DOCUMENT_MAX: usize = 64 * 1024;
/// The longest wait for it.
const TIMEOUT: Duration = Duration::from_secs(5);

type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// What fetches the document at `url`, from a server that proves itself by `certificates` (`SSL_CERT_FILE`), else by Mozilla's.
/// Redirects are not followed: the operator names the issuer, nobody else.
///
/// # Errors
/// When the certificates can't be read.
pub fn fetcher(url: Url, certificates: Option<&Path>) -> anyhow::Result<Fetch> {
    let tls = tls::client(certificates)?;
    let connector =
        hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
    let client: HttpClient = Client::builder(TokioExecutor::new()).build(connector);
    Ok(Arc::new(move || {
        let (client, url) = (client.clone(), url.clone());
        Box::pin(async move {
            tokio::time::timeout(TIMEOUT, fetch(&client, &url))
                .await
                .unwrap_or_else(|_| Err(format!("no answer within {} s", TIMEOUT.as_secs())))
        })
    }))
}

async fn fetch(client: &HttpClient, url: &Url) -> Result<Value, String> {
    let request = Request::get(url.as_str())
        .header(header::ACCEPT, "application/json")
        .body(Full::default())
        .map_err(|error| error.to_string())?;
    let response = client.request(request).await.map_err(|error| chain(&error))?;
    if response.status() != StatusCode::OK {
        return Err(format!("the issuer answered {}", response.status()));
    }
    let body = Limited::new(response.into_body(), DOCUMENT_MAX).collect().await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| error.to_string())
}

/// The error with what caused it: the outermost one only says that connecting failed.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
