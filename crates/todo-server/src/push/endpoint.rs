//! Where push messages may go. Whoever subscribes names the address, so it must not become a way into our own network: `https` on
//! its usual port only, and only to public addresses. Names are resolved when we connect, and the addresses found then are the ones
//! that are checked and connected to, so a name can't change its meaning in between.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;
use url::{Host, Url};

/// Longest address of a subscription, in bytes.
const ENDPOINT_MAX: usize = 2000;

/// Reads the address of a subscription. `anywhere` is for tests, whose push service is on the own machine.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str, anywhere: bool) -> Result<Url, &'static str> {
    let url =
        Url::parse(text).ok().filter(|_| text.len() <= ENDPOINT_MAX).ok_or("must be a URL of at most 2000 bytes")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a password");
    }
    if anywhere && matches!(url.scheme(), "http" | "https") && url.has_host() {
        return Ok(url);
    }
    if url.scheme() != "https" || url.port().is_some() {
        return Err("must be an https address on the usual port");
    }
    let public = match url.host() {
        Some(Host::Domain(name)) => name.contains('.') && !is_local_name(name),
        Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        None => false,
    };
    if public { Ok(url) } else { Err("must be the address of a public push service") }
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    [".localhost", ".local", ".internal", ".cluster.local", ".svc", ".home.arpa"].iter().any(|end| name.ends_with(end))
}

/// Whether an address is on the public internet (IANA's registries of special-purpose addresses).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let private = matches!((a, b), (10, _) | (100, 64..=127) | (172, 16..=31) | (192, 168));
    let local = matches!((a, b), (0 | 127, _) | (169, 254) | (198, 18 | 19));
    let documentation = matches!((a, b, c), (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113));
    !(private || local || documentation || a >= 224)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // Addresses that carry one of the older kind: NAT64 and 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Documentation, protocol assignments, Teredo.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, ..] => false,
        // Only this part is given out for the internet; mapped, private and local addresses lie outside.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Resolves names as the system does, and knows no address that is not public.
#[derive(Clone, Debug)]
pub struct PublicOnly {
    system: GaiResolver,
    anywhere: bool,
}

impl PublicOnly {
    /// `anywhere` is for tests.
    #[must_use]
    pub fn new(anywhere: bool) -> Self {
        Self { system: GaiResolver::new(), anywhere }
    }
}

impl Service<Name> for PublicOnly {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.system.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, anywhere) = (self.system.call(name), self.anywhere);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> =
                found.await?.filter(|address| anywhere || is_public(address.ip())).collect();
            if addresses.is_empty() {
                return Err(std::io::Error::other("the name of the push service stands for no public address"));
            }
            Ok(addresses.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_https_addresses_are_taken() {
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc:def",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://web.push.apple.com/QGuQ",
            "https://8.8.8.8/x",
            "https://[2606:4700::1111]/x",
        ] {
            assert!(parse(good, false).is_ok(), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x",
            "https://user:password@fcm.googleapis.com/x",
            "https://localhost/x",
            "https://todo-backend/x",
            "https://postgres.default.svc.cluster.local/x",
            "https://metadata.google.internal/x",
            "https://127.0.0.1/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/x",
            "https://100.64.0.1/x",
            "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://[fd00::1]/x",
            "https://[fe80::1]/x",
            "https://[64:ff9b::a00:1]/x",
            "https://[2002:7f00:1::]/x",
            "ftp://fcm.googleapis.com/x",
            "javascript:alert(1)",
            "",
        ] {
            assert!(parse(bad, false).is_err(), "{bad}");
        }
        assert!(parse(&format!("https://push.example.com/{}", "x".repeat(2000)), false).is_err());
        assert!(parse("http://127.0.0.1:9/x", true).is_ok());
        assert!(parse("file:///etc/passwd", true).is_err());
    }

    #[tokio::test]
    async fn a_name_for_a_private_address_is_not_known() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(PublicOnly::new(false).call(name()).await.is_err());
        assert!(PublicOnly::new(true).call(name()).await.is_ok());
    }
}
