//! Pod Security verdicts for comparison with the admission library; see `e2e/pss/run`.
//!
//! `pss generate COUNT SEED` prints random pods as JSON lines. `pss judge` reads pods and prints each
//! with the reasons it is refused for, by level and minor version.

use std::io::{BufRead, Write};

use jiff::Timestamp;
use pilot_core::pss::{Level, evaluate};
use pilot_core::snapshot::{KubeVersion, Snapshot};
use serde_json::{Value, json};

/// Versions at which some check changes, those before, and one that is not out yet.
const MINORS: [u32; 17] = [0, 7, 8, 18, 19, 21, 22, 23, 25, 27, 29, 31, 32, 34, 35, 37, 44];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match words[..] {
        ["generate", count, seed] => {
            let mut dice = Dice(seed.parse::<u64>()?.wrapping_mul(2).wrapping_add(1));
            for _ in 0..count.parse::<usize>()? {
                writeln!(out, "{}", pod(&mut dice))?;
            }
        }
        ["judge"] => {
            for line in std::io::stdin().lock().lines() {
                writeln!(out, "{}", judge(serde_json::from_str(&line?)?)?)?;
            }
        }
        _ => return Err("usage: pss generate COUNT SEED | pss judge".into()),
    }
    Ok(())
}

fn judge(object: Value) -> Result<Value, Box<dyn std::error::Error>> {
    let snapshot = Snapshot::from_objects([(object.clone(), None)].into_iter(), Timestamp::UNIX_EPOCH);
    let pod = match (snapshot.pods.first(), snapshot.errors.first()) {
        (Some(pod), _) => pod,
        (None, Some(error)) => return Err(error.to_string().into()),
        (None, None) => return Err("not a pod".into()),
    };
    let mut verdicts = serde_json::Map::new();
    for minor in MINORS {
        let reasons = |level| -> Vec<String> {
            evaluate(level, KubeVersion::new(minor), &pod.metadata, &pod.spec)
                .into_iter()
                .map(|violation| violation.reason)
                .collect()
        };
        verdicts.insert(
            minor.to_string(),
            json!({ "baseline": reasons(Level::Baseline), "restricted": reasons(Level::Restricted) }),
        );
    }
    Ok(json!({ "pod": object, "verdicts": verdicts }))
}

/// Marsaglia's xorshift: the same seed gives the same pods everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 24) % sides as u64).unwrap_or(0)
    }

    fn pick(&mut self, values: &[Value]) -> Value {
        values[self.roll(values.len())].clone()
    }

    /// Sets the field in one of `rarity` pods.
    fn maybe(&mut self, rarity: usize, object: &mut Value, field: &str, values: &[Value]) {
        if self.roll(rarity) == 0 {
            object[field] = self.pick(values);
        }
    }
}

fn pod(dice: &mut Dice) -> Value {
    // Mostly hardened pods: a pod with many faults hides which check differs.
    let hardened = dice.roll(4) != 0;
    let mut spec = json!({ "containers": [] });
    let lists =
        [("containers", 1 + dice.roll(2)), ("initContainers", dice.roll(2)), ("ephemeralContainers", dice.roll(8) / 7)];
    for (list, count) in lists {
        let containers: Vec<Value> =
            (0..count).map(|index| container(dice, &format!("{}{index}", &list[..1]), hardened)).collect();
        if !containers.is_empty() {
            spec[list] = json!(containers);
        }
    }
    if hardened || dice.roll(2) == 0 {
        spec["securityContext"] = pod_context(dice, hardened);
    }
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        dice.maybe(15, &mut spec, field, &[json!(true), json!(false), json!(null)]);
    }
    dice.maybe(5, &mut spec, "hostUsers", &[json!(true), json!(false)]);
    dice.maybe(8, &mut spec, "os", &[json!({ "name": "windows" }), json!({ "name": "linux" })]);
    if dice.roll(3) == 0 {
        let volumes: Vec<Value> = (0..=dice.roll(2)).map(|index| volume(dice, index)).collect();
        spec["volumes"] = json!(volumes);
    }
    let mut annotations = json!({});
    for key in [
        "seccomp.security.alpha.kubernetes.io/pod",
        "container.seccomp.security.alpha.kubernetes.io/c0",
        "container.seccomp.security.alpha.kubernetes.io/nobody",
        "container.apparmor.security.beta.kubernetes.io/c0",
        "container.apparmor.security.beta.kubernetes.io/i0",
    ] {
        dice.maybe(
            10,
            &mut annotations,
            key,
            &["", "unconfined", "runtime/default", "docker/default", "localhost/a", "localhost", "RuntimeDefault"]
                .map(Value::from),
        );
    }
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p", "annotations": annotations }, "spec": spec })
}

fn profiles() -> [Value; 6] {
    ["RuntimeDefault", "Localhost", "Unconfined", "", "runtimedefault", "Other"].map(|type_| json!({ "type": type_ }))
}

