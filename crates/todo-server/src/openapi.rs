//! The OpenAPI 3.1 document: `openapi.json` beside the sources, which a test makes from the handlers.

#[cfg(test)]
mod made;

use std::{collections::BTreeMap, io::Read as _, sync::OnceLock};

use axum::{Router, http::header, routing::get};
use bytes::Bytes;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// The refusals that every handler may give.
pub struct Refusals;

impl utoipa::IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [
            ("400", "The request can't be read"),
            ("401", "Not signed in"),
            ("403", "Not allowed"),
            ("404", "Not found, or not yours"),
            ("409", "In conflict with what is there"),
            ("412", "Not the version that `If-Match` demands"),
            ("413", "Too large"),
            ("415", "Not JSON"),
            ("422", "A value is wrong; `field` names it"),
            ("429", "Too many requests; see `Retry-After`"),
            ("503", "The database can't be reached right now; see `Retry-After`"),
        ]
        .into_iter()
        .map(|(status, description)| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDocument"))).build();
            let response =
                ResponseBuilder::new().description(description).content("application/problem+json", content).build();
            (status.to_owned(), RefOr::T(response))
        })
        .collect()
    }
}

/// The document as JSON. Kept compressed until somebody asks.
pub fn document() -> Bytes {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let read = || {
        let mut document = Vec::new();
        let compressed: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));
        // What the build wrote reads back; a test has held it against the file.
        let _ = flate2::read::GzDecoder::new(compressed).read_to_end(&mut document);
        document.into()
    };
    DOCUMENT.get_or_init(read).clone()
}

/// The document as a page.
fn page() -> Bytes {
    static PAGE: OnceLock<Bytes> = OnceLock::new();
    // JSON, by the same test.
    PAGE.get_or_init(|| crate::docs::page(&serde_json::from_slice(&document()).unwrap_or_default()).into()).clone()
}

/// `GET /openapi.json` and the page at `/docs`.
pub fn router() -> Router {
    let html =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, crate::docs::POLICY)];
    Router::new()
        .route("/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], document())))
        .route("/docs", get(async move || (html, page())))
}
