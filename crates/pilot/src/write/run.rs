//! Carries a plan out: policy, yes, change, check, undo, audit.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::change::{Changed, Done, change};
use super::consent::{Nobody, Person, Terminal, decide, said_yes};
use super::verify::{Patience, Verdict, known, verify};
use super::{Consent, Mode, Origin, undo};
use crate::audit::{self, Entry, Event, Log};
use crate::cluster::{self, Connection};
use crate::commands::{self, Answers, Ask};
use crate::exit::{Error, Outcome};
use crate::helm;
use crate::plan::{Plan, Verb};
use crate::report::{Door, Format, Report};

/// As [`execute_into`], with a report of its own.
///
/// # Errors
/// As [`execute_into`].
pub async fn execute(ask: &Ask, plan: Plan, origin: Origin, consent: Consent) -> Result<Outcome, Error> {
    let mut report = Report::new("");
    report.data = json!({"kind": "Plan"});
    execute_into(ask, plan, origin, consent, report).await
}

/// Carries a plan out after the yes, and answers with `report` and what came of it.
///
/// # Errors
/// When the plan is refused, by a person, a policy or the server.
pub async fn execute_into(
    ask: &Ask,
    plan: Plan,
    origin: Origin,
    consent: Consent,
    mut report: Report,
) -> Result<Outcome, Error> {
    let mode = Mode::of(&ask.write);
    report.data["plan"] = plan.data();
    let only = |report: &mut Report, why: &str| {
        plan.show(report);
        report.text(why.to_owned());
    };
    if plan.steps.is_empty() || !ask.is_live() {
        only(&mut report, "Only a plan: nothing was changed.");
        return ask.answer(&report);
    }
    within_limits(ask, &plan)?;
    let from = cluster::connect(&ask.input.cluster).await?;
    let run = Run { ask, from, plan: &plan, origin };
    if let Some(path) = &ask.write.save_plan {
        plan.save(path, &run.user())?;
        let log = run.log()?;
        run.note(&log, Event::Saved, "", &format!("saved to {}", path.display()))?;
        only(&mut report, &format!("Saved to {}: nothing was changed.", path.display()));
        report.text(format!("approve with: kubectl pilot approve {} --hash {}", path.display(), &plan.hash()[..12]));
        return ask.answer(&report);
    }
    let asked = consent != Consent::Ask;
    match mode {
        Mode::ReadOnly if !asked => {
            only(&mut report, "Only a plan: nothing was changed (mode read-only).");
            return ask.answer(&report);
        }
        Mode::Suggest if !asked => {
            suggest(&plan, &mut report);
            return ask.answer(&report);
        }
        _ => {}
    }
    let mut person: Box<dyn Person> = match ask.answers {
        Answers::Printed => Box::new(Terminal),
        Answers::Kept(_) => Box::new(Nobody),
    };
    let person = person.as_mut();
    let shown = person.is_there() && !asked;
    if shown {
        show_first(&report, &plan);
    } else {
        plan.show(&mut report);
    }
    let log = run.log()?;
    let decision = match decide(&ask.write, mode, &plan, &run.origin, &consent, person) {
        Ok(_) if plan.is_expired(Timestamp::now()) && !matches!(consent, Consent::Approved { .. }) => {
            let error = Error::Refused("the plan has waited for more than 10 minutes: make it again".to_owned());
            run.note(&log, Event::Refused, "expired", &error.to_string())?;
            return Err(error);
        }
        Ok(decision) => decision,
        Err(error) => {
            run.note(&log, Event::Refused, "no", &error.to_string())?;
            return Err(error);
        }
    };
    run.note(&log, Event::Confirmed, &decision, "")?;
    // What a person has read before the question is not shown again.
    if shown && ask.output.format == Format::Table && ask.output.out.is_none() {
        report.title.clear();
        report.parts.clear();
        report.findings.clear();
    }
    let outcome = run.carry_out(&log, &decision, person, &mut report).await?;
    ask.answer(&report)?;
    Ok(outcome)
}

