//! Every page and form, without JavaScript, over an API in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::sync::{Arc, Mutex};

use axum::{Router, body::Body};
use http::{Request, Response, StatusCode, header};
use serde_json::json;
use support::{PROJECT, Shared, api};
use todo_client::Client;
use todo_web::WebConfig;
use tower::ServiceExt;

struct Browser {
    page: Router,
    store: Shared,
}

impl Browser {
    fn new() -> Self {
        let store: Shared = Arc::new(Mutex::default());
        let page = todo_web::router(
            WebConfig { public_url: None, version: "test" },
            Client::in_process(api(Arc::clone(&store))),
        );
        Self { page, store }
    }

    fn add(&self, title: &str, with: serde_json::Value) -> String {
        self.store.lock().unwrap().add(title, with).to_string()
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.page.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response<Body> {
        let request = Request::get(path).header(header::COOKIE, "session=good").header(header::HOST, "todo.test");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        body(answer).await
    }

    async fn post(&self, path: &str, form: &str) -> Response<Body> {
        let request = Request::post(path)
            .header(header::COOKIE, "session=good")
            .header(header::HOST, "todo.test")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }
}

async fn body(answer: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(answer.into_body(), 10_000_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn location(answer: &Response<Body>) -> &str {
    answer.headers()[header::LOCATION].to_str().unwrap()
}

const PAGES: [&str; 14] = [
    "/today",
    "/upcoming",
    "/overdue",
    "/inbox",
    "/all",
    "/completed",
    "/search?q=x",
    "/chat",
    "/history",
    "/stats",
    "/settings",
    "/label/phone%2Ffax",
    "/filter/00000000-0000-0000-0000-000000000000",
    "/task/1",
];

#[tokio::test]
async fn every_page_is_safe_and_says_what_it_is() {
    let browser = Browser::new();
    browser.add("Buy milk", json!({ "due_date": "2020-01-01" }));
    for path in PAGES.into_iter().chain([format!("/project/{PROJECT}").as_str()]) {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(!answer.headers().contains_key(header::STRICT_TRANSPORT_SECURITY), "{path}: plain http");
        let html = body(answer).await;
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\" dir=\"ltr\""), "{path}");
        assert!(html.contains("<h1") || path == "/chat", "{path} has a heading");
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
            assert!(!html.contains(inline), "{path} has {inline}");
        }
        for script in html.split("<script").skip(1) {
            assert!(
                script.starts_with(" type=\"module\" fetchpriority=\"low\" src=\"/assets/")
                    || script.starts_with(" id=\"texts\" type=\"application/json\""),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_and_led_back() {
    let browser = Browser::new();
    for path in PAGES {
        let answer = browser.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(location(&answer).starts_with("/sign-in?next=%2F"), "{path}: {}", location(&answer));
    }
    let script = Request::get("/today").header("x-todo-script", "1").body(Body::empty()).unwrap();
    assert_eq!(browser.send(script).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn hostile_text_stays_text_everywhere() {
    let browser = Browser::new();
    let hostile = "</li><script>alert(1)</script>\" onmouseover=\"x\u{202e}gnp";
    browser.add(hostile, json!({
        "description": "<img src=x onerror=alert(1)> [x](javascript:alert(1))",
        "due_date": "2020-01-01", "labels": ["<b>", "\"><script>"], "recurrence": "x", "recurrence_text": "\"><script>alert(2)</script>"
    }));
    for path in
        ["/today", "/all", "/task/1", "/search?q=%3Cscript%3Ealert(3)%3C%2Fscript%3E", "/project/x%22%3E%3Cscript%3E"]
    {
        let html = body(browser.get(path).await).await;
        let scripts = html.matches("<script").count();
        // A page that only says what is wrong has none.
        let own = if path.starts_with("/project/") { 0 } else { 2 };
        assert_eq!(scripts, own, "{path}: only our own");
        assert!(
            !html.contains("<img") && !html.contains("href=\"javascript:") && !html.contains("\" onmouseover"),
            "{path}"
        );
    }
    let combining = "a".to_owned() + &"\u{0301}".repeat(10_000);
    browser.add(&combining, json!({}));
    assert!(browser.text("/all").await.contains(&combining));
}

#[tokio::test]
async fn signing_in_passes_the_session_on() {
    let browser = Browser::new();
    let answer =
        browser.post("/sign-in", "email=ana%40example.org&password=long+enough&next=%2Finbox&remember=1").await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/inbox"));
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("session=good; Path=/; HttpOnly"));

    let answer = browser.post("/sign-in", "email=ana%40example.org&password=wrong-password&next=//evil.example").await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = body(answer).await;
    assert!(html.contains("Invalid email or password") && html.contains("value=\"ana@example.org\""));
    assert!(!html.contains("wrong-password") && !html.contains("evil.example"));

    let answer = browser.post("/sign-out", "").await;
    assert_eq!(location(&answer), "/sign-in");
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert!(answer.headers().contains_key("clear-site-data"), "what was kept for reading offline goes too");
}

#[tokio::test]
async fn a_whole_day_without_javascript() {
    let browser = Browser::new();
    let answer = browser.post("/tasks", "text=Buy+milk%0ACall+Ana&back=%2Finbox").await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/inbox"));
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("flash=added:"));
    let html = browser.text("/inbox").await;
    assert!(html.contains("Buy milk") && html.contains("Call Ana") && html.contains("2 tasks"));

    let id = browser.store.lock().unwrap().tasks[0].id;
    let answer = browser.post(&format!("/tasks/{id}/complete"), "back=%2Finbox").await;
    let flash = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(!browser.text("/inbox").await.contains("Buy milk"));

    let request =
        Request::get("/inbox").header(header::COOKIE, format!("session=good; {flash}")).body(Body::empty()).unwrap();
    let html = body(browser.send(request).await).await;
    let undo = html.split("formaction=\"/undo/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(browser.post(&format!("/undo/{undo}"), "back=%2Finbox").await.status(), StatusCode::SEE_OTHER);
    assert!(browser.text("/inbox").await.contains("Buy milk"));

    let edit = "whole=1&title=Buy+oat+milk&description=**now**&day=2030-01-02&time=17%3A30&priority=high&labels=shop%2C+home&project=&recurrence=&reminder=";
    browser.post(&format!("/tasks/{id}"), edit).await;
    let task = browser.store.lock().unwrap().tasks[0].clone();
    assert_eq!(
        (task.title.as_str(), task.priority.as_str(), task.due_date.as_deref()),
        ("Buy oat milk", "high", Some("2030-01-02T17:30"))
    );
    assert_eq!(
        (task.labels.clone(), task.due_timezone.as_deref()),
        (vec!["shop".to_owned(), "home".to_owned()], Some("Europe/Paris"))
    );
    assert!(browser.text(&format!("/task/{}", task.number)).await.contains("<strong>now</strong>"));

    assert!(browser.text("/search?q=OAT").await.contains("Buy oat milk"));
    assert!(browser.text("/search?q=zebra").await.contains("Nothing matches “zebra”."));
    let answer = browser.post(&format!("/tasks/{id}/delete"), "back=%2Ftask%2F1").await;
    assert_eq!(location(&answer), "/all", "the page of a deleted task is no place to go back to");
    assert_eq!(browser.get("/task/1").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_sends_nothing() {
    let browser = Browser::new();
    let id = browser.add("Same", json!({ "due_date": "2030-01-02", "labels": ["a"], "priority": "low" }));
    let form =
        "whole=1&title=Same&description=&day=2030-01-02&time=&priority=low&labels=a&project=&recurrence=&reminder=";
    browser.post(&format!("/tasks/{id}"), form).await;
    assert!(browser.store.lock().unwrap().seen.iter().all(|(method, ..)| method != "PATCH"));
}

#[tokio::test]
async fn a_list_gives_new_tasks_what_it_stands_for() {
    let browser = Browser::new();
    browser.post("/tasks", "text=One%0ATwo+p1&due=today&back=%2Ftoday").await;
    let titles: Vec<String> = browser.store.lock().unwrap().tasks.iter().map(|task| task.title.clone()).collect();
    assert_eq!(titles, ["One today", "Two p1 today"], "in the words of quick add");
    browser.post("/tasks", &format!("text=Three&project_id={PROJECT}")).await;
    assert_eq!(browser.store.lock().unwrap().tasks[2].title, "Three #\"Home & <Garden>\"");
}

#[tokio::test]
async fn scripts_get_json_and_repeat_safely() {
    let browser = Browser::new();
    let id = browser.add("One", json!({}));
    let request = Request::post(format!("/tasks/{id}/complete"))
        .header(header::COOKIE, "session=good")
        .header("sec-fetch-site", "same-origin")
        .header("x-todo-script", "1")
        .header("idempotency-key", "abc")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::empty())
        .unwrap();
    let answer = browser.send(request).await;
    let done: serde_json::Value = serde_json::from_str(&body(answer).await).unwrap();
    assert_eq!(done["said"], "Completed");
    assert!(done["operation"].is_string());
    let seen = browser.store.lock().unwrap().seen.clone();
    assert_eq!(seen.last().unwrap().2.as_deref(), Some("abc-0"), "the browser's key reaches the API");
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let browser = Browser::new();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post("/tasks")
            .header(header::COOKIE, "session=good")
            .header(header::HOST, "todo.test")
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("text=Evil"));
        assert_eq!(browser.send(request.unwrap()).await.status(), StatusCode::FORBIDDEN, "{name}");
    }
    assert!(browser.store.lock().unwrap().tasks.is_empty());
}

#[tokio::test]
async fn failures_have_pages_of_their_own() {
    let browser = Browser::new();
    for (failing, expected, says) in [
        (StatusCode::TOO_MANY_REQUESTS, StatusCode::TOO_MANY_REQUESTS, "Please wait 7 seconds"),
        (StatusCode::SERVICE_UNAVAILABLE, StatusCode::BAD_GATEWAY, "Your tasks are safe"),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND, "doesn&#39;t exist"),
        (StatusCode::CONFLICT, StatusCode::CONFLICT, "refused on purpose"),
    ] {
        browser.store.lock().unwrap().failing = Some(failing);
        let answer = browser.get("/today").await;
        assert_eq!(answer.status(), expected);
        let html = body(answer).await;
        assert!(html.contains(says) || html.contains(&says.replace("&#39;", "'")), "{failing}: {html}");
        assert!(html.contains("Try again"), "{failing} offers a way on");
    }
}

#[tokio::test]
async fn an_unknown_address_says_so() {
    let browser = Browser::new();
    let answer = browser.get("/no/such/page").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(answer.headers().contains_key("content-security-policy"));
    assert!(body(answer).await.contains("exist"));
}

#[tokio::test]
async fn a_long_list_goes_on_page_by_page() {
    let browser = Browser::new();
    for n in 0..120 {
        browser.add(&format!("Task {n:03}"), json!({}));
    }
    let html = browser.text("/all").await;
    assert_eq!(html.matches("class=\"task\"").count(), 50);
    assert!(html.contains("120 tasks") && html.contains("href=\"/all?cursor=50\""));
    assert!(browser.text("/all?cursor=100").await.contains("Task 119"));
    let html = browser.text("/all?n=110").await;
    assert_eq!(html.matches("class=\"task\"").count(), 110, "as many as a script shows");
    assert!(html.contains("href=\"/all?cursor=110\""));
}

#[tokio::test]
async fn readers_get_their_language_and_direction() {
    let browser = Browser::new();
    for (accept, marks) in
        [("de-AT", "lang=\"de\" dir=\"ltr\""), ("ur", "lang=\"ur\" dir=\"rtl\""), ("es", "lang=\"es\" dir=\"ltr\"")]
    {
        let request =
            Request::get("/today").header(header::COOKIE, "session=good").header(header::ACCEPT_LANGUAGE, accept);
        let html = body(browser.send(request.body(Body::empty()).unwrap()).await).await;
        assert!(html.contains(marks), "{accept}");
        assert!(!html.contains(">Upcoming<"), "{accept} is translated");
    }
}

#[tokio::test]
async fn settings_keep_secrets_off_the_address_and_the_cache() {
    let browser = Browser::new();
    let answer = browser.post("/settings/tokens", "name=laptop").await;
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    assert!(body(answer).await.contains("todo_secret_shown_once"));
    assert!(!browser.text("/settings").await.contains("todo_secret_shown_once"));
    let answer = browser.post("/settings/device", "theme=dark&keys=off").await;
    let cookies: Vec<_> =
        answer.headers().get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("theme=dark; Path=/; Max-Age=31536000")), "{cookies:?}");
    let request = Request::get("/today")
        .header(header::COOKIE, "session=good; theme=dark; keys=off")
        .body(Body::empty())
        .unwrap();
    assert!(body(browser.send(request).await).await.contains("data-theme=\"dark\" data-keys=\"off\""));
}

#[tokio::test]
async fn an_import_is_shown_before_it_is_done() {
    let browser = Browser::new();
    let part = |fields: &str| {
        Request::post("/settings/import")
            .header(header::COOKIE, "session=good")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(Body::from(format!("{fields}--X--\r\n")))
            .unwrap()
    };
    let file = "--X\r\nContent-Disposition: form-data; name=\"format\"\r\n\r\ncsv\r\n--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\ntitle\n</textarea><script>\r\n";
    let html = body(browser.send(part(file)).await).await;
    assert!(
        html.contains("3 tasks") && html.contains("Line 2 is left out: no title") && html.contains("name=\"confirm\"")
    );
    assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;"), "the file is only text");
}

#[tokio::test]
async fn behind_tls_browsers_are_told_to_stay_there() {
    let browser = Browser::new();
    let request = Request::get("/sign-in").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
    let answer = browser.send(request).await;
    assert!(answer.headers()[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap().starts_with("max-age=63072000"));
}

#[tokio::test]
async fn the_first_load_is_small() {
    let browser = Browser::new();
    for n in 0..50 {
        browser.add(
            &format!("A task with a title of usual length, number {n}"),
            json!({ "due_date": "2020-01-01", "labels": ["home"] }),
        );
    }
    let request = |path: &str| {
        Request::get(path)
            .header(header::COOKIE, "session=good")
            .header(header::ACCEPT_ENCODING, "br")
            .body(Body::empty())
            .unwrap()
    };
    let html = browser.text("/today").await;
    let mut total =
        axum::body::to_bytes(browser.send(request("/today")).await.into_body(), 1_000_000).await.unwrap().len();
    let mut script = 0;
    let head = html.split("</head>").next().unwrap();
    let mut addresses: Vec<&str> =
        head.split('"').filter(|text| text.starts_with("/assets/") && !text.contains("icon-")).collect();
    let sprite = html.split('"').find(|text| text.contains("icons.svg")).unwrap().split('#').next().unwrap();
    addresses.push(sprite);
    addresses.sort_unstable();
    addresses.dedup();
    for address in addresses {
        let answer = browser.send(request(address)).await;
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "br", "{address}");
        let size = axum::body::to_bytes(answer.into_body(), 1_000_000).await.unwrap().len();
        total += size;
        if address.ends_with(".js") {
            script += size;
        }
    }
    println!("first load: {total} bytes compressed, {script} of them script");
    assert!(total <= 40_000, "{total}");
    assert!(script <= 15_000, "{script}");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_without_javascript() {
    let browser = Browser::new();
    assert!(browser.text("/sign-in").await.contains("href=\"/forgot-password\""));
    assert!(browser.text("/forgot-password").await.contains("action=\"/forgot-password\""));
    let sent = body(browser.post("/forgot-password", "email=ana%40example.org").await).await;
    assert!(sent.contains("If an account belongs to ana@example.org") && !sent.contains("<form method"), "{sent}");

    let answer = browser.get("/reset-password?token=good").await;
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "the address holds a token");
    let form = body(answer).await;
    assert!(form.contains("name=\"token\" value=\"good\"") && form.contains("autocomplete=\"new-password\""));
    let short = browser.post("/reset-password", "token=good&password=short").await;
    assert_eq!(short.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let short = body(short).await;
    assert!(short.contains("Password too short") && short.contains("value=\"good\""), "another try with the same link");
    let done = browser.post("/reset-password", "token=good&password=a+whole+sentence").await;
    assert_eq!((done.status(), location(&done)), (StatusCode::SEE_OTHER, "/sign-in?notice=password"));
    assert!(browser.text("/sign-in?notice=password").await.contains("Your new password is in force"));
}

#[tokio::test]
async fn a_dead_link_says_so_and_offers_a_new_one() {
    let browser = Browser::new();
    for path in
        ["/reset-password?error=INVALID_TOKEN", "/reset-password", "/reset-password?token=x&error=INVALID_TOKEN"]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let html = body(answer).await;
        assert!(html.contains("This link works no more") && html.contains("action=\"/forgot-password\""), "{path}");
    }
    let used = body(browser.post("/reset-password", "token=used&password=a+whole+sentence").await).await;
    assert!(used.contains("This link works no more") && !used.contains("a whole sentence"));
    let html = body(browser.get("/verified?error=INVALID_TOKEN").await).await;
    assert!(html.contains("This link works no more") && html.contains("action=\"/verify-email\""));
    let hostile = body(browser.get("/reset-password?token=%22%3E%3Cscript%3Ealert(1)").await).await;
    assert!(!hostile.contains("<script"), "this page has none");
}

#[tokio::test]
async fn an_address_is_proven_and_changed_without_javascript() {
    let browser = Browser::new();
    assert!(browser.text("/verified").await.contains("Your e-mail address is confirmed"));
    let unproven = "email=unproven%40example.org&password=long+enough";
    let html = body(browser.post("/sign-in", unproven).await).await;
    assert!(html.contains("Confirm your address") && html.contains("value=\"unproven@example.org\""), "{html}");
    let html = body(browser.post("/verify-email", "email=unproven%40example.org").await).await;
    assert!(html.contains("If unproven@example.org waits to be confirmed"));

    let settings = browser.text("/settings").await;
    assert!(settings.contains("ana@example.org is not confirmed yet") && settings.contains("/settings/email/confirm"));
    let html = body(browser.post("/settings/email/confirm", "").await).await;
    assert!(html.contains("A link is on its way to ana@example.org"));
    let html = body(browser.post("/settings/email", "email=new%40example.org").await).await;
    assert!(html.contains("A link is on its way to new@example.org"));
}

#[tokio::test]
async fn the_settings_tell_what_happened_and_give_everything_away() {
    let html = Browser::new().text("/settings").await;
    for says in ["Sign-in", "refused", "Password change", "203.0.113.7", "&lt;new&gt;", "href=\"/api/export/account\""]
    {
        assert!(html.contains(says), "{says}");
    }
}

#[tokio::test]
async fn lists_are_made_renamed_and_deleted_without_javascript() {
    let browser = Browser::new();
    let answer = browser.post("/projects", "name=+Garden+").await;
    assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, &*format!("/project/{PROJECT}")));
    let answer = browser.post("/labels", "name=at+home").await;
    assert_eq!(location(&answer), "/label/at%20home");
    let answer = browser.post("/filters", "name=Hot&query=p1+%26+today").await;
    assert_eq!(location(&answer), format!("/filter/{PROJECT}"));
    for kind in ["projects", "labels", "filters"] {
        let answer = browser.post(&format!("/{kind}/{PROJECT}"), "name=Other&query=p2").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{kind}");
        let answer = browser.post(&format!("/{kind}/{PROJECT}/delete"), "").await;
        assert_eq!(location(&answer), "/all", "{kind}: the page of what was deleted is no place to go back to");
    }
    let seen = browser.store.lock().unwrap().seen.clone();
    let changes: Vec<_> = seen.iter().map(|(method, ..)| method).filter(|method| *method != "GET").collect();
    assert_eq!(changes, ["POST", "POST", "POST", "PATCH", "DELETE", "PATCH", "DELETE", "PUT", "DELETE"]);

    // A filter is no operation: a script gets the form that brings it back.
    let request = Request::post("/filters/00000000-0000-0000-0000-000000000000/delete")
        .header(header::COOKIE, "session=good")
        .header("sec-fetch-site", "same-origin")
        .header("x-todo-script", "1")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::empty())
        .unwrap();
    let done: serde_json::Value = serde_json::from_str(&body(browser.send(request).await).await).unwrap();
    assert_eq!(done["reverse"]["action"], "/filters");
    let fields = json!({ "name": "Hot", "query": "p1", "color": "#aa0000", "position": "2", "undo": "1" });
    assert_eq!(done["reverse"]["fields"], fields);

    let html = browser.text(&format!("/project/{PROJECT}")).await;
    assert!(html.contains(&format!("formaction=\"/projects/{PROJECT}/delete\"")) && html.contains("Rename or delete"));
    let html = browser.text("/label/phone%2Ffax").await;
    assert!(html.contains("value=\"phone/fax\""), "the form holds the name as it is");
    let html = browser.text("/filter/00000000-0000-0000-0000-000000000000").await;
    assert!(html.contains("name=\"query\" value=\"p1\""));
    assert!(!browser.text("/today").await.contains("Rename or delete"), "what always is has no form");
}

#[tokio::test]
async fn the_side_counts_what_is_open() {
    let html = Browser::new().text("/today").await;
    for (path, count) in [("/today", 3), ("/overdue", 1), ("/upcoming", 5), ("/inbox", 9), ("/all", 12)] {
        let link = html.split(&format!("<a href=\"{path}\"")).nth(1).unwrap().split("</a>").next().unwrap();
        let link = if link.contains("class=\"count\"") {
            link
        } else {
            html.split(&format!("href=\"{path}\"")).nth(2).unwrap()
        };
        assert!(link.contains(&format!("<span class=\"count\">{count}</span>")), "{path}: {link}");
    }
    assert!(html.contains("Hot</bdi><span class=\"count\">7</span>"));
}
