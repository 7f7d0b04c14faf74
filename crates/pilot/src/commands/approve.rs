//! `approve`: carries out a plan that was saved to a file, by its hash.

use jiff::Timestamp;

use super::Ask;
use crate::cli::Approve;
use crate::cluster;
use crate::exit::{Error, Outcome};
use crate::plan::Plan;
use crate::write::{self, Consent, Origin};

pub async fn run(ask: &Ask, args: Approve) -> Result<Outcome, Error> {
    let (mut plan, made_by) = Plan::open(&args.file, Timestamp::now())?;
    let from = cluster::connect(&ask.input.cluster).await?;
    if plan.server != from.server {
        return Err(Error::Refused(format!("the plan is for {}, this is {}", plan.server, from.server)));
    }
    let hash = plan.hash();
    // Tried again: what is shown is what would happen now, and it must be what was planned.
    plan.try_on(&from).await?;
    if plan.hash() != hash {
        return Err(Error::Refused(
            "the objects were changed after the plan was saved: make the plan again; nothing was changed".to_owned(),
        ));
    }
    plan.remark(format!("made by {made_by} at {}", plan.made_at));
    let consent = match args.hash {
        Some(hash) => Consent::Approved { hash },
        None => Consent::Ask,
    };
    // Waiting for approval is what a saved plan does; from here on the usual time counts.
    plan.made_at = Timestamp::now();
    let origin = Origin::command(format!("approve {}", args.file.display()));
    write::execute(ask, plan, origin, consent).await
}
