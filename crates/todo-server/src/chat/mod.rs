//! Chat over REST.

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// The routes of chat.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