fn se_linux() -> [Value; 6] {
    [
        json!({ "type": "container_t" }),
        json!({ "type": "container_engine_t" }),
        json!({ "type": "spc_t" }),
        json!({ "user": "u" }),
        json!({ "role": "r", "type": "container_init_t" }),
        json!({ "level": "s0", "type": "" }),
    ]
}

fn pod_context(dice: &mut Dice, hardened: bool) -> Value {
    let mut context = if hardened {
        json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } })
    } else {
        json!({})
    };
    dice.maybe(8, &mut context, "runAsNonRoot", &[json!(true), json!(false), json!(null)]);
    dice.maybe(8, &mut context, "runAsUser", &[json!(0), json!(1), json!(1000)]);
    dice.maybe(8, &mut context, "seccompProfile", &profiles());
    dice.maybe(12, &mut context, "appArmorProfile", &profiles());
    dice.maybe(12, &mut context, "seLinuxOptions", &se_linux());
    dice.maybe(
        12,
        &mut context,
        "windowsOptions",
        &[json!({ "hostProcess": true }), json!({ "hostProcess": false }), json!({})],
    );
    if dice.roll(10) == 0 {
        let names = [
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_notsent_lowat",
            "kernel.msgmax",
        ];
        context["sysctls"] = json!([{ "name": names[dice.roll(names.len())], "value": "1" }, { "name": names[dice.roll(names.len())], "value": "1" }]);
    }
    context
}

fn container(dice: &mut Dice, name: &str, hardened: bool) -> Value {
    let mut container = json!({ "name": name, "image": "i" });
    if hardened || dice.roll(2) == 0 {
        let mut context = if hardened {
            json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } })
        } else {
            json!({})
        };
        dice.maybe(10, &mut context, "privileged", &[json!(true), json!(false)]);
        dice.maybe(10, &mut context, "allowPrivilegeEscalation", &[json!(true), json!(false), json!(null)]);
        dice.maybe(10, &mut context, "runAsNonRoot", &[json!(true), json!(false)]);
        dice.maybe(10, &mut context, "runAsUser", &[json!(0), json!(1000)]);
        dice.maybe(10, &mut context, "seccompProfile", &profiles());
        dice.maybe(14, &mut context, "appArmorProfile", &profiles());
        dice.maybe(14, &mut context, "seLinuxOptions", &se_linux());
        dice.maybe(14, &mut context, "windowsOptions", &[json!({ "hostProcess": true }), json!({})]);
        dice.maybe(10, &mut context, "procMount", &["Default", "Unmasked", ""].map(Value::from));
        dice.maybe(
            6,
            &mut context,
            "capabilities",
            &[
                json!({}),
                json!({ "drop": ["ALL"], "add": ["NET_BIND_SERVICE"] }),
                json!({ "drop": ["ALL"], "add": ["CHOWN"] }),
                json!({ "drop": ["all"] }),
                json!({ "add": ["SYS_ADMIN", "NET_RAW"] }),
                json!({ "drop": ["NET_RAW"], "add": ["CAP_CHOWN"] }),
                json!({ "drop": [], "add": [] }),
            ],
        );
        container["securityContext"] = context;
    }
    dice.maybe(
        8,
        &mut container,
        "ports",
        &[
            json!([{ "containerPort": 80, "hostPort": 80 }]),
            json!([{ "containerPort": 80, "hostPort": 0 }, { "containerPort": 81 }]),
        ],
    );
    let handlers = [
        json!({ "httpGet": { "port": 80, "host": "h" } }),
        json!({ "tcpSocket": { "port": 80, "host": "h" } }),
        json!({ "httpGet": { "port": "http", "host": "" } }),
        json!({ "exec": { "command": ["true"] } }),
    ];
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        dice.maybe(12, &mut container, probe, &handlers);
    }
    if dice.roll(10) == 0 {
        let mut lifecycle = json!({});
        dice.maybe(2, &mut lifecycle, "postStart", &handlers);
        dice.maybe(2, &mut lifecycle, "preStop", &handlers);
        container["lifecycle"] = lifecycle;
    }
    container
}

fn volume(dice: &mut Dice, index: usize) -> Value {
    let mut volume = json!({ "name": format!("v{index}") });
    let sources = [
        ("configMap", json!({ "name": "c" })),
        ("emptyDir", json!({})),
        ("csi", json!({ "driver": "d" })),
        ("ephemeral", json!({})),
        ("image", json!({ "reference": "i" })),
        ("downwardAPI", json!({})),
        ("projected", json!({ "sources": [] })),
        ("persistentVolumeClaim", json!({ "claimName": "c" })),
        ("secret", json!({ "secretName": "s" })),
        ("hostPath", json!({ "path": "/" })),
        ("nfs", json!({ "server": "s", "path": "/" })),
        ("gitRepo", json!({ "repository": "r" })),
        ("emptyDir", json!(null)),
    ];
    // Sometimes two sources, which the API refuses but the library still judges; sometimes none.
    for _ in 0..[0, 1, 1, 1, 1, 2][dice.roll(6)] {
        let (name, source) = sources[dice.roll(sources.len())].clone();
        volume[name] = source;
    }
    volume
}
