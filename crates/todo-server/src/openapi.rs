//! The OpenAPI 3.1 document, made from the handlers.

use std::collections::BTreeMap;

use axum::{Router, extract::State, http::header, routing::get};
use serde::Serialize;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
        path::{ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

/// RFC 9457 problem document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Kind of problem.
    r#type: String,
    /// Name of the status.
    title: String,
    /// HTTP status.
    status: u16,
    /// One sentence for people.
    detail: String,
    /// Machine-readable reason.
    error_code: String,
    /// The same.
    code: String,
    /// The field to blame.
    field: Option<String>,
    /// All that is wrong with the input.
    errors: Option<Vec<ProblemField>>,
    /// For the operator's log.
    request_id: Option<String>,
}

/// One thing wrong with the input.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// Field.
    field: String,
    /// What is wrong.
    detail: String,
    /// Machine-readable reason.
    code: String,
}

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

#[derive(OpenApi)]
#[openapi(
    info(title = "todo", description = "Tasks that people talk to. Every change can be undone: see the header `Operation-Id`."),
    components(schemas(ProblemDocument, ProblemField)),
    modifiers(&Security),
    security(("bearer" = []), ("session" = [])),
)]
struct Document;

/// The frame of the document, to which the routes are added.
#[must_use]
pub fn frame() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.info.license = None;
    document
}

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let cookie = ApiKey::Cookie(ApiKeyValue::new("better-auth.session_token"));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

/// Names `user_id` as a parameter of the routes below `/api/{user_id}`.
pub fn describe_user_routes(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        if path.starts_with("/api/{user_id}/") {
            let parameter = ParameterBuilder::new()
                .name("user_id")
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some("The signed-in user; any other is refused with 403"))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .build();
            item.parameters.get_or_insert_default().push(RefOr::T(parameter));
        }
    }
}

/// `GET /openapi.json` and the page at `/docs`.
pub fn router(document: &utoipa::openapi::OpenApi) -> Result<Router, serde_json::Error> {
    let json: bytes::Bytes = serde_json::to_vec(document)?.into();
    let page: bytes::Bytes = crate::docs::page(&serde_json::to_value(document)?).into();
    Ok(Router::new()
        .route(
            "/openapi.json",
            get(async |State(body): State<bytes::Bytes>| ([(header::CONTENT_TYPE, "application/json")], body)),
        )
        .with_state(json)
        .merge(
            Router::new()
                .route(
                    "/docs",
                    get(async |State(body): State<bytes::Bytes>| {
                        (
                            [
                                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                                (header::CONTENT_SECURITY_POLICY, crate::docs::POLICY),
                            ],
                            body,
                        )
                    }),
                )
                .with_state(page),
        ))
}
