//! `mcp` over standard input, message by message, against an API server that keeps what it is told.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};
use support::api::{Api, Script};
use support::cases::cluster;
use support::command;
use support::person::Person;

/// What the client's user answers when a plan is shown.
type User = fn(&str) -> Value;

/// A client of the protocol before its sessions were dropped, which lets the server ask back.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u64,
    user: User,
    /// The plans that were shown.
    shown: Vec<String>,
}

impl Client {
    fn start(person: &Person<'_>, flags: &[&str], user: Option<User>) -> Self {
        let mut child = command()
            .env("HOME", person.home.path())
            .args(["--kubeconfig", person.kubeconfig(), "--settle", "1s", "--wait", "4s", "mcp"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut client =
            Self { child, input, output, next: 0, user: user.unwrap_or(|_| json!(null)), shown: Vec::new() };
        let capabilities = if user.is_some() { json!({"elicitation": {}}) } else { json!({}) };
        let me = json!({"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": {"name": "test", "version": "1"}});
        client.request("initialize", me);
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server has left");
            let message: Value = serde_json::from_str(&line).unwrap();
            if message["method"] == "elicitation/create" {
                let shown = message["params"]["message"].as_str().unwrap().to_owned();
                let result = (self.user)(&shown);
                self.shown.push(format!("{shown}{}", message["params"]["requestedSchema"]));
                self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
            } else if message["id"] == id {
                return message;
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))["result"].clone()
    }

    fn tools(&mut self) -> Vec<Value> {
        self.request("tools/list", json!({}))["result"]["tools"].as_array().unwrap().clone()
    }

    fn plan(&mut self, change: Value) -> String {
        let planned = self.call("plan_change", json!({"changes": [change]}));
        planned["structuredContent"]["plan"].as_str().unwrap_or_else(|| panic!("{planned}")).to_owned()
    }

    fn apply(&mut self, plan: &str) -> Value {
        self.call("apply_plan", json!({"plan": plan}))
    }

    fn leave(mut self) -> i32 {
        drop(self.input.take());
        self.child.wait().unwrap().code().unwrap()
    }
}

fn scale(replicas: u32) -> Value {
    json!({"action": "scale", "target": {"name": "backend"}, "replicas": {"to": replicas}})
}

/// The hash stands at the end of what is shown.
fn code_in(shown: &str) -> String {
    let line = shown.lines().find_map(|line| line.trim().strip_prefix("plan ")).unwrap();
    line.chars().take(6).collect()
}

fn said(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or("")
}

fn healthy() -> Api {
    cluster("healthy", Script::default())
}

#[test]
fn a_server_only_reads_unless_it_is_told_otherwise() {
    let api = healthy();
    let person = Person::at(&api);
    let mut client = Client::start(&person, &[], Some(|_| json!({"action": "accept", "content": {"apply": true}})));
    let tools = client.tools();
    assert!(tools.len() > 20 && tools.iter().all(|t| t["annotations"]["readOnlyHint"] == true), "{tools:?}");
    let pods = client.call("list_resources", json!({"kinds": ["pods"]}));
    assert_eq!(pods["structuredContent"]["untrusted"], true);
    assert!(pods.to_string().contains("backend"), "{pods}");
    let plan = client.plan(scale(3));
    let refused = client.request("tools/call", json!({"name": "apply_plan", "arguments": {"plan": plan}}));
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    assert_eq!((client.shown.len(), api.server.writes().len()), (0, 0));
    assert_eq!(client.leave(), 0, "the end of the input is the end");
}

#[test]
fn a_plan_is_carried_out_after_the_yes_to_what_was_shown() {
    let api = healthy();
    let person = Person::at(&api);
    let mut client =
        Client::start(&person, &["--allow-writes"], Some(|_| json!({"action": "accept", "content": {"apply": true}})));
    assert!(client.tools().iter().any(|t| t["name"] == "apply_plan" && t["annotations"]["destructiveHint"] == true));
    let plan = client.plan(scale(3));
    assert_eq!(api.server.writes(), Vec::<String>::new());
    let done = client.apply(&plan);
    assert_eq!(done["structuredContent"]["result"]["well"], true, "{done}");
    assert_eq!(person.replicas(), 3);
    assert!(client.shown[0].contains("+  replicas: 3") && client.shown[0].contains(&plan[..12]), "{}", client.shown[0]);
    assert!(client.apply(&plan)["isError"] == true, "a yes counts once");
    assert_eq!(api.server.writes().len(), 1);
    let log = person.audit();
    assert_eq!(log[0]["decision"], "yes through test");
    assert!(log[0]["intent"].as_str().unwrap().contains("planned by test over MCP"), "{log:?}");
}

#[test]
fn a_no_is_a_no_and_is_logged() {
    let answers: [User; 4] = [
        |_| json!({"action": "decline"}),
        |_| json!({"action": "cancel"}),
        |_| json!({"action": "accept", "content": {"apply": false}}),
        |_| json!({"action": "accept"}),
    ];
    for user in answers {
        let api = healthy();
        let person = Person::at(&api);
        let mut client = Client::start(&person, &["--allow-writes"], Some(user));
        let plan = client.plan(scale(3));
        let answer = client.apply(&plan);
        assert!(answer["isError"] == true && said(&answer).contains("nothing was changed"), "{answer}");
        assert_eq!(api.server.writes(), Vec::<String>::new());
        assert_eq!(person.audit()[0]["event"], "refused");
    }
}

#[test]
fn a_client_that_cannot_ask_gets_nothing_done_but_a_person_can() {
    let api = healthy();
    let person = Person::at(&api);
    let mut client = Client::start(&person, &["--allow-writes"], None);
    let plan = client.plan(scale(3));
    let answer = client.apply(&plan);
    assert!(answer["isError"] == true && said(&answer).contains("kubectl pilot approve "), "{answer}");
    assert_eq!(api.server.writes(), Vec::<String>::new());
    let file = said(&answer).rsplit(' ').next().unwrap();
    let approved = person.run(&["approve", file, "--hash", &plan]);
    assert_eq!((approved.code, person.replicas()), (0, json!(3)), "{} {}", approved.text, approved.errors);
}

#[test]
fn what_is_destructive_needs_the_name_and_what_is_tainted_the_code() {
    let api = healthy();
    let person = Person::at(&api);
    let yes: User = |_| json!({"action": "accept", "content": {"apply": true}});
    let mut client = Client::start(&person, &["--allow-writes"], Some(yes));
    let plan = client.plan(scale(0));
    assert!(said(&client.apply(&plan)).contains("its name must be typed"));
    client.user = |_| json!({"action": "accept", "content": {"apply": true, "name": "backend"}});
    let plan = client.plan(scale(0));
    let done = client.apply(&plan);
    assert_eq!((&done["structuredContent"]["outcome"], person.replicas()), (&json!("Clean"), json!(0)), "{done}");

    // From the first event on, whatever is planned may be the event's idea.
    client.call("get_events", json!({}));
    client.user = yes;
    let plan = client.plan(scale(2));
    assert!(said(&client.apply(&plan)).contains("first characters"), "a plain yes is not enough");
    assert!(client.shown.last().unwrap().contains("messages of events"), "{:?}", client.shown.last());
    client.user = |shown| json!({"action": "accept", "content": {"apply": true, "code": code_in(shown)}});
    let plan = client.plan(scale(2));
    client.apply(&plan);
    assert_eq!(person.replicas(), 2);
}

#[test]
fn a_plan_whose_objects_have_changed_is_not_asked_about() {
    let api = healthy();
    let person = Person::at(&api);
    let mut client =
        Client::start(&person, &["--allow-writes"], Some(|_| json!({"action": "accept", "content": {"apply": true}})));
    let plan = client.plan(scale(3));
    api.meddle(support::person::BACKEND, &json!({"spec": {"replicas": 5}}));
    let answer = client.apply(&plan);
    assert!(said(&answer).contains("were changed since"), "{answer}");
    assert_eq!((client.shown.len(), api.server.writes().len()), (0, 0));
    for wrong in ["", "0123456789ab", &plan[..8]] {
        assert!(said(&client.apply(wrong)).contains("no plan"), "{wrong}");
    }
}

#[test]
fn arguments_choose_neither_cluster_nor_file_nor_another_namespace() {
    let api = healthy();
    let person = Person::at(&api);
    let mut client = Client::start(&person, &["-n", "todo"], None);
    for (tool, arguments) in [
        ("list_resources", json!({"kinds": ["pods"], "kubeconfig": "/etc/passwd"})),
        ("list_resources", json!({"kinds": ["pods"], "filter": {"namespace": "kube-system"}})),
        ("get_logs", json!({"target": {"name": "backend", "namespace": "kube-system"}})),
        ("get_logs", json!({"target": {"name": "--file=/etc/passwd"}})),
        ("get_logs", json!({})),
        ("diagnose", json!({"target": {"name": "--help"}})),
        ("top", json!({"by": "colour"})),
        ("list_resources", json!({"kinds": ["--out=/tmp/x"]})),
    ] {
        let answer = client.call(tool, arguments.clone());
        assert_eq!(answer["isError"], true, "{tool} {arguments}: {answer}");
        assert!(!answer.to_string().contains("root:"), "{answer}");
    }
    assert!(api.server.asked().iter().all(|request| request.starts_with("GET ")));
}
