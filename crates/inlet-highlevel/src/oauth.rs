//! What apps exchange for tokens, and what they are answered: HighLevel's older words and its newer ones (`snake_case`
//! and `camelCase`), both in a form and in JSON, and always both in the answer, since its library for Python goes on
//! with a spent refresh token where only one of the two is there.

use inlet_core::secret::Secret;
use serde::Serialize;

use crate::{fault::Fault, fields::Fields, token::AuthClass};

mod installed;

pub use installed::{Asked, Installed, InstalledPage, Page};

/// A request for tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRequest {
    /// Who asks.
    pub client_id: String,
    /// What only they know.
    pub client_secret: Secret,
    /// What they give for it.
    pub offer: Offer,
}

/// What an app gives for tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Offer {
    /// The code that a browser brought back.
    Code {
        /// The code.
        code: Secret,
        /// Where the browser was sent, if the app says so.
        redirect_uri: Option<String>,
    },
    /// A refresh token.
    Refresh(Secret),
    /// Nothing but who it is: it asks for a token of a grant that it has.
    Client {
        /// Whose things the token is to open.
        class: Option<AuthClass>,
        /// The agency.
        company: Option<String>,
        /// The location.
        location: Option<String>,
    },
}

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written {
    /// As a form.
    Form,
    /// As JSON.
    Json,
}

/// `POST /oauth/token`
pub fn token_request(body: &[u8], written: Written) -> Result<TokenRequest, Fault> {
    let mut body = fields(body, written)?;
    let kind = either(&mut body, "grant_type", "grantType");
    let class = either(&mut body, "user_type", "userType");
    let offer = match kind.as_deref() {
        Some("authorization_code") => Offer::Code {
            code: needed(&mut body, "code", "code")?,
            redirect_uri: either(&mut body, "redirect_uri", "redirectUri"),
        },
        Some("refresh_token") => Offer::Refresh(needed(&mut body, "refresh_token", "refreshToken")?),
        Some("client_credentials") => Offer::Client {
            class: match class.as_deref() {
                None => None,
                Some("Company") => Some(AuthClass::Company),
                Some("Location") => Some(AuthClass::Location),
                Some(_) => return Err(Fault::oauth_parameter("Invalid parameter: userType")),
            },
            company: either(&mut body, "company_id", "companyId"),
            location: either(&mut body, "location_id", "locationId"),
        },
        Some(_) => return Err(Fault::oauth_parameter("Invalid parameter: grantType")),
        None => return Err(Fault::oauth_parameter("Missing parameter: grantType")),
    };
    let client_id = either(&mut body, "client_id", "clientId");
    let client_secret = needed(&mut body, "client_secret", "clientSecret");
    body.finish()?;
    Ok(TokenRequest {
        client_id: client_id.ok_or_else(|| Fault::oauth_parameter("Missing parameter: clientId"))?,
        client_secret: client_secret?,
        offer,
    })
}

/// `POST /oauth/locationToken`: the agency and the location.
pub fn location_token(body: &[u8], written: Written) -> Result<(String, String), Fault> {
    let mut body = fields(body, written)?;
    let company = either(&mut body, "company_id", "companyId");
    let location = either(&mut body, "location_id", "locationId");
    for (name, given) in [("companyId", &company), ("locationId", &location)] {
        if given.is_none() {
            body.complain(name, "is required");
        }
    }
    body.finish()?;
    Ok((company.unwrap_or_default(), location.unwrap_or_default()))
}

fn fields(body: &[u8], written: Written) -> Result<Fields, Fault> {
    match written {
        Written::Form => Ok(Fields::form(body)),
        Written::Json => Fields::parse(body),
    }
}

fn either(body: &mut Fields, snake: &str, camel: &str) -> Option<String> {
    let first = body.word(snake);
    body.word(camel).or(first)
}

fn needed(body: &mut Fields, snake: &str, camel: &str) -> Result<Secret, Fault> {
    let found = either(body, snake, camel);
    found
        .map(Secret::new)
        .ok_or_else(|| Fault::oauth_parameter(format!("Missing parameter: {camel}")))
}

