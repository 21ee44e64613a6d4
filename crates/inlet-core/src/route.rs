//! To whom an item belongs: the provider of its account and number, and so the location. What fits none is nobody's,
//! and never guessed.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    adapter::{Claim, Item},
    address::Phone,
    change::{Change, What},
    channel::Channel,
    clock::later,
    ids::EndpointKey,
    registry::{Endpoint, Provider, ProviderKind, Registry},
};

/// How far ahead of ours a sender's clock may be.
const AHEAD: Duration = Duration::from_hours(24);

/// How well a provider fits what a request says of itself, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fit {
    /// It has the number.
    Number,
    /// It takes any number of the account.
    AnyNumber,
    /// It has another number of the same account: enough to select a key, not to take a message.
    Account,
}

/// Whose providers may take what a request brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Those of the endpoint it came to.
    Endpoint,
    /// If none of them fits, one of another endpoint of the same adapter: only where the owner of all of them asks.
    Adapter,
}

/// The endpoints whose keys may have signed a request that has no token in its path, the likeliest first. Endpoints
/// that take requests without a signature have no say there: whoever knows the path could write to them.
pub fn candidates<'r>(registry: &'r Registry, adapter: &str, claim: &Claim) -> Vec<&'r Endpoint> {
    let mut best: BTreeMap<EndpointKey, Fit> = BTreeMap::new();
    for provider in registry.providers() {
        if let Some((endpoint, fit)) = provider.endpoint.zip(fit(provider, claim)) {
            let known = best.entry(endpoint).or_insert(fit);
            *known = fit.min(*known);
        }
    }
    let mut found: Vec<_> = best
        .into_iter()
        .filter_map(|(key, fit)| Some((fit, registry.endpoint(key)?)))
        .filter(|(_, endpoint)| endpoint.adapter == adapter && !endpoint.unsigned)
        .collect();
    found.sort_by_key(|&(fit, _)| fit);
    found.into_iter().map(|(_, endpoint)| endpoint).collect()
}

/// The change that an item makes at the provider it belongs to; `None` where it belongs to none within reach.
pub fn change(registry: &Registry, endpoint: &Endpoint, item: Item, reach: Reach) -> Option<Change> {
    let providers = registry.providers_of(endpoint.key);
    let fitting = providers
        .filter_map(|provider| Some((fit(provider, &item.to)?, provider)))
        .filter(|&(fit, _)| fit != Fit::Account)
        .min_by_key(|&(fit, _)| fit);
    let provider = fitting
        .map(|(_, provider)| provider)
        .or_else(|| the_only(registry, endpoint, &item.to))
        .or_else(|| match reach {
            Reach::Endpoint => None,
            Reach::Adapter => elsewhere(registry, endpoint, &item.to),
        })?;
    let mut inbound = item.inbound;
    if provider.kind == ProviderKind::Custom && !inbound.channel.is_call() {
        // Its owner wants whatever it brings as texts of its own kind, or as mails of its own kind.
        inbound.channel = if inbound.channel.is_email() {
            Channel::CustomEmail
        } else {
            Channel::CustomSms
        };
    }
    Some(Change {
        location: provider.location,
        provider: provider.key,
        keys: std::iter::once(item.key).chain(item.replay).collect(),
        fingerprint: item.fingerprint,
        what: What::Message(Box::new(inbound)),
    })
}

/// Takes away a time that a wrong clock gave: a message of the far future would stand above all others for as long.
pub fn in_time(mut item: Item, now: Timestamp) -> Item {
    let latest = later(now, AHEAD);
    item.inbound.occurred_at = item.inbound.occurred_at.filter(|at| *at <= latest);
    item
}

/// The one provider of an endpoint that has no other, for what names no number: who posts to its address means it.
fn the_only<'r>(registry: &'r Registry, endpoint: &Endpoint, claim: &Claim) -> Option<&'r Provider> {
    let mut providers = registry.providers_of(endpoint.key);
    let only = providers.next().filter(|_| providers.next().is_none())?;
    (claim.number.is_none() && !is_of_another_account(only, claim)).then_some(only)
}

