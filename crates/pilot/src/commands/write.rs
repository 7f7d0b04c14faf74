//! `scale`, `restart`, `undo`, `set-image`: the typed plan with the server's dry-run diff. Nothing is written.

use pilot_core::health::{World, revision};
use pilot_core::model::{ObjectRef, ReplicaSet};
use serde_json::{Value, json};

use super::{Ask, diagnose};
use crate::cli::{Restart, Scale, SetImage, Undo};
use crate::exit::{Error, Outcome};
use crate::input::{Loaded, Wanted};
use crate::plan::{Plan, Step, merge, template};
use crate::report::Report;

async fn load(ask: &Ask) -> Result<Loaded, Error> {
    ask.load(Wanted::objects()).await
}

/// The one workload a name means; only kinds that have a pod template.
fn workload(world: &World<'_>, ask: &Ask, name: &str) -> Result<ObjectRef, Error> {
    let found = diagnose::target(world, name, ask.namespace())?;
    match found.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" => Ok(found),
        kind => Err(Error::Refused(format!("{name} is a {kind}: name a Deployment, StatefulSet or DaemonSet"))),
    }
}

async fn answer(ask: &Ask, mut plan: Plan) -> Result<Outcome, Error> {
    plan.dry_run(ask).await?;
    let mut report = Report::new("");
    plan.show(&mut report);
    report.data = json!({"kind": "Plan", "plan": plan.data()});
    ask.answer(&report)
}

pub async fn scale(ask: &Ask, args: Scale) -> Result<Outcome, Error> {
    let loaded = load(ask).await?;
    let world = World::new(&loaded.snapshot);
    let target = workload(&world, ask, &args.name)?;
    if target.kind == "DaemonSet" {
        return Err(Error::Refused(format!("{target} runs once per node and has no replicas")));
    }
    let mut plan = Plan::new(format!("scale {target} to {}", args.replicas));
    let hpa = loaded.snapshot.autoscalers.iter().find(|h| {
        let of = &h.spec.scale_target_ref;
        h.metadata.namespace == target.namespace && of.kind == target.kind && of.name == target.name
    });
    if let Some(hpa) = hpa {
        plan.remark(format!(
            "autoscaler {} governs the replicas ({} to {}) and will set them again",
            hpa.metadata.name,
            hpa.min(),
            hpa.spec.max_replicas
        ));
    }
    if args.replicas == 0 {
        plan.remark("with no replicas nothing answers: this is as good as switching it off");
    }
    plan.push(Step::patch(&merge(&target, json!({"spec": {"replicas": args.replicas}}))));
    answer(ask, plan).await
}

pub async fn restart(ask: &Ask, args: Restart) -> Result<Outcome, Error> {
    let loaded = load(ask).await?;
    let world = World::new(&loaded.snapshot);
    let target = workload(&world, ask, &args.name)?;
    let mut plan = Plan::new(format!("restart the pods of {target} one after the other"));
    if world.pods_of(&target).len() == 1 {
        plan.remark("there is one pod: whether it is away for a moment depends on the rollout strategy");
    }
    let annotations = json!({"kubectl.kubernetes.io/restartedAt": loaded.snapshot.taken_at.to_string()});
    plan.push(Step::patch(&template(&target, json!({"metadata": {"annotations": annotations}}))));
    answer(ask, plan).await
}

pub async fn undo(ask: &Ask, args: Undo) -> Result<Outcome, Error> {
    let loaded = load(ask).await?;
    let world = World::new(&loaded.snapshot);
    let target = workload(&world, ask, &args.name)?;
    if target.kind != "Deployment" {
        return Err(Error::Refused(format!("{target}: only Deployments keep revisions that can be gone back to here")));
    }
    let mut sets: Vec<&ReplicaSet> = loaded
        .snapshot
        .replica_sets
        .iter()
        .filter(|s| {
            s.metadata.namespace == target.namespace && s.metadata.controller().is_some_and(|o| o.name == target.name)
        })
        .collect();
    sets.sort_by_key(|s| revision(&s.metadata));
    let wanted = match args.to_revision {
        Some(number) => sets.iter().find(|s| revision(&s.metadata) == number),
        None => sets.iter().rev().nth(1),
    };
    let Some(wanted) = wanted else {
        let known: Vec<String> = sets.iter().map(|s| revision(&s.metadata).to_string()).collect();
        return Err(Error::NotFound(format!("{target} has no such revision; there are: {}", known.join(", "))));
    };
    let number = revision(&wanted.metadata);
    let mut plan = Plan::new(format!("take {target} back to revision {number}"));
    let old = raw_template(ask, &wanted.metadata.object_ref()).await?;
    match old {
        Some(mut old) => {
            if let Some(labels) = old.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
                labels.remove("pod-template-hash");
            }
            // The template is replaced as a whole: a merge would keep what the newer revision added.
            if let Some(spec) = old.get_mut("spec").and_then(Value::as_object_mut) {
                spec.insert("$patch".to_owned(), json!("replace"));
            }
            plan.push(Step::patch(&template(&target, old)));
        }
        None => plan.remark("the revision's template can only be read from a live cluster"),
    }
    answer(ask, plan).await
}

/// The pod template of an object, as the server has it.
async fn raw_template(ask: &Ask, object: &ObjectRef) -> Result<Option<Value>, Error> {
    if !ask.is_live() {
        return Ok(None);
    }
    let from = crate::cluster::connect(&ask.input.cluster).await?;
    let Some(kind) = crate::cluster::find_kind(&object.kind) else { return Ok(None) };
    let found = from.get(&kind.object_path(&object.namespace, &object.name)).await.map_err(|e| from.explain(&e))?;
    Ok(found.pointer("/spec/template").cloned())
}

pub async fn set_image(ask: &Ask, args: SetImage) -> Result<Outcome, Error> {
    let loaded = load(ask).await?;
    let world = World::new(&loaded.snapshot);
    let target = workload(&world, ask, &args.name)?;
    let Some(spec) = world.template(&target) else {
        return Err(Error::NotFound(format!("{target} has no pod template")));
    };
    let names: Vec<&str> = spec.spec.containers.iter().map(|c| c.name.as_str()).collect();
    let (container, image) = match args.image.split_once('=') {
        Some((container, image)) => (container, image),
        None => match names.as_slice() {
            [only] => (*only, args.image.as_str()),
            _ => {
                return Err(Error::Refused(format!(
                    "{target} has containers {}: write CONTAINER=IMAGE",
                    names.join(", ")
                )));
            }
        },
    };
    if !names.contains(&container) {
        return Err(Error::NotFound(format!("{target} has no container {container:?}; it has {}", names.join(", "))));
    }
    if image.is_empty() || image.contains(char::is_whitespace) {
        return Err(Error::Usage(format!("{image:?} is not an image")));
    }
    let mut plan = Plan::new(format!("run {image} in container {container} of {target}"));
    plan.push(Step::patch(&template(&target, json!({"spec": {"containers": [{"name": container, "image": image}]}}))));
    answer(ask, plan).await
}