/// Tokens, as an app is given them.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    #[serde(rename = "access_token")]
    access_token_snake: String,
    access_token: String,
    #[serde(rename = "token_type")]
    token_type_snake: &'static str,
    token_type: &'static str,
    #[serde(rename = "expires_in")]
    expires_in_snake: i64,
    expires_in: i64,
    #[serde(rename = "refresh_token", skip_serializing_if = "Option::is_none")]
    refresh_token_snake: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
    user_type: AuthClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_locations: Option<Vec<String>>,
    user_id: String,
    app_id: String,
    version_id: String,
    is_bulk_installation: bool,
    install_to_future_locations: bool,
    approve_all_locations: bool,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// What [`Tokens`] are made of.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The access token.
    pub access: Secret,
    /// For how many seconds it holds.
    pub seconds: i64,
    /// The refresh token, where there is one.
    pub refresh: Option<Secret>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Whose things it opens.
    pub class: AuthClass,
    /// The location, where it is a location's.
    pub location: Option<String>,
    /// The agency, where there is one.
    pub company: Option<String>,
    /// The agency's locations, where it is an agency's.
    pub approved: Option<Vec<String>>,
    /// The grant: it stands for the user who gave it, whom Inlet does not know.
    pub grant: String,
    /// The app.
    pub app: String,
}

impl Tokens {
    /// These, in both spellings of their names.
    pub fn new(issued: Issued) -> Self {
        let text = |secret: Secret| secret.expose_text().unwrap_or_default().to_owned();
        let (access, refresh) = (text(issued.access), issued.refresh.map(text));
        let whole = issued.approved.is_some();
        Self {
            access_token_snake: access.clone(),
            access_token: access,
            token_type_snake: "Bearer",
            token_type: "Bearer",
            expires_in_snake: issued.seconds,
            expires_in: issued.seconds,
            refresh_token_snake: refresh.clone(),
            refresh_token: refresh,
            scope: issued.scopes.join(" "),
            user_type: issued.class,
            location_id: issued.location,
            company_id: issued.company,
            approved_locations: issued.approved,
            user_id: issued.grant,
            version_id: issued.app.clone(),
            app_id: issued.app,
            is_bulk_installation: whole,
            install_to_future_locations: whole,
            approve_all_locations: whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read_in_a_form_and_in_json() {
        let snake = b"client_id=a-b&client_secret=s&grant_type=refresh_token&refresh_token=r&user_type=Location";
        let camel = b"clientId=a-b&clientSecret=s&grantType=refresh_token&refreshToken=r&userType=Location";
        let json = br#"{"clientId":"a-b","client_secret":"s","grantType":"refresh_token","refresh_token":"r"}"#;
        let expected = TokenRequest {
            client_id: "a-b".into(),
            client_secret: Secret::new("s"),
            offer: Offer::Refresh(Secret::new("r")),
        };
        for (body, written) in [
            (snake.as_slice(), Written::Form),
            (camel, Written::Form),
            (json, Written::Json),
        ] {
            assert_eq!(token_request(body, written), Ok(expected.clone()));
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_named_as_highlevel_names_it() {
        let cases = [
            ("", "Missing parameter: grantType"),
            ("grant_type=password&client_id=a", "Invalid parameter: grantType"),
            ("grant_type=authorization_code", "Missing parameter: code"),
            ("grant_type=refresh_token", "Missing parameter: refreshToken"),
            (
                "grant_type=refresh_token&refresh_token=r",
                "Missing parameter: clientId",
            ),
            (
                "grant_type=refresh_token&refresh_token=r&client_id=a",
                "Missing parameter: clientSecret",
            ),
            (
                "grant_type=client_credentials&userType=Nobody",
                "Invalid parameter: userType",
            ),
        ];
        for (body, sentence) in cases {
            let fault = token_request(body.as_bytes(), Written::Form).unwrap_err();
            let json = serde_json::to_value(&fault).unwrap();
            assert_eq!(
                (fault.status, json["message"].as_str()),
                (400, Some(sentence)),
                "{body}"
            );
            assert_eq!(json["error_description"], json["message"]);
        }
    }
}
