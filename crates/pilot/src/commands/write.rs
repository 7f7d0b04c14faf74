//! `scale`, `restart`, `undo`, `set-image`, `fix`, `apply`, `delete`: command lines as typed changes.

use pilot_core::action::{ImageChange, Replicas, Target, Write};
use serde_json::Value;

use super::Ask;
use crate::cli::{Delete, Fix, Restart, Scale, SetImage, Undo};
use crate::cluster;
use crate::exit::{Error, Outcome};
use crate::input;
use crate::write::{self, Consent, Origin};

fn target(word: &str) -> Target {
    let Ok(target) = word.parse();
    target
}

async fn run(ask: &Ask, write: Write) -> Result<Outcome, Error> {
    let origin = Origin::command(pilot_core::action::Action::from(write.clone()).to_string());
    write::run(ask, &[write], origin).await
}

pub async fn scale(ask: &Ask, args: Scale) -> Result<Outcome, Error> {
    run(ask, Write::Scale { target: target(&args.name), replicas: Replicas::To(args.replicas) }).await
}

pub async fn restart(ask: &Ask, args: Restart) -> Result<Outcome, Error> {
    run(ask, Write::Restart { target: target(&args.name) }).await
}

pub async fn undo(ask: &Ask, args: Undo) -> Result<Outcome, Error> {
    let Some(hash) = &args.plan else {
        let target = target(args.name.as_deref().unwrap_or(""));
        return run(ask, Write::Undo { target, revision: args.to_revision }).await;
    };
    if !ask.is_live() {
        return Err(Error::Usage("a plan is taken back in a live cluster only".to_owned()));
    }
    let from = cluster::connect(&ask.input.cluster).await?;
    let mut plan = write::remembered(&from, hash).await?;
    plan.try_on(&from).await?;
    write::execute(ask, plan, Origin::command(format!("undo plan {hash}")), Consent::Ask).await
}

pub async fn set_image(ask: &Ask, args: SetImage) -> Result<Outcome, Error> {
    // An image has no `=`; a container's name comes before one.
    let (container, image) = match args.image.split_once('=') {
        Some((container, image)) => (Some(container.to_owned()), image.to_owned()),
        None => (None, args.image),
    };
    run(ask, Write::SetImage { target: target(&args.name), container, image: ImageChange::Image(image) }).await
}

pub async fn fix(ask: &Ask, args: Fix) -> Result<Outcome, Error> {
    let namespace = ask.namespace().map(str::to_owned);
    run(ask, Write::Fix { target: args.name.as_deref().map(target), namespace }).await
}

pub async fn delete(ask: &Ask, args: Delete) -> Result<Outcome, Error> {
    run(ask, Write::Delete { target: target(&args.name) }).await
}

/// The manifests are what is applied here, and the cluster is the live one.
pub async fn apply(ask: &Ask) -> Result<Outcome, Error> {
    let objects: Vec<Value> = input::manifests(&ask.input.filename)?;
    let mut ask = ask.clone();
    ask.input.filename.clear();
    run(&ask, Write::Apply { objects }).await
}
