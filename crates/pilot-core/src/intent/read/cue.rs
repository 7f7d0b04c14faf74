//! Which question a sentence asks: every word speaks for some, and the best supported one wins.

use super::shape;
use crate::intent::phrase::Phrase;
use crate::intent::words::{Shape, Token};

/// The questions pilot answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    /// Objects in columns.
    List,
    /// How many.
    Count,
    /// Is it well?
    Status,
    /// One object.
    Describe,
    /// Logs.
    Logs,
    /// Events.
    Events,
    /// Usage.
    Top,
    /// Why?
    Diagnose,
    /// Images.
    Images,
    /// Addresses.
    Urls,
    /// What nodes have.
    Capacity,
    /// How far a rollout is.
    RolloutStatus,
    /// Revisions.
    RolloutHistory,
    /// Permissions.
    CanI,
    /// Connections.
    Reach,
    /// Everything.
    Analyze,
    /// Security.
    Security,
    /// Requests and limits.
    Optimize,
    /// Bottlenecks.
    Performance,
    /// Money.
    Cost,
    /// Violations.
    Policy,
    /// Helm releases.
    Releases,
    /// A release's state.
    ReleaseStatus,
    /// A release's values.
    ReleaseValues,
    /// Contexts.
    Contexts,
    /// A manifest.
    Generate,
    /// A Dockerfile.
    ImageReview,
    /// What a text means.
    Explain,
    /// What can be asked.
    Help,
}

