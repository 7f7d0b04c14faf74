//! From a typed change to the steps of a plan. Nothing here asks or writes.

mod fix;
mod helm;
mod job;
mod node;
mod object;
mod optimize;
mod service;
mod template;
mod workload;

use pilot_core::action::{Target, Write};
use pilot_core::health::World;
use pilot_core::model::ObjectRef;
use pilot_core::snapshot::Snapshot;
use serde_json::Value;

use crate::cluster::{self, Connection, find_kind};
use crate::commands::{self, Ask};
use crate::exit::Error;
use crate::input::{Loaded, Wanted};
use crate::plan::{self, Plan};

pub use helm::{find_release, releases_visible};

/// What steps are made from.
pub struct Build<'a> {
    /// The command line.
    pub ask: &'a Ask,
    /// The objects, with indexes.
    pub world: World<'a>,
    /// The live cluster, if it is one.
    pub from: Option<&'a Connection>,
}

impl<'a> Build<'a> {
    /// The objects.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.world.snapshot
    }

    /// The namespace a target is looked for in.
    pub fn namespace<'t>(&'t self, target: &'t Target) -> Option<&'t str> {
        target.namespace.as_deref().or(self.ask.namespace())
    }

    /// Where new objects go.
    pub fn namespace_for_new(&self, given: Option<&str>) -> String {
        given.or(self.ask.namespace()).unwrap_or("default").to_owned()
    }

    /// The one object a target means.
    ///
    /// # Errors
    /// When none or several fit: a change is never guessed at.
    pub fn find(&self, target: &Target) -> Result<ObjectRef, Error> {
        let Some(kind) = target.kind.as_deref().and_then(find_kind) else {
            return commands::target(&self.world, &target.word(), self.namespace(target));
        };
        let there: Vec<_> = self
            .snapshot()
            .all()
            .filter(|m| m.kind == kind.kind)
            .filter(|m| self.namespace(target).is_none_or(|n| m.namespace == n || m.namespace.is_empty()))
            .collect();
        let fits: Vec<ObjectRef> = there.iter().filter(|m| m.name == target.name).map(|m| m.object_ref()).collect();
        match fits.as_slice() {
            [one] => Ok(one.clone()),
            // Parts of names are good enough for workloads, which are looked at before anything is done to them.
            [] if matches!(kind.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Service") => {
                let word = format!("{}/{}", kind.kind, target.name);
                commands::target(&self.world, &word, self.namespace(target))
            }
            [] => {
                let meant = pilot_core::nearest::nearest(&target.name, there.iter().map(|m| m.name.as_str()));
                let meant = meant.map(|m| format!("; did you mean {m:?}?")).unwrap_or_default();
                Err(Error::NotFound(format!("there is no {} called {:?}{meant}", kind.kind, target.name)))
            }
            several => {
                let names: Vec<String> = several.iter().map(|o| o.namespace.clone()).collect();
                let (kind, name) = (kind.kind, &target.name);
                Err(Error::NotFound(format!("{kind} {name:?} is in namespaces {}: give -n", names.join(", "))))
            }
        }
    }

    /// The workload a target means: a kind with a pod template that can be changed.
    ///
    /// # Errors
    /// As [`Self::find`], or when it is something else.
    pub fn workload(&self, target: &Target) -> Result<ObjectRef, Error> {
        let found = self.find(target)?;
        match found.kind.as_str() {
            "Deployment" | "StatefulSet" | "DaemonSet" => Ok(found),
            kind => {
                Err(Error::Refused(format!("{} is a {kind}: name a Deployment, StatefulSet or DaemonSet", target.name)))
            }
        }
    }

    /// An object as the server has it; `None` without a live cluster.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn raw(&self, object: &ObjectRef) -> Result<Option<Value>, Error> {
        let Some(from) = self.from else { return Ok(None) };
        let resource = cluster::resource(from, &object.api_version, &object.kind).await?;
        let path = resource.object_path(&object.namespace, &object.name);
        from.get(&path).await.map(Some).map_err(|e| from.explain(&e))
    }
}

/// Whether a change needs logs and usage to be planned.
fn wanted(writes: &[Write]) -> Wanted {
    let fix = writes.iter().any(|w| matches!(w, Write::Fix { .. }));
    let optimize = writes.iter().any(|w| matches!(w, Write::Optimize { .. }));
    match (fix, optimize) {
        (true, true) => Wanted::everything(),
        (true, false) => Wanted::logs(),
        (false, true) => Wanted::usage(),
        (false, false) => Wanted::objects(),
    }
}

