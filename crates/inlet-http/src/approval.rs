//! Approval: what an app may ask for, and the code that it is given when somebody says yes. The page and the command line
//! both come here.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    clock::later,
    directory::{Entry, StoreFault},
    ids::GrantKey,
    registry::{App, Client, Grant, Subject},
    vouchers::{Voucher, VoucherKind},
};
use inlet_highlevel::token::SCOPES;
use sha2::{Digest, Sha256};

use crate::state::State;

/// For how long a code is good: the browser only has to come back with it.
const CODE_LIFETIME: Duration = Duration::from_mins(10);
/// For how long a refresh token is good, unless it is used (HighLevel, `docs/oauth/Faqs.md`).
pub(crate) const REFRESH_LIFETIME: Duration = Duration::from_hours(365 * 24);

/// Why there is nothing to consent to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mismatch {
    /// The app did not register this address.
    RedirectUri,
    /// The app did not register one of these scopes, or nobody knows it.
    Scope,
}

/// What somebody says yes to.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// Whose things the app wants to open.
    pub(crate) subject: Subject,
    /// Where the browser is sent back to.
    pub(crate) redirect_uri: String,
    /// What the app wants to do there; empty means everything that it registered.
    pub(crate) scopes: Vec<String>,
}

/// The address and the scopes that an app asks for, where it may ask for them.
pub(crate) fn check(client: &Client, redirect_uri: &str, scopes: &str) -> Result<Vec<String>, Mismatch> {
    if !client.redirect_uris.iter().any(|registered| registered == redirect_uri) {
        return Err(Mismatch::RedirectUri);
    }
    let asked: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
    let known = |scope: &String| {
        SCOPES.contains(&scope.as_str()) && (client.scopes.is_empty() || client.scopes.contains(scope))
    };
    if !asked.iter().all(known) {
        return Err(Mismatch::Scope);
    }
    Ok(if asked.is_empty() { client.scopes.clone() } else { asked })
}

/// Writes down that somebody said yes; the code that the app exchanges for tokens.
pub(crate) async fn give(state: &State, app: &App, wish: Wish, now: Timestamp) -> Result<String, StoreFault> {
    let mut bytes = [0; 20];
    state.chance.fill(&mut bytes);
    let code = bytes
        .iter()
        .fold(String::new(), |code, byte| format!("{code}{byte:02x}"));
    let grant = Grant {
        key: GrantKey(state.keys.next(now)),
        app: app.key,
        subject: wish.subject,
        scopes: wish.scopes,
        created_at: now,
        revoked_at: None,
    };
    let voucher = Voucher {
        kind: VoucherKind::Code,
        hash: Sha256::digest(code.as_bytes()).into(),
        app: app.key,
        grant: grant.key,
        location: None,
        redirect_uri: Some(wish.redirect_uri),
        valid_until: later(now, CODE_LIFETIME),
    };
    state.directory.write(Entry::Grant(grant)).await?;
    state.vouchers.issue(voucher, now).await?;
    Ok(code)
}

/// The address with these added to its query.
pub(crate) fn back_to(redirect_uri: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{}", query.finish())
}
