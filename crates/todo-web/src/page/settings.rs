//! The person's own things.

use axum::response::Response;
use futures::{join, try_join};
use maud::{Markup, html};
use secrecy::ExposeSecret as _;
use todo_client::{Device, Token};

use super::{
    Outcome,
    account::{activity_card, email_card},
    answer,
    layout::{Page, Shelf},
};
use crate::{
    locale::{Key, LANGUAGES, key},
    visitor::{Reader, Visitor},
};

/// What the page says beside the settings themselves.
#[derive(Debug, Default)]
pub struct Said {
    /// A token just made; shown this once.
    pub token: Option<String>,
    /// What an import would bring, and the file to confirm it with.
    pub preview: Option<Preview>,
    /// What was done.
    pub done: Option<String>,
    /// Why something was refused.
    pub error: Option<String>,
}

/// A previewed import.
#[derive(Debug)]
pub struct Preview {
    /// The report, line by line.
    pub lines: Vec<String>,
    /// Format of the file.
    pub format: String,
    /// The file, to be sent again; none when it was imported.
    pub file: Option<String>,
}

/// `GET /settings`
pub async fn show(visitor: Visitor) -> Response {
    answer(&visitor, render(&visitor, &Said::default()).await)
}

/// The page, also after one of its forms.
pub async fn render(visitor: &Visitor, said: &Said) -> Outcome {
    let client = &visitor.client;
    let (profile, shelf, tokens, activity) =
        try_join!(client.profile(), Shelf::load(client, visitor.parts), client.tokens(), client.activity())?;
    // An old session may not list devices; the page says how to get there.
    let (devices,) = join!(client.devices());
    let reader = Reader::new(visitor, profile);
    let title = reader.say(key::NAV_SETTINGS);
    let main = html! {
        header.head { h1 { (title) } }
        @if let Some(error) = &said.error { p.error role="alert" { (error) } }
        @if let Some(done) = &said.done { p.flash role="status" { span { (done) } } }
        div.cards {
            (profile_card(&reader))
            (device_card(&reader))
            (email_card(&reader))
            (password_card(&reader))
            (devices_card(&reader, devices.as_deref().ok()))
            (activity_card(&reader, &activity))
            (tokens_card(&reader, &tokens, said.token.as_deref()))
            (data_card(&reader, said.preview.as_ref()))
            (delete_card(&reader))
        }
    };
    Ok(Page { reader: &reader, shelf: &shelf, title, main, chat_is_main: false }.answer(visitor.parts))
}

fn select(reader: &Reader, name: &str, label: Key, now: &str, options: &[(&str, &str)]) -> Markup {
    html! {
        label { span { (reader.say(label)) }
            select name=(name) { @for (value, text) in options { option value=(value) selected[*value == now] { (text) } } }
        }
    }
}

fn profile_card(reader: &Reader) -> Markup {
    let profile = &reader.profile;
    let weeks = [("monday", key::WEEK_MONDAY), ("sunday", key::WEEK_SUNDAY), ("saturday", key::WEEK_SATURDAY)]
        .map(|(value, name)| (value, reader.say(name)));
    let orders = [("dmy", key::ORDER_DMY), ("mdy", key::ORDER_MDY), ("ymd", key::ORDER_YMD)]
        .map(|(value, name)| (value, reader.say(name)));
    let languages: Vec<_> = [("", reader.say(key::SETTINGS_LANGUAGE_AUTO))]
        .into_iter()
        .chain(LANGUAGES.iter().map(|language| (language.tag, language.name)))
        .collect();
    html! {
        section.card {
            h2 { (reader.say(key::SETTINGS_PROFILE)) }
            form.fields method="post" action="/settings/profile" data-plain {
                label { span { (reader.say(key::SETTINGS_NAME)) } input name="name" required maxlength="100" autocomplete="name" value=(profile.name); }
                label { span { (reader.say(key::SETTINGS_TIMEZONE)) } input name="timezone" list="zones" required maxlength="64" autocomplete="off" value=(profile.timezone); }
                datalist #zones { @for zone in jiff::tz::db().available() { option value=(zone) {} } }
                (select(reader, "week_start", key::SETTINGS_WEEK_START, &profile.week_start, &weeks))
                (select(reader, "date_order", key::SETTINGS_DATE_ORDER, &profile.date_order, &orders))
                (select(reader, "locale", key::SETTINGS_LANGUAGE, profile.locale.as_deref().unwrap_or_default(), &languages))
                div.end { button.primary { (reader.say(key::SETTINGS_SAVE)) } }
            }
        }
    }
}

