//! The OpenAPI document, made from the handlers and held against `openapi.json`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, fs};

use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        RefOr, Required,
        path::{ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

/// RFC 9457 problem document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
struct ProblemDocument {
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
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
struct ProblemField {
    /// Field.
    field: String,
    /// What is wrong.
    detail: String,
    /// Machine-readable reason.
    code: String,
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
fn frame() -> utoipa::openapi::OpenApi {
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
fn describe_user_routes(document: &mut utoipa::openapi::OpenApi) {
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

#[test]
fn the_document_is_what_the_handlers_say() {
    let mut document = crate::router::documented().describe(frame());
    describe_user_routes(&mut document);
    let made = document.to_pretty_json().unwrap() + "\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(file, &made).unwrap();
    }
    let written = fs::read_to_string(file).unwrap();
    assert!(
        made == written,
        "openapi.json is not what the handlers say; write it anew: UPDATE_OPENAPI=1 cargo test -p todo-server --lib openapi"
    );
    assert!(super::document() == written.as_bytes(), "what is served is what stood there when this was compiled");
}
