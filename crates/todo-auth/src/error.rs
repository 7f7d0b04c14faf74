//! Why an authentication request is refused: one enum, with the status, code and sentence that Better Auth's clients know.

use todo_store::StoreError;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Something the caller sent is refused for a listed reason.
    #[error("{}", .0.message())]
    Refused(Refusal),
    /// Fields of the body are missing or malformed; the text lists them all.
    #[error("{0}")]
    Invalid(String),
    /// Too many requests; try again after this many seconds.
    #[error("Too many requests. Please try again later.")]
    RateLimited {
        /// Seconds until the next request is let through, at least 1.
        retry_after: i64,
    },
    /// Too many passwords are being checked at this moment.
    #[error("Too many requests. Please try again later.")]
    Busy,
    /// The account refuses sign-ins for a while after repeated failures. Shown only by the Phase III form.
    #[error("Account is temporarily locked after repeated failed sign-ins")]
    Locked {
        /// Seconds until sign-in is possible again, at least 1.
        retry_after: i64,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
    /// Something that can't happen by the caller's fault; the text says what was attempted.
    #[error("{0} failed")]
    Internal(&'static str),
}

/// The listed reasons. Names follow Better Auth's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No or no valid session.
    Unauthorized,
    /// Unknown address or wrong password; which one is not told.
    InvalidEmailOrPassword,
    /// Not an e-mail address.
    InvalidEmail,
    /// The current password is wrong.
    InvalidPassword,
    /// A new password is shorter than allowed.
    PasswordTooShort,
    /// A password is longer than allowed.
    PasswordTooLong,
    /// A new password is one that attackers try first.
    PasswordTooCommon,
    /// The address is taken.
    UserAlreadyExists,
    /// A token of a mail is unknown, used or expired.
    InvalidToken,
    /// The user has no password.
    CredentialAccountNotFound,
    /// The address is changed elsewhere.
    EmailCanNotBeUpdated,
    /// The address is verified already.
    EmailAlreadyVerified,
    /// The address is not the one of the session's user.
    EmailMismatch,
    /// The address is not verified, and must be.
    EmailNotVerified,
    /// The new address is the old one.
    SameEmail,
    /// An update names nothing that can be updated.
    NoFieldsToUpdate,
    /// A field can't be set by the user.
    FieldNotAllowed,
    /// New accounts are not taken.
    SignUpDisabled,
    /// The session is older than a day; sign in again.
    SessionNotFresh,
    /// As [`Self::SessionNotFresh`], for deleting an account without its password.
    SessionExpired,
    /// The request's origin is not trusted.
    InvalidOrigin,
    /// A request with cookies names no origin.
    MissingOrigin,
    /// `callbackURL` leads to an origin that is not trusted.
    InvalidCallbackUrl,
    /// `redirectTo` leads to an origin that is not trusted.
    InvalidRedirectUrl,
    /// `errorCallbackURL` leads to an origin that is not trusted.
    InvalidErrorCallbackUrl,
    /// `newUserCallbackURL` leads to an origin that is not trusted.
    InvalidNewUserCallbackUrl,
    /// A form of another site tried to sign somebody in.
    CrossSiteNavigation,
    /// The account is locked by the operator.
    AccountDisabled,
    /// There is no such thing of this user.
    NotFound,
    /// The most personal tokens that one user may have.
    TooManyTokens,
}

impl Refusal {
    /// HTTP status, code and sentence.
    #[must_use]
    pub const fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Unauthorized => (401, "UNAUTHORIZED", "Unauthorized"),
            Self::InvalidEmailOrPassword => (401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"),
            Self::InvalidEmail => (400, "INVALID_EMAIL", "Invalid email"),
            Self::InvalidPassword => (400, "INVALID_PASSWORD", "Invalid password"),
            Self::PasswordTooShort => (400, "PASSWORD_TOO_SHORT", "Password too short"),
            Self::PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
            Self::PasswordTooCommon => {
                (400, "PASSWORD_TOO_COMMON", "Password is too easy to guess. Choose one that is not a common word.")
            }
            Self::UserAlreadyExists => {
                (422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")
            }
            Self::InvalidToken => (400, "INVALID_TOKEN", "Invalid token"),
            Self::CredentialAccountNotFound => (400, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found"),
            Self::EmailCanNotBeUpdated => (400, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"),
            Self::EmailAlreadyVerified => (400, "EMAIL_ALREADY_VERIFIED", "Email is already verified"),
            Self::EmailMismatch => (400, "EMAIL_MISMATCH", "Email mismatch"),
            Self::EmailNotVerified => (403, "EMAIL_NOT_VERIFIED", "Email not verified"),
            Self::SameEmail => (400, "", "Email is the same"),
            Self::NoFieldsToUpdate => (400, "", "No fields to update"),
            Self::FieldNotAllowed => (400, "FIELD_NOT_ALLOWED", "Field not allowed to be set"),
            Self::SignUpDisabled => {
                (400, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled")
            }
            Self::SessionNotFresh => (403, "SESSION_NOT_FRESH", "Session is not fresh"),
            Self::SessionExpired => {
                (400, "SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.")
            }
            Self::InvalidOrigin => (403, "INVALID_ORIGIN", "Invalid origin"),
            Self::MissingOrigin => (403, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin"),
            Self::InvalidCallbackUrl => (403, "INVALID_CALLBACK_URL", "Invalid callbackURL"),
            Self::InvalidRedirectUrl => (403, "INVALID_REDIRECT_URL", "Invalid redirectURL"),
            Self::InvalidErrorCallbackUrl => (403, "INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL"),
            Self::InvalidNewUserCallbackUrl => (403, "INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL"),
            Self::CrossSiteNavigation => (
                403,
                "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
                "Cross-site navigation login blocked. This request appears to be a CSRF attack.",
            ),
            Self::AccountDisabled => (403, "ACCOUNT_DISABLED", "This account is locked. Ask the operator."),
            Self::NotFound => (404, "NOT_FOUND", "Not found"),
            Self::TooManyTokens => (409, "TOO_MANY_TOKENS", "Too many tokens. Revoke one that is no longer used."),
        }
    }

    /// The sentence for people.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.parts().2
    }
}

impl From<Refusal> for AuthError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