fn device_card(reader: &Reader) -> Markup {
    let themes =
        [("", key::SETTINGS_THEME_AUTO), ("light", key::SETTINGS_THEME_LIGHT), ("dark", key::SETTINGS_THEME_DARK)]
            .map(|(value, name)| (value, reader.say(name)));
    let keys = [("on", reader.say(key::SETTINGS_KEYS_ON)), ("off", reader.say(key::SETTINGS_KEYS_OFF))];
    html! {
        section.card {
            h2 { (reader.say(key::SETTINGS_THEME)) }
            form.fields method="post" action="/settings/device" data-plain {
                (select(reader, "theme", key::SETTINGS_THEME, &reader.device.theme, &themes))
                (select(reader, "keys", key::SETTINGS_KEYS, if reader.device.keys_off { "off" } else { "on" }, &keys))
                div.end { button.primary { (reader.say(key::SETTINGS_SAVE)) } }
            }
            div #push hidden {
                h3 { (reader.say(key::SETTINGS_NOTIFY)) }
                p.hint { (reader.say(key::SETTINGS_NOTIFY_HINT)) }
                button.button type="button" data-push="on" { (reader.say(key::SETTINGS_NOTIFY_ON)) }
                button.button type="button" data-push="off" hidden { (reader.say(key::SETTINGS_NOTIFY_OFF)) }
            }
        }
    }
}

fn password_card(reader: &Reader) -> Markup {
    html! {
        section.card {
            h2 { (reader.say(key::SETTINGS_PASSWORD)) }
            form.fields method="post" action="/settings/password" data-plain {
                input.hidden type="email" name="username" autocomplete="username" value=(reader.profile.email) readonly tabindex="-1" aria-hidden="true";
                label { span { (reader.say(key::SETTINGS_PASSWORD_CURRENT)) } input type="password" name="current" required maxlength="128" autocomplete="current-password"; }
                label { span { (reader.say(key::SETTINGS_PASSWORD_NEW)) } input type="password" name="new" required minlength="8" maxlength="128" autocomplete="new-password"; }
                label.tick.wide { input type="checkbox" name="others" value="1" checked; span { (reader.say(key::SETTINGS_PASSWORD_OTHERS)) } }
                div.end { button.primary { (reader.say(key::SETTINGS_PASSWORD_CHANGE)) } }
            }
        }
    }
}

fn devices_card(reader: &Reader, devices: Option<&[Device]>) -> Markup {
    html! {
        section.card {
            h2 { (reader.say(key::SETTINGS_DEVICES)) }
            p.hint { (reader.say(if devices.is_some() { key::SETTINGS_DEVICES_HINT } else { key::SETTINGS_DEVICES_STALE })) }
            ul.operations {
                @for device in devices.unwrap_or_default() {
                    li {
                        @let here = reader.device.session.as_ref().is_some_and(|token| token.expose_secret() == device.token);
                        span.what { (device.user_agent.as_deref().map_or_else(|| reader.say(key::SETTINGS_DEVICE_UNKNOWN).to_owned(), describe))
                            @if here { " · " strong { (reader.say(key::SETTINGS_DEVICE_THIS)) } } }
                        small { (reader.say_with(key::SETTINGS_DEVICE_SINCE, &[("date", &reader.dates.instant(device.created_at))]))
                            @if let Some(address) = device.ip_address.as_deref().filter(|address| !address.is_empty()) { " · " (address) } }
                        form method="post" action="/settings/devices/revoke" data-plain {
                            input type="hidden" name="token" value=(device.token);
                            button.quiet { (reader.say(key::SETTINGS_REVOKE)) }
                        }
                    }
                }
            }
        }
    }
}