fn within_limits(ask: &Ask, plan: &Plan) -> Result<(), Error> {
    let most = ask.write.max_objects;
    if plan.steps.len() <= most {
        return Ok(());
    }
    let names: Vec<String> = plan.steps.iter().map(|s| s.target.to_string()).collect();
    Err(Error::Refused(format!(
        "the plan changes {} objects, more than {most} (--max-objects): {}",
        names.len(),
        names.join(", ")
    )))
}

/// The plan as somebody would carry it out by hand.
fn suggest(plan: &Plan, report: &mut Report) {
    plan.show(report);
    for step in &plan.steps {
        let target = &step.target;
        let place = if target.namespace.is_empty() { String::new() } else { format!(" -n {}", target.namespace) };
        let body = Door::default().value(&step.body);
        let line = match step.verb {
            Verb::Patch => {
                let kind = serde_json::to_value(step.patch_type).unwrap_or_default();
                let kind = kind.as_str().unwrap_or("merge").to_owned();
                format!("kubectl patch {} {}{place} --type {kind} -p '{body}'", target.kind.to_lowercase(), target.name)
            }
            Verb::Create => format!("kubectl create{place} -f - <<< '{body}'"),
            Verb::Apply => format!("kubectl apply --server-side{place} -f - <<< '{body}'"),
            Verb::Delete => format!("kubectl delete {} {}{place}", target.kind.to_lowercase(), target.name),
            Verb::Evict => format!("kubectl drain --pod-selector … (eviction of {})", target.name),
            Verb::Helm => {
                let args = body["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
                format!("helm {}", args.collect::<Vec<_>>().join(" "))
            }
        };
        report.text(format!("by hand: {line}"));
    }
    report.text("Only a suggestion: nothing was changed.");
}

/// Shows what the yes is to, on standard error, where the question is asked.
fn show_first(report: &Report, plan: &Plan) {
    let mut first = report.clone();
    plan.show(&mut first);
    let colour = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    eprint!("{}", first.render(Format::Table, colour, Some(100), &Door::default()));
}

struct Run<'a> {
    ask: &'a Ask,
    from: Connection,
    plan: &'a Plan,
    origin: Origin,
}

