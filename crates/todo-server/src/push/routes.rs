//! Subscriptions of browsers over REST.

use axum::{extract::State, http::HeaderMap};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use todo_service::Problem;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{encrypt::Receiver, endpoint};
use crate::{
    caller::Caller,
    errors::problem,
    extract::{Json, Path},
    openapi::Refusals,
    routes::{Routes, routes},
    state::AppState,
};

/// Longest `User-Agent` that is kept, in characters.
const USER_AGENT_MAX: usize = 256;

/// The key by which browsers know this server.
#[derive(Debug, Serialize, ToSchema)]
struct PushKey {
    /// Base64url; `applicationServerKey` of `PushManager.subscribe`.
    public_key: String,
    /// The same, under the name that other clients know.
    #[serde(rename = "publicKey")]
    public_key_camel: String,
}

/// What `PushSubscription.toJSON` gives; also accepted as the value of `subscription`.
#[derive(Debug, Deserialize, ToSchema)]
struct SubscriptionInput {
    /// Address at the push service.
    #[serde(default)]
    endpoint: Option<String>,
    /// The browser's keys.
    #[serde(default)]
    keys: Option<Keys>,
    /// The same again, wrapped.
    #[serde(default)]
    #[schema(no_recursion)]
    subscription: Option<Box<SubscriptionInput>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PushKeys)]
struct Keys {
    /// Public key, base64url.
    p256dh: String,
    /// Shared secret, base64url.
    auth: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Subscribed {
    subscription_id: Uuid,
}

#[derive(Debug, Serialize, ToSchema)]
struct Unsubscribed {
    /// Always true; without such a subscription the answer is 404.
    deleted: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
struct EndpointInput {
    /// Address at the push service.
    endpoint: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct SubscriptionPath {
    /// Id of the subscription.
    subscription: Uuid,
}

/// The routes of web push.
pub fn router() -> Routes {
    Routes::new().routes(routes!(key)).routes(routes!(subscribe, unsubscribe)).routes(routes!(delete))
}

fn switched_off() -> Problem {
    Problem::not_found("PUSH_OFF", "This server sends no reminders to browsers: it has no VAPID_PRIVATE_KEY.")
}

/// Get the server's key for push subscriptions
#[utoipa::path(get, path = "/push/vapid-key", tag = "push", responses((status = 200, body = PushKey), Refusals))]
async fn key(_: Caller, State(state): State<AppState>) -> Result<Json<PushKey>, Problem> {
    let vapid = state.config.push.vapid.as_ref().ok_or_else(switched_off)?;
    let public_key = vapid.public().to_owned();
    Ok(Json(PushKey { public_key_camel: public_key.clone(), public_key }))
}

/// Send reminders to a browser
///
/// The same endpoint again takes the new keys and keeps its id.
#[utoipa::path(post, path = "/push/subscribe", tag = "push", request_body = SubscriptionInput,
    responses((status = 201, body = Subscribed), Refusals))]
async fn subscribe(
    caller: Caller,
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(input): Json<SubscriptionInput>,
) -> Result<(StatusCode, Json<Subscribed>), Problem> {
    let push = &state.config.push;
    push.vapid.as_ref().ok_or_else(switched_off)?;
    let input = input.subscription.map_or_else(|| SubscriptionInput { subscription: None, ..input }, |inner| *inner);
    let missing = |field: &str| Problem::invalid(field.to_owned(), format!("`{field}` must be there."));
    let endpoint = input.endpoint.ok_or_else(|| missing("endpoint"))?;
    let keys = input.keys.ok_or_else(|| missing("keys"))?;
    let url = endpoint::parse(&endpoint, push.anywhere)
        .map_err(|wrong| Problem::invalid("endpoint", format!("`endpoint` {wrong}.")))?;
    Receiver::parse(&keys.p256dh, &keys.auth)
        .map_err(|(field, wrong)| Problem::invalid(field, format!("`{field}` {wrong}.")))?;
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent: Option<String> = agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect());
    let kept = caller
        .scope
        .add_push_subscription(url.as_str(), &keys.p256dh, &keys.auth, agent.as_deref(), caller.now.timestamp())
        .await
        .map_err(problem)?;
    Ok((StatusCode::CREATED, Json(Subscribed { subscription_id: kept.id })))
}

/// Stop reminders to a browser, by its endpoint
#[utoipa::path(delete, path = "/push/subscribe", tag = "push", request_body = EndpointInput,
    responses((status = 200, body = Unsubscribed), Refusals))]
async fn unsubscribe(caller: Caller, Json(input): Json<EndpointInput>) -> Result<Json<Unsubscribed>, Problem> {
    // Kept as it was parsed.
    let endpoint = url::Url::parse(&input.endpoint).map_or(input.endpoint, |url| url.to_string());
    answer(caller.scope.delete_push_endpoint(&endpoint).await.map_err(problem)?)
}

/// Stop reminders to a browser, by the id of its subscription
#[utoipa::path(delete, path = "/push/subscribe/{subscription}", tag = "push", params(SubscriptionPath),
    responses((status = 200, body = Unsubscribed), Refusals))]
async fn delete(caller: Caller, Path(path): Path<SubscriptionPath>) -> Result<Json<Unsubscribed>, Problem> {
    answer(caller.scope.delete_push_subscription(path.subscription).await.map_err(problem)?)
}

fn answer(deleted: bool) -> Result<Json<Unsubscribed>, Problem> {
    if deleted {
        return Ok(Json(Unsubscribed { deleted }));
    }
    Err(Problem::not_found("NOT_FOUND", "There is no such subscription."))
}
