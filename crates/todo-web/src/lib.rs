//! The page: HTML rendered in Rust, made lively by small ES modules, fully usable without them.
//!
//! [`router`] answers the pages, their forms and their assets. It speaks to the backend only through [`todo_client::Client`], so it
//! runs in front of a backend elsewhere (with [`proxy::router`] passing the API through) or in one process with it.

pub mod assets;
pub mod config;
mod form;
mod headers;
pub mod locale;
mod markdown;
mod origin;
mod page;
pub mod proxy;
mod view;
mod visitor;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use todo_client::Client;
use tower_http::compression::{CompressionLayer, CompressionLevel};

pub use config::WebConfig;

/// What every handler knows.
#[derive(Clone, Debug)]
pub(crate) struct App {
    client: Client,
    config: WebConfig,
}

/// All pages, forms and assets. What is none of these is answered with a page that says so, unless another fallback is set.
pub fn router(config: WebConfig, client: Client) -> Router {
    let https = config.is_https();
    let checked = config.clone();
    Router::new()
        .merge(pages())
        .merge(forms())
        .fallback(page::problem::missing)
        .layer(middleware::from_fn(move |request, next| origin::check(checked.clone(), request, next)))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .layer(middleware::from_fn(move |request, next| headers::secure(https, request, next)))
        .merge(files().layer(middleware::from_fn(headers::plain)))
        .with_state(App { client, config })
}

fn pages() -> Router<App> {
    Router::new()
        .route("/", get(page::home))
        .route("/today", get(page::list::today))
        .route("/upcoming", get(page::list::upcoming))
        .route("/overdue", get(page::list::overdue))
        .route("/inbox", get(page::list::inbox))
        .route("/all", get(page::list::all))
        .route("/completed", get(page::list::completed))
        .route("/search", get(page::list::search))
        .route("/project/{id}", get(page::list::project))
        .route("/label/{name}", get(page::list::label))
        .route("/filter/{id}", get(page::list::filter))
        .route("/task/{task}", get(page::task::show))
        .route("/chat", get(page::chat::show))
        .route("/history", get(page::history::show))
        .route("/stats", get(page::stats::show))
        .route("/settings", get(page::settings::show))
        .route("/sign-in", get(page::sign::sign_in))
        .route("/sign-up", get(page::sign::sign_up))
        .route("/forgot-password", get(page::recover::forgot))
        .route("/reset-password", get(page::recover::reset))
        .route("/verified", get(page::recover::verified))
        .route("/offline", get(page::problem::offline))
}

fn forms() -> Router<App> {
    Router::new()
        .route("/sign-in", post(form::session::sign_in))
        .route("/sign-up", post(form::session::sign_up))
        .route("/sign-out", post(form::session::sign_out))
        .route("/forgot-password", post(form::recover::forgot))
        .route("/reset-password", post(form::recover::reset))
        .route("/verify-email", post(form::recover::verify))
        .route("/tasks", post(form::tasks::add))
        .route("/tasks/bulk", post(form::tasks::bulk))
        .route("/tasks/{task}", post(form::tasks::edit))
        .route("/tasks/{task}/complete", post(form::tasks::complete))
        .route("/tasks/{task}/reopen", post(form::tasks::reopen))
        .route("/tasks/{task}/delete", post(form::tasks::delete))
        .route("/undo/{operation}", post(form::tasks::undo))
        .route("/projects", post(form::organise::create_project))
        .route("/projects/{id}", post(form::organise::rename_project))
        .route("/projects/{id}/delete", post(form::organise::delete_project))
        .route("/labels", post(form::organise::create_label))
        .route("/labels/{id}", post(form::organise::rename_label))
        .route("/labels/{id}/delete", post(form::organise::delete_label))
        .route("/filters", post(form::organise::create_filter))
        .route("/filters/{id}", post(form::organise::update_filter))
        .route("/filters/{id}/delete", post(form::organise::delete_filter))
        .route("/settings/profile", post(form::settings::profile))
        .route("/settings/device", post(form::settings::device))
        .route("/settings/email", post(form::settings::change_email))
        .route("/settings/email/confirm", post(form::settings::confirm_email))
        .route("/settings/password", post(form::settings::password))
        .route("/settings/devices/revoke", post(form::settings::revoke_device))
        .route("/settings/tokens", post(form::settings::create_token))
        .route("/settings/tokens/{id}/revoke", post(form::settings::revoke_token))
        .route("/settings/import", post(form::settings::import))
        .route("/settings/delete", post(form::settings::delete_account))
}

fn files() -> Router<App> {
    Router::new()
        .route("/assets/{hash}/{name}", get(assets::serve))
        .route("/sw.js", get(page::fixed::service_worker))
        .route("/manifest.webmanifest", get(page::fixed::manifest))
        .route("/favicon.ico", get(page::fixed::icon))
        .route("/robots.txt", get(page::fixed::robots))
        .route("/config.json", get(page::fixed::config))
}
