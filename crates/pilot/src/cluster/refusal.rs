//! What went wrong between us and the API server, as one line with a remedy.

use crate::exit::Error;

/// The error as a person should read it.
pub fn explain(error: &kube::Error, server: &str) -> Error {
    if let kube::Error::Api(status) = error {
        return match status.code {
            401 => Error::Unreachable(format!(
                "{server} does not accept the credentials (HTTP 401): they have expired or are wrong; log in again or check KUBECONFIG"
            )),
            403 => Error::Forbidden(format!("{server} refuses: {}", status.message)),
            404 => Error::NotFound(status.message.clone()),
            code => Error::Unreachable(format!("{server} answers HTTP {code}: {}", status.message)),
        };
    }
    let chain = chain(error);
    let text = chain.to_ascii_lowercase();
    let remedy = if text.contains("certificate") || text.contains("unknownissuer") {
        "its certificate is not trusted or has expired: check the certificate authority in KUBECONFIG (minikube update-context)"
    } else if text.contains("dns") || text.contains("lookup") || text.contains("resolve") {
        "its name does not resolve: check the server address in KUBECONFIG and your network"
    } else if text.contains("refused") {
        "nothing listens there: is the cluster started (minikube status), is this the right context?"
    } else if text.contains("timed out") || text.contains("timeout") || text.contains("deadline") {
        "it does not answer in time: check network, VPN and proxy"
    } else if text.contains("exec") || text.contains("auth") {
        "logging in failed: check the users section of KUBECONFIG and its login program"
    } else {
        "check KUBECONFIG and the context"
    };
    Error::Unreachable(format!("cannot reach the cluster at {server}: {remedy} ({chain})"))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}
