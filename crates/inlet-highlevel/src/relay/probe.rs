//! Calls that change nothing and tell how things stand: what can be read is read, and what is written is written to nobody.

use inlet_core::relay::Upstream;
use serde_json::{Value, json};

use super::post::{kind, word};
use crate::message_type::RequestType;

/// A contact that nobody has: what is written to them cannot be, and the refusal says how far it would have got.
const NOBODY: &str = "inletdoctornobody000";

/// One such call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// What it looks at.
    pub check: &'static str,
    /// The same, more closely.
    pub of: String,
    /// Whether the relay cannot work without.
    pub needed: bool,
    /// Its method: GET, POST or PUT.
    pub method: &'static str,
    /// Below the base URL.
    pub path: String,
    /// Its body; none where empty.
    pub body: Vec<u8>,
}

/// All of them for an upstream, the one that tells most first.
pub fn all(upstream: &Upstream) -> Vec<Probe> {
    let location = &upstream.location;
    let read = |of: &str, path: String, needed| Probe {
        check: "scope",
        of: of.to_owned(),
        needed,
        method: "GET",
        path,
        body: Vec::new(),
    };
    let mut probes = vec![
        read(
            "conversations.readonly",
            format!("/conversations/search?locationId={location}&limit=1"),
            true,
        ),
        read(
            "conversations/message.readonly",
            format!("/conversations/messages/export?locationId={location}&limit=10"),
            true,
        ),
        Probe {
            method: "PUT",
            body: b"{}".to_vec(),
            ..read("contacts.write", format!("/contacts/{NOBODY}"), true)
        },
        read(
            "contacts.readonly",
            format!("/contacts/?locationId={location}&limit=1"),
            false,
        ),
    ];
    let plain = post("scope", "conversations/message.write", (RequestType::Sms, None));
    probes.push(plain);
    for channel in upstream.providers.keys() {
        if let Ok(named) = kind(*channel, upstream) {
            probes.push(post("provider", &word(*channel), named));
        }
    }
    probes
}

fn post(check: &'static str, of: &str, (kind, provider): (RequestType, Option<&str>)) -> Probe {
    let mut body = serde_json::Map::new();
    let mut say = |name: &str, value: Value| body.insert(name.to_owned(), value);
    say("type", kind.name().into());
    say("contactId", NOBODY.into());
    say("message", "a check that all is well: it is written to nobody".into());
    say("direction", "inbound".into());
    if let Some(provider) = provider {
        say("conversationProviderId", provider.into());
    }
    if kind == RequestType::Call {
        say("call", json!({ "status": "completed" }));
    }
    Probe {
        check,
        of: of.to_owned(),
        needed: true,
        method: "POST",
        path: "/conversations/messages/inbound".to_owned(),
        // Plain texts only: it cannot fail to serialise.
        body: serde_json::to_vec(&body).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use inlet_core::{
        channel::Channel,
        relay::{CallLimits, Dialect, OnUncertain},
    };

    use super::*;

    #[test]
    fn each_provider_is_looked_at_under_the_type_it_is_written_by() {
        let providers = [
            (Channel::CustomSms, "p1"),
            (Channel::Email, "p2"),
            (Channel::Call, "p3"),
        ];
        let upstream = Upstream {
            location: "L".into(),
            providers: providers.map(|(channel, id)| (channel, id.to_owned())).into(),
            dialect: Dialect::Established,
            on_uncertain: OnUncertain::Reconcile,
            limits: CallLimits::STANDARD,
            webhook_key: None,
            agency: None,
        };
        let bodies = |probes: Vec<Probe>| -> BTreeMap<String, String> {
            let named = probes.into_iter().filter(|probe| probe.check == "provider");
            named
                .map(|probe| (probe.of, String::from_utf8(probe.body).unwrap()))
                .collect()
        };
        let found = bodies(all(&upstream));
        for (of, kind, id) in [
            ("custom_sms", "Custom", "p1"),
            ("email", "Custom", "p2"),
            ("call", "Call", "p3"),
        ] {
            let body = &found[of];
            assert!(body.contains(&format!(r#""type":"{kind}""#)), "{of}: {body}");
            assert!(
                body.contains(&format!(r#""conversationProviderId":"{id}""#)),
                "{of}: {body}"
            );
            assert!(body.contains(NOBODY), "written to nobody: {body}");
        }
    }
}
