//! Personal API tokens: `todo_` and 43 random characters, shown once, with scopes and an optional end.

use futures::FutureExt as _;
use jiff::Timestamp;
use todo_store::auth::api_tokens::{self, ApiToken, Live};

use crate::audit::Action;
use crate::error::{AuthError, Refusal};
use crate::principal::Scopes;
use crate::random;
use crate::service::{Auth, Client, after};

/// What every token starts with, so that leaked ones can be recognised.
pub const PREFIX: &str = "todo_";
/// Random characters after the prefix: 256 bits.
const RANDOM_LENGTH: usize = 43;
/// Tokens that one user may have.
const PER_USER: i64 = 50;
/// Longest name, in characters.
const NAME_LENGTH: usize = 100;
/// The use of a token is noted at most this often.
const NOTE_SECONDS: i64 = 300;

/// A token that was just made; the only moment at which its secret is known.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The secret.
    pub secret: String,
    /// The stored part.
    pub token: ApiToken,
}

impl Auth {
    /// Makes a token for the user.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] for a bad name, no scope or an end in the past; [`Refusal::TooManyTokens`]; the database's.
    pub async fn create_token(
        &self,
        user: &str,
        name: &str,
        scopes: Scopes,
        expires_at: Option<Timestamp>,
        client: &Client,
    ) -> Result<NewToken, AuthError> {
        let now = self.now();
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_LENGTH || name.chars().any(char::is_control) {
            return Err(AuthError::Invalid(format!("[body.name] Give a name of 1 to {NAME_LENGTH} characters")));
        }
        if scopes.is_empty() {
            return Err(AuthError::Invalid("[body.scopes] Choose at least one of read, write, mcp".to_owned()));
        }
        if expires_at.is_some_and(|end| end <= now) {
            return Err(AuthError::Invalid("[body.expiresAt] The end must be in the future".to_owned()));
        }
        let secret = format!("{PREFIX}{}", random::alphanumeric(RANDOM_LENGTH));
        let token = ApiToken {
            id: random::id(),
            user_id: user.to_owned(),
            name: name.to_owned(),
            hint: secret[secret.len() - 4..].to_owned(),
            scopes: scopes.to_string(),
            created_at: now,
            expires_at,
            last_used_at: None,
        };
        if !api_tokens::create(self.store(), &token, &random::digest(&secret), PER_USER).await? {
            return Err(Refusal::TooManyTokens.into());
        }
        self.record(Action::TokenCreated, "ok", Some(user), client, Some(token.name.clone())).await;
        Ok(NewToken { secret, token })
    }

    /// The token of this secret with its user, if it may be used now; notes its use.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_token(&self, secret: &str, client: &Client) -> Result<Option<Live>, AuthError> {
        let now = self.now();
        let found = api_tokens::find(self.store(), &random::digest(secret)).await?;
        let usable = found.filter(|live| live.token.expires_at.is_none_or(|end| end > now) && !live.user.locked);
        if let Some(live) = &usable
            && live.token.last_used_at.is_none_or(|at| after(at, NOTE_SECONDS) <= now)
        {
            let (auth, id, user) = (self.clone(), live.token.id.clone(), live.user.id.clone());
            let (name, client) = (live.token.name.clone(), client.clone());
            // Not awaited: the request need not wait for a note.
            tokio::spawn(
                async move {
                    if let Err(error) = api_tokens::touch(auth.store(), &id, now).await {
                        tracing::warn!(%error, "the use of a token could not be noted");
                    }
                    auth.record(Action::TokenUsed, "ok", Some(&user), &client, Some(name)).await;
                }
                .boxed(),
            );
        }
        Ok(usable)
    }

    /// The user's tokens, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_tokens(&self, user: &str) -> Result<Vec<ApiToken>, AuthError> {
        Ok(api_tokens::list(self.store(), user).await?)
    }

    /// Removes one of the user's tokens.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the user has no such token; the database's.
    pub async fn revoke_token(&self, user: &str, id: &str, client: &Client) -> Result<(), AuthError> {
        if !api_tokens::delete(self.store(), user, id).await? {
            return Err(Refusal::NotFound.into());
        }
        self.record(Action::TokenRevoked, "ok", Some(user), client, None).await;
        Ok(())
    }
}
