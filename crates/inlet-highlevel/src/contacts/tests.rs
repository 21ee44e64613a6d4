//! Bodies about contacts: good ones and bad ones, and what is shown.

use inlet_core::{
    Timestamp,
    contact::{Contact, Profile},
    ids::{ContactKey, IdCodec, LocationKey},
};
use serde_json::{Value, json};

use super::*;

fn location() -> Location {
    Location {
        key: LocationKey(1),
        id: "loc1".to_owned(),
        name: String::new(),
        country: Some("US".to_owned()),
        agency: None,
        created_at: Timestamp::UNIX_EPOCH,
        words: inlet_core::consent::ConsentWords::default(),
        views: Vec::new(),
    }
}

fn ids() -> IdCodec {
    IdCodec::new([1; 16])
}

fn read(body: &Value) -> Result<Fields, Fault> {
    new_fields(body.to_string().as_bytes(), &location())
}

#[test]
fn a_contact_is_read_field_by_field() {
    let fields = read(&json!({
        "locationId": "loc1", "firstName": " Ann ", "lastName": null, "phone": "(415) 555-2671", "email": "Ann <A@B.c>",
        "tags": ["VIP", " vip2 ", ""], "dnd": true, "dndSettings": {"sms": {"status": "active", "message": "no"}},
        "customFields": [{"id": "f1", "field_value": 3}, {"key": "k", "value": "v"}], "unknown": {}
    }))
    .unwrap();
    assert_eq!(fields.phone.unwrap().unwrap().as_str(), "+14155552671");
    assert_eq!(fields.email.unwrap().unwrap().as_str(), "a@b.c");
    let texts = [(Text::FirstName, Some("Ann".to_owned())), (Text::LastName, None)];
    assert_eq!(fields.texts, texts);
    assert_eq!(fields.tags.unwrap(), ["vip", "vip2"]);
    assert_eq!(fields.dnd_settings["SMS"].message.as_deref(), Some("no"));
    assert_eq!(fields.custom_fields["f1"], 3);
    assert_eq!(fields.custom_fields["k"], "v");
    assert_eq!(changed_fields(b"{}", &location()).unwrap(), Fields::default());
}

#[test]
fn bad_contacts_are_refused_with_what_to_change() {
    let cases = [
        (json!({}), 422, "locationId is required"),
        (json!({"locationId": "loc2"}), 403, "does not have access"),
        (
            json!({"locationId": "loc1", "phone": "hello"}),
            422,
            "phone cannot be used",
        ),
        (
            json!({"locationId": "loc1", "email": "nobody"}),
            422,
            "email cannot be used",
        ),
        (json!({"locationId": "loc1", "tags": "x"}), 422, "tags must be an array"),
        (
            json!({"locationId": "loc1", "dnd": "yes"}),
            422,
            "dnd must be a boolean value",
        ),
        (
            json!({"locationId": "loc1", "dndSettings": {"fax": {"status": "active"}}}),
            422,
            "dndSettings must name",
        ),
        (
            json!({"locationId": "loc1", "dndSettings": {"SMS": {"status": "x"}}}),
            422,
            "must have a status",
        ),
        (
            json!({"locationId": "loc1", "customFields": [{}]}),
            422,
            "customFields must each have",
        ),
        (json!({"locationId": "loc1", "city": 5}), 422, "city must be a string"),
        (
            json!({"locationId": "loc1", "name": "x".repeat(5001)}),
            422,
            "name must be shorter",
        ),
    ];
    for (body, status, part) in cases {
        let fault = read(&body).unwrap_err();
        let said = serde_json::to_string(&fault).unwrap();
        assert_eq!(fault.status, status, "{body}");
        assert!(said.contains(part), "{body}: {said}");
    }
}