/// Groups of words, each with its weight.
type Cues = &'static [(f32, &'static [&'static str])];

/// Words (singular or as they stand) and how strongly each speaks for a question.
const CUES: &[(Question, Cues)] = {
    use Question::*;
    &[
        (
            Logs,
            &[
                (4.0, &["log", "logs", "logfile", "logging", "stdout", "stderr"]),
                (1.5, &["tail", "print", "line", "lines", "output", "traceback", "stacktrace"]),
            ],
        ),
        (Events, &[(4.0, &["event", "events"]), (2.2, &["happened", "happening"]), (2.0, &["warning", "warnings"])]),
        (
            Top,
            &[
                (
                    2.2,
                    &[
                        "usage",
                        "using",
                        "consuming",
                        "consumption",
                        "consume",
                        "consumes",
                        "used",
                        "utilization",
                        "utilisation",
                        "uses",
                        "hog",
                        "hogging",
                        "hogs",
                        "eating",
                        "use",
                    ],
                ),
                (2.4, &["top"]),
                (
                    1.0,
                    &[
                        "most",
                        "heaviest",
                        "hungriest",
                        "highest",
                        "biggest",
                        "largest",
                        "lowest",
                        "least",
                        "resource",
                        "resources",
                        "load",
                    ],
                ),
                (1.2, &["memory", "cpu", "ram", "mem"]),
            ],
        ),
        (
            Diagnose,
            &[
                (3.4, &["why", "diagnose", "diagnosis", "troubleshoot", "troubleshooting", "investigate", "debug"]),
                (2.2, &["going", "reason", "reasons", "cause", "causes", "causing", "root", "rootcause"]),
                (2.6, &["wrong", "problem", "problems", "issue", "issues", "broken", "matter", "trouble"]),
            ],
        ),
        (
            Status,
            &[
                (2.0, &["healthy", "health", "status", "unhealthy", "state"]),
                (2.0, &["verify", "confirm", "ensure"]),
                (1.6, &["doing", "alive", "okay", "ok", "fine", "alright", "well", "operational", "functioning"]),
                (
                    1.2,
                    &[
                        "check",
                        "up",
                        "working",
                        "ready",
                        "successful",
                        "succeed",
                        "succeeded",
                        "worked",
                        "summary",
                        "overview",
                    ],
                ),
                (0.8, &["running", "online"]),
            ],
        ),
        (Images, &[(2.6, &["image", "images"]), (1.8, &["version", "versions", "tag", "tags"])]),
        (
            Urls,
            &[
                (
                    3.4,
                    &[
                        "url",
                        "urls",
                        "nodeport",
                        "nodeports",
                        "address",
                        "addresses",
                        "link",
                        "links",
                        "ip",
                        "hostname",
                    ],
                ),
                (
                    2.2,
                    &[
                        "reach",
                        "access",
                        "open",
                        "visit",
                        "browse",
                        "exposed",
                        "reachable",
                        "accessible",
                        "port-forward",
                        "browser",
                    ],
                ),
                (1.6, &["endpoint", "endpoints", "where"]),
            ],
        ),
        (
            Capacity,
            &[
                (3.2, &["capacity", "allocatable", "headroom"]),
                (1.6, &["room", "free", "space", "left", "available", "schedulable"]),
            ],
        ),
        (
            RolloutStatus,
            &[
                (2.2, &["rollout", "rolling", "rolledout", "deploying"]),
                (1.0, &["progress", "finished", "done", "complete", "completed"]),
            ],
        ),
        (RolloutHistory, &[(3.4, &["history", "revision", "revisions", "histories", "changelog"])]),
        (
            CanI,
            &[(
                3.0,
                &["permission", "permissions", "allowed", "permitted", "authorized", "privileges", "rights", "rbac"],
            )],
        ),
        (
            Reach,
            &[(
                2.6,
                &[
                    "connect",
                    "connects",
                    "connectivity",
                    "talk",
                    "blocked",
                    "communicate",
                    "reach",
                    "ping",
                    "connection",
                ],
            )],
        ),
        (
            Analyze,
            &[
                (4.2, &["analyze", "analyse", "analysis", "assess", "assessment"]),
                (2.8, &["scan", "audit", "inspect", "examine", "report", "lint"]),
            ],
        ),
        (
            Security,
            &[(
                4.6,
                &[
                    "security",
                    "secure",
                    "insecure",
                    "vulnerable",
                    "vulnerability",
                    "vulnerabilities",
                    "hardening",
                    "harden",
                    "hardened",
                    "privileged",
                    "pss",
                    "restricted",
                    "baseline",
                    "security-scan",
                    "exploitable",
                    "unsafe",
                ],
            )],
        ),
        (
            Optimize,
            &[(
                4.0,
                &[
                    "optimize",
                    "optimise",
                    "optimization",
                    "optimisation",
                    "rightsize",
                    "overprovisioned",
                    "over-provisioned",
                    "underprovisioned",
                    "under-provisioned",
                    "oversized",
                    "undersized",
                    "recommend",
                    "recommendation",
                    "recommendations",
                    "recommended",
                    "waste",
                    "wasted",
                    "wasting",
                    "wasteful",
                    "rightsizing",
                ],
            )],
        ),
        (
            Performance,
            &[(
                4.4,
                &[
                    "performance",
                    "bottleneck",
                    "bottlenecks",
                    "slow",
                    "slower",
                    "slowest",
                    "latency",
                    "throttled",
                    "throttling",
                    "sluggish",
                    "lagging",
                ],
            )],
        ),
        (
            Cost,
            &[(
                4.4,
                &[
                    "cost",
                    "costs",
                    "spend",
                    "spending",
                    "price",
                    "pricing",
                    "bill",
                    "expensive",
                    "saving",
                    "savings",
                    "money",
                    "costing",
                    "paying",
                    "pay",
                    "cheaper",
                    "cost-analysis",
                    "budget",
                    "dollars",
                ],
            )],
        ),
        (
            Policy,
            &[(
                4.2,
                &[
                    "violate",
                    "violates",
                    "violating",
                    "violation",
                    "violations",
                    "violators",
                    "policy",
                    "policies",
                    "comply",
                    "compliance",
                    "compliant",
                ],
            )],
        ),
        (Releases, &[(2.4, &["release", "releases", "helm"])]),
        (ReleaseStatus, &[(1.6, &["release", "helm"])]),
        (ReleaseValues, &[(3.6, &["values"])]),
        (Contexts, &[(4.2, &["context", "contexts", "kubeconfig"])]),
        (Generate, &[(3.6, &["generate", "scaffold", "draft"]), (2.6, &["yaml", "manifest", "manifests", "template"])]),
        (ImageReview, &[(6.0, &["dockerfile"]), (1.5, &["review"])]),
        (Explain, &[(2.8, &["explain", "meaning", "mean", "means"]), (0.8, &["error", "message"])]),
        (
            Describe,
            &[
                (3.6, &["describe", "details", "detail", "definition", "spec"]),
                (
                    2.0,
                    &[
                        "about",
                        "configured",
                        "configuration",
                        "config",
                        "settings",
                        "yaml",
                        "limits",
                        "limit",
                        "requests",
                        "env",
                        "environment",
                        "variables",
                        "probe",
                        "probes",
                        "labels",
                        "annotations",
                        "containers",
                        "ports",
                        "port",
                        "mounted",
                    ],
                ),
            ],
        ),
        (Help, &[(3.2, &["help", "capabilities", "usage:"])]),
        (
            List,
            &[(
                1.0,
                &[
                    "show",
                    "list",
                    "get",
                    "which",
                    "display",
                    "what",
                    "see",
                    "view",
                    "find",
                    "restarted",
                    "restarts",
                    "give",
                    "fetch",
                    "print",
                    "enumerate",
                ],
            )],
        ),
        (Count, &[(2.6, &["count"])]),
    ]
};

/// Whether a word speaks for a question.
pub fn is_cue(word: &str) -> bool {
    CUES.iter().any(|(_, groups)| groups.iter().any(|(_, words)| words.contains(&word)))
}

/// The word of a question that is one letter away.
pub fn meant(word: &str) -> Option<&'static str> {
    const KINDS: &[&str] =
        &["pods", "nodes", "services", "deployments", "namespaces", "ingresses", "secrets", "releases", "jobs"];
    let cues = CUES.iter().flat_map(|(_, groups)| groups.iter().flat_map(|(_, words)| words.iter()));
    cues.chain(KINDS).copied().find(|cue| {
        cue.len() >= 4 && cue.chars().next() == word.chars().next() && crate::nearest::distance(cue, word) == 1
    })
}

/// The questions, best supported first, with their scores.
pub fn scores(tokens: &[Token], phrases: &[Phrase]) -> Vec<(Question, f32)> {
    let words: Vec<&str> = tokens.iter().filter(|t| t.shape == Shape::Word).map(|t| t.text.as_str()).collect();
    let mut found: Vec<(Question, f32)> = CUES
        .iter()
        .map(|(question, groups)| {
            let score = groups
                .iter()
                .map(|(weight, list)| if words.iter().any(|w| list.contains(w)) { *weight } else { 0.0 })
                .sum();
            (*question, score)
        })
        .collect();
    let mut add = |question: Question, more: f32| {
        if let Some(entry) = found.iter_mut().find(|(q, _)| *q == question) {
            entry.1 += more;
        }
    };
    let quoted = tokens.iter().any(|t| t.shape == Shape::Quoted);
    for (question, more) in shape::shape(&words, phrases, quoted) {
        add(question, more);
    }
    found.retain(|(_, score)| *score > 0.0);
    // Stable: of equals the one that stands first in the table.
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}
