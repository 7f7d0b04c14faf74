//! Routers of handlers that describe themselves by `#[utoipa::path]`.
//!
//! What makes the OpenAPI document out of them is larger than the document, so it runs only in the test that writes it down
//! (see [`crate::openapi`]), and no program carries it.

use axum::{Router, handler::Handler, routing::MethodRouter};
use utoipa_axum::PathItemExt;

use crate::state::AppState;

/// Several paths with their handlers.
#[derive(Default)]
pub struct Routes {
    router: Router<AppState>,
    #[cfg(test)]
    described: utoipa_axum::router::OpenApiRouter<AppState>,
}

impl Routes {
    /// No path yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a path; see [`routes!`].
    #[must_use]
    pub fn routes(self, group: Group) -> Self {
        Self {
            router: self.router.route(&group.path, group.handlers),
            #[cfg(test)]
            described: self.described.routes(group.described),
        }
    }

    /// Adds the paths of `other`.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            router: self.router.merge(other.router),
            #[cfg(test)]
            described: self.described.merge(other.described),
        }
    }

    /// Adds the paths of `other` below `prefix`.
    #[must_use]
    pub fn nest(self, prefix: &str, other: Self) -> Self {
        Self {
            router: self.router.nest(prefix, other.router),
            #[cfg(test)]
            described: self.described.nest(prefix, other.described),
        }
    }

    /// What answers requests.
    pub fn into_router(self) -> Router<AppState> {
        self.router
    }

    /// What the handlers say of themselves, added to `frame`.
    #[cfg(test)]
    pub fn describe(self, frame: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
        utoipa_axum::router::OpenApiRouter::with_openapi(frame).merge(self.described).into_openapi()
    }
}

/// The handlers of one path.
#[derive(Default)]
pub struct Group {
    path: String,
    handlers: MethodRouter<AppState>,
    #[cfg(test)]
    described: utoipa_axum::router::UtoipaMethodRouter<AppState>,
}

impl Group {
    /// Adds a handler that is described by `P`.
    #[must_use]
    pub fn with<P: utoipa::Path, T: 'static>(self, handler: impl Handler<T, AppState>) -> Self {
        let path = P::path();
        debug_assert!(self.path.is_empty() || self.path == path, "{path} beside {}", self.path);
        let handlers = P::methods()
            .iter()
            .fold(self.handlers, |handlers, method| handlers.on(method.to_method_filter(), handler.clone()));
        Self {
            path,
            handlers,
            #[cfg(test)]
            described: self.described,
        }
    }

    /// Notes what the handlers say of themselves.
    #[cfg(test)]
    #[must_use]
    pub fn described(self, described: utoipa_axum::router::UtoipaMethodRouter<AppState>) -> Self {
        Self { described, ..self }
    }
}

/// The [`Group`] of handlers that share a path: `routes!(list, create)`, `routes!(module::update)`.
macro_rules! routes {
    ($($first:ident $(:: $rest:ident)*),+ $(,)?) => {{
        let group = $crate::routes::Group::default();
        $(let group = $crate::routes::routes!(@add group [] $first $($rest)*);)+
        #[cfg(test)]
        let group = group.described(utoipa_axum::routes!($($first $(:: $rest)*),+));
        group
    }};
    (@add $group:ident [$($module:ident)*] $handler:ident) => {
        utoipa_axum::paste! {
            $group.with::<$($module::)* [<__path_ $handler>], _>($($module::)* $handler)
        }
    };
    (@add $group:ident [$($module:ident)*] $next:ident $($rest:ident)+) => {
        $crate::routes::routes!(@add $group [$($module)* $next] $($rest)+)
    };
}

pub(crate) use routes;
