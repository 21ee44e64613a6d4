//! What no vendor's door takes, as one table over all adapters and the real server: each is answered as that vendor needs to
//! hear it, never with a 5xx; it is in the journal with its verdict, and nothing of it is stored.

use inlet_core::{adapter::WebhookRequest, signature::hmac_sha256};
use inlet_providers::ALL;
use serde_json::{Value, json};

use self::house::{Added, DOORS, Door, House, WIDGET, post};

mod house;
mod later;

#[test]
fn no_door_takes_what_is_not_for_it() {
    let house = House::new();
    for adapter in ALL {
        let listed = DOORS.iter().any(|door| door.adapter == adapter.name());
        assert!(listed, "{} has no row here", adapter.name());
    }
    for door in DOORS {
        let template = (door.adapter == "web-chat").then_some(WIDGET);
        let own = house.add(door, door.secret, door.numbers[0], template);
        let other = house.add(door, door.neighbour, door.numbers[1], template);
        let plain = ("", "", "Hello");
        let name = door.adapter;
        if !door.neighbour.is_empty() {
            let mut request = own.request(plain, door.from, 0);
            request.raw.target.clone_from(&other.path);
            house.refuses(
                &request,
                (door.foreign, "refused"),
                &format!("{name}: another's address"),
            );
        }
        for (foreign, what) in [((door.names.0, false), "account"), ((false, door.names.1), "number")] {
            let mut tenant = own.clone();
            match foreign {
                (true, _) => tenant.provider.account = Some("9999999".to_owned()),
                (_, true) => tenant.provider.number = Some(door.numbers[1].to_owned()),
                (false, false) => continue,
            }
            let request = tenant.request(plain, door.from, 0);
            house.refuses(&request, (200, "parked"), &format!("{name}: another's {what}"));
        }
        if let Some((scenario, status)) = door.form {
            let mut request = own.request((scenario, "", "Hello"), door.from, 0);
            request.raw.body.extend(b"&x=%FF");
            house.refuses(&request, (status, "refused"), &format!("{name}: not UTF-8"));
        }
        let mut large = own.request(plain, door.from, 0);
        large.raw.body.clear();
        assert_eq!(
            post(house.server.address, &large, door.most + 1),
            door.large,
            "{name}: too large"
        );
        assert_eq!(house.verdict().0, "refused", "{name}: too large");
        replayed(&house, door, &own);
    }
}

/// What came before comes again, signed anew: as it was, and with other words.
fn replayed(house: &House, door: &Door, own: &Added) {
    let id = "0123456789abcdef0123456789abcdef@sample.example";
    let before = house.stored();
    for (body, later) in [("Hello", 0), ("Hello", 1), ("Goodbye", 2)] {
        let request = own.request(("", id, body), door.from, later);
        assert_eq!(house.send(&request), 200, "{}: {body} {later}", door.adapter);
        assert_eq!(house.stored(), before + 1, "{}: {body} {later}", door.adapter);
    }
}

/// A request of an endpoint whose body brings three messages, of which the second is none.
fn batch(own: &Added, from: &str) -> (Value, &'static str) {
    if own.endpoint.adapter == "meta" {
        let text = |id: &str| json!({ "id": id, "from": from, "timestamp": "1800000000", "type": "text", "text": { "body": id } });
        let value = json!({
            "metadata": { "display_phone_number": own.provider.number, "phone_number_id": "1" },
            "messages": [text("wamid.1"), { "type": "pigeon" }, text("wamid.3")],
        });
        let entry = json!({ "id": own.provider.account, "changes": [{ "field": "messages", "value": value }] });
        let whole = json!({ "object": "whatsapp_business_account", "entry": [entry] });
        return (whole, "its own");
    }
    let text = |id: &str| json!({ "id": id, "from": from, "text": id });
    (json!({ "list": [text("1"), { "id": "2" }, text("3")] }), "from")
}

/// Signs another body as Meta does, where its signature stands.
fn signed(request: &mut WebhookRequest, secret: &str) {
    let signature = hex::encode(hmac_sha256(secret.as_bytes(), &[&request.raw.body]));
    for (key, value) in &mut request.raw.headers {
        if key == "x-hub-signature-256" {
            *value = format!("sha256={signature}");
        }
    }
}

#[test]
fn one_bad_item_of_a_batch_does_not_lose_the_others() {
    let house = House::new();
    let template = "each = \"$.list\"\nid = \"@.id\"\nfrom = \"@.from\"\ntext = \"@.text\"\nchannel = \"sms\"\n";
    let secret = "sixteen-letters-or-more";
    // One's own system hears what is wrong; Meta would turn the webhook off.
    for (name, template, status) in [("meta", None, 200), ("custom", Some(template), 422)] {
        let door = DOORS.iter().find(|door| door.adapter == name).unwrap();
        let own = house.add(door, secret, door.numbers[0], template);
        let mut request = own.request(("", "", "Hello"), door.from, 0);
        let (body, reason) = batch(&own, door.from);
        request.raw.body = body.to_string().into_bytes();
        signed(&mut request, secret);
        let before = house.stored();
        for times in 1..3 {
            assert_eq!(house.send(&request), status, "{name} {times}");
            assert_eq!(house.stored(), before + 2, "{name} {times}");
            let (verdict, said) = house.verdict();
            assert!(
                verdict == "failed" && said.contains(reason),
                "{name}: {verdict}: {said}"
            );
        }
    }
}
