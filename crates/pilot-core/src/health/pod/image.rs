//! Images that don't arrive (HLT-104, HLT-105).

use serde_json::json;

use super::Case;
use crate::finding::EvidenceSource;
use crate::health::catalogue::{IMAGE_LOCAL, IMAGE_PULL};
use crate::health::draft::{Draft, container_patch};
use crate::health::world::container;
use crate::nearest::distance;

const PULL: &[&str] =
    &["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ImageInspectError", "RegistryUnavailable"];

/// Why a registry does not hand out an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    BadName,
    NotFound,
    Denied,
    RateLimit,
    Unreachable,
    Certificate,
    WrongPlatform,
    Unclear,
}

impl Why {
    fn of(reason: &str, text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if reason == "InvalidImageName" || says(&["invalid reference format", "couldn't parse image"]) {
            Self::BadName
        } else if says(&["toomanyrequests", "too many requests", "rate limit", "status code 429"]) {
            Self::RateLimit
        } else if says(&["no match for platform", "no matching manifest for", "exec format"]) {
            Self::WrongPlatform
        } else if says(&["x509", "certificate", "http response to https", "tls"]) {
            Self::Certificate
        } else if says(&[
            "no such host",
            "i/o timeout",
            "deadline exceeded",
            "connection refused",
            "network is unreachable",
            "dial tcp",
            "temporary failure",
            "timed out",
        ]) {
            Self::Unreachable
        } else if says(&["not found", "manifest unknown", "name unknown", "does not exist: may require"])
            && !says(&["pull access denied"])
        {
            Self::NotFound
        } else if says(&["unauthorized", "denied", "authentication required", "403 forbidden", "401", "no basic auth"])
        {
            Self::Denied
        } else {
            Self::Unclear
        }
    }

    fn sentence(self, image: &str) -> String {
        match self {
            Self::BadName => format!("image name {image:?} is not valid"),
            Self::NotFound => format!("image {image} does not exist in its registry"),
            Self::Denied => format!(
                "the registry refuses access to image {image} (no or wrong credentials, or the repository does not exist)"
            ),
            Self::RateLimit => format!("the registry limits the rate of pulls of image {image}"),
            Self::Unreachable => format!("the registry of image {image} cannot be reached from the node"),
            Self::Certificate => {
                format!("the node does not trust the TLS certificate of the registry of image {image}")
            }
            Self::WrongPlatform => format!("image {image} has no build for the node's platform"),
            Self::Unclear => format!("image {image} cannot be pulled"),
        }
    }
}

pub fn pull(case: &Case<'_>) -> Option<Draft> {
    let (list, status, reason, waiting) = case.waiting(PULL)?;
    let image = container(case.pod, &status.name).map_or(status.image.as_str(), |c| c.image.as_str());
    // "Back-off pulling image" says nothing; the event of the failed pull has the registry's words.
    let event = case.world.pod_events(case.pod).into_iter().rev().find(|event| {
        matches!(event.reason.as_str(), "Failed" | "InspectFailed" | "ErrImagePull")
            && event.message.contains(image)
            && Why::of(reason, &event.message) != Why::Unclear
    });
    let text = event.map_or(waiting, |event| event.message.as_str());
    let why = match Why::of(reason, text) {
        Why::Unclear => Why::of(reason, waiting),
        clear => clear,
    };
    let mut draft = Draft::new(&IMAGE_PULL, why.sentence(image))
        .container(&status.name)
        .field(case.field(list, &status.name, "image"))
        .seen(EvidenceSource::Status, format!("{list}[{}].state.waiting", status.name), format!("{reason}: {waiting}"));
    if let Some(event) = event {
        draft = draft.event(event);
    }
    Some(advise(case, draft, list, &status.name, image, why))
}

fn advise(case: &Case<'_>, draft: Draft, list: &str, name: &str, image: &str, why: Why) -> Draft {
    match why {
        Why::NotFound | Why::BadName | Why::Unclear => match suggestion(case, name, image) {
            Some((known, where_)) => draft
                .seen(EvidenceSource::Computed, "known image", format!("{known} ({where_})"))
                .patch(
                    format!("Use {known}, {where_}, or push {image}."),
                    container_patch(case.root, list, name, json!({"image": known})),
                )
                .risk("restarts the pods of the workload"),
            None => draft.advice(
                format!("Correct the name or the tag of {image}, or push it."),
                "no other tag of this image is known in the cluster",
            ),
        },
        Why::Denied => {
            let secrets: Vec<&str> = case.pod.spec.image_pull_secrets.iter().map(|s| s.name.as_str()).collect();
            let text = if secrets.is_empty() {
                "Create a pull Secret (type kubernetes.io/dockerconfigjson) and name it in imagePullSecrets.".to_owned()
            } else {
                format!("Check the credentials in pull Secret {}.", secrets.join(", "))
            };
            draft.advice(text, "credentials have to come from you")
        }
        Why::RateLimit => draft.advice(
            "Pull with credentials, through a mirror, or load the image onto the nodes.",
            "the limit is the registry's",
        ),
        Why::Unreachable => draft.advice(
            "Check the node's DNS, proxy and route to the registry.",
            "the network of the node is outside Kubernetes",
        ),
        Why::Certificate => draft.advice(
            "Add the registry's certificate authority to the node's container runtime.",
            "trust is configured on the node",
        ),
        Why::WrongPlatform => draft.advice(
            "Build and push the image for the node's platform, or run it on other nodes.",
            "the image lacks the build",
        ),
    }
}

