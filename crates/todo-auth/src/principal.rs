//! Who is asking, and with what kind of proof.

use std::fmt;

use todo_domain::{Settings, id::UserId};
use todo_store::auth::sessions::Live;
use todo_store::auth::users::User;

use crate::api_tokens;
use crate::error::AuthError;
use crate::issuer::TokenError;
use crate::service::{Auth, Client};
use crate::sessions::Lookup;

/// What a credential may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Reading.
    Read,
    /// Changing; includes reading.
    Write,
    /// The MCP endpoint.
    Mcp,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Mcp];

    /// The name in tokens and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Mcp => "mcp",
        }
    }
}

/// A set of [`Scope`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    read: bool,
    write: bool,
    mcp: bool,
}

impl Scopes {
    /// Everything: what a person has who is signed in.
    pub const ALL: Self = Self { read: true, write: true, mcp: true };

    /// Reads names separated by spaces or commas.
    ///
    /// # Errors
    /// The first name that is no scope.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut scopes = Self::default();
        for name in text.split([' ', ',']).filter(|name| !name.is_empty()) {
            match Scope::ALL.into_iter().find(|scope| scope.name() == name) {
                Some(Scope::Read) => scopes.read = true,
                Some(Scope::Write) => (scopes.read, scopes.write) = (true, true),
                Some(Scope::Mcp) => scopes.mcp = true,
                None => return Err(name.to_owned()),
            }
        }
        Ok(scopes)
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        match scope {
            Scope::Read => self.read,
            Scope::Write => self.write,
            Scope::Mcp => self.mcp,
        }
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        !(self.read || self.write || self.mcp)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Scope::ALL.into_iter().filter(|scope| self.has(*scope)).map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
}

/// The kind of proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A session, by cookie or bearer; its id.
    Session(String),
    /// A personal API token; its id.
    ApiToken(String),
    /// A signed token.
    Jwt,
    /// The owner of the machine, in the same process: set by the command line, which no request can be.
    LocalOwner,
}

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Who.
    pub user_id: UserId,
    /// By what proof.
    pub proof: Proof,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Their account; absent for users of a foreign issuer, whom we have no account of.
    pub user: Option<User>,
    /// Their preferences, where the proof brought them along.
    pub settings: Option<Settings>,
}

impl Principal {
    /// The owner of the machine.
    #[must_use]
    pub const fn local_owner(user_id: UserId) -> Self {
        Self { user_id, proof: Proof::LocalOwner, scopes: Scopes::ALL, user: None, settings: None }
    }

    pub(crate) fn of_session(live: Live) -> Self {
        Self {
            user_id: UserId::new(live.user.id.clone()),
            proof: Proof::Session(live.session.id),
            scopes: Scopes::ALL,
            user: Some(live.user),
            settings: Some(live.settings),
        }
    }
}

/// Why nobody is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPrincipal {
    /// A credential was given, and its time is over.
    Expired,
    /// A credential was given that is worth nothing.
    Invalid,
}

impl Auth {
    /// Who a `Authorization: Bearer` value stands for: a personal token, a signed token, a signed session token, or a bare one.
    ///
    /// Costs one indexed read at most (two for a token whose key is not known yet).
    ///
    /// # Errors
    /// The outer error is the database's.
    pub async fn authenticate_bearer(
        &self,
        bearer: &str,
        client: &Client,
    ) -> Result<Result<Principal, NoPrincipal>, AuthError> {
        if bearer.starts_with(api_tokens::PREFIX) {
            let Some(live) = self.find_token(bearer, client).await? else { return Ok(Err(NoPrincipal::Invalid)) };
            return Ok(Ok(Principal {
                user_id: UserId::new(live.user.id.clone()),
                proof: Proof::ApiToken(live.token.id),
                scopes: Scopes::parse(&live.token.scopes).unwrap_or_default(),
                user: Some(live.user),
                settings: Some(live.settings),
            }));
        }
        if bearer.split('.').count() == 3 {
            return self.authenticate_jwt(bearer).await;
        }
        match self.session_token(bearer) {
            Some(token) => self.authenticate_session(&token).await,
            None => Ok(Err(NoPrincipal::Invalid)),
        }
    }

    /// The raw session token in a bearer value: itself, or what its signature covers (perhaps percent-encoded).
    #[must_use]
    pub fn session_token(&self, bearer: &str) -> Option<String> {
        if !bearer.contains('.') {
            let plain = bearer.bytes().all(|byte| byte.is_ascii_graphic()) && !bearer.is_empty() && bearer.len() <= 256;
            return plain.then(|| bearer.to_owned());
        }
        let decoded = crate::cookie::percent_decode(bearer);
        self.signer().open(&decoded).map(str::to_owned)
    }

    /// Who a raw session token stands for.
    ///
    /// # Errors
    /// The outer error is the database's.
    pub async fn authenticate_session(&self, token: &str) -> Result<Result<Principal, NoPrincipal>, AuthError> {
        Ok(match self.find_session(token).await? {
            Lookup::Live(live) => Ok(Principal::of_session(*live)),
            Lookup::Gone => Err(NoPrincipal::Invalid),
        })
    }

    async fn authenticate_jwt(&self, token: &str) -> Result<Result<Principal, NoPrincipal>, AuthError> {
        let verified = match self.verify(token).await? {
            Ok(verified) => verified,
            Err(TokenError::Expired) => return Ok(Err(NoPrincipal::Expired)),
            Err(TokenError::Invalid) => return Ok(Err(NoPrincipal::Invalid)),
        };
        let subject = verified.claims.subject;
        if subject.len() > UserId::MAX_LEN {
            return Ok(Err(NoPrincipal::Invalid));
        }
        let (user, settings) = match verified.claims.session.filter(|_| verified.ours) {
            Some(session) => match self.session_by_id(&session).await? {
                Some(live) if live.user.id == subject => (Some(live.user), Some(live.settings)),
                _ => return Ok(Err(NoPrincipal::Invalid)),
            },
            None => (self.user(&subject).await?, None),
        };
        // A token of ours whose user is gone is worth nothing; a foreign issuer's users need no account here.
        let known = user.is_some() || !verified.ours;
        let locked = user.as_ref().is_some_and(|user| user.locked);
        if locked || !known {
            return Ok(Err(NoPrincipal::Invalid));
        }
        Ok(Ok(Principal { user_id: UserId::new(subject), proof: Proof::Jwt, scopes: Scopes::ALL, user, settings }))
    }

    async fn session_by_id(&self, id: &str) -> Result<Option<Live>, AuthError> {
        let live = todo_store::auth::sessions::find_by_id(self.store(), id).await?;
        Ok(live.filter(|live| live.session.expires_at > self.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_and_print() {
        assert_eq!(Scopes::parse("mcp read").expect("scopes").to_string(), "read mcp");
        assert_eq!(Scopes::parse("write").expect("scopes").to_string(), "read write");
        assert_eq!(Scopes::parse("read,mcp").expect("scopes").to_string(), "read mcp");
        assert_eq!(Scopes::parse("admin"), Err("admin".to_owned()));
        assert!(Scopes::parse("").expect("none").is_empty());
        assert_eq!(Scopes::ALL.to_string(), "read write mcp");
    }
}
