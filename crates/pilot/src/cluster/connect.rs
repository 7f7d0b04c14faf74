//! From the kubeconfig to a client.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

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
}

impl Connection {
    /// An error of this connection, explained.
    pub fn explain(&self, error: &kube::Error) -> Error {
        explain(error, &self.server)
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
    let (mut config, context, mut user) = configuration(args).await?;
    config.connect_timeout = Some(Duration::from_secs(5));
    config.read_timeout = Some(Duration::from_secs(60));
    if let Some(other) = &args.impersonate {
        config.auth_info.impersonate = Some(other.clone());
        user = format!("{other} (as {user})");
    }
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let client = Client::try_from(config).map_err(|e| explain(&e, &server))?;
    Ok(Connection { client, context, server, user })
}

async fn configuration(args: &ClusterArgs) -> Result<(Config, String, String), Error> {
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
            let config = Config::from_custom_kubeconfig(kubeconfig, &options)
                .await
                .map_err(|e| Error::Unreachable(format!("the kubeconfig cannot be used: {e}")))?;
            Ok((config, context, user))
        }
        Err(error) => {
            if args.kubeconfig.is_none()
                && args.context.is_none()
                && let Ok(config) = Config::incluster()
            {
                return Ok((config, "in-cluster".to_owned(), "service account".to_owned()));
            }
            Err(Error::Unreachable(format!(
                "no cluster: {error}; set KUBECONFIG, start a cluster (minikube start), or give manifests with -f or a snapshot with --snapshot"
            )))
        }
    }
}
