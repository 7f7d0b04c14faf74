//! From the kubeconfig to a client.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use pilot_core::model::Certificate;

use super::refusal::explain;
use crate::cli::ClusterArgs;
use crate::exit::Error;

/// A client, and what it is connected to.
#[derive(Clone)]
pub struct Connection {
    /// The client.
    pub client: Client,
    /// Name of the context, `in-cluster` inside a pod.
    pub context: String,
    /// Address of the API server.
    pub server: String,
    /// Who we are, as the kubeconfig names it, or the user we act as.
    pub user: String,
    /// When the client certificate of the kubeconfig ends.
    pub credentials_end: Option<Timestamp>,
    /// What may be wrong with the way to the cluster, for when it cannot be reached.
    doubts: Vec<String>,
}

impl Connection {
    /// An error of this connection, explained.
    pub fn explain(&self, error: &kube::Error) -> Error {
        match explain(error, &self.server) {
            Error::Unreachable(text) => {
                let doubts: String = self.doubts.iter().map(|doubt| format!("; {doubt}")).collect();
                Error::Unreachable(format!("{text}{doubts}"))
            }
            other => other,
        }
    }

    /// A GET of a path as text.
    ///
    /// # Errors
    /// As the API server or the connection has it.
    pub async fn text(&self, path: &str) -> Result<String, kube::Error> {
        let request = http::Request::get(path).body(Vec::new()).map_err(kube::Error::HttpError)?;
        self.client.request_text(request).await
    }

    /// A GET of a path as JSON.
    ///
    /// # Errors
    /// As the API server or the connection has it.
    pub async fn get(&self, path: &str) -> Result<serde_json::Value, kube::Error> {
        let request = http::Request::get(path).body(Vec::new()).map_err(kube::Error::HttpError)?;
        self.client.request(request).await
    }

    /// Any request with a JSON body.
    ///
    /// # Errors
    /// As the API server or the connection has it.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, kube::Error> {
        let body = serde_json::to_vec(body).map_err(kube::Error::SerdeError)?;
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content_type)
            .body(body)
            .map_err(kube::Error::HttpError)?;
        self.client.request(request).await
    }
}

/// Connects to the cluster of the given or current context, or to the one we run in.
///
/// # Errors
/// When there is no cluster to talk to, in one line with the remedy.
pub async fn connect(args: &ClusterArgs) -> Result<Connection, Error> {
    let Way { mut config, context, mut user, others } = configuration(args).await?;
    config.connect_timeout = Some(Duration::from_secs(5));
    config.read_timeout = Some(Duration::from_secs(60));
    if let Some(other) = &args.impersonate {
        config.auth_info.impersonate = Some(other.clone());
        user = format!("{other} (as {user})");
    }
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let credentials_end = certificate_end(&config.auth_info);
    let mut doubts = Vec::new();
    if let Some(end) = credentials_end.filter(|end| *end < Timestamp::now()) {
        doubts.push(format!("HLT-271: the client certificate ended at {end}: renew the credentials"));
    }
    if !others.is_empty() {
        doubts.push(format!("the context is {context}; there are others: {} (--context)", others.join(", ")));
    }
    let client = Client::try_from(config).map_err(|e| explain(&e, &server))?;
    Ok(Connection { client, context, server, user, credentials_end, doubts })
}

/// When the client certificate ends, if there is one.
fn certificate_end(auth: &AuthInfo) -> Option<Timestamp> {
    let pem = match (&auth.client_certificate_data, &auth.client_certificate) {
        (Some(data), _) => STANDARD.decode(data).ok()?,
        (None, Some(path)) => std::fs::read(path).ok()?,
        (None, None) => return None,
    };
    Certificate::from_pem(&pem)?.not_after
}

/// How to get to a cluster.
struct Way {
    config: Config,
    context: String,
    user: String,
    /// Names of the other contexts.
    others: Vec<String>,
}

async fn configuration(args: &ClusterArgs) -> Result<Way, Error> {
    let options = KubeConfigOptions { context: args.context.clone(), ..KubeConfigOptions::default() };
    let kubeconfig = match &args.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    match kubeconfig {
        Ok(kubeconfig) => {
            let context = args.context.clone().or_else(|| kubeconfig.current_context.clone()).unwrap_or_default();
            let entry = kubeconfig.contexts.iter().find(|c| c.name == context).and_then(|c| c.context.as_ref());
            let user = entry.and_then(|c| c.user.clone()).unwrap_or_default();
            let others = kubeconfig.contexts.iter().map(|c| c.name.clone()).filter(|name| *name != context).collect();
            let config = Config::from_custom_kubeconfig(kubeconfig, &options)
                .await
                .map_err(|e| Error::Unreachable(format!("the kubeconfig cannot be used: {e}")))?;
            Ok(Way { config, context, user, others })
        }
        Err(error) => {
            if args.kubeconfig.is_none()
                && args.context.is_none()
                && let Ok(config) = Config::incluster()
            {
                let (context, user) = ("in-cluster".to_owned(), "service account".to_owned());
                return Ok(Way { config, context, user, others: Vec::new() });
            }
            Err(Error::Unreachable(format!(
                "no cluster: {error}; set KUBECONFIG, start a cluster (minikube start), or give manifests with -f or a snapshot with --snapshot"
            )))
        }
    }
}
