//! Where webhooks may go. A shop's address must not become a door into the network we run in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::Error;

const URL_MAX: usize = 2_000;

/// Checks an address when it is registered. Names are checked again each time they are resolved.
pub fn check(text: &str, private_allowed: bool) -> Result<String, Error> {
    let refuse = |why: &str| Err(Error::WebhookUrl(why.to_owned()));
    if text.len() > URL_MAX {
        return refuse("it is longer than 2000 characters");
    }
    let Ok(url) = Url::parse(text) else {
        return refuse("it is not an absolute address");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it must not contain a user name or password");
    }
    match url.scheme() {
        "https" => {}
        "http" if private_allowed => {}
        "http" => return refuse("it must begin with https://"),
        _ => return refuse("only https:// can be called"),
    }
    let private = match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => !is_public(IpAddr::V6(ip)),
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        None => return refuse("it names no host"),
    };
    if private && !private_allowed {
        return refuse("private and loopback addresses are not called; the operator can allow them");
    }
    Ok(url.into())
}

/// Resolves names and drops every address that is not public.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Not private, loopback, link-local, shared, reserved or otherwise special (RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    // Only 2000::/3 is given out to the public; documentation and benchmarking lie inside it.
    let [first, second, ..] = ip.segments();
    (0x2000..0x4000).contains(&first) && !(first == 0x2001 && (second == 0x0db8 || second < 0x0200))
}

/// The IPv4 address that an IPv6 address stands for: mapped, translated (NAT64) or tunnelled (6to4).
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_called() {
        for refused in [
            "http://shop.example.kr/hook",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:192.168.0.1]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[fd00::1]/",
            "https://100.64.0.1/",
            "https://localhost/",
            "https://0x7f000001/",
            "https://user:pass@shop.kr/",
            "ftp://shop.kr/",
            "/hook",
        ] {
            assert!(check(refused, false).is_err(), "{refused}");
        }
        for taken in [
            "https://shop.kr/hook",
            "https://203.0.114.7:8443/x",
            "https://[2606:4700::1111]/",
        ] {
            assert!(check(taken, false).is_ok(), "{taken}");
        }
        assert!(check("http://127.0.0.1:9000/hook", true).is_ok());
    }
}
