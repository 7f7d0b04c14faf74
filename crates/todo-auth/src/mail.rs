//! Mail with a link: by SMTP when configured, else the link goes to the operator's log.

use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

/// How often a mail is tried, and the pause before the second try; it doubles.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_secs(2);

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

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Prove the address.
    VerifyEmail,
    /// Prove a new address.
    ChangeEmail,
    /// Choose a new password.
    ResetPassword,
}

impl Subject {
    const fn line(self) -> &'static str {
        match self {
            Self::VerifyEmail => "Confirm your e-mail address",
            Self::ChangeEmail => "Confirm your new e-mail address",
            Self::ResetPassword => "Choose a new password",
        }
    }

    const fn lead(self) -> &'static str {
        match self {
            Self::VerifyEmail => "Open this link to confirm that this address is yours. It is valid for an hour.",
            Self::ChangeEmail => "Open this link to use this address for your account. It is valid for an hour.",
            Self::ResetPassword => "Open this link to choose a new password. It is valid for an hour and works once.",
        }
    }
}

impl Mailer {
    /// A mailer for `SMTP_URL` (`smtps://user:password@host:465`, `smtp://host:587?tls=required`) and `MAIL_FROM`.
    ///
    /// # Errors
    /// The variable to blame, and what is wrong with it.
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self, (&'static str, String)> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|error| ("SMTP_URL", format!("{error}; write smtps://user:password@mail.example.com")))?
            .timeout(Some(Duration::from_secs(20)))
            .build();
        let from = from
            .parse()
            .map_err(|error| ("MAIL_FROM", format!("{error}; write an address such as Todo <todo@example.com>")))?;
        Ok(Self::Smtp(Arc::new(Smtp { transport, from })))
    }

    /// Sends in the background: whether and when the mail leaves tells the caller nothing, so that neither its absence nor its
    /// delay reveals who has an account.
    pub fn send(&self, to: &str, subject: Subject, link: &str) {
        match self {
            Self::Log => {
                tracing::warn!(%to, link, "mail is not configured (SMTP_URL): pass on this link, {}", subject.lead());
            }
            Self::Smtp(smtp) => {
                let Some(message) = compose(&smtp.from, to, subject, link) else {
                    tracing::warn!(subject = subject.line(), "a mail can't be composed for this address");
                    return;
                };
                let smtp = Arc::clone(smtp);
                tokio::spawn(async move { deliver(&smtp.transport, message, subject).await });
            }
        }
    }
}

fn compose(from: &Mailbox, to: &str, subject: Subject, link: &str) -> Option<Message> {
    let body =
        format!("{}\r\n\r\n{link}\r\n\r\nIf you did not ask for this, you need not do anything.\r\n", subject.lead());
    Message::builder()
        .from(from.clone())
        .to(to.parse().ok()?)
        .subject(subject.line())
        .header(lettre::message::header::ContentType::TEXT_PLAIN)
        .body(body)
        .ok()
}

async fn deliver(transport: &AsyncSmtpTransport<Tokio1Executor>, message: Message, subject: Subject) {
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=ATTEMPTS {
        match transport.send(message.clone()).await {
            Ok(_) => return,
            Err(error) if error.is_permanent() || attempt == ATTEMPTS => {
                tracing::error!(%error, subject = subject.line(), "a mail could not be sent; check SMTP_URL and MAIL_FROM");
                return;
            }
            Err(error) => tracing::debug!(%error, attempt, "a mail could not be sent yet"),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
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

    #[test]
    fn a_mail_has_the_link_and_no_injected_header() {
        let from: Mailbox = "Todo <todo@example.com>".parse().expect("mailbox");
        let mail = compose(&from, "ann@example.com", Subject::ResetPassword, "https://x.example/r/abc").expect("mail");
        let text = String::from_utf8(mail.formatted()).expect("text");
        assert!(text.contains("https://x.example/r/abc") && text.contains("To: ann@example.com"), "{text}");
        assert!(compose(&from, "ann@example.com\r\nBcc: eve@example.com", Subject::ResetPassword, "x").is_none());
    }
}
