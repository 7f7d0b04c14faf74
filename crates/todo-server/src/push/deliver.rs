//! One message to one push service (RFC 8030), and what its answer means.

use std::time::Duration;

use axum::body::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::Timestamp;
use url::Url;

use super::{encrypt, endpoint::PublicOnly, vapid::Vapid};

/// The longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest pause that a push service may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(6 * 3600);

/// A message for one browser.
pub struct Message<'a> {
    /// Where its push service listens.
    pub endpoint: &'a Url,
    /// Who may read it.
    pub receiver: &'a encrypt::Receiver,
    /// What it says.
    pub text: &'a [u8],
    /// How long the push service keeps it for a browser that is away.
    pub ttl: Duration,
    /// A later message of the same topic replaces this one while it waits: at most 32 characters of base64url.
    pub topic: &'a str,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The push service has it.
    Delivered,
    /// The subscription is no more (404, 410).
    Gone,
    /// Not now; the push service may have said when.
    Later(String, Option<Duration>),
    /// Never: it would be refused again.
    Refused(String),
}

/// What sends messages.
#[derive(Clone)]
pub struct Sender {
    client: Client<HttpsConnector<HttpConnector<PublicOnly>>, Full<Bytes>>,
    vapid: Vapid,
}

impl Sender {
    /// Sends in the name of `vapid`; `anywhere` is for tests, whose push service is on the own machine.
    #[must_use]
    pub fn new(vapid: Vapid, tls: rustls::ClientConfig, anywhere: bool) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(PublicOnly::new(anywhere));
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(TIMEOUT));
        let secure = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls);
        // Without `anywhere` the addresses are https already; see `endpoint::parse`.
        let connector = secure.https_or_http().enable_http1().wrap_connector(tcp);
        Self { client: Client::builder(TokioExecutor::new()).build(connector), vapid }
    }

    /// Sends one message. Redirects are not followed.
    pub async fn send(&self, message: &Message<'_>) -> Outcome {
        let Ok(body) = encrypt::seal(message.receiver, message.text) else {
            return Outcome::Refused("the browser's key can't be used".to_owned());
        };
        // Tokens live in real time, whatever clock the reminders follow.
        let Ok(authorization) = self.vapid.authorization(message.endpoint, Timestamp::now()) else {
            return Outcome::Later("the system gives no random bytes".to_owned(), None);
        };
        let request = Request::post(message.endpoint.as_str())
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header("ttl", message.ttl.as_secs())
            .header("urgency", "high")
            .header("topic", message.topic)
            .body(Full::from(body));
        let request = match request {
            Ok(request) => request,
            Err(error) => return Outcome::Refused(error.to_string()),
        };
        match tokio::time::timeout(TIMEOUT, self.client.request(request)).await {
            Err(_) => Outcome::Later(format!("no answer within {} s", TIMEOUT.as_secs()), None),
            Ok(Err(error)) => Outcome::Later(chain(&error), None),
            Ok(Ok(answer)) => judge(answer.status(), answer.headers()),
        }
    }
}

fn judge(status: StatusCode, headers: &http::HeaderMap) -> Outcome {
    let said = format!("the push service answered {status}");
    match status {
        status if status.is_success() => Outcome::Delivered,
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Outcome::Later(said, retry_after(headers)),
        status if status.is_server_error() => Outcome::Later(said, retry_after(headers)),
        _ => Outcome::Refused(said),
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = text.parse().map(Duration::from_secs).ok().or_else(|| {
        let at = jiff::fmt::rfc2822::parse(text).ok()?;
        Duration::try_from(at.timestamp().duration_since(Timestamp::now())).ok()
    })?;
    Some(pause.min(RETRY_AFTER_MAX))
}

/// The error with what caused it: the outermost one only says that connecting failed.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after: Option<&str>) -> Outcome {
        let headers = retry_after.map(|value| (header::RETRY_AFTER, value.parse().unwrap()));
        judge(StatusCode::from_u16(status).unwrap(), &headers.into_iter().collect())
    }

    #[test]
    fn answers_mean_what_the_standard_says() {
        for status in [200, 201, 202, 204] {
            assert_eq!(answered(status, None), Outcome::Delivered, "{status}");
        }
        for status in [404, 410] {
            assert_eq!(answered(status, None), Outcome::Gone, "{status}");
        }
        for status in [301, 307, 400, 401, 403, 413] {
            assert!(matches!(answered(status, None), Outcome::Refused(_)), "{status}: tells nothing about the browser");
        }
        for status in [429, 500, 502, 503] {
            assert!(matches!(answered(status, None), Outcome::Later(_, None)), "{status}");
        }
        let pause = |text| match answered(429, Some(text)) {
            Outcome::Later(_, pause) => pause,
            other => panic!("{other:?}"),
        };
        assert_eq!(pause("120"), Some(Duration::from_secs(120)));
        assert_eq!(pause("99999999"), Some(RETRY_AFTER_MAX));
        assert_eq!(pause("Fri, 31 Dec 2100 23:59:59 GMT"), Some(RETRY_AFTER_MAX));
        assert_eq!(pause("soon"), None);
    }
}
