//! The guard's judgement as tables, and as properties over every address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::{
    vectors::{DENIED, PUBLIC, spellings, v6_spellings},
    *,
};

#[test]
fn every_spelling_of_a_denied_address_is_refused() {
    let guard = Guard {
        allow: Vec::new(),
        high_ports: true,
    };
    let mut vectors = 0;
    for ip in DENIED {
        assert_eq!(judge(ip.parse().unwrap()), Err(Forbidden::Address), "{ip}");
        for spelling in spellings(ip.parse().unwrap()) {
            let url = format!("https://{spelling}:8443/latest/meta-data");
            let judged = guard.judge_text(&url).map(|(_, reach)| reach);
            assert!(
                matches!(judged, Err(Forbidden::Address | Forbidden::NotAUrl)),
                "{url}: {judged:?}"
            );
            vectors += 1;
        }
    }
    assert!(vectors >= 200, "{vectors}");
}

#[test]
fn public_addresses_next_to_denied_networks_pass() {
    for ip in PUBLIC {
        assert_eq!(judge(ip.parse().unwrap()), Ok(()), "{ip}");
        let nat64 = v6_spellings(ip.parse().unwrap())[3];
        assert_eq!(judge(nat64.into()), Ok(()), "{nat64}");
    }
}

#[test]
fn ipv6_is_judged_by_its_network() {
    let cases = [
        ("2606:4700:4700::1111", true),
        ("2a00:1450:4001::200e", true),
        ("2001:200::1", true),
        ("2001:1::1", true),
        ("2001:1::2", true),
        ("2001:1::3", false),
        ("2001:3::1", true),
        ("2001:4:112::1", true),
        ("2001:20::1", true),
        ("2001:3f::1", true),
        ("2001:40::1", false),
        ("2001::1", false),
        ("2001:db8::1", false),
        ("2002:808:808::1", false),
        ("3fff::1", false),
        ("3fff:1000::1", true),
        ("::", false),
        ("::1", false),
        ("64:ff9b::808:808", true),
        ("64:ff9b::7f00:1", false),
        ("64:ff9b:1::808:808", false),
        ("100::1", false),
        ("5f00::1", false),
        ("fc00::1", false),
        ("fd00:ec2::254", false),
        ("fe80::1", false),
        ("fec0::1", false),
        ("ff02::1", false),
    ];
    for (ip, public) in cases {
        assert_eq!(judge(ip.parse().unwrap()).is_ok(), public, "{ip}");
    }
}

#[test]
fn a_url_is_judged_by_its_form() {
    let cases = [
        ("https://hooks.example.com/x", Ok(Reach::Public)),
        ("https://hooks.example.com:8443/x", Ok(Reach::Public)),
        ("https://1.1.1.1:8080/", Ok(Reach::Public)),
        ("https://hooks.example.com:80/", Ok(Reach::Public)),
        ("http://hooks.example.com/x", Err(Forbidden::PlainHttp)),
        ("http://1.1.1.1/", Err(Forbidden::PlainHttp)),
        ("https://hooks.example.com:22/", Err(Forbidden::Port(22))),
        ("https://hooks.example.com:9000/", Err(Forbidden::Port(9000))),
        ("ftp://hooks.example.com/", Err(Forbidden::Scheme)),
        ("file:///etc/passwd", Err(Forbidden::Scheme)),
        ("https://user:secret@hooks.example.com/", Err(Forbidden::Userinfo)),
        ("https://user@hooks.example.com/", Err(Forbidden::Userinfo)),
        ("https://hooks.example.com@127.0.0.1/", Err(Forbidden::Userinfo)),
        ("https://localhost/", Err(Forbidden::LocalName)),
        ("https://LOCALHOST./", Err(Forbidden::LocalName)),
        ("https://x.localhost/", Err(Forbidden::LocalName)),
        ("https://printer.local/", Err(Forbidden::LocalName)),
        ("https://metadata.google.internal/", Err(Forbidden::LocalName)),
        ("hooks.example.com", Err(Forbidden::NotAUrl)),
        ("https://", Err(Forbidden::NotAUrl)),
        ("https://[::1/", Err(Forbidden::NotAUrl)),
        ("", Err(Forbidden::NotAUrl)),
    ];
    for (url, expected) in cases {
        let judged = Guard::default().judge_text(url).map(|(_, reach)| reach);
        assert_eq!(judged, expected, "{url}");
    }
    let opted = Guard {
        allow: Vec::new(),
        high_ports: true,
    };
    assert!(opted.judge_text("https://hooks.example.com:9000/").is_ok());
    assert_eq!(
        opted.judge_text("https://hooks.example.com:22/").unwrap_err(),
        Forbidden::Port(22)
    );
}

#[test]
fn an_allowed_network_opens_itself_and_nothing_else() {
    let guard = Guard::allowing(vec!["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()]);
    for url in ["http://10.1.2.3:5678/x", "https://10.1.255.255:22/", "http://[::1]:9/"] {
        assert_eq!(guard.judge_text(url).unwrap().1, Reach::Allowed, "{url}");
    }
    for url in ["http://10.2.0.1/", "https://127.0.0.1/", "https://[::ffff:10.1.2.3]/"] {
        assert_eq!(guard.judge_text(url).unwrap_err(), Forbidden::Address, "{url}");
    }
    // What a name stands for is not known yet: it may only lead into the allowed networks.
    for url in [
        "http://n8n:5678/",
        "https://n8n.local/",
        "https://hooks.example.com:22/",
    ] {
        assert_eq!(guard.judge_text(url).unwrap().1, Reach::Allowed, "{url}");
    }
    assert_eq!(guard.judge_text("https://hooks.example.com/").unwrap().1, Reach::Public);
    let vets = [
        ("10.1.2.3", Reach::Allowed, true),
        ("10.1.2.3", Reach::Public, true),
        ("1.1.1.1", Reach::Public, true),
        ("1.1.1.1", Reach::Allowed, false),
        ("10.2.0.1", Reach::Allowed, false),
        ("10.2.0.1", Reach::Public, false),
    ];
    for (ip, reach, passes) in vets {
        assert_eq!(guard.vet(ip.parse().unwrap(), reach).is_ok(), passes, "{ip} {reach:?}");
    }
}

proptest! {
    #[test]
    fn a_denied_address_stays_denied_in_every_ipv6_spelling(bits: u32) {
        let ip = Ipv4Addr::from(bits);
        let verdict = judge(IpAddr::V4(ip));
        let [mapped, compatible, translated, nat64, local_nat64, six_to_four, teredo, _] = v6_spellings(ip);
        prop_assert_eq!(judge(nat64.into()), verdict);
        for hidden in [mapped, compatible, translated, local_nat64, six_to_four, teredo] {
            prop_assert_eq!(judge(hidden.into()), Err(Forbidden::Address));
        }
    }

    #[test]
    fn a_literal_is_judged_as_its_address_is(bits: u32) {
        let ip = Ipv4Addr::from(bits);
        let judged = Guard::default().judge_text(&format!("https://{bits:#x}/")).map(|(_, reach)| reach);
        prop_assert_eq!(judged.map(|_| ()), judge(ip.into()));
    }

    #[test]
    fn outside_of_global_unicast_only_nat64_is_public(bits: u128) {
        let ip = Ipv6Addr::from(bits & !(0b111 << 125));
        prop_assume!(ip.segments()[..6] != [0x64, 0xff9b, 0, 0, 0, 0]);
        prop_assert_eq!(judge(ip.into()), Err(Forbidden::Address));
    }
}
