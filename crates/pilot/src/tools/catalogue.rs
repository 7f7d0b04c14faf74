//! The questions, each a [`pilot_core::action::Read`] under the name that agents know.

use serde_json::{Map, Value};

use super::schema::{self, Field, Kind, may, must};

/// A question that a program may ask.
#[derive(Debug)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it answers.
    pub description: &'static str,
    /// The action that it is.
    pub action: &'static str,
    /// Its arguments.
    fields: &'static [Field],
    /// The free text that its answer holds, if it does: text that people or programs in the cluster wrote.
    pub free_text: Option<&'static str>,
}

const NAMESPACE: Field = may("namespace", Kind::Text, "one namespace; all when absent");
const ABOUT: Field = may("target", Kind::Target, "one object; everything when absent");
const OBJECT: Field = must("target", Kind::Target, "the object");
const EVIDENCE: Option<&str> = Some("logs, events and annotations behind the findings");

const ALL: &[Tool] = &[
    Tool {
        name: "cluster_overview",
        title: "Is everything well?",
        description: "Everything that is not well, worst first, each with its root cause; says so when all is well.",
        action: "status",
        fields: &[ABOUT, NAMESPACE],
        free_text: EVIDENCE,
    },
    Tool {
        name: "list_resources",
        title: "List objects",
        description: "Objects of one or more kinds with their state: pods, deployments, services, nodes, jobs, configmaps, …",
        action: "list",
        fields: &[must("kinds", Kind::Texts, "such as pods, deployments"), may("filter", Kind::Filter, "")],
        free_text: None,
    },
    Tool {
        name: "count_resources",
        title: "Count objects",
        description: "How many objects of a kind there are.",
        action: "count",
        fields: &[must("kind", Kind::Text, "such as pods"), may("filter", Kind::Filter, "")],
        free_text: None,
    },
    Tool {
        name: "get_resource",
        title: "One object",
        description: "One object, what it stands on, its events and findings.",
        action: "describe",
        fields: &[OBJECT],
        free_text: EVIDENCE,
    },
    Tool {
        name: "get_logs",
        title: "Logs",
        description: "The log of a pod or workload, or with `errors` what it says: kinds of trouble, counted.",
        action: "logs",
        fields: &[
            OBJECT,
            may("container", Kind::Text, ""),
            may("previous", Kind::Flag, "of the run before the current one"),
            may("errors", Kind::Flag, "say what it tells instead of showing it"),
            may("tail", Kind::Number, "the last lines only; 200 when absent, at most 2000"),
            may("sinceSeconds", Kind::Number, "the last seconds only"),
            may("pattern", Kind::Text, "lines that have this text in them"),
        ],
        free_text: Some("log lines"),
    },
    Tool {
        name: "get_events",
        title: "Events",
        description: "What the cluster reported, newest last.",
        action: "events",
        fields: &[
            ABOUT,
            NAMESPACE,
            may("warnings", Kind::Flag, "warnings only"),
            may("sinceSeconds", Kind::Number, "the last seconds only"),
        ],
        free_text: Some("messages of events"),
    },
    Tool {
        name: "top",
        title: "Usage",
        description: "CPU and memory of pods or nodes, heaviest first.",
        action: "top",
        fields: &[
            may("nodes", Kind::Flag, "nodes instead of pods"),
            NAMESPACE,
            ABOUT,
            may("by", Kind::OneOf(&["cpu", "memory"]), ""),
            may("order", Kind::OneOf(&["most", "least"]), ""),
            may("limit", Kind::Number, ""),
        ],
        free_text: None,
    },
    Tool {
        name: "diagnose",
        title: "Why is it not well?",
        description: "The root cause of a failure, the way from Ingress to node, evidence and remedy.",
        action: "diagnose",
        fields: &[ABOUT, NAMESPACE],
        free_text: EVIDENCE,
    },
    Tool {
        name: "images",
        title: "Images",
        description: "Which images run, and how often.",
        action: "images",
        fields: &[ABOUT, NAMESPACE],
        free_text: None,
    },
    Tool {
        name: "urls",
        title: "Addresses",
        description: "Where Services can be reached.",
        action: "urls",
        fields: &[ABOUT, NAMESPACE],
        free_text: None,
    },
    Tool {
        name: "nodes",
        title: "Nodes",
        description: "Nodes, what they have and what runs on them.",
        action: "capacity",
        fields: &[],
        free_text: None,
    },
    Tool {
        name: "rollout_status",
        title: "Rollout",
        description: "How far a rollout is.",
        action: "rolloutStatus",
        fields: &[OBJECT],
        free_text: None,
    },
    Tool {
        name: "rollout_history",
        title: "Revisions",
        description: "The revisions of a Deployment and their images.",
        action: "rolloutHistory",
        fields: &[OBJECT],
        free_text: None,
    },
    Tool {
        name: "can_i",
        title: "Permissions",
        description: "Whether a subject may do something; without a subject, who may.",
        action: "canI",
        fields: &[
            must("verb", Kind::Text, "get, list, create, delete, …"),
            must("resource", Kind::Text, "such as pods or pods/log"),
            may("subject", Kind::Text, "`me`, a user, or system:serviceaccount:NAMESPACE:NAME"),
            NAMESPACE,
        ],
        free_text: None,
    },
    Tool {
        name: "net_check",
        title: "Can one reach the other?",
        description: "Whether NetworkPolicies and endpoints let one workload reach another, or a Service.",
        action: "reach",
        fields: &[
            must("from", Kind::Target, "workload or pod"),
            must("to", Kind::Target, "Service, workload or pod"),
            may("port", Kind::Number, "of the Service or the pods"),
        ],
        free_text: None,
    },
    Tool {
        name: "analyze",
        title: "Analyze",
        description: "Everything that can be found: health, security, reliability, efficiency, networking; a score.",
        action: "analyze",
        fields: &[ABOUT, NAMESPACE],
        free_text: EVIDENCE,
    },
    Tool {
        name: "security_scan",
        title: "Security",
        description: "Security of workloads and permissions, Pod Security levels.",
        action: "securityScan",
        fields: &[
            ABOUT,
            NAMESPACE,
            may("rbac", Kind::Flag, "permissions only"),
            may("level", Kind::OneOf(&["baseline", "restricted"]), "Pod Security level to hold every pod against"),
        ],
        free_text: EVIDENCE,
    },
    Tool {
        name: "recommend_resources",
        title: "Right-sizing",
        description: "Requests and limits that fit the measured usage.",
        action: "optimize",
        fields: &[ABOUT, NAMESPACE],
        free_text: None,
    },
    Tool {
        name: "performance",
        title: "Bottlenecks",
        description: "Bottlenecks, worst first, each with the number that proves it.",
        action: "performance",
        fields: &[ABOUT, NAMESPACE],
        free_text: EVIDENCE,
    },
    Tool {
        name: "cost_report",
        title: "Cost",
        description: "An estimate of what workloads cost per month.",
        action: "cost",
        fields: &[NAMESPACE, may("by", Kind::Text, "workload, namespace or label=KEY")],
        free_text: None,
    },
    Tool {
        name: "policy_check",
        title: "Policies",
        description: "Who violates the built-in catalogue of demands.",
        action: "policyAudit",
        fields: &[NAMESPACE],
        free_text: EVIDENCE,
    },
    Tool {
        name: "helm_list",
        title: "Helm releases",
        description: "Helm's releases.",
        action: "releases",
        fields: &[NAMESPACE],
        free_text: None,
    },
    Tool {
        name: "helm_status",
        title: "A Helm release",
        description: "State of a release; with `verify`, every live object against its manifest.",
        action: "releaseStatus",
        fields: &[must("release", Kind::Target, "the release"), may("verify", Kind::Flag, "compare field by field")],
        free_text: EVIDENCE,
    },
    Tool {
        name: "helm_history",
        title: "Revisions of a Helm release",
        description: "Revisions of a release.",
        action: "releaseHistory",
        fields: &[must("release", Kind::Target, "the release")],
        free_text: Some("descriptions of revisions"),
    },
    Tool {
        name: "image_review",
        title: "Review a Dockerfile",
        description: "What is wrong with a Dockerfile, and the edits that put it right. The text is given; no file is read.",
        action: "imageReview",
        fields: &[must("text", Kind::Text, "the Dockerfile")],
        free_text: None,
    },
    Tool {
        name: "explain_text",
        title: "Explain an error",
        description: "What a pasted error or log means.",
        action: "explain",
        fields: &[must("text", Kind::Text, "the error or log")],
        free_text: Some("the text that was given"),
    },
];

