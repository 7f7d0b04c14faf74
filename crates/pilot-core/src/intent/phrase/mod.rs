//! From tokens to phrases: objects, namespaces, numbers, amounts, images, and what they are about, each with the
//! preposition before it. Nothing is dropped silently except fillers: a word nobody knows stays as [`What::Word`].

mod reader;
mod spelling;

use crate::model::ObjectRef;
pub use reader::phrases;
pub use spelling::is_name;
use spelling::may_name;

/// The word before a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prep {
    /// Nothing.
    #[default]
    None,
    /// `of`, `for`
    Of,
    /// `to`, `into`, `up to`, `down to`
    To,
    /// `by`
    By,
    /// `from`
    From,
    /// `at`, `on`, `in`
    At,
    /// `with`, `using`, `as`
    With,
    /// `between`
    Between,
}

/// What a change or a question is about, beside objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Number of pods.
    Replicas,
    /// Container image.
    Image,
    /// Tag or version of it.
    Tag,
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
    /// The upper bound.
    Limit,
    /// The reserved amount.
    Request,
    /// Environment variable.
    Env,
    /// Any probe.
    Probe,
    /// Readiness probe.
    Readiness,
    /// Liveness probe.
    Liveness,
    /// Startup probe.
    Startup,
    /// Path of a probe.
    Path,
    /// Label.
    Label,
    /// Annotation.
    Annotation,
    /// Traffic of a Service.
    Traffic,
    /// Revision of a workload or a release.
    Revision,
    /// Helm chart.
    Chart,
    /// Helm's values.
    Values,
    /// Rollout.
    Rollout,
    /// Container.
    Container,
    /// Port.
    Port,
    /// Canary.
    Canary,
    /// Requests and limits.
    Resources,
    /// Size of a volume.
    Size,
    /// A pod's or autoscaler's minimum.
    Min,
    /// Maximum.
    Max,
    /// Schedule of a CronJob.
    Schedule,
}

/// What a phrase names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// One object of the cluster, found.
    Object(ObjectRef),
    /// An object by name, with its kind if one was said.
    Name {
        /// Kind.
        kind: Option<&'static str>,
        /// As written.
        name: String,
    },
    /// A kind alone: `pods`.
    Kind(&'static str),
    /// "the app", "all workloads".
    Workload,
    /// `in namespace todo`
    Namespace(String),
    /// `in all namespaces`
    Everywhere,
    /// A bare number.
    Number(u64),
    /// A number of replicas.
    Replicas(u64),
    /// So many more, or fewer.
    More(i64),
    /// A percentage.
    Percent(u64),
    /// An amount with a unit: `512Mi`.
    Amount(String),
    /// `up`, `down`
    Up(bool),
    /// What it is about.
    Topic(Topic),
    /// `nginx:1.27`
    Image(String),
    /// `v1.2.3`
    Tag(String),
    /// `key=value`
    Pair(String, String),
    /// A file, a folder or a URL path.
    Path(String),
    /// What stood in quotation marks.
    Text(String),
    /// `it`, `them`
    It,
    /// `all`, `every`
    All,
    /// `and`, a comma
    And,
    /// `previous`, `last`
    Previous,
    /// A span of time in seconds: `last 30 minutes`.
    Since(u64),
    /// `not ready`, `crashing`
    Symptom(&'static str),
    /// A word that nobody knows.
    Word(String),
}

/// One phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The preposition before it.
    pub prep: Prep,
    /// What it names.
    pub what: What,
}

/// Joins a kind and the name beside it: `deployment backend`, `backend deployment`, `pods of backend`.
fn merge_kinds(phrases: Vec<Phrase>) -> Vec<Phrase> {
    let mut found: Vec<Phrase> = Vec::with_capacity(phrases.len());
    let mut rest = phrases.into_iter().peekable();
    while let Some(phrase) = rest.next() {
        let as_name = |what: &What| match what {
            What::Name { kind: None, name } => Some(name.clone()),
            _ => None,
        };
        match (&phrase.what, rest.peek().map(|next| (next.prep, next.what.clone()))) {
            // `backend deployment`
            (What::Name { kind: None, name }, Some((Prep::None, What::Kind(kind)))) => {
                let what = What::Name { kind: Some(kind), name: name.clone() };
                found.push(Phrase { prep: phrase.prep, what });
                rest.next();
            }
            (What::Name { kind: None, .. }, Some((Prep::None, What::Workload))) => {
                found.push(phrase);
                rest.next();
            }
            // `deployment backend`, and a name nobody has seen yet: `deployment foo`
            (What::Kind(kind), Some((Prep::None, next))) if as_name(&next).is_some() => {
                let name = as_name(&next).unwrap_or_default();
                found.push(Phrase { prep: phrase.prep, what: What::Name { kind: Some(kind), name } });
                rest.next();
                // `deployment backend pods`
                if rest.peek().is_some_and(|p| p.prep == Prep::None && matches!(p.what, What::Kind("Pod"))) {
                    rest.next();
                }
            }
            (What::Kind(kind), Some((Prep::None, What::Word(name)))) if may_name(&name) => {
                found.push(Phrase { prep: phrase.prep, what: What::Name { kind: Some(kind), name } });
                rest.next();
            }
            (What::Word(name), Some((Prep::None, What::Kind(kind)))) if may_name(name) => {
                let name = name.clone();
                found.push(Phrase { prep: phrase.prep, what: What::Name { kind: Some(kind), name } });
                rest.next();
            }
            (What::Workload, Some((Prep::None, What::Name { .. }))) => {}
            (What::Workload, Some((Prep::None, What::Word(name)))) if may_name(&name) => {
                found.push(Phrase { prep: phrase.prep, what: What::Name { kind: None, name } });
                rest.next();
            }
            (What::Word(name), Some((Prep::None, What::Workload))) if may_name(name) => {
                found.push(Phrase { prep: phrase.prep, what: What::Name { kind: None, name: name.clone() } });
                rest.next();
            }
            _ => found.push(phrase),
        }
    }
    found
}
