//! Kinds of objects by all their names.

/// A kind of object by any of its names, in the spelling of the API: `svc` is `Service`.
pub fn kind(word: &str) -> Option<&'static str> {
    const SHORT: &[(&str, &str)] = &[
        ("po", "Pod"),
        ("deploy", "Deployment"),
        ("deploys", "Deployment"),
        ("sts", "StatefulSet"),
        ("ds", "DaemonSet"),
        ("rs", "ReplicaSet"),
        ("cj", "CronJob"),
        ("svc", "Service"),
        ("svcs", "Service"),
        ("ing", "Ingress"),
        ("no", "Node"),
        ("ns", "Namespace"),
        ("cm", "ConfigMap"),
        ("sa", "ServiceAccount"),
        ("pvc", "PersistentVolumeClaim"),
        ("pvcs", "PersistentVolumeClaim"),
        ("volume", "PersistentVolumeClaim"),
        ("pv", "PersistentVolume"),
        ("pvs", "PersistentVolume"),
        ("sc", "StorageClass"),
        ("hpa", "HorizontalPodAutoscaler"),
        ("hpas", "HorizontalPodAutoscaler"),
        ("autoscaler", "HorizontalPodAutoscaler"),
        ("pdb", "PodDisruptionBudget"),
        ("pdbs", "PodDisruptionBudget"),
        ("netpol", "NetworkPolicy"),
        ("netpols", "NetworkPolicy"),
        ("quota", "ResourceQuota"),
        ("machine", "Node"),
    ];
    const KINDS: &[&str] = &[
        "Pod",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "Job",
        "CronJob",
        "Service",
        "Ingress",
        "Node",
        "Namespace",
        "ConfigMap",
        "Secret",
        "ServiceAccount",
        "PersistentVolumeClaim",
        "PersistentVolume",
        "StorageClass",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "NetworkPolicy",
        "ResourceQuota",
        "LimitRange",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
        "EndpointSlice",
        "IngressClass",
        "PriorityClass",
        "Release",
    ];
    let find = |word: &str| {
        SHORT
            .iter()
            .find(|(short, _)| *short == word)
            .map(|(_, kind)| *kind)
            .or_else(|| KINDS.iter().copied().find(|kind| kind.eq_ignore_ascii_case(word)))
    };
    find(word).or_else(|| find(singular(word)?)).or_else(|| {
        // `policies`, `storageclasses`
        let stem = word.strip_suffix("ies").map(|s| format!("{s}y"));
        stem.as_deref().and_then(find).or_else(|| find(word.strip_suffix("es")?))
    })
}

/// The word that `kubectl get` takes for a kind.
pub fn plural(kind: &str) -> String {
    let word = kind.to_ascii_lowercase();
    match word.as_str() {
        "ingress" | "ingressclass" | "storageclass" | "priorityclass" => format!("{word}es"),
        "networkpolicy" => "networkpolicies".to_owned(),
        _ => format!("{word}s"),
    }
}

fn singular(word: &str) -> Option<&str> {
    word.strip_suffix('s').filter(|w| w.len() >= 2)
}

/// Kinds that have a pod template and can be restarted.
pub const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet"];

/// Words for "the program, whatever kind it is".
pub fn is_workload_word(word: &str) -> bool {
    matches!(
        word,
        "workload"
            | "workloads"
            | "app"
            | "apps"
            | "application"
            | "applications"
            | "component"
            | "program"
            | "microservice"
    )
}