impl Run<'_> {
    fn user(&self) -> String {
        let local = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        format!("{} as {}", local.unwrap_or_else(|| "unknown".to_owned()), self.from.user)
    }

    fn log(&self) -> Result<Log, Error> {
        let path = self.ask.write.audit_log.clone().unwrap_or_else(audit::default_path);
        Log::open(&path)
    }

    fn note(&self, log: &Log, event: Event, decision: &str, result: &str) -> Result<(), Error> {
        let diffs = self.plan.steps.iter().map(|s| s.diff.as_str()).filter(|_| event == Event::Confirmed);
        let findings = self.origin.findings.iter().chain(&self.plan.findings).cloned().collect();
        log.append(&Entry {
            time: Timestamp::now(),
            user: self.user(),
            context: self.from.context.clone(),
            server: self.from.server.clone(),
            intent: self.origin.intent.clone(),
            findings,
            plan: self.plan.hash(),
            steps: self.plan.steps.iter().map(|s| format!("{} {}", s.verb.word(), s.target)).collect(),
            diff: diffs.collect(),
            event,
            decision: decision.to_owned(),
            result: result.to_owned(),
        })?;
        Ok(())
    }

    fn wait(&self) -> Duration {
        Duration::from_secs(self.ask.write.wait)
    }

    async fn carry_out(
        &self,
        log: &Log,
        decision: &str,
        person: &mut dyn Person,
        report: &mut Report,
    ) -> Result<Outcome, Error> {
        let before = known(&self.from, &self.plan.steps).await?;
        let Changed { done, stopped } = change(&self.from, &self.ask.input.cluster, self.plan, self.wait()).await;
        if let Some(error) = stopped {
            return self.stopped(log, decision, done, error, report).await;
        }
        let verdict = self.check(&done, &before).await;
        let verdict = verdict.unwrap_or_else(|error| Verdict::Unwell(format!("it could not be checked: {error}")));
        match verdict {
            Verdict::Well(lines) => {
                self.note(log, Event::Applied, decision, &lines.join("; "))?;
                report.text(format!("Done: {}.", self.plan.purpose));
                lines.iter().for_each(|line| {
                    report.text(format!("well: {line}"));
                });
                self.offer_later(&done, report);
                report.data["result"] = json!({"applied": true, "well": true, "undone": false, "checks": lines});
                Ok(Outcome::Clean)
            }
            Verdict::Unwell(why) => self.unwell(log, decision, &done, &why, person, report).await,
        }
    }

    /// How to take it back later, if it can be.
    fn offer_later(&self, done: &[Done], report: &mut Report) {
        if done.iter().any(|d| d.step.verb == Verb::Helm) {
            return;
        }
        match undo::remember(self.plan, done) {
            Ok(()) => report.text(format!("undo with: kubectl pilot undo --plan {}", &self.plan.hash()[..12])),
            Err(why) => report.text(format!("note: this is not remembered for undo: {why}")),
        };
    }

    /// Watches what was changed, then looks whether the findings it was for are gone.
    async fn check(&self, done: &[Done], before: &super::verify::Known) -> Result<Verdict, Error> {
        let patience = Patience { wait: self.wait(), settle: Duration::from_secs(self.ask.write.settle) };
        let verdict = verify(&self.from, done, before, patience).await?;
        let Verdict::Well(mut lines) = verdict else { return Ok(verdict) };
        for done in done.iter().filter(|d| d.step.verb == Verb::Helm) {
            match self.release(&done.step).await? {
                Verdict::Well(more) => lines.extend(more),
                unwell => return Ok(unwell),
            }
        }
        if !self.plan.findings.is_empty() {
            let loaded = self.ask.load(crate::input::Wanted::logs()).await?;
            let left = commands::causes(&loaded.snapshot);
            let left = left.iter().find(|f| self.plan.findings.contains(&f.key()));
            if let Some(left) = left {
                return Ok(Verdict::Unwell(format!("{} is still there: {}", left.id, left.message)));
            }
            lines.push("what was wrong is gone".to_owned());
        }
        Ok(Verdict::Well(lines))
    }

    /// After helm has run: the live objects against the manifest of the newest revision.
    async fn release(&self, step: &crate::plan::Step) -> Result<Verdict, Error> {
        let loaded = self.ask.load(crate::input::Wanted::objects().only(&["Secret", "ConfigMap"])).await?;
        let world = pilot_core::health::World::new(&loaded.snapshot);
        let found = super::find_release(&world, &step.target.name, Some(&step.target.namespace));
        let gone = step.body["args"][0] == "uninstall";
        let release = match found {
            Err(Error::NotFound(_)) if gone => return Ok(Verdict::Well(vec![format!("{}: gone", step.target)])),
            found => found?,
        };
        let Some(last) = release.last() else { return Ok(Verdict::Unwell(format!("{} has no record", step.target))) };
        if last.status != "deployed" {
            return Ok(Verdict::Unwell(format!("{}: revision {} is {}", step.target, last.revision, last.status)));
        }
        let record = helm::record::read(&self.from, last.meta).await?;
        let differences = helm::compare(&self.from, &record.manifest, &release.namespace).await?;
        if let Some(first) = differences.first() {
            let n = differences.len();
            return Ok(Verdict::Unwell(format!(
                "{n} fields are not as the manifest of revision {} says, first {} {}",
                last.revision, first.object, first.field
            )));
        }
        let n = helm::record::objects(&record.manifest).len();
        Ok(Verdict::Well(vec![format!(
            "{}: revision {} is deployed, {n} live objects are as its manifest says",
            step.target, last.revision
        )]))
    }

    /// The server refused a step: what was done before it is taken back with `--atomic`.
    async fn stopped(
        &self,
        log: &Log,
        decision: &str,
        done: Vec<Done>,
        error: Error,
        report: &mut Report,
    ) -> Result<Outcome, Error> {
        let at = done.len() + 1;
        if let Some(step) = self.plan.steps.get(done.len()).filter(|step| step.verb == Verb::Helm)
            && let Ok(Verdict::Well(lines)) = self.release(step).await
            && self.ask.write.atomic
        {
            let text = format!("{error}; taken back: {}", lines.join("; "));
            self.note(log, Event::Undone, decision, &text)?;
            report.text(format!("Not well: {error}"));
            report.text(format!("Taken back: {}.", lines.join("; ")));
            report.data["result"] = json!({"applied": true, "well": false, "undone": true, "why": error.to_string()});
            return Ok(Outcome::RolledBack);
        }
        let text = format!("step {at} of {} failed: {error}", self.plan.steps.len());
        self.note(log, Event::Failed, decision, &text)?;
        if done.is_empty() {
            return Err(error);
        }
        report.text(text);
        if self.ask.write.atomic {
            return self.take_back(log, decision, &done, report).await;
        }
        report.text(format!("{} steps before it were carried out and stay (--atomic takes them back)", done.len()));
        self.offer_later(&done, report);
        report.data["result"] = json!({"applied": false, "well": false, "undone": false, "error": error.to_string()});
        Ok(Outcome::Findings)
    }

    async fn unwell(
        &self,
        log: &Log,
        decision: &str,
        done: &[Done],
        why: &str,
        person: &mut dyn Person,
        report: &mut Report,
    ) -> Result<Outcome, Error> {
        self.note(log, Event::Unverified, decision, why)?;
        report.text(format!("Not well: {why}"));
        let back = self.ask.write.atomic || {
            person.is_there() && said_yes(person.ask(&format!("{why}. Take it back? [y/N]")))
        };
        if back {
            return self.take_back(log, decision, done, report).await;
        }
        self.offer_later(done, report);
        report.data["result"] = json!({"applied": true, "well": false, "undone": false, "why": why});
        Ok(Outcome::Findings)
    }

    async fn take_back(&self, log: &Log, decision: &str, done: &[Done], report: &mut Report) -> Result<Outcome, Error> {
        let plan = undo::plan(&self.from, &self.plan.purpose, done).await?;
        plan.remarks.iter().for_each(|remark| {
            report.text(format!("note: {remark}"));
        });
        let before = known(&self.from, &plan.steps).await?;
        let changed = change(&self.from, &self.ask.input.cluster, &plan, self.wait()).await;
        if let Some(error) = changed.stopped {
            self.note(log, Event::Failed, decision, &format!("undo: {error}"))?;
            return Err(Error::Refused(format!("the change could not be taken back: {error}")));
        }
        let complete = plan.steps.len() == done.len();
        let text = format!("{} of {} steps were taken back", plan.steps.len(), done.len());
        self.note(log, Event::Undone, decision, &text)?;
        report.text(format!("Taken back: {text}."));
        let patience = Patience { wait: self.wait(), settle: Duration::from_secs(self.ask.write.settle) };
        match verify(&self.from, &changed.done, &before, patience).await? {
            Verdict::Well(lines) => lines.iter().for_each(|line| {
                report.text(format!("well: {line}"));
            }),
            Verdict::Unwell(why) => {
                report.text(format!("Not well after that either: {why}"));
            }
        }
        report.data["result"] = json!({"applied": true, "well": false, "undone": complete});
        Ok(if complete { Outcome::RolledBack } else { Outcome::Findings })
    }
}
