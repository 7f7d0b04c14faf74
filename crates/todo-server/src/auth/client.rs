//! Where a request comes from: the peer, or what proxies that we trust say about it.

use std::net::{IpAddr, SocketAddr};

use axum::{extract::ConnectInfo, http::HeaderMap, http::request::Parts};
use ipnet::IpNet;
use todo_auth::Client;

/// Longest `User-Agent` that is kept, in characters.
const USER_AGENT_MAX: usize = 256;

/// Networks whose `X-Forwarded-For` is believed. The own machine always is: a proxy there can't be told from a local client.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads networks such as `10.0.0.0/8`, or single addresses.
    ///
    /// # Errors
    /// The first text that is neither.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        let read = |text: &String| {
            text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| text.clone())
        };
        texts.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    fn trusts(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        ip.is_loopback() || self.0.iter().any(|network| network.contains(&ip))
    }

    /// The client's address: the peer, or, if we trust the peer, the right-most forwarded address that we do not trust.
    #[must_use]
    pub fn client_ip(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
        for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.trusts(client) {
                break;
            }
            match parse_hop(entry.trim()) {
                Some(ip) => client = ip.to_canonical(),
                // Nonsense ends the chain: what stands left of it was not written by a proxy of ours.
                None => break,
            }
        }
        client
    }
}

/// An address with or without port and brackets.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// The client of a request.
pub fn client_of(parts: &Parts, proxies: &TrustedProxies) -> Client {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let user_agent = parts
        .headers
        .get(http::header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.chars().take(USER_AGENT_MAX).collect());
    Client { ip: peer.map(|peer| proxies.client_ip(peer, &parts.headers)), user_agent }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::parse(&["10.0.0.0/8".into(), "2001:db8::1".into()]).unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        proxies.client_ip(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_hops_are_believed() {
        assert_eq!(ip("203.0.113.9", &["1.2.3.4"]), "203.0.113.9", "a stranger can't choose an address");
        assert_eq!(ip("10.1.1.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(ip("10.1.1.1", &["6.6.6.6, 1.2.3.4, 10.2.2.2"]), "1.2.3.4", "the right-most we don't trust");
        assert_eq!(ip("10.1.1.1", &["6.6.6.6", "1.2.3.4"]), "1.2.3.4", "several lines are one list");
        assert_eq!(ip("127.0.0.1", &["1.2.3.4:5678"]), "1.2.3.4");
        assert_eq!(ip("2001:db8::1", &["[2001:db8::9]"]), "2001:db8::9");
        assert_eq!(ip("10.1.1.1", &["1.2.3.4, nonsense"]), "10.1.1.1");
        assert_eq!(ip("::ffff:10.1.1.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(ip("10.1.1.1", &[]), "10.1.1.1");
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(TrustedProxies::parse(&["10.0.0.0/99".into()]).map(drop), Err("10.0.0.0/99".to_owned()));
    }
}