/// An image of the same repository that another revision used or a node has.
fn suggestion(case: &Case<'_>, container: &str, image: &str) -> Option<(String, &'static str)> {
    let (repository, tag) = split(image);
    let previous = case
        .world
        .snapshot
        .replica_sets
        .iter()
        .filter(|set| set.metadata.namespace == case.root.namespace && case.world.root(&set.metadata) == *case.root)
        .filter(|set| set.status.ready_replicas > 0)
        .filter_map(|set| set.spec.template.spec.all_containers().find(|at| at.container.name == container))
        .map(|at| at.container.image.clone())
        .find(|known| known != image);
    if let Some(known) = previous {
        return Some((known, "which an earlier revision runs"));
    }
    let mut known: Vec<&str> = case
        .world
        .snapshot
        .nodes
        .iter()
        .flat_map(|node| &node.status.images)
        .flat_map(|image| &image.names)
        .map(String::as_str)
        .filter(|name| !name.contains('@') && *name != image)
        .filter(|name| {
            short(split(name).0) == short(repository) || distance(short(split(name).0), short(repository)) <= 2
        })
        .collect();
    known.sort_unstable();
    known.dedup();
    known
        .into_iter()
        .min_by_key(|name| (distance(split(name).0, repository), distance(split(name).1, tag)))
        .map(|name| (name.to_owned(), "which a node already has"))
}

/// Repository and tag of an image reference, without digest.
fn split(image: &str) -> (&str, &str) {
    let name = image.split('@').next().unwrap_or(image);
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    match name[slash..].rfind(':') {
        Some(colon) => (&name[..slash + colon], &name[slash + colon + 1..]),
        None => (name, ""),
    }
}

/// Without the prefixes that Docker Hub images may be written with.
fn short(repository: &str) -> &str {
    let name = repository.strip_prefix("docker.io/").unwrap_or(repository);
    name.strip_prefix("library/").unwrap_or(name)
}

pub fn local_only(case: &Case<'_>) -> Option<Draft> {
    if let Some((list, status, reason, message)) = case.waiting(&["ErrImageNeverPull"]) {
        let image = container(case.pod, &status.name).map_or(status.image.as_str(), |c| c.image.as_str());
        let node = &case.pod.spec.node_name;
        return Some(
            Draft::new(
                &IMAGE_LOCAL,
                format!("image {image} is not on the node and imagePullPolicy Never forbids to pull it"),
            )
            .container(&status.name)
            .field(case.field(list, &status.name, "imagePullPolicy"))
            .seen(
                EvidenceSource::Status,
                format!("{list}[{}].state.waiting", status.name),
                format!("{reason}: {message}"),
            )
            .seen(EvidenceSource::Spec, "spec.nodeName", node.clone())
            .patch(
                "Load the image onto the node (minikube image load, kind load docker-image), or let it be pulled.",
                container_patch(case.root, list, &status.name, json!({"imagePullPolicy": "IfNotPresent"})),
            )
            .command(format!("minikube image load {image}")),
        );
    }
    let (list, status, reason, message) = case.waiting(PULL)?;
    let found = container(case.pod, &status.name)?;
    let policy_always = found.image_pull_policy == "Always";
    let name = split(&found.image);
    let on_node = case.world.snapshot.nodes.iter().any(|node| {
        node.status.images.iter().flat_map(|i| &i.names).any(|known| {
            let (repository, tag) = split(known);
            !known.contains('@') && short(repository) == short(name.0) && tag == name.1
        })
    });
    if !policy_always || !on_node || Why::of(reason, message) == Why::RateLimit {
        return None;
    }
    Some(
        Draft::new(
            &IMAGE_LOCAL,
            format!(
                "image {} is on a node, but imagePullPolicy Always asks a registry that does not have it",
                found.image
            ),
        )
        .container(&status.name)
        .field(case.field(list, &status.name, "imagePullPolicy"))
        .seen(EvidenceSource::Status, format!("{list}[{}].state.waiting", status.name), format!("{reason}: {message}"))
        .patch(
            "Set imagePullPolicy to IfNotPresent, so that the loaded image is used.",
            container_patch(case.root, list, &status.name, json!({"imagePullPolicy": "IfNotPresent"})),
        )
        .risk("restarts the pods of the workload"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_port_is_not_a_tag() {
        assert_eq!(split("localhost:5000/app"), ("localhost:5000/app", ""));
        assert_eq!(split("localhost:5000/app:v1@sha256:ab"), ("localhost:5000/app", "v1"));
        assert_eq!(short("docker.io/library/nginx"), "nginx");
    }

    #[test]
    fn reads_what_registries_say() {
        let why = |text| Why::of("ErrImagePull", text);
        assert_eq!(why("rpc error: code = NotFound desc = failed to pull and unpack image: not found"), Why::NotFound);
        assert_eq!(why("manifest for x:9 not found: manifest unknown"), Why::NotFound);
        assert_eq!(why("pull access denied, repository does not exist or may require authorization"), Why::Denied);
        assert_eq!(why("dial tcp: lookup registry.local: no such host"), Why::Unreachable);
        assert_eq!(why("toomanyrequests: You have reached your pull rate limit"), Why::RateLimit);
        assert_eq!(why("x509: certificate signed by unknown authority"), Why::Certificate);
        assert_eq!(why("no match for platform in manifest: not found"), Why::WrongPlatform);
        assert_eq!(why("Back-off pulling image \"x\""), Why::Unclear);
        assert_eq!(Why::of("InvalidImageName", ""), Why::BadName);
    }
}
