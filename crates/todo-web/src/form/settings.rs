//! Forms of the settings page.

use axum::{
    Form,
    extract::{Multipart, Path},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, header};
use serde::Deserialize;
use todo_client::{ClientError, ExportFormat, ProfilePatch, TokenInput};

use super::{Done, What, answer, session::with_cookies};
use crate::{
    locale::{Key, Language, key},
    page::{
        self,
        recover::VERIFIED,
        settings::{Preview, Said, render},
    },
    visitor::Visitor,
};

const HERE: &str = "/settings";

/// The settings page again, with a refusal said on it; other failures have pages of their own.
async fn refused(visitor: &Visitor, error: ClientError) -> Response {
    match error {
        ClientError::Refused { status, detail, .. }
            if status.is_client_error() && status != http::StatusCode::UNAUTHORIZED =>
        {
            let said = Said { error: Some(detail), ..Said::default() };
            let mut response = page::answer(visitor, render(visitor, &said).await);
            if response.status().is_success() {
                *response.status_mut() = status;
            }
            response
        }
        other => page::answer(visitor, Err(other)),
    }
}

fn saved(visitor: &Visitor) -> Response {
    answer(visitor, Ok(Done::new(What::Saved, None, HERE.to_owned())))
}

/// What the profile form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    name: Option<String>,
    timezone: Option<String>,
    week_start: Option<String>,
    date_order: Option<String>,
    locale: Option<String>,
}

/// `POST /settings/profile`
pub async fn profile(visitor: Visitor, Form(fields): Form<Fields>) -> Response {
    let patch = ProfilePatch {
        name: fields.name,
        timezone: fields.timezone,
        week_start: fields.week_start,
        date_order: fields.date_order,
        locale: fields.locale.map(|tag| Some(tag).filter(|tag| !tag.is_empty())),
    };
    match visitor.client.update_profile(&patch).await {
        Ok(_) => saved(&visitor),
        Err(error) => refused(&visitor, error).await,
    }
}

/// What the appearance form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct DeviceFields {
    theme: String,
    keys: String,
}

/// `POST /settings/device`
pub async fn device(visitor: Visitor, Form(fields): Form<DeviceFields>) -> Response {
    let mut response = saved(&visitor);
    let theme = if matches!(fields.theme.as_str(), "light" | "dark") { fields.theme.as_str() } else { "" };
    let keys = if fields.keys == "off" { "off" } else { "" };
    for (name, value) in [("theme", theme), ("keys", keys)] {
        let age = if value.is_empty() { 0 } else { 31_536_000 };
        let cookie = format!("{name}={value}; Path=/; Max-Age={age}; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// What the password form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PasswordFields {
    current: String,
    new: String,
    others: String,
}

/// `POST /settings/password`
pub async fn password(visitor: Visitor, Form(fields): Form<PasswordFields>) -> Response {
    match visitor.client.change_password(&fields.current, &fields.new, !fields.others.is_empty()).await {
        Ok(entered) => with_cookies(saved(&visitor), entered),
        Err(error) => refused(&visitor, error).await,
    }
}

/// What changing the address sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailFields {
    email: String,
}

/// `POST /settings/email`: mails a link to the new address.
pub async fn change_email(visitor: Visitor, Form(fields): Form<EmailFields>) -> Response {
    let email = fields.email.trim();
    let outcome = visitor.client.change_email(email, VERIFIED).await;
    mailed(&visitor, key::SETTINGS_EMAIL_SENT, email, outcome).await
}

/// `POST /settings/email/confirm`: mails a link that proves the address.
pub async fn confirm_email(visitor: Visitor) -> Response {
    let profile = match visitor.client.profile().await {
        Ok(profile) => profile,
        Err(error) => return page::answer(&visitor, Err(error)),
    };
    let outcome = visitor.client.send_verification(&profile.email, VERIFIED).await;
    mailed(&visitor, key::SETTINGS_EMAIL_SENT, &profile.email, outcome).await
}

async fn mailed(visitor: &Visitor, text: Key, email: &str, outcome: todo_client::Result<()>) -> Response {
    match outcome {
        Ok(()) => {
            let done = visitor.language.say_with(text, &[("email", email)]);
            page::answer(visitor, render(visitor, &Said { done: Some(done), ..Said::default() }).await)
        }
        Err(error) => refused(visitor, error).await,
    }
}

/// What signing a device out sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RevokeFields {
    token: String,
}

/// `POST /settings/devices/revoke`
pub async fn revoke_device(visitor: Visitor, Form(fields): Form<RevokeFields>) -> Response {
    match visitor.client.revoke_device(&fields.token).await {
        Ok(()) => saved(&visitor),
        Err(error) => refused(&visitor, error).await,
    }
}

