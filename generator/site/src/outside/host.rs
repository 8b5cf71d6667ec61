//! Whose name stands in an address: one that anybody can ask, one of a private network, or none at all.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Who can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anybody can.
    Public,
    /// Only from within: this machine, a private network.
    Private,
    /// Nobody can: names that are set aside for examples (RFC 2606, RFC 6761).
    Example,
}

/// The kind of host that an address with `://` names.
pub(super) fn kind(url: &str) -> Kind {
    let host = host(url).to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return of_v4(address);
    }
    if let Some(inner) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return inner.parse().map_or(Kind::Public, of_v6);
    }
    let is_below = |names: &[&str]| {
        names.iter().any(|name| {
            host.strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    if is_below(&[
        "example",
        "test",
        "invalid",
        "example.com",
        "example.net",
        "example.org",
    ]) {
        Kind::Example
    } else if is_below(&["localhost", "local", "internal", "home.arpa"]) || !host.contains('.') {
        Kind::Private
    } else {
        Kind::Public
    }
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.rfind(']') {
        Some(end) => host.get(..=end).unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn of_v4(address: Ipv4Addr) -> Kind {
    let is_example = address.is_documentation();
    let is_private = address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified();
    match (is_example, is_private) {
        (true, _) => Kind::Example,
        (_, true) => Kind::Private,
        _ => Kind::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Kind {
    let is_private = address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local();
    match is_private {
        true => Kind::Private,
        false => Kind::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        for (url, expected) in [
            ("https://doc.rust-lang.org/book/", Kind::Public),
            ("https://user@host.rust-lang.org:8080?x", Kind::Public),
            ("https://8.8.8.8/", Kind::Public),
            ("https://[2606:4700::1111]/", Kind::Public),
            ("http://localhost:8080/", Kind::Private),
            ("http://a.localhost/", Kind::Private),
            ("http://printer/", Kind::Private),
            ("http://nas.local/", Kind::Private),
            ("http://127.0.0.1:3000", Kind::Private),
            ("http://192.168.1.1/", Kind::Private),
            ("http://[::1]:3000/x", Kind::Private),
            ("https://courses.example/", Kind::Example),
            ("https://www.example.com./", Kind::Example),
            ("https://notexample.com/", Kind::Public),
            ("http://192.0.2.7/", Kind::Example),
        ] {
            assert_eq!(kind(url), expected, "{url}");
        }
    }
}