/// The one provider of the same adapter, at whatever endpoint, that has the number and no other account.
fn elsewhere<'r>(registry: &'r Registry, endpoint: &Endpoint, claim: &Claim) -> Option<&'r Provider> {
    let speaks = |key| {
        registry
            .endpoint(key)
            .is_some_and(|other| other.adapter == endpoint.adapter)
    };
    let mut fitting = registry
        .providers()
        .iter()
        .filter(|provider| provider.endpoint.is_some_and(speaks) && fit(provider, claim) == Some(Fit::Number));
    fitting.next().filter(|_| fitting.next().is_none())
}

fn is_of_another_account(provider: &Provider, claim: &Claim) -> bool {
    let known = provider.account.as_ref().zip(claim.account.as_ref());
    known.is_some_and(|(own, said)| !is_within(said, own))
}

fn fit(provider: &Provider, claim: &Claim) -> Option<Fit> {
    if is_of_another_account(provider, claim) {
        return None;
    }
    let known = provider.account.as_ref().zip(claim.account.as_ref());
    match (&provider.number, &claim.number) {
        (None, _) => Some(Fit::AnyNumber),
        (Some(own), Some(said)) if same_number(own, said) => Some(Fit::Number),
        (Some(_), _) => known.map(|_| Fit::Account),
    }
}

/// Whether an account is the one a provider has, or a sub-account of it, which is said as `account/sub-account`.
fn is_within(said: &str, own: &str) -> bool {
    let rest = said.strip_prefix(own);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether two spellings are of one number, mail address or page.
fn same_number(one: &str, other: &str) -> bool {
    let read = |raw| Phone::parse(raw, None).ok();
    one.eq_ignore_ascii_case(other) || read(one).is_some_and(|phone| read(other) == Some(phone))
}

#[cfg(test)]
mod tests {
    use crate::{
        ids::{LocationKey, ProviderKey},
        registry::Entries,
        secret::Secret,
    };

    use super::*;

    fn provider(key: i64) -> Provider {
        Provider {
            key: ProviderKey(key),
            id: String::new(),
            location: LocationKey(1),
            kind: ProviderKind::Call,
            endpoint: Some(EndpointKey(1)),
            adapter: None,
            account: Some("AC1".to_owned()),
            number: Some(format!("+1415555010{key}")),
            delivery_url: None,
        }
    }

    #[test]
    fn what_names_no_number_is_for_the_only_provider_of_its_endpoint() {
        let endpoint = Endpoint {
            key: EndpointKey(1),
            adapter: String::new(),
            token: Secret::default(),
            secrets: Vec::new(),
            unsigned: false,
            template: None,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let claim = |account: Option<&str>, number: Option<&str>| Claim {
            account: account.map(ToOwned::to_owned),
            number: number.map(ToOwned::to_owned),
        };
        let cases = [
            (1, claim(Some("AC1"), None), true),
            (1, claim(None, None), true),
            (1, claim(Some("AC2"), None), false),
            (1, claim(Some("AC1"), Some("+14155550109")), false),
            (2, claim(Some("AC1"), None), false),
            (0, claim(None, None), false),
        ];
        for (count, claim, expected) in cases {
            let registry = Registry::new(Entries {
                providers: (0..count).map(provider).collect(),
                ..Entries::default()
            });
            let found = the_only(&registry, &endpoint, &claim);
            assert_eq!(found.is_some(), expected, "{count} providers, {claim:?}");
        }
    }

    #[test]
    fn a_sub_account_is_within_its_account_and_nothing_else_is() {
        let cases = [
            ("304497", "304497", true),
            ("304497/745158", "304497", true),
            ("304497/745158", "304497/745158", true),
            ("304497", "304497/745158", false),
            ("3044970", "304497", false),
            ("304498/745158", "304497", false),
            ("", "304497", false),
        ];
        for (said, own, expected) in cases {
            assert_eq!(is_within(said, own), expected, "{said} in {own}");
        }
    }

    #[test]
    fn numbers_addresses_and_pages_are_compared_as_they_are_meant() {
        let cases = [
            ("+14155550100", "+1 (415) 555-0100", true),
            ("+14155550100", "+14155550101", false),
            ("inbox@studio.example", "Inbox@Studio.example", true),
            ("inbox@studio.example", "other@studio.example", false),
            ("104996122399160", "104996122399160", true),
            ("104996122399160", "104996122399161", false),
        ];
        for (one, other, same) in cases {
            assert_eq!(same_number(one, other), same, "{one} {other}");
        }
    }
}
