//! Sessions: made, found, extended, listed and ended. Seven days, sliding; a day when the user does not want to be remembered.

use jiff::Timestamp;
use todo_store::auth::sessions::{self, Live, Session};
use todo_store::auth::users::User;

use crate::audit::Action;
use crate::error::{AuthError, Refusal};
use crate::random;
use crate::service::{Auth, Client, after};

const DAY: i64 = 24 * 3600;
/// How long a session lives since it was made or extended.
pub const LIFETIME_SECONDS: i64 = 7 * DAY;
/// How long one lives that is not to be remembered.
const SHORT_LIFETIME_SECONDS: i64 = DAY;
/// A session is extended when this much of its life has passed.
const UPDATE_AGE_SECONDS: i64 = DAY;
/// How long a session counts as fresh, which sensitive requests ask for.
const FRESH_SECONDS: i64 = DAY;
/// A session is never extended beyond this age: 30 days after the sign-in (OWASP ASVS 7.3.2 wants a limit).
const ABSOLUTE_SECONDS: i64 = 30 * DAY;

/// A session that was just made; the only moment at which its token is known.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The secret for the cookie.
    pub token: String,
    /// The stored part.
    pub session: Session,
    /// Whether it outlives the browser.
    pub remember: bool,
}

/// What a token stands for.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// A live session.
    Live(Box<Live>),
    /// Nothing, or a session that has ended.
    Gone,
}

impl Auth {
    /// Makes a session for the user.
    ///
    /// # Errors
    /// The database's.
    pub async fn start_session(&self, user: &User, remember: bool, client: &Client) -> Result<NewSession, AuthError> {
        let now = self.now();
        let token = random::id();
        let lifetime = if remember { LIFETIME_SECONDS } else { SHORT_LIFETIME_SECONDS };
        let session = Session {
            id: random::id(),
            digest: random::digest(&token),
            user_id: user.id.clone(),
            expires_at: after(now, lifetime),
            created_at: now,
            updated_at: now,
            ip_address: Some(client.ip_text().unwrap_or_default()),
            user_agent: Some(client.user_agent.clone().unwrap_or_default()),
        };
        sessions::create(self.store(), &session).await?;
        Ok(NewSession { token, session, remember })
    }

    /// The session of a raw token, in one indexed read. A locked user has none.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_session(&self, token: &str) -> Result<Lookup, AuthError> {
        let found = sessions::find(self.store(), &random::digest(token)).await?;
        Ok(match found {
            Some(live) if live.session.expires_at > self.now() && !live.user.locked => Lookup::Live(Box::new(live)),
            _ => Lookup::Gone,
        })
    }

    /// Extends the session if it is due: when a day of its life has passed. Answers whether it was extended.
    ///
    /// # Errors
    /// The database's.
    pub async fn extend_if_due(&self, live: &mut Live) -> Result<bool, AuthError> {
        let now = self.now();
        let Some(end) = extended_end(&live.session, now) else { return Ok(false) };
        if !sessions::extend(self.store(), &live.session.id, end, now).await? {
            return Ok(false);
        }
        live.session.expires_at = end;
        live.session.updated_at = now;
        Ok(true)
    }

    /// Demands that the user signed in within the last day.
    ///
    /// # Errors
    /// `refusal` otherwise.
    pub fn require_fresh(&self, session: &Session, refusal: Refusal) -> Result<(), AuthError> {
        if after(session.created_at, FRESH_SECONDS) > self.now() { Ok(()) } else { Err(refusal.into()) }
    }

    /// The user's live sessions, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_sessions(&self, user: &str) -> Result<Vec<Session>, AuthError> {
        Ok(sessions::list(self.store(), user, self.now()).await?)
    }

    /// Ends the session of a raw token.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_session(&self, token: &str) -> Result<Option<String>, AuthError> {
        Ok(sessions::delete(self.store(), &random::digest(token)).await?)
    }

    /// Signs out: ends the session of a raw token.
    ///
    /// # Errors
    /// The database's.
    pub async fn sign_out(&self, token: &str, client: &Client) -> Result<(), AuthError> {
        if let Some(user) = self.end_session(token).await? {
            self.record(Action::SignOut, "ok", Some(&user), client, None).await;
        }
        Ok(())
    }

    /// Signs out the session that an access token was minted for, or that a bearer value names itself.
    ///
    /// # Errors
    /// The database's; [`Refusal::Unauthorized`] when it stands for no session.
    pub async fn sign_out_bearer(&self, bearer: &str, client: &Client) -> Result<(), AuthError> {
        if bearer.split('.').count() != 3 {
            let token = self.session_token(bearer).ok_or(Refusal::Unauthorized)?;
            return self.sign_out(&token, client).await;
        }
        let verified = self.verify(bearer).await?.map_err(|_| Refusal::Unauthorized)?;
        let session = verified.claims.session.filter(|_| verified.ours).ok_or(Refusal::Unauthorized)?;
        let user = verified.claims.subject;
        if sessions::delete_of_user(self.store(), &user, "", &session).await? {
            self.record(Action::SignOut, "ok", Some(&user), client, None).await;
        }
        Ok(())
    }

    /// Ends one of the user's sessions, named by its token or by its handle (its id). A foreign or unknown one is left alone.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke_one(&self, user: &str, token_or_handle: &str, client: &Client) -> Result<(), AuthError> {
        let digest = random::digest(token_or_handle);
        if sessions::delete_of_user(self.store(), user, &digest, token_or_handle).await? {
            self.record(Action::SessionsRevoked, "ok", Some(user), client, None).await;
        }
        Ok(())
    }

    /// Ends all of the user's sessions, or all but the one with the id `except`.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke_many(&self, user: &str, except: Option<&str>, client: &Client) -> Result<(), AuthError> {
        if self.revoke_sessions(user, except).await? > 0 {
            self.record(Action::SessionsRevoked, "ok", Some(user), client, None).await;
        }
        Ok(())
    }

    pub(crate) async fn revoke_sessions(&self, user: &str, except: Option<&str>) -> Result<u64, AuthError> {
        Ok(sessions::delete_all(self.store(), user, except).await?)
    }
}

/// The new end of a session that is due to be extended.
fn extended_end(session: &Session, now: Timestamp) -> Option<Timestamp> {
    let due = after(session.expires_at, UPDATE_AGE_SECONDS - LIFETIME_SECONDS) <= now;
    let end = after(now, LIFETIME_SECONDS).min(after(session.created_at, ABSOLUTE_SECONDS));
    (due && end > session.expires_at).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(created: i64, expires: i64) -> Session {
        let at = |day: i64| Timestamp::from_second(day * DAY).expect("time");
        Session {
            id: "s".into(),
            digest: "d".into(),
            user_id: "u".into(),
            expires_at: at(expires),
            created_at: at(created),
            updated_at: at(created),
            ip_address: None,
            user_agent: None,
        }
    }

    #[test]
    fn extension_is_due_after_a_day_and_ends_after_thirty() {
        let day = |n: i64| Timestamp::from_second(n * DAY).expect("time");
        assert_eq!(extended_end(&session(100, 107), after(day(101), -1)), None);
        assert_eq!(extended_end(&session(100, 107), day(101)), Some(day(108)));
        assert_eq!(extended_end(&session(100, 128), day(125)), Some(day(130)), "capped at thirty days");
        assert_eq!(extended_end(&session(100, 130), day(129)), None, "nothing to gain");
        assert_eq!(extended_end(&session(10, 107), day(105)), None, "an adopted old session ends when it was to end");
    }
}
