//! The variables of web push.

use secrecy::ExposeSecret as _;
use todo_service::Reader;

use crate::push::vapid::Vapid;

/// Whom push services may write to when nothing else is known.
const SUBJECT: &str = "mailto:todo@example.org";

/// Reminders to browsers.
#[derive(Clone, Debug, Default)]
pub struct PushSettings {
    /// The server's keys; without them it sends none.
    pub vapid: Option<Vapid>,
    /// Whether push services may be at any address, also a private one without TLS.
    pub anywhere: bool,
}

impl PushSettings {
    /// Reads `VAPID_PUBLIC_KEY`, `VAPID_PRIVATE_KEY`, `VAPID_SUBJECT` and `PUSH_ANYWHERE`.
    pub(super) fn read(reader: &mut Reader<'_>, base_url: Option<&str>) -> Self {
        let public =
            reader.text("VAPID_PUBLIC_KEY", "Key by which browsers know this server; `todo keygen` prints a pair");
        let private = reader.secret("VAPID_PRIVATE_KEY", "Signs messages to push services");
        let subject = reader.text(
            "VAPID_SUBJECT",
            "Whom push services may write to, such as mailto:me@example.com; default: the public URL",
        );
        let anywhere = reader.flag("PUSH_ANYWHERE", false, "Accept push services at private addresses, for tests");
        let site = base_url.filter(|url| url.starts_with("https://"));
        let subject = subject.as_deref().or(site).unwrap_or(SUBJECT);
        let vapid = match (public, private) {
            (None, None) => None,
            (Some(_), None) => {
                reader.refuse("VAPID_PRIVATE_KEY", "not set, but VAPID_PUBLIC_KEY is; `todo keygen` prints a pair");
                None
            }
            (None, Some(_)) => {
                reader.refuse("VAPID_PUBLIC_KEY", "not set, but VAPID_PRIVATE_KEY is; `todo keygen` prints a pair");
                None
            }
            (Some(public), Some(private)) => match Vapid::new(&public, private.expose_secret(), subject) {
                Ok(vapid) => Some(vapid),
                Err((variable, problem)) => {
                    reader.refuse(variable, problem);
                    None
                }
            },
        };
        Self { vapid, anywhere }
    }
}