#[test]
fn tags_and_notes_want_something_in_them() {
    assert_eq!(tags(br#"{"tags":["A"]}"#).unwrap(), ["a"]);
    for body in ["{}", r#"{"tags":[]}"#, r#"{"tags":[" "]}"#] {
        assert_eq!(tags(body.as_bytes()).unwrap_err().status, 422, "{body}");
    }
    let text = note(br#"{"body":"hi","userId":"u","pinned":true}"#).unwrap();
    assert_eq!(
        (text.body.as_str(), text.user.as_deref(), text.pinned),
        ("hi", Some("u"), true)
    );
    for body in ["{}", r#"{"body":""}"#, r#"{"body":1}"#] {
        assert_eq!(note(body.as_bytes()).unwrap_err().status, 422, "{body}");
    }
}

#[test]
fn searches_are_read_or_refused() {
    let id = ids().contact(ContactKey(7));
    let good = [
        json!({}),
        json!({"query": "x", "page": 3, "pageLimit": 50}),
        json!({"searchAfter": [1, id], "sort": [{"field": "dateAdded", "direction": "asc"}]}),
        json!({"filters": [{"field": "email", "operator": "eq", "value": "a@b.c"}]}),
        json!({"filters": [{"field": "tags", "operator": "eq", "value": ["a", "b"]}]}),
        json!({"filters": [{"group": "OR", "filters": [{"field": "phone", "operator": "exists"}]}]}),
        json!({"filters": [{"field": "dateAdded", "operator": "range", "value": {"gte": "2024-01-01T00:00:00Z"}}]}),
        json!({"filters": [{"field": "customFields.x", "operator": "contains", "value": "y"}]}),
    ];
    let read = |mut body: Value| {
        body["locationId"] = "loc1".into();
        search(body.to_string().as_bytes(), &location(), &ids())
    };
    for body in good {
        assert!(read(body.clone()).is_ok(), "{body}");
    }
    let third = read(json!({"page": 3, "pageLimit": 50})).unwrap();
    assert_eq!((third.skip, third.limit), (100, 50));
    let bad = [
        (json!({"page": 0}), "page must be"),
        (json!({"page": 9999, "pageLimit": 500}), "searchAfter"),
        (json!({"pageLimit": 501}), "pageLimit must be"),
        (json!({"searchAfter": [1, "x"]}), "searchAfter must be"),
        (json!({"sort": [{"field": "phone"}]}), "sort must be"),
        (json!({"filters": [{}]}), "must have a field"),
        (json!({"filters": [{"field": "shoe"}]}), "one that contacts have"),
        (
            json!({"filters": [{"field": "phone", "operator": "like"}]}),
            "each operator",
        ),
        (json!({"filters": [{"field": "phone", "operator": "eq"}]}), "each value"),
        (
            json!({"filters": [{"field": "dateAdded", "operator": "range", "value": 3}]}),
            "a range",
        ),
        (json!({"filters": [{"group": "XOR", "filters": []}]}), "AND or OR"),
        (
            json!({"filters": [{"group": "OR", "filters": [{"group": "OR"}]}]}),
            "one level",
        ),
    ];
    for (body, part) in bad {
        let fault = read(body.clone()).unwrap_err();
        let said = serde_json::to_string(&fault).unwrap();
        assert!(fault.status == 422 && said.contains(part), "{body}: {said}");
    }
}

#[test]
fn a_contact_is_shown_whole() {
    let contact = Contact {
        key: ContactKey(7),
        location: LocationKey(1),
        name: Some("Ann Lee".to_owned()),
        phone: Some("+14155552671".to_owned()),
        email: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        profile: Profile {
            texts: [(Text::FirstName, "Ann".to_owned())].into(),
            tags: vec!["vip".to_owned()],
            custom_fields: [("f".to_owned(), json!(120.5))].into(),
            ..Profile::default()
        },
    };
    let shown = serde_json::to_value(ContactJson::new(&contact, "loc1", &ids())).unwrap();
    for (name, value) in [
        ("id", json!(ids().contact(ContactKey(7)))),
        ("locationId", json!("loc1")),
        ("firstName", json!("Ann")),
        ("lastName", json!(null)),
        ("tags", json!(["vip"])),
        ("customFields", json!([{"id": "f", "value": 120.5}])),
        ("dateAdded", json!("1970-01-01T00:00:00.000Z")),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let event = shown_fields(&contact, &ids());
    assert_eq!(
        event["customFields"],
        json!([{"id": "f", "value": "120.5"}]),
        "no fractions in events"
    );
}
