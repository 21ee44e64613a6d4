//! Which addresses may be called: a pure judgement over addresses and URLs that somebody typed, so that nobody reaches
//! this machine, its network or a cloud's metadata service through Inlet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use inlet_core::targets::Targets;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod vectors;

/// Why an address is not called, in a sentence for whoever typed it. What a name resolved to is never told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Forbidden {
    /// It does not parse as a URL.
    #[error("it is not a URL: write it as https://example.com/path")]
    NotAUrl,
    /// Neither http nor https.
    #[error("only https can be called: begin the URL with https://")]
    Scheme,
    /// Plain http to an address that is in no allowed network.
    #[error("plain http is for allowed networks only: use https, or start Inlet with --allow CIDR for its network")]
    PlainHttp,
    /// A port that is not one of the web's.
    #[error("port {0} is not called outside of allowed networks: use 443, 8443, 80 or 8080, or --allow its network")]
    Port(u16),
    /// A user name or password in the URL.
    #[error("the URL has a user name or password in it: remove what stands before the @")]
    Userinfo,
    /// A name that only means something on this machine or in its network.
    #[error("names below localhost, local and internal are not called: use a public name, or --allow its network")]
    LocalName,
    /// A private, local or reserved address.
    #[error("its address is private, local or reserved: use a public one, or start Inlet with --allow CIDR")]
    Address,
}

impl Forbidden {
    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAUrl => "not_a_url",
            Self::Scheme => "scheme",
            Self::PlainHttp => "plain_http",
            Self::Port(_) => "port",
            Self::Userinfo => "userinfo",
            Self::LocalName => "local_name",
            Self::Address => "address",
        }
    }
}

/// How far a URL may reach, once its name has been looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// To any address that is not forbidden.
    Public,
    /// To allowed networks only: it is plain http, has an unusual port or a local name.
    Allowed,
}

/// What is allowed beyond the public internet's https.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Networks that may be called whatever they are, by plain http and on any port.
    pub allow: Vec<IpNet>,
    /// Whether ports from 1024 up may be called everywhere.
    pub high_ports: bool,
}

impl Guard {
    /// A guard that lets these networks be called.
    pub fn allowing(allow: Vec<IpNet>) -> Self {
        Self {
            allow,
            high_ports: false,
        }
    }

    /// Judges a URL as it was typed; the addresses behind its name are still to be vetted.
    pub fn judge_url(&self, url: &Url) -> Result<Reach, Forbidden> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Forbidden::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::Userinfo);
        }
        match url.host().ok_or(Forbidden::NotAUrl)? {
            Host::Ipv4(ip) => self.judge_literal(url, IpAddr::V4(ip)),
            Host::Ipv6(ip) => self.judge_literal(url, IpAddr::V6(ip)),
            Host::Domain(name) => match self.judge_form(url).and_then(|()| judge_name(name)) {
                Ok(()) => Ok(Reach::Public),
                Err(_) if !self.allow.is_empty() => Ok(Reach::Allowed),
                Err(forbidden) => Err(forbidden),
            },
        }
    }

    /// Reads and judges a URL.
    pub fn judge_text(&self, url: &str) -> Result<(Url, Reach), Forbidden> {
        let url = Url::parse(url).map_err(|_| Forbidden::NotAUrl)?;
        let reach = self.judge_url(&url)?;
        Ok((url, reach))
    }

    /// Judges one address that a name stands for.
    pub fn vet(&self, ip: IpAddr, reach: Reach) -> Result<(), Forbidden> {
        match reach {
            _ if self.allows(ip) => Ok(()),
            Reach::Public => judge(ip),
            Reach::Allowed => Err(Forbidden::Address),
        }
    }

    fn judge_literal(&self, url: &Url, ip: IpAddr) -> Result<Reach, Forbidden> {
        if self.allows(ip) {
            return Ok(Reach::Allowed);
        }
        judge(ip)?;
        self.judge_form(url)?;
        Ok(Reach::Public)
    }

    fn judge_form(&self, url: &Url) -> Result<(), Forbidden> {
        if url.scheme() != "https" {
            return Err(Forbidden::PlainHttp);
        }
        match url.port_or_known_default() {
            Some(443 | 80 | 8080 | 8443) => Ok(()),
            Some(1024..) if self.high_ports => Ok(()),
            port => Err(Forbidden::Port(port.unwrap_or_default())),
        }
    }

    fn allows(&self, ip: IpAddr) -> bool {
        self.allow.iter().any(|net| net.contains(&ip))
    }
}

impl Targets for Guard {
    fn objection(&self, url: &str) -> Option<String> {
        self.judge_text(url).err().map(|forbidden| forbidden.to_string())
    }
}

fn judge_name(name: &str) -> Result<(), Forbidden> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    match last {
        "localhost" | "local" | "internal" => Err(Forbidden::LocalName),
        _ => Ok(()),
    }
}

/// Judges an address by itself, with no network allowed.
///
/// # Errors
///
/// [`Forbidden::Address`], where it is not one of the public internet.
pub fn judge(ip: IpAddr) -> Result<(), Forbidden> {
    let public = match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    };
    if public { Ok(()) } else { Err(Forbidden::Address) }
}

/// IANA's special-purpose IPv4 registry, multicast, and what is reserved above it.
const DENIED_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// All that IANA has given out for the public internet.
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0], 3);
/// What inside of it is special: protocols and Teredo, documentation, 6to4, documentation again.
const DENIED_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0], 32),
    v6([0x2002, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0], 20),
];
/// What inside of `2001::/23` IANA calls global all the same.
const GLOBAL_HOLES: [Ipv6Net; 5] = [
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 1), 128),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 2), 128),
    v6([0x2001, 3, 0, 0], 32),
    v6([0x2001, 4, 0x112, 0], 48),
    v6([0x2001, 0x20, 0, 0], 27),
];
/// The well-known NAT64 prefix: the last four bytes are the IPv4 address that is reached (RFC 6052).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !DENIED_V4.iter().any(|net| net.contains(&ip))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if NAT64.contains(&ip) {
        let [.., a, b, c, d] = ip.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let denied = DENIED_V6.iter().any(|net| net.contains(&ip)) && !GLOBAL_HOLES.iter().any(|net| net.contains(&ip));
    GLOBAL_UNICAST.contains(&ip) && !denied
}

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b, c, d]: [u16; 4], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), length)
}
