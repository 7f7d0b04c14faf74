//! REL: staying up through failures, updates and drains.

mod autoscaling;
mod budgets;
mod jobs;
mod manifest;
mod opt_in;
mod probes;
mod references;
mod replicas;
mod rollout;

pub(super) use autoscaling::has_default_request;

use super::Rule;

pub(super) const RULES: &[&[Rule]] = &[
    probes::RULES,
    replicas::RULES,
    autoscaling::RULES,
    budgets::RULES,
    rollout::RULES,
    references::RULES,
    jobs::RULES,
    manifest::RULES,
    opt_in::RULES,
];