/// All questions, always in the same order.
pub fn all() -> &'static [Tool] {
    ALL
}

/// A question by name.
pub fn find(name: &str) -> Option<&'static Tool> {
    ALL.iter().find(|tool| tool.name == name)
}

impl Tool {
    /// JSON schema of the arguments.
    pub fn schema(&self) -> Value {
        schema::object(self.fields)
    }

    /// A field that must be there and is not.
    pub fn missing(&self, arguments: &Map<String, Value>) -> Option<&'static str> {
        self.fields.iter().find(|f| f.required && !arguments.contains_key(f.name)).map(|f| f.name)
    }
}

#[cfg(test)]
mod tests {
    use pilot_core::action::Read;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_schema_describes_its_action() {
        for tool in ALL.iter().filter(|t| t.action != "imageReview") {
            let mut example = schema::example(&tool.schema());
            example["action"] = json!(tool.action);
            let read: Result<Read, _> = serde_json::from_value(example.clone());
            assert!(read.is_ok(), "{}: {example}: {}", tool.name, read.unwrap_err());
            let mut unknown = example;
            unknown["kubeconfig"] = json!("/etc/x");
            // An action without fields has nothing to misread.
            assert!(tool.fields.is_empty() || serde_json::from_value::<Read>(unknown).is_err(), "{}", tool.name);
        }
    }

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<&str> = ALL.iter().map(|t| t.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
