//! Admission webhooks that block the cluster: NET-016.

use super::services::selected;
use crate::finding::Severity::Medium;
use crate::rules::Rule;
use crate::rules::scan::Scan;

pub(super) const RULES: &[Rule] = &[Rule::new(
    "NET-016",
    Medium,
    "Admission webhook without a server",
    "Repair the server, remove the configuration, or set failurePolicy: Ignore.",
    "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
    serverless,
)
.needs(&["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"])
.no_patch("whether admission may go on without the webhook is for its owner to say")];

fn serverless(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for configuration in &ctx.snapshot.webhooks {
        for (index, webhook) in configuration.webhooks.iter().enumerate() {
            // Unset means Fail.
            if webhook.failure_policy.as_deref() == Some("Ignore") {
                continue;
            }
            let Some(target) = &webhook.client_config.service else { continue };
            let field = format!("webhooks[{index}].clientConfig.service");
            let name = format!("{}/{}", target.namespace, target.name);
            let Some(service) = ctx.services.get(&(target.namespace.as_str(), target.name.as_str())) else {
                scan.object(
                    &configuration.metadata,
                    format!("{}: Service {name} does not exist, so every matching request fails", webhook.name),
                )
                .root_field(&field)
                .absent(ctx.absence(Medium, false));
                continue;
            };
            let mut pods = selected(ctx, service).flat_map(|workload| &workload.pods);
            if ctx.is_live() && !service.spec.selector.is_empty() && !pods.any(|pod| pod.status.phase == "Running") {
                scan.object(
                    &configuration.metadata,
                    format!("{}: no pod of Service {name} runs, so every matching request fails", webhook.name),
                )
                .root_field(&field);
            }
        }
    }
}
