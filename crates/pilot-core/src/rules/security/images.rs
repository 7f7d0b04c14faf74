//! Where images come from and whether they stay the same: SEC-027 to SEC-030.

use serde_json::json;

use crate::finding::Severity::{Low, Medium};
use crate::image_ref::ImageRef;
use crate::rules::Rule;
use crate::rules::scan::Scan;

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/containers/images/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "SEC-027",
        Medium,
        "Image without a version",
        "Name a version, best with its digest.",
        REFERENCE,
        untagged,
    )
    .no_patch("which version is meant can't be known from the manifest"),
    Rule::new("SEC-028", Low, "Image not pinned by digest", "Add @sha256:… to the image.", REFERENCE, no_digest)
        .opt_in(),
    Rule::new("SEC-029", Medium, "Image from elsewhere", "Use an image of an allowed registry.", REFERENCE, registries)
        .no_patch("the image must be copied to an allowed registry first"),
    Rule::new(
        "SEC-030",
        Low,
        "Moving tag may be stale on a node",
        "Name a version with IfNotPresent, or set imagePullPolicy: Always.",
        REFERENCE,
        pull_policy,
    ),
];

fn untagged(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let image = ImageRef::parse(&at.container.image);
            if image.name.is_empty() || image.digest.is_some() {
                continue;
            }
            let message = match image.tag {
                None => format!("image {image} has no tag: it means whatever is newest"),
                Some("latest") => format!("image {image} is whatever is newest"),
                Some(_) => continue,
            };
            scan.container(workload, &at, message).field("image").spec("image", at.container.image.as_str());
        }
    }
}

fn no_digest(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let image = ImageRef::parse(&at.container.image);
            if !image.name.is_empty() && image.digest.is_none() {
                scan.container(workload, &at, format!("image {image} is not pinned by digest")).field("image");
            }
        }
    }
}

fn registries(scan: &mut Scan<'_>) {
    let allowed = &scan.ctx.config.allowed_registries;
    if allowed.is_empty() {
        return;
    }
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let image = ImageRef::parse(&at.container.image);
            let name = format!("{}/", image.full_name());
            // Whole path segments: `ghcr.io/me` does not allow `ghcr.io/mean`.
            let is_allowed =
                allowed.iter().any(|prefix| name.starts_with(&format!("{}/", prefix.trim_end_matches('/'))));
            if !image.name.is_empty() && !is_allowed {
                scan.container(workload, &at, format!("image {image} does not come from {}", allowed.join(", ")))
                    .field("image");
            }
        }
    }
}

fn pull_policy(scan: &mut Scan<'_>) {
    // On a laptop images are loaded into the node: pulling would fail.
    if scan.ctx.is_local() {
        return;
    }
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let image = ImageRef::parse(&at.container.image);
            let is_latest = matches!(image.tag, None | Some("latest"));
            let policy = match at.container.image_pull_policy.as_str() {
                "" if is_latest => "Always",
                "" => "IfNotPresent",
                policy => policy,
            };
            if !image.name.is_empty() && image.is_mutable() && policy != "Always" {
                scan.container(
                    workload,
                    &at,
                    format!("tag of {image} moves, and imagePullPolicy {policy} keeps what the node has"),
                )
                .field("imagePullPolicy")
                .patch(workload.container_patch(&at, json!({ "imagePullPolicy": "Always" })));
            }
        }
    }
}
