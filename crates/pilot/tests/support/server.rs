//! A Kubernetes API server in miniature: serves lists and logs from memory, answers dry runs, remembers what was asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::temp::{TempFile, file};

/// What a path answers.
pub type Answers = BTreeMap<String, (u16, String)>;

/// A request as it came in.
pub struct Request {
    /// `GET`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Of the body.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The path alone.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("")
    }
}

type Handler = dyn Fn(&Request) -> (u16, String) + Send + Sync;

/// A running server; it ends with the test.
pub struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `answers` by path (without query); everything else is 404. Lists that are not given are empty.
    pub fn start(answers: Answers) -> Self {
        Self::with(move |request| answer(request, &answers))
    }

    /// Serves whatever `handler` answers.
    pub fn with(handler: impl Fn(&Request) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (handler, log): (Arc<Handler>, _) = (Arc::new(handler), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log) = (handler.clone(), log.clone());
                std::thread::spawn(move || serve(&stream, &*handler, &log));
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

    /// Requests that would have changed something.
    pub fn writes(&self) -> Vec<String> {
        self.asked().into_iter().filter(|r| !r.starts_with("GET ") && !r.contains("dryRun=All")).collect()
    }
}

fn serve(stream: &TcpStream, handler: &Handler, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split_whitespace();
        let (method, target) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
        let mut length = 0;
        let mut content_type = String::new();
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            if header.trim().is_empty() {
                break;
            }
            match header.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap_or(0);
                }
                Some((name, value)) if name.eq_ignore_ascii_case("content-type") => {
                    value.trim().clone_into(&mut content_type);
                }
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        // A deletion says in its body that it is only tried.
        let tried = method == "DELETE" && String::from_utf8_lossy(&body).contains("\"dryRun\":[\"All\"]");
        log.lock().unwrap().push(format!("{method} {target}{}", if tried { " dryRun=All" } else { "" }));
        let (status, text) = handler(&Request { method, target, content_type, body });
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", text.len());
        let mut out = stream;
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(text.as_bytes())).is_err() {
            return;
        }
    }
}

fn answer(request: &Request, answers: &Answers) -> (u16, String) {
    let path = request.path();
    let known = answers.get(path).cloned();
    if request.method == "GET" {
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
    let (Ok(mut object), Ok(patch)) =
        (serde_json::from_str::<Value>(&before), serde_json::from_slice::<Value>(&request.body))
    else {
        return refusal(400, "not JSON");
    };
    pilot_core::patch::strategic(&mut object, &patch);
    (200, object.to_string())
}

/// An API status.
pub fn refusal(code: u16, message: &str) -> (u16, String) {
    (code, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": "Test", "code": code}).to_string())
}