/// One plan for all changes, tried by the server, with everything that is to be known before a yes. Nothing is changed.
///
/// # Errors
/// When a target is not clear, or the server would refuse a step.
pub async fn propose(ask: &Ask, writes: &[Write]) -> Result<Plan, Error> {
    let loaded: Loaded = ask.load(wanted(writes)).await?;
    let connection = if ask.is_live() { Some(cluster::connect(&ask.input.cluster).await?) } else { None };
    let build = Build { ask, world: World::new(&loaded.snapshot), from: connection.as_ref() };
    let mut plan = Plan::new("");
    for write in writes {
        plan.extend(steps(&build, write).await?);
    }
    finish(&build, &mut plan).await?;
    Ok(plan)
}

/// Tries a plan and looks at what it touches.
///
/// # Errors
/// When the server would refuse a step.
pub async fn finish(build: &Build<'_>, plan: &mut Plan) -> Result<(), Error> {
    match build.from {
        Some(from) => plan.try_on(from).await?,
        None => plan.dry_run(build.ask).await?,
    }
    // What is as it is to be needs no step.
    plan.steps.retain(|step| {
        let same = |a: &Value, b: &Value| plan::pruned(a) == plan::pruned(b);
        !matches!((&step.before, &step.after), (Some(before), Some(after)) if same(before, after))
    });
    plan.impact = plan.steps.iter().flat_map(|step| plan::impact(&build.world, step)).collect();
    plan.impact.dedup();
    Ok(())
}

async fn steps(build: &Build<'_>, write: &Write) -> Result<Plan, Error> {
    match write {
        Write::Scale { target, replicas } => workload::scale(build, target, *replicas),
        Write::Restart { target } => workload::restart(build, target),
        Write::Undo { target, revision } => workload::undo(build, target, *revision).await,
        Write::SetImage { target, container, image } => template::set_image(build, target, container.as_deref(), image),
        Write::SetResources { target, container, requests, limits } => {
            template::set_resources(build, target, container.as_deref(), requests, limits)
        }
        Write::SetEnv { target, container, env } => template::set_env(build, target, container.as_deref(), env),
        Write::SetProbe { target, container, kind, probe } => {
            template::set_probe(build, target, container.as_deref(), *kind, probe)
        }
        Write::Autoscale { target, min, max, cpu_percent } => {
            workload::autoscale(build, target, *min, *max, *cpu_percent)
        }
        Write::Expose { target, name, port, target_port, service_type } => {
            service::expose(build, target, name.as_deref(), *port, target_port.as_deref(), service_type.as_deref())
        }
        Write::SwitchTraffic { service, to } => service::switch(build, service, to),
        Write::Canary { target, image, percent } => service::canary(build, target, image, *percent).await,
        Write::Label { target, labels } => object::mark(build, target, "labels", labels),
        Write::Annotate { target, annotations } => object::mark(build, target, "annotations", annotations),
        Write::Create { template, namespace } => Ok(object::create(build, template, namespace.as_deref())),
        Write::Apply { objects } => object::apply(build, objects),
        Write::Patch { target, type_, body } => object::patch(build, target, *type_, body),
        Write::ResizeVolume { target, size } => object::resize(build, target, size),
        Write::Optimize { target, namespace, force } => {
            optimize::plan(build, target.as_ref(), namespace.as_deref(), *force).await
        }
        Write::Fix { target, namespace } => fix::plan(build, target.as_ref(), namespace.as_deref()).await,
        Write::Suspend { target, suspend } => job::suspend(build, target, *suspend),
        Write::Pause { target, pause } => workload::pause(build, target, *pause),
        Write::Trigger { target } => job::trigger(build, target).await,
        Write::Cordon { node, cordon } => node::cordon(build, node, *cordon),
        Write::Drain { node } => node::drain(build, node),
        Write::Delete { target } => object::delete(build, target),
        Write::HelmInstall { release, chart, namespace, version, values } => {
            helm::install(build, release, chart, namespace.as_deref(), version.as_deref(), values).await
        }
        Write::HelmUpgrade { release, chart, version, values, reuse_values } => {
            helm::upgrade(build, release, chart, version.as_deref(), values, *reuse_values).await
        }
        Write::HelmRollback { release, revision } => helm::rollback(build, release, *revision).await,
        Write::HelmUnlock { release } => helm::unlock(build, release).await,
        Write::HelmUninstall { release } => helm::uninstall(build, release).await,
    }
}
