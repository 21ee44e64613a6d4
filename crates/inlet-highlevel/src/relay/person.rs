//! `POST /contacts/upsert`: the one call for somebody HighLevel may not know. It says as little as finds them: what it says,
//! HighLevel overwrites.

use inlet_core::{
    address::{Identity, IdentityKind},
    contact::Contact,
};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    location_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

/// The body that finds or makes a contact; `mail` tells whether they wrote by mail.
///
/// Where there is a number or address, only one of them is said: HighLevel keeps the first match of two and loses the
/// other. A name is said only where there is neither.
pub fn body(contact: &Contact, location: &str, mail: bool) -> Vec<u8> {
    let (phone, email) = said(contact, mail);
    let nameless = phone.is_some() || email.is_some();
    let body = Body {
        location_id: location,
        email,
        phone,
        name: contact.name.as_deref().filter(|_| !nameless),
    };
    // Plain texts only: it cannot fail to serialise.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn said(contact: &Contact, mail: bool) -> (Option<&str>, Option<&str>) {
    let (phone, email) = (contact.phone.as_deref(), contact.email.as_deref());
    if mail {
        (phone.filter(|_| email.is_none()), email)
    } else {
        (phone, email.filter(|_| phone.is_none()))
    }
}

/// What of a contact's number and address [`body`] says: by that, and for all that is known by nothing else, they were
/// found.
pub fn told(contact: &Contact, mail: bool) -> Vec<Identity> {
    let (phone, email) = said(contact, mail);
    let mut all = identities(contact);
    all.retain(|one| [phone, email].contains(&Some(one.value.as_str())));
    all
}

/// What identifies a contact upstream too: number and address.
pub fn identities(contact: &Contact) -> Vec<Identity> {
    let plain = |kind, value: &Option<String>| {
        value.as_ref().map(|value| Identity {
            kind,
            scope: String::new(),
            value: value.clone(),
        })
    };
    let phone = plain(IdentityKind::Phone, &contact.phone);
    phone
        .into_iter()
        .chain(plain(IdentityKind::Email, &contact.email))
        .collect()
}

#[cfg(test)]
mod tests {
    use inlet_core::{
        contact::Profile,
        ids::{ContactKey, LocationKey},
    };

    use super::*;
    use crate::sample::at;

    fn contact(name: Option<&str>, phone: Option<&str>, email: Option<&str>) -> Contact {
        Contact {
            key: ContactKey(1),
            location: LocationKey(1),
            name: name.map(Into::into),
            phone: phone.map(Into::into),
            email: email.map(Into::into),
            created_at: at("2024-07-29T15:51:28.071Z"),
            updated_at: at("2024-07-29T15:51:28.071Z"),
            profile: Profile::default(),
        }
    }

    #[test]
    fn as_little_is_said_as_finds_them() {
        let (phone, email) = (Some("+14155550119"), Some("maya@okafor.studio"));
        let cases = [
            (
                Some("Maya"),
                phone,
                email,
                false,
                r#"{"locationId":"L","phone":"+14155550119"}"#,
            ),
            (
                Some("Maya"),
                phone,
                email,
                true,
                r#"{"locationId":"L","email":"maya@okafor.studio"}"#,
            ),
            (None, phone, None, true, r#"{"locationId":"L","phone":"+14155550119"}"#),
            (
                None,
                None,
                email,
                false,
                r#"{"locationId":"L","email":"maya@okafor.studio"}"#,
            ),
            (Some("Maya"), None, None, false, r#"{"locationId":"L","name":"Maya"}"#),
        ];
        for (name, phone, email, mail, expected) in cases {
            let said = body(&contact(name, phone, email), "L", mail);
            assert_eq!(String::from_utf8(said).unwrap(), expected);
        }
    }
}
