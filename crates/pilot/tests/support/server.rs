//! A Kubernetes API server in miniature: serves lists and logs from memory, answers dry runs, remembers what was asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{TempFile, file};

/// What a path answers.
pub type Answers = BTreeMap<String, (u16, String)>;

/// A running server; it ends with the test.
pub struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `answers` by path (without query); everything else is 404. Lists that are not given are empty.
    pub fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, log) = (Arc::new(answers), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, log) = (answers.clone(), log.clone());
                std::thread::spawn(move || serve(&stream, &answers, &log));
            }
        });
        Self { port, asked }
    }

    /// A kubeconfig that leads here.
    pub fn kubeconfig(&self) -> TempFile {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: fake\ncontexts: [{{name: fake, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{}'}}}}]\nusers: [{{name: u, user: {{token: test-token-of-nobody}}}}]\n",
            self.port
        );
        file(&text, ".yaml")
    }

    /// Address of the server.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Requests so far, as `METHOD path?query`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, answers: &Answers, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split_whitespace();
        let (method, target) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            if header.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        log.lock().unwrap().push(format!("{method} {target}"));
        let path = target.split('?').next().unwrap_or("");
        let (status, text) = answer(&method, path, &body, answers);
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", text.len());
        let mut out = stream;
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(text.as_bytes())).is_err() {
            return;
        }
    }
}

fn answer(method: &str, path: &str, body: &[u8], answers: &Answers) -> (u16, String) {
    let known = answers.get(path).cloned();
    if method == "GET" {
        return known.unwrap_or_else(|| {
            let is_list = !path.contains("metrics.k8s.io")
                && !path.contains("gateway.")
                && path.rsplit('/').next().is_some_and(|last| last.ends_with('s'));
            if is_list {
                (200, json!({"kind": "List", "metadata": {}, "items": []}).to_string())
            } else {
                refusal(404, "not found")
            }
        });
    }
    let Some((200, before)) = known else { return known.unwrap_or_else(|| refusal(404, "not found")) };
    let (Ok(mut object), Ok(patch)) = (serde_json::from_str::<Value>(&before), serde_json::from_slice::<Value>(body))
    else {
        return refusal(400, "not JSON");
    };
    merge(&mut object, &patch);
    (200, object.to_string())
}

/// An API status.
pub fn refusal(code: u16, message: &str) -> (u16, String) {
    (code, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": "Test", "code": code}).to_string())
}

/// A merge patch that merges lists by name: enough of a strategic merge for a test.
fn merge(object: &mut Value, patch: &Value) {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(object.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(items), Value::Array(patch)) => {
            for change in patch {
                match items.iter_mut().find(|item| item["name"] == change["name"]) {
                    Some(item) => merge(item, change),
                    None => items.push(change.clone()),
                }
            }
        }
        (object, patch) => *object = patch.clone(),
    }
}
