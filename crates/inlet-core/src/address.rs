//! Where a message comes from and goes to: phone numbers in E.164, e-mail addresses, and the identities by which a
//! contact is found. A number that cannot be read with certainty is refused, not guessed.

use std::fmt;

use serde::{Deserialize, Serialize};

mod spelling;

/// What kind of thing identifies a contact. The numbers stand in the store and never change their meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A phone number in E.164, or a short code as it is.
    Phone,
    /// An e-mail address, lower case.
    Email,
    /// An id that a page or app gave to a person; its scope is the page.
    Page,
    /// Anything else that a sender promises to keep the same for one person.
    Opaque,
}

impl IdentityKind {
    /// The number that stands for it in the store.
    pub fn code(self) -> i64 {
        match self {
            Self::Phone => 1,
            Self::Email => 2,
            Self::Page => 3,
            Self::Opaque => 4,
        }
    }

    /// The kind behind a stored number.
    pub fn from_code(code: i64) -> Option<Self> {
        [Self::Phone, Self::Email, Self::Page, Self::Opaque]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// Finds one contact within a location: a kind, a scope (empty but for page ids), and a value in its normal form.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// What kind of thing it is.
    pub kind: IdentityKind,
    /// The page or app that gave the value out; empty where the value is unique by itself.
    pub scope: String,
    /// The value, normalised.
    pub value: String,
}

impl Identity {
    /// A person's phone number.
    pub fn phone(phone: &Phone) -> Self {
        Self {
            kind: IdentityKind::Phone,
            scope: String::new(),
            value: phone.as_str().to_owned(),
        }
    }

    /// This, and what names the same person as surely: a number's other spellings.
    pub fn with_aliases(&self) -> impl Iterator<Item = Self> {
        let other = (self.kind == IdentityKind::Phone).then(|| spelling::other(&self.value));
        let other = other.flatten().map(|value| Self { value, ..self.clone() });
        std::iter::once(self.clone()).chain(other)
    }

    /// A person's e-mail address.
    pub fn email(email: &EmailAddress) -> Self {
        Self {
            kind: IdentityKind::Email,
            scope: String::new(),
            value: email.as_str().to_owned(),
        }
    }

    /// A page-scoped id, such as a Messenger PSID.
    pub fn page(scope: &str, value: &str) -> Self {
        Self {
            kind: IdentityKind::Page,
            scope: scope.to_owned(),
            value: value.to_owned(),
        }
    }
}

/// Why an address was refused, in a sentence for whoever sent it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// A number that does not say its country, at a location that has none either.
    #[error("it has no country code: write it in E.164, such as +14155550119")]
    NoCountry,
    /// Not a number that can exist.
    #[error("it is not a phone number: write it in E.164, such as +14155550119")]
    NotAPhone,
    /// Not an e-mail address.
    #[error("it is not an e-mail address: write it as name@example.com")]
    NotAnEmail,
}

/// A phone number in E.164 (`+` and 7 to 15 digits), or a short code of 3 to 8 digits, which stays as it is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Phone(String);

impl Phone {
    /// Reads a number in any usual spelling. `country` (ISO 3166, such as `US`) serves numbers without a country code.
    pub fn parse(raw: &str, country: Option<&str>) -> Result<Self, AddressError> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(AddressError::Empty);
        }
        if is_e164(raw) {
            return Ok(Self(raw.to_owned()));
        }
        if raw.bytes().all(|byte| byte.is_ascii_digit()) && (3..=6).contains(&raw.len()) {
            return Ok(Self(raw.to_owned()));
        }
        Self::parse_national(raw, country)
    }

    fn parse_national(raw: &str, country: Option<&str>) -> Result<Self, AddressError> {
        let country = country.and_then(|code| code.parse().ok());
        if country.is_none() && !raw.starts_with('+') {
            return Err(AddressError::NoCountry);
        }
        let number = phonenumber::parse(country, raw).map_err(|_| AddressError::NotAPhone)?;
        let text = number.format().mode(phonenumber::Mode::E164).to_string();
        if number.is_valid() && is_e164(&text) {
            Ok(Self(text))
        } else {
            Err(AddressError::NotAPhone)
        }
    }

    /// The number as it is stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address in lower case, without its display name.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads `name@example.com` or `Name <name@example.com>`.
    pub fn parse(raw: &str) -> Result<Self, AddressError> {
        let bare = match raw.rsplit_once('<') {
            Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
            None => raw,
        };
        let bare = bare.trim().to_lowercase();
        if bare.is_empty() {
            return Err(AddressError::Empty);
        }
        let plain = bare.len() <= 254 && !bare.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',');
        match bare.rsplit_once('@') {
            Some((name, domain)) if plain && !name.is_empty() && !name.contains('@') && is_domain(domain) => {
                Ok(Self(bare))
            }
            _ => Err(AddressError::NotAnEmail),
        }
    }

    /// The address as it is stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_domain(domain: &str) -> bool {
    !domain.is_empty() && !domain.starts_with(['.', '-']) && !domain.ends_with(['.', '-']) && !domain.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_read_in_any_spelling_or_refused() {
        let cases = [
            ("+14155550119", None, Ok("+14155550119")),
            (" +1 (415) 555-0119 ", None, Ok("+14155550119")),
            ("(415) 555-2671", Some("US"), Ok("+14155552671")),
            ("030 123456", Some("DE"), Ok("+4930123456")),
            ("72345", None, Ok("72345")),
            ("4155552671", None, Err(AddressError::NoCountry)),
            ("", Some("US"), Err(AddressError::Empty)),
            ("hello", Some("US"), Err(AddressError::NotAPhone)),
            ("+0123456789", None, Err(AddressError::NotAPhone)),
            ("+123456789012345678", None, Err(AddressError::NotAPhone)),
        ];
        for (raw, country, expected) in cases {
            let read = Phone::parse(raw, country);
            assert_eq!(read.as_ref().map(Phone::as_str), expected.as_ref().copied(), "{raw}");
        }
    }

    #[test]
    fn emails_lose_their_name_and_case() {
        let cases = [
            ("Maya Okafor <Maya@Okafor.Studio>", Ok("maya@okafor.studio")),
            ("a@b.c", Ok("a@b.c")),
            ("a@b@c", Err(AddressError::NotAnEmail)),
            ("nobody", Err(AddressError::NotAnEmail)),
            ("a@.b", Err(AddressError::NotAnEmail)),
            ("a b@c.d", Err(AddressError::NotAnEmail)),
            ("<>", Err(AddressError::Empty)),
        ];
        for (raw, expected) in cases {
            let read = EmailAddress::parse(raw);
            assert_eq!(
                read.as_ref().map(EmailAddress::as_str),
                expected.as_ref().copied(),
                "{raw}"
            );
        }
    }
}
