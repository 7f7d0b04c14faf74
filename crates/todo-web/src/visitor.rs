//! Who is looking at the page, and how they want it.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts as Request,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{Timestamp, tz::TimeZone};
use secrecy::SecretString;
use todo_client::{Client, Identity, Profile};

use crate::{
    App,
    locale::{
        Language,
        dates::{DateOrder, DateStyle},
    },
};

/// The browser that asks, before we know whether someone is signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The API, on this browser's behalf.
    pub client: Client,
    /// Language by the browser's wish.
    pub language: &'static Language,
    /// Settings that the browser keeps in cookies.
    pub device: Device,
    /// How much of a page is asked for.
    pub parts: Parts,
    /// Path and query that were asked.
    pub here: String,
}

impl Visitor {
    /// A script of ours asked, and wants JSON or parts of a page.
    #[must_use]
    pub fn is_script(&self) -> bool {
        self.parts != Parts::Whole
    }
}

/// How much of a page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// The document, as browsers load it.
    Whole,
    /// What changes: the side and the main part, for a script.
    Changing,
    /// The main part alone, for a script. Nothing has to be counted for the side.
    Main,
}

impl Parts {
    fn of(headers: &HeaderMap) -> Self {
        match headers.get(SCRIPT) {
            None => Self::Whole,
            Some(value) if value == "main" => Self::Main,
            Some(_) => Self::Changing,
        }
    }
}

/// Settings that belong to the device rather than to the person.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// `light`, `dark`, or empty for the system's.
    pub theme: String,
    /// Single-key shortcuts are off.
    pub keys_off: bool,
    /// Token of the session, as its cookie has it.
    pub session: Option<SecretString>,
    /// What the last form did, to be said on the next page: `done.key` and the operation.
    pub flash: Option<(String, Option<String>)>,
}

/// Marks requests of our own scripts, and says which parts they want; a cross-site page can't set it.
pub const SCRIPT: HeaderName = HeaderName::from_static("x-todo-script");

impl FromRequestParts<App> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Request, app: &App) -> Result<Self, Self::Rejection> {
        let mut identity = Identity::browser(&parts.headers);
        if let Some(key) = parts.headers.get("idempotency-key") {
            identity = identity.with_header(HeaderName::from_static("idempotency-key"), key.clone());
        }
        if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() {
            identity = identity.with_extension(ConnectInfo(*peer));
            if let Some(value) = forwarded_for(&parts.headers, *peer) {
                identity = identity.with_header(HeaderName::from_static("x-forwarded-for"), value);
            }
        }
        identity = identity.with_header(HeaderName::from_static("x-todo-client"), HeaderValue::from_static("page"));
        for name in
            [header::HOST, HeaderName::from_static("x-forwarded-proto"), HeaderName::from_static("x-request-id")]
        {
            if let Some(value) = parts.headers.get(&name) {
                let name = if name == header::HOST { HeaderName::from_static("x-forwarded-host") } else { name };
                identity = identity.with_header(name, value.clone());
            }
        }
        Ok(Self {
            client: app.client.acting_as(identity),
            language: Language::of_browser(&parts.headers),
            device: Device::of(&parts.headers),
            parts: Parts::of(&parts.headers),
            here: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        })
    }
}

/// The chain of addresses a request came through, with the peer at its end.
#[must_use]
pub fn forwarded_for(headers: &HeaderMap, peer: SocketAddr) -> Option<HeaderValue> {
    let peer = peer.ip().to_canonical().to_string();
    match headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()) {
        Some(before) => format!("{before}, {peer}").parse().ok(),
        None => peer.parse().ok(),
    }
}

impl Device {
    fn of(headers: &HeaderMap) -> Self {
        let mut device = Self::default();
        for (name, value) in cookies(headers) {
            match name {
                "theme" if matches!(value, "light" | "dark") => device.theme = value.to_owned(),
                "keys" => device.keys_off = value == "off",
                // The token, and behind the dot its signature.
                _ if name.ends_with(".session_token") => {
                    device.session = value.split('.').next().filter(|token| !token.is_empty()).map(SecretString::from);
                }
                "flash" if !value.is_empty() => {
                    let (what, operation) = value.split_once(':').unwrap_or((value, ""));
                    device.flash = Some((what.to_owned(), (!operation.is_empty()).then(|| operation.to_owned())));
                }
                _ => {}
            }
        }
        device
    }
}

/// The cookies of a request.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// A person who is signed in, and how they read.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Language of the page.
    pub language: &'static Language,
    /// How dates are written.
    pub dates: DateStyle,
    /// The profile; empty when nobody is signed in.
    pub profile: Profile,
    /// Settings of the device.
    pub device: Device,
    /// Path and query of this page, to come back to.
    pub here: String,
}

impl Reader {
    /// The reader behind a profile.
    #[must_use]
    pub fn new(visitor: &Visitor, profile: Profile) -> Self {
        let language = profile.locale.as_deref().and_then(Language::of_tag).unwrap_or(visitor.language);
        let zone = TimeZone::get(&profile.timezone).unwrap_or(TimeZone::UTC);
        let order = DateOrder::parse(&profile.date_order);
        Self {
            language,
            dates: DateStyle { language, order, now: Timestamp::now().to_zoned(zone) },
            profile,
            device: visitor.device.clone(),
            here: visitor.here.clone(),
        }
    }

    /// Someone who is not signed in.
    #[must_use]
    pub fn nobody(visitor: &Visitor) -> Self {
        Self::new(visitor, Profile::default())
    }

    /// The text in the reader's language.
    #[must_use]
    pub fn say(&self, key: crate::locale::Key) -> &'static str {
        self.language.say(key)
    }

    /// The text with its placeholders filled in.
    #[must_use]
    pub fn say_with(&self, key: crate::locale::Key, values: &[(&str, &str)]) -> String {
        self.language.say_with(key, values)
    }
}
