//! Refusals that have to do with apps: their access tokens, and what they exchange for them.

use super::{Fault, Found};

impl Fault {
    /// The same in OAuth's words: its name for the fault, and the sentence once more.
    fn oauth(status: u16, error: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            error: Some(error),
            found: Some(Box::new(Found::Described {
                description: message.clone(),
            })),
            ..Self::new(status, message)
        }
    }

    /// 401: an access token whose time is over.
    pub fn expired_token() -> Self {
        Self::new(401, "Invalid JWT")
            .hint("The access token has expired: get another with grant_type=refresh_token at POST /oauth/token.")
    }

    /// 401: an access token whose grant was taken back.
    pub fn revoked_token() -> Self {
        Self::new(401, "Invalid JWT")
            .hint("The access that this token stands for was taken back: send the user through the consent page again.")
    }

    /// 401: a token of an agency where a location's is needed, or the other way round.
    pub fn wrong_class(needed: &str) -> Self {
        Self::new(
            401,
            "This authClass type is not allowed to access this scope. Please reach out to the Platform team to get it added.",
        )
        .hint(needed)
    }

    /// 403: an agency or an app that is not the token's.
    pub fn other_agency() -> Self {
        Self::new(403, "The token does not have access to this company.")
            .hint("Send as companyId and appId what the token was made for.")
    }

    /// 400: a request for tokens lacks something, or has something that is none.
    pub fn oauth_parameter(message: impl Into<String>) -> Self {
        Self::oauth(400, "invalid_request", message)
    }

    /// 401: no such app, or not its secret.
    pub fn invalid_client() -> Self {
        Self::oauth(
            401,
            "invalid_client",
            "Invalid client: clientId or clientSecret is invalid",
        )
        .hint("`inlet app list` shows the client ids; `inlet app add` shows the secret, once.")
    }

    /// 400: the code or refresh token is not good: unknown, too old or used. `what` names it.
    pub fn invalid_grant(what: &str) -> Self {
        Self::oauth(400, "invalid_grant", format!("Invalid grant: {what} is invalid"))
            .hint("Each is good once. One that comes again takes back all that came of it: then ask for consent anew.")
    }

    /// 400: an app asks for a token of its own where it has no grant, or more than one.
    pub fn no_grant() -> Self {
        Self::oauth(400, "invalid_grant", "Location is not active")
            .hint("Name with locationId or companyId where the app is installed; `inlet app grants` shows it.")
    }
}
