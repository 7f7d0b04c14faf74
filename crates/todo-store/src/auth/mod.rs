//! Tables of accounts: Better Auth's (`user`, `session`, `account`, `verification`, `jwks`, `rateLimit`, with its camelCase
//! columns, so that its database can be taken over) and ours (`api_tokens`, `audit`).
//!
//! They belong to no user's data, so every statement runs as [`Identity::System`](crate::db::Identity::System) and names the user
//! itself. Tokens are only ever stored as digests, which the caller makes.

pub mod accounts;
pub mod api_tokens;
pub mod audit;
pub mod erase;
pub mod jwks;
pub mod limits;
pub mod sessions;
pub mod users;
pub mod verifications;
