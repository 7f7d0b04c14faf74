//! `selftest`: the image looks at a running installation from inside, as a user would (for `helm test`, and after a deployment).

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use http_body_util::BodyExt;
use serde_json::json;
use todo_client::{Client, Identity, ListQuery, NewAccount};
use tokio::net::TcpStream;
use url::Url;

/// What to look at.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Check {
    /// Every health endpoint answers
    #[default]
    Smoke,
    /// Sign up, add by sentence, list, talk, complete, undo, delete the account
    E2e,
    /// Whether network policies are enforced here
    Network,
}

/// Look at a running installation
#[derive(Debug, Args)]
pub struct Selftest {
    /// What to look at
    #[arg(value_enum, default_value_t)]
    check: Check,
    /// Address of the backend
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    backend: Url,
    /// Address of the frontend; the journey goes through it when given
    #[arg(long)]
    frontend: Option<Url>,
}

/// How long one step may take, retries included: right after a deployment the cluster's routes lag behind.
const STEP: Duration = Duration::from_secs(20);

impl Selftest {
    /// Looks, and prints a line a step.
    ///
    /// # Errors
    /// The first step that fails.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.check {
            Check::Smoke => self.smoke().await,
            Check::E2e => self.journey().await,
            Check::Network => self.network().await,
        }
    }

    async fn smoke(&self) -> anyhow::Result<()> {
        for path in ["/health", "/health/live", "/health/ready", "/api/health"] {
            step(&format!("backend {path}"), || healthy(&self.backend, path)).await?;
        }
        if let Some(frontend) = &self.frontend {
            for path in ["/health/live", "/health/ready", "/api/health", "/sign-in"] {
                step(&format!("frontend {path}"), || healthy(frontend, path)).await?;
            }
        }
        Ok(())
    }

    async fn journey(&self) -> anyhow::Result<()> {
        let entrance = self.frontend.as_ref().unwrap_or(&self.backend);
        let anonymous = Client::http(entrance)?;
        let email = format!("selftest-{}@example.invalid", uuid::Uuid::now_v7().simple());
        let password = todo_auth::keygen::secret();
        let account = NewAccount { name: "Selftest", email: &email, password: &password, callback: None };
        let entered = step("sign up", || async { Ok(anonymous.sign_up(&account).await?) }).await?;
        let token = entered.token.context("signing up gave no session; is e-mail verification required here?")?;
        let client = anonymous.acting_as(Identity::bearer(&token));
        let done = self.tasks(&client).await;
        // The account goes whatever happened.
        step("delete the account", || async { Ok(client.delete_account(&password, "/").await.map(|_| ())?) }).await?;
        done
    }

    async fn tasks(&self, client: &Client) -> anyhow::Result<()> {
        let made =
            step("add by sentence", || async { Ok(client.quick_add("Check the self-test tomorrow p1 @ops").await?) })
                .await?;
        let id = made.value["tasks"][0]["id"].as_str().context("no task was made")?.to_owned();
        step("list", || async {
            let page = client.tasks(&ListQuery { filter: "@ops & p1".to_owned(), ..ListQuery::default() }).await?;
            ensure!(page.tasks.len() == 1, "the list shows {} tasks instead of one", page.tasks.len());
            Ok(())
        })
        .await?;
        step("talk", || async {
            let answer = client.chat(&json!({ "message": "show my tasks" })).await?;
            ensure!(
                answer["response"].as_str().is_some_and(|text| text.contains("self-test")),
                "the assistant does not know the task"
            );
            Ok(())
        })
        .await?;
        let completed = step("complete", || async { Ok(client.complete_task(&id).await?) }).await?;
        ensure!(completed.value.completed, "the task is not completed");
        let operation = completed.operation.context("completing names no operation")?;
        step("undo", || async { Ok(client.undo(&operation).await.map(|_| ())?) }).await
    }

    /// The self-test's own policy allows the services and nothing else; what else can be reached tells whether it is enforced.
    async fn network(&self) -> anyhow::Result<()> {
        step("backend is reachable", || healthy(&self.backend, "/health/live")).await?;
        let host = self.backend.host_str().context("--backend has no host")?;
        let forbidden = [(host.to_owned(), 9090), ("kubernetes.default.svc".to_owned(), 443)];
        let mut open = Vec::new();
        for (host, port) in forbidden {
            if let Ok(Ok(_)) =
                tokio::time::timeout(Duration::from_secs(3), TcpStream::connect((host.as_str(), port))).await
            {
                open.push(format!("{host}:{port}"));
            }
        }
        if open.is_empty() {
            println!("network policies are enforced: only what the policy allows can be reached");
        } else {
            println!(
                "network policies are NOT enforced by this cluster's network plugin: {} can be reached",
                open.join(", ")
            );
        }
        Ok(())
    }
}

async fn healthy(base: &Url, path: &str) -> anyhow::Result<()> {
    let client = Client::http(base)?;
    let request = http::Request::get(path).body(todo_client::empty())?;
    let answer = client.send(request).await?;
    let status = answer.status();
    let body = answer
        .into_body()
        .collect()
        .await
        .map_err(|error| anyhow::anyhow!("the answer broke off: {error}"))?
        .to_bytes();
    if !status.is_success() {
        let shown: String = String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(300).collect();
        bail!("answered {status}: {shown}");
    }
    Ok(())
}

/// Tries a step until it succeeds or its time is over, and prints how long it took.
async fn step<T, F>(name: &str, mut attempt: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let started = Instant::now();
    loop {
        match attempt().await {
            Ok(value) => {
                println!("ok      {name} ({} ms)", started.elapsed().as_millis());
                return Ok(value);
            }
            Err(error) if started.elapsed() < STEP && is_passing(&error) => {
                tokio::time::sleep(Duration::from_millis(300)).await
            }
            Err(error) => {
                println!("failed  {name}");
                return Err(error.context(name.to_owned()));
            }
        }
    }
}

/// Whether the failure may pass by itself: no connection yet, or not ready yet. A refusal does not.
fn is_passing(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<todo_client::ClientError>() {
        Some(todo_client::ClientError::Unreachable(_)) => true,
        Some(other) => other.status().is_some_and(|status| status.is_server_error()),
        None => error.to_string().starts_with("answered 5"),
    }
}
