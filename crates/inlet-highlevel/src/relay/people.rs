//! `POST /contacts/search`: the contacts of a location, page by page, to know them before they write.

use inlet_core::address::Identity;
use serde_json::{Value, json};

use super::{
    answer::text,
    news::{email, phone},
};

/// Contacts on one page: what HighLevel gives at most without being asked twice.
const PAGE: usize = 100;

/// One page of contacts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct People {
    /// HighLevel's id of each, with the numbers and addresses it has.
    pub contacts: Vec<(String, Vec<Identity>)>,
    /// How many there are in all.
    pub total: Option<u64>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// The body that asks for a page; `after` is where an earlier one ended.
pub fn body(location: &str, after: Option<&str>) -> Vec<u8> {
    let mut body = json!({ "locationId": location, "pageLimit": PAGE });
    let after = after.and_then(|after| serde_json::from_str::<Value>(after).ok());
    if let (Some(fields), Some(after)) = (body.as_object_mut(), after) {
        fields.insert("searchAfter".to_owned(), after);
    } else if let Some(fields) = body.as_object_mut() {
        fields.insert("page".to_owned(), 1.into());
    }
    // Plain texts and numbers only: it cannot fail to serialise.
    serde_json::to_vec(&body).unwrap_or_default()
}

/// Reads a page; nothing where it cannot be read.
pub fn read(body: &[u8]) -> Option<People> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let list = said.get("contacts")?.as_array()?;
    let contacts = list.iter().filter_map(|one| {
        let numbers = text(one, "phone").and_then(|raw| phone(&raw));
        let addresses = text(one, "email").and_then(|raw| email(&raw));
        Some((text(one, "id")?, numbers.into_iter().chain(addresses).collect()))
    });
    let ends_at = list.last().and_then(|last| last.get("searchAfter"));
    let next = ends_at.filter(|place| list.len() >= PAGE && place.is_array());
    Some(People {
        contacts: contacts.collect(),
        total: said.get("total").and_then(Value::as_u64),
        next: next.map(Value::to_string),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        assert_eq!(text(body("L", None)), r#"{"locationId":"L","page":1,"pageLimit":100}"#);
        assert_eq!(
            text(body("L", Some(r#"[17,"c"]"#))),
            r#"{"locationId":"L","pageLimit":100,"searchAfter":[17,"c"]}"#
        );
        let full: Vec<Value> = (0..100)
            .map(|number| json!({ "id": format!("c{number}"), "searchAfter": [number, "c"] }))
            .collect();
        let page = read(json!({ "contacts": full, "total": 250 }).to_string().as_bytes()).unwrap();
        assert_eq!(
            (page.contacts.len(), page.total, page.next.as_deref()),
            (100, Some(250), Some(r#"[99,"c"]"#))
        );
        let last = json!({ "contacts": [{ "id": "c", "searchAfter": [1, "c"] }] });
        assert_eq!(
            read(last.to_string().as_bytes()).unwrap().next,
            None,
            "a page that is not full"
        );
        assert_eq!(read(b"{}"), None);
        assert_eq!(read(b"{"), None);
    }

    #[test]
    fn only_what_finds_somebody_is_taken() {
        let body = br#"{"contacts":[
            {"id":"a","phone":"+14155550119","email":"Maya@Okafor.Studio"},
            {"id":"b","phone":"4155550119","email":null},
            {"phone":"+14155550120"}]}"#;
        let page = read(body).unwrap();
        let found: Vec<(&str, Vec<&str>)> = page
            .contacts
            .iter()
            .map(|(id, all)| (id.as_str(), all.iter().map(|one| one.value.as_str()).collect()))
            .collect();
        assert_eq!(
            found,
            [("a", vec!["+14155550119", "maya@okafor.studio"]), ("b", vec![])]
        );
    }
}
