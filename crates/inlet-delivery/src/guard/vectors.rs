//! Addresses that are not called, public ones next to them, and every way to write one.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Addresses of every network that is not called.
pub(crate) const DENIED: [&str; 30] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "172.20.10.5",
    "10.255.255.255",
    "192.0.0.170",
    "169.254.0.1",
    "100.99.1.1",
    "127.1.2.3",
    "192.168.255.255",
];

/// Public neighbours of those networks.
pub(crate) const PUBLIC: [&str; 14] = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
];

/// Every way to write an IPv4 address that URL parsers know.
pub(crate) fn spellings(ip: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = ip.octets();
    let all = u32::from(ip);
    let low = u32::from(u16::from_be_bytes([c, d]));
    let low3 = all & 0x00ff_ffff;
    let mut list = vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{c}.{d}."),
        format!("{all}"),
        format!("{all:#x}"),
        format!("{all:#X}").replace("0X", "0x"),
        format!("0{all:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}.{b}.{low}"),
        format!("{a}.{low3}"),
        format!("{a:#x}.{low3:#x}"),
        format!("{ip}").replacen('1', "%31", 1),
        format!("{ip}").replace('.', "\u{3002}"),
        format!("{ip}").replace('1', "\u{2460}"),
    ];
    list.extend(v6_spellings(ip).iter().map(|ip| format!("[{ip}]")));
    list
}

/// Every way to hide an IPv4 address in an IPv6 one.
pub(crate) fn v6_spellings(ip: Ipv4Addr) -> [Ipv6Addr; 8] {
    let [a, b, c, d] = ip.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    [
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
        Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, !high, !low),
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0x5efe, high, low),
    ]
}
