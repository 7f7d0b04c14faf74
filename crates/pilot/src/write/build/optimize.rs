//! Requests and limits as recommended from measured usage.

use pilot_core::action::Target;
use pilot_core::rightsize::Strategy;
use pilot_core::rightsize::workload::review;

use super::Build;
use crate::cli::UsageArgs;
use crate::commands;
use crate::exit::Error;
use crate::plan::Plan;
use crate::usage;

pub async fn plan(
    build: &Build<'_>,
    target: Option<&Target>,
    namespace: Option<&str>,
    force: bool,
) -> Result<Plan, Error> {
    let only = target.map(|target| build.workload(target)).transpose()?;
    let namespace = namespace.or(build.ask.namespace());
    let args = UsageArgs::from_environment();
    let found = usage::read(&build.world, &args, namespace).await?;
    let mut reviews = review(&build.world, &found.measured, found.tier, Strategy::Balanced);
    reviews.retain(|r| commands::is_reviewed(&r.workload, only.as_ref(), namespace));
    let mut plan = commands::sized(&reviews, force);
    plan.remark(format!("usage: {}", found.from));
    Ok(plan)
}
