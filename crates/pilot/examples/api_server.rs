//! The API server of the tests as a program, for suites in other languages: `api_server CASE` serves a case of
//! `tests/broken` (`healthy` is one) and answers lines of standard input with lines of JSON: first the way in, then
//! `asked` and `writes` for the requests so far. It ends with its input.

#![expect(clippy::unwrap_used, reason = "a suite that cannot be set up has failed")]

#[path = "../tests/support"]
mod support {
    #![expect(dead_code, reason = "the tests use more of this")]
    pub mod api;
    pub mod cases;
    pub mod kubelet;
    pub mod server;
    pub mod temp;
}

use serde_json::{Value, json};
use support::api::Script;
use support::cases::{cluster, objects_of};

fn main() {
    let case = std::env::args().nth(1).unwrap_or_else(|| "healthy".to_owned());
    // More objects, such as logs with a story: manifests in a file.
    let more: Vec<Value> =
        std::env::args().nth(2).map(|path| objects_of(&std::fs::read_to_string(path).unwrap())).unwrap_or_default();
    let api = cluster(&case, Script::default());
    more.into_iter().for_each(|object| api.add(object));
    let kubeconfig = api.server.kubeconfig();
    println!("{}", json!({"url": api.server.url(), "kubeconfig": kubeconfig.path()}));
    for line in std::io::stdin().lines() {
        match line.unwrap().trim() {
            "asked" => println!("{}", json!(api.server.asked())),
            "writes" => println!("{}", json!(api.server.writes())),
            other => println!("{}", json!({"error": format!("{other:?} is not known: asked, writes")})),
        }
    }
}
