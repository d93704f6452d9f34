//! Where a request comes from.

use crate::state::Config;
use axum::http::HeaderMap;
use std::net::IpAddr;

/// The other end of the connection; the server puts it in each request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The client's address: the connection's other end, or what the trusted proxy says (the last `X-Forwarded-For` address, which
/// the proxy itself wrote). Anybody else's header is ignored.
#[must_use]
pub fn client(config: &Config, peer: Option<Peer>, headers: &HeaderMap) -> Option<IpAddr> {
    let Peer(peer) = peer?;
    if config.proxy != Some(peer) {
        return Some(peer);
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok()).or(Some(peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", value.parse().expect("header"));
        }
        headers
    }

    #[test]
    fn only_the_named_proxy_is_believed_and_only_its_own_word() {
        let proxy: IpAddr = "10.0.0.1".parse().expect("ip");
        let config = Config { proxy: Some(proxy), ..Config::default() };
        let forged = headers(&["1.2.3.4, 203.0.113.7"]);
        assert_eq!(client(&config, Some(Peer(proxy)), &forged), "203.0.113.7".parse().ok());
        let stranger: IpAddr = "198.51.100.2".parse().expect("ip");
        assert_eq!(client(&config, Some(Peer(stranger)), &forged), Some(stranger));
        assert_eq!(client(&Config::default(), Some(Peer(proxy)), &forged), Some(proxy));
        assert_eq!(client(&config, Some(Peer(proxy)), &headers(&["nonsense"])), Some(proxy));
        assert_eq!(client(&config, None, &forged), None);
    }
}