/// What making a token sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TokenFields {
    name: String,
}

/// `POST /settings/tokens`: answers the page with the secret on it, once; a redirect would have to carry it along.
pub async fn create_token(visitor: Visitor, Form(fields): Form<TokenFields>) -> Response {
    match visitor.client.create_token(&TokenInput { name: fields.name.trim() }).await {
        Ok(made) => {
            let said = Said { token: Some(made.token), ..Said::default() };
            let mut response = page::answer(&visitor, render(&visitor, &said).await);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => refused(&visitor, error).await,
    }
}

/// `POST /settings/tokens/{id}/revoke`
pub async fn revoke_token(visitor: Visitor, Path(id): Path<String>) -> Response {
    match visitor.client.revoke_token(&id).await {
        Ok(()) => saved(&visitor),
        Err(error) => refused(&visitor, error).await,
    }
}

/// What deleting the account sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct DeleteFields {
    password: String,
}

/// `POST /settings/delete`
pub async fn delete_account(visitor: Visitor, Form(fields): Form<DeleteFields>) -> Response {
    match visitor.client.delete_account(&fields.password, "/sign-up").await {
        // The session goes on: the deletion takes a link that was mailed.
        Ok(left) if left.cookies.is_empty() => {
            let email = visitor.client.profile().await.map(|profile| profile.email);
            mailed(&visitor, key::SETTINGS_DELETE_MAILED, email.as_deref().unwrap_or_default(), Ok(())).await
        }
        Ok(left) => {
            let mut response = with_cookies(Redirect::to("/sign-up").into_response(), left);
            response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
            response
        }
        Err(error) => refused(&visitor, error).await,
    }
}

/// `POST /settings/import`: first a preview, then, confirmed, the import itself. The file travels with the confirmation, so the
/// server keeps nothing in between.
pub async fn import(visitor: Visitor, mut form: Multipart) -> Response {
    let (mut format, mut confirmed, mut file) = (String::new(), false, bytes::Bytes::new());
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => return refused(&visitor, unreadable(&error.body_text())).await,
        };
        let name = field.name().unwrap_or_default().to_owned();
        let content = match field.bytes().await {
            Ok(content) => content,
            Err(error) => return refused(&visitor, unreadable(&error.body_text())).await,
        };
        match name.as_str() {
            "format" => format = String::from_utf8_lossy(&content).into_owned(),
            "confirm" => confirmed = true,
            "file" | "text" => file = content,
            _ => {}
        }
    }
    let parsed = match format.as_str() {
        "csv" => ExportFormat::Csv,
        "ics" => ExportFormat::Ics,
        "todoist" => ExportFormat::Todoist,
        "taskwarrior" => ExportFormat::Taskwarrior,
        _ => ExportFormat::Json,
    };
    match visitor.client.import(parsed, file.clone(), !confirmed).await {
        Ok(report) => {
            let file = (!confirmed).then(|| String::from_utf8_lossy(&file).into_owned());
            let language = visitor.language;
            let preview = Preview { lines: lines(language, &report), format, file };
            let said = Said { preview: Some(preview), ..Said::default() };
            page::answer(&visitor, render(&visitor, &said).await)
        }
        Err(error) => refused(&visitor, error).await,
    }
}

fn unreadable(detail: &str) -> ClientError {
    ClientError::Refused {
        status: http::StatusCode::BAD_REQUEST,
        detail: detail.to_owned(),
        code: None,
        field: None,
        retry_after: None,
    }
}

/// Entries that are named one by one; the rest is only counted.
const NAMED: usize = 20;

/// A report as lines: how many, their titles, then what is left out and why.
fn lines(language: &Language, report: &serde_json::Value) -> Vec<String> {
    let items = |name: &str| report.get(name).and_then(|list| list.as_array()).map_or(&[][..], Vec::as_slice);
    let imported = report.get("imported").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let named = items("preview").iter().filter_map(|title| title.as_str()).take(NAMED).map(str::to_owned);
    let mut lines = vec![language.count(imported)];
    lines.extend(named);
    if imported > NAMED as u64 {
        lines.push("…".to_owned());
    }
    let skipped = items("skipped");
    for entry in skipped.iter().take(NAMED) {
        let line = entry.get("line").map(ToString::to_string).unwrap_or_default();
        let why = entry.get("why").and_then(|why| why.as_str()).unwrap_or_default();
        lines.push(language.say_with(key::SETTINGS_IMPORT_SKIPPED, &[("line", &line), ("why", why)]));
    }
    if skipped.len() > NAMED {
        let more = (skipped.len() - NAMED).to_string();
        lines.push(language.say_with(key::SETTINGS_IMPORT_SKIPPED_MORE, &[("n", &more)]));
    }
    lines
}