/// The browser and system in a user agent, roughly as people call them.
pub fn describe(agent: &str) -> String {
    let find =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

fn tokens_card(reader: &Reader, tokens: &[Token], made: Option<&str>) -> Markup {
    html! {
        section.card {
            h2 { (reader.say(key::SETTINGS_TOKENS)) }
            p.hint { (reader.say(key::SETTINGS_TOKENS_HINT)) }
            @if let Some(secret) = made {
                div.once role="status" { p { (reader.say(key::SETTINGS_TOKEN_ONCE)) } code { (secret) } }
            }
            ul.operations {
                @for token in tokens {
                    li {
                        span.what { (token.name) }
                        small { (reader.say_with(key::SETTINGS_TOKEN_MADE, &[("date", &reader.dates.instant(token.created_at))])) }
                        form method="post" action={ "/settings/tokens/" (token.id) "/revoke" } data-plain {
                            button.quiet aria-label={ (reader.say(key::SETTINGS_TOKEN_REVOKE)) ": " (token.name) } { (reader.say(key::SETTINGS_TOKEN_REVOKE)) }
                        }
                    }
                }
            }
            @if tokens.is_empty() { p.hint { (reader.say(key::SETTINGS_TOKENS_NONE)) } }
            form.fields method="post" action="/settings/tokens" data-plain {
                label { span { (reader.say(key::SETTINGS_TOKEN_NAME)) } input name="name" required maxlength="100" autocomplete="off"; }
                div.end { button.primary { (reader.say(key::SETTINGS_TOKEN_CREATE)) } }
            }
        }
    }
}

/// Formats of export and import, with their names.
pub const FORMATS: [(&str, &str); 5] = [
    ("json", "JSON"),
    ("csv", "CSV"),
    ("ics", "iCalendar"),
    ("todoist", "Todoist CSV"),
    ("taskwarrior", "Taskwarrior"),
];

fn data_card(reader: &Reader, preview: Option<&Preview>) -> Markup {
    html! {
        section.card #data {
            h2 { (reader.say(key::SETTINGS_DATA)) }
            p.hint { (reader.say(key::SETTINGS_EXPORT_HINT)) }
            p.row {
                @for (format, name) in FORMATS {
                    a.button href={ "/api/export?format=" (format) } download={ "todo." (extension(format)) } { (name) }
                }
            }
            p.hint { (reader.say(key::SETTINGS_EXPORT_ACCOUNT_HINT)) }
            p.row {
                a.button href="/api/export/account" download="todo-account.json" { (reader.say(key::SETTINGS_EXPORT_ACCOUNT)) }
            }
            h3 { (reader.say(key::SETTINGS_IMPORT)) }
            p.hint { (reader.say(key::SETTINGS_IMPORT_HINT)) }
            @if let Some(preview) = preview {
                div.once role="status" {
                    p { (reader.say(if preview.file.is_some() { key::SETTINGS_IMPORT_WOULD } else { key::SETTINGS_IMPORT_DONE })) }
                    ul { @for line in &preview.lines { li { (line) } } }
                    @if let Some(file) = &preview.file {
                        form method="post" action="/settings/import" enctype="multipart/form-data" data-plain {
                            input type="hidden" name="format" value=(preview.format);
                            input type="hidden" name="confirm" value="1";
                            textarea name="text" hidden readonly { (file) }
                            button.primary { (reader.say(key::SETTINGS_IMPORT_CONFIRM)) }
                        }
                    }
                }
            }
            form.fields method="post" action="/settings/import" enctype="multipart/form-data" data-plain {
                (select(reader, "format", key::SETTINGS_IMPORT_FORMAT, "", &FORMATS))
                label { span { (reader.say(key::SETTINGS_IMPORT_FILE)) } input type="file" name="file" required; }
                div.end { button.primary { (reader.say(key::SETTINGS_IMPORT_PREVIEW)) } }
            }
        }
    }
}

fn extension(format: &str) -> &'static str {
    match format {
        "csv" | "todoist" => "csv",
        "ics" => "ics",
        _ => "json",
    }
}

fn delete_card(reader: &Reader) -> Markup {
    html! {
        section.card.danger-zone {
            h2 { (reader.say(key::SETTINGS_DELETE)) }
            p.hint { (reader.say(key::SETTINGS_DELETE_HINT)) }
            form.fields method="post" action="/settings/delete" data-plain {
                input.hidden type="email" name="username" autocomplete="username" value=(reader.profile.email) readonly tabindex="-1" aria-hidden="true";
                label { span { (reader.say(key::SETTINGS_PASSWORD_CURRENT)) } input type="password" name="password" required maxlength="128" autocomplete="current-password"; }
                div.end { button.danger { (reader.say(key::SETTINGS_DELETE_CONFIRM)) } }
            }
        }
    }
}
