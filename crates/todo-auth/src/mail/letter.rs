//! What a mail says.

use jiff::Timestamp;
use lettre::Message;
use lettre::message::{Mailbox, header::ContentType};
use serde::{Deserialize, Serialize};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Prove the address.
    VerifyEmail,
    /// Prove a new address.
    ChangeEmail,
    /// Choose a new password.
    ResetPassword,
    /// Remove the account.
    DeleteAccount,
}

impl Subject {
    /// The line of the mail's subject.
    #[must_use]
    pub const fn line(self) -> &'static str {
        match self {
            Self::VerifyEmail => "Confirm your e-mail address",
            Self::ChangeEmail => "Confirm your new e-mail address",
            Self::ResetPassword => "Choose a new password",
            Self::DeleteAccount => "Confirm that your account is to be deleted",
        }
    }

    /// What the link is for.
    #[must_use]
    pub const fn lead(self) -> &'static str {
        match self {
            Self::VerifyEmail => "Open this link to confirm that this address is yours. It is valid for an hour.",
            Self::ChangeEmail => "Open this link to use this address for your account. It is valid for an hour.",
            Self::ResetPassword => "Open this link to choose a new password. It is valid for an hour and works once.",
            Self::DeleteAccount => {
                "Open this link, where you are signed in, to delete your account with everything in it, for good. \
                 It is valid for an hour."
            }
        }
    }
}

/// A mail that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The recipient; empty for a letter that stands in for one, so that nobody learns who has an account.
    pub to: String,
    /// What it is about.
    pub subject: Subject,
    /// Its link.
    pub link: String,
    /// When the link ends; later the mail would be of no use.
    pub until: Timestamp,
    /// The same at every attempt, so that mail systems recognise a repetition (RFC 5322 §3.6.4).
    pub message_id: String,
}

impl Letter {
    /// The mail; `None` when the recipient is no mail address.
    pub fn compose(&self, from: &Mailbox) -> Option<Message> {
        let lead = self.subject.lead();
        let body =
            format!("{lead}\r\n\r\n{}\r\n\r\nIf you did not ask for this, you need not do anything.\r\n", self.link);
        Message::builder()
            .from(from.clone())
            .to(self.to.parse().ok()?)
            .subject(self.subject.line())
            .message_id(Some(format!("<{}@{}>", self.message_id, from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_the_link_and_no_injected_header() {
        let from: Mailbox = "Todo <todo@example.com>".parse().expect("mailbox");
        let letter = Letter {
            to: "ann@example.com".into(),
            subject: Subject::ResetPassword,
            link: "https://x.example/r/abc".into(),
            until: Timestamp::MAX,
            message_id: "one".into(),
        };
        let text = String::from_utf8(letter.compose(&from).expect("mail").formatted()).expect("text");
        for part in ["https://x.example/r/abc", "To: ann@example.com", "Message-ID: <one@example.com>"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let injected = Letter { to: "ann@example.com\r\nBcc: eve@example.com".into(), ..letter };
        assert!(injected.compose(&from).is_none());
    }
}
