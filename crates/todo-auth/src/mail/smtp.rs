//! The mail server.

use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use super::Letter;

/// The longest wait for one answer of the mail server, and for the whole conversation.
const ANSWER_MAX: Duration = Duration::from_secs(20);
const CONVERSATION_MAX: Duration = Duration::from_secs(60);

/// How mail is sent.
#[derive(Clone)]
pub enum Mailer {
    /// Not at all: the link is logged, so that the operator can pass it on.
    Log,
    /// By SMTP.
    Smtp(Arc<Smtp>),
}

/// A mail server and the sender's address.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Log => "Log",
            Self::Smtp(_) => "Smtp",
        })
    }
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSent {
    /// The server will never take this mail.
    #[error("the mail server refused it for good: {0}")]
    Refused(String),
    /// Another attempt may succeed.
    #[error("{0}")]
    NotNow(String),
}

impl Mailer {
    /// A mailer for `SMTP_URL` (`smtps://user:password@host:465`, `smtp://host:587?tls=required`) and `MAIL_FROM`.
    ///
    /// # Errors
    /// The variable to blame, and what is wrong with it.
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self, (&'static str, String)> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|error| ("SMTP_URL", format!("{error}; write smtps://user:password@mail.example.com")))?
            .timeout(Some(ANSWER_MAX))
            .build();
        let from = from
            .parse()
            .map_err(|error| ("MAIL_FROM", format!("{error}; write an address such as Todo <todo@example.com>")))?;
        Ok(Self::Smtp(Arc::new(Smtp { transport, from })))
    }
}

impl Smtp {
    /// Hands a letter to the mail server and waits for its receipt.
    pub(super) async fn send(&self, letter: &Letter) -> Result<(), NotSent> {
        let mail =
            letter.compose(&self.from).ok_or_else(|| NotSent::Refused("no mail can be addressed so".to_owned()))?;
        match tokio::time::timeout(CONVERSATION_MAX, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if is_final(&error) => Err(NotSent::Refused(error.to_string())),
            Ok(Err(error)) => Err(NotSent::NotNow(describe(&error))),
            Err(_) => Err(NotSent::NotNow("the mail server takes too long".to_owned())),
        }
    }
}

/// Whether the mail itself was refused. Wrong credentials (RFC 4954 §4.7, §6) are the operator's to mend, and the mail waits.
fn is_final(error: &lettre::transport::smtp::Error) -> bool {
    let code = error.status().map(u16::from);
    error.is_permanent() && !matches!(code, Some(530 | 534 | 535 | 538))
}

/// The error with what caused it, on one line.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_name_their_variable() {
        let smtp = |url: &str, from| Mailer::smtp(&url.into(), from).map(drop).map_err(|(variable, _)| variable);
        assert_eq!(smtp("smtps://user:secret@mail.example.com", "Todo <todo@example.com>"), Ok(()));
        assert_eq!(smtp("http://mail.example.com", "todo@example.com"), Err("SMTP_URL"));
        assert_eq!(smtp("smtp://mail.example.com", "nobody"), Err("MAIL_FROM"));
    }
}
