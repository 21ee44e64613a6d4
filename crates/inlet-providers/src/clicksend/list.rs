//! What ClickSend kept of an account's inbound SMS.
//!
//! Foreign rules: `developers.clicksend.com/docs` (SMS, "View inbound SMS", `GET /v3/sms/inbound`; paging by `page` and
//! `limit`). It cannot be asked for a number or a time, so all of it is read.

use inlet_core::{
    Timestamp,
    adapter::{Fetch, WebhookRequest},
    listing::{Kept, Lister, Page, Wish},
    registry::Endpoint,
    secret::Secret,
};
use serde_json::{Map, Value};

use crate::specimen::headers;

/// Messages of one page; ClickSend gives 100 at most.
const PAGE_SIZE: u32 = 100;
/// What stands before the one kind of secret there is: `api:USERNAME:KEY`.
pub(super) const API: &str = "api:";

/// Lists the inbound SMS of an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct InboundSms;

impl Lister for InboundSms {
    fn base(&self) -> &'static str {
        "https://rest.clicksend.com"
    }

    fn first(&self, wish: &Wish<'_>) -> Result<Fetch, String> {
        let basic_auth = credentials(wish.endpoint).ok_or_else(|| {
            "the endpoint has no API key, with which ClickSend's list of inbound SMS opens: add the provider with the \
             secret api:USERNAME:KEY"
                .to_owned()
        })?;
        Ok(Fetch {
            url: address(wish.base, 1),
            basic_auth: Some(basic_auth),
            ..Fetch::default()
        })
    }

    fn page(&self, wish: &Wish<'_>, answer: &[u8]) -> Result<Page, String> {
        let unread = || "it is no list of inbound SMS".to_owned();
        let answer: Value = serde_json::from_slice(answer).map_err(|_| unread())?;
        let messages = answer
            .pointer("/data/data")
            .and_then(Value::as_array)
            .ok_or_else(unread)?;
        let number = |place| answer.pointer(place).and_then(Value::as_u64);
        let (here, last) = (number("/data/current_page"), number("/data/last_page"));
        let next = here
            .zip(last)
            .filter(|(here, last)| here < last)
            .map(|(here, _)| here + 1);
        let kept = messages
            .iter()
            .filter_map(Value::as_object)
            .map(|message| kept(message, wish));
        Ok(Page {
            messages: kept.filter(|kept| kept.at.is_none_or(|at| at >= wish.since)).collect(),
            next: next
                .and_then(|page| u32::try_from(page).ok())
                .map(|page| address(wish.base, page)),
        })
    }
}

fn address(base: &str, page: u32) -> String {
    format!("{base}/v3/sms/inbound?page={page}&limit={PAGE_SIZE}")
}

/// The user and the key of the API, where the endpoint has them.
fn credentials(endpoint: &Endpoint) -> Option<(String, Secret)> {
    let mut texts = endpoint.secrets.iter().filter_map(Secret::expose_text);
    let (user, key) = texts.find_map(|text| text.strip_prefix(API)?.split_once(':'))?;
    Some((user.to_owned(), Secret::new(key)))
}

/// As the webhook that would have brought it. The list does not say whose it is: its key is the account's.
fn kept(message: &Map<String, Value>, wish: &Wish<'_>) -> Kept {
    let mut message = message.clone();
    let (user, subaccount) = match wish.provider.account.as_deref() {
        Some(account) => account.split_once('/').map_or((account, ""), |pair| pair),
        None => ("", ""),
    };
    for (name, value) in [("user_id", user), ("subaccount_id", subaccount)] {
        if !value.is_empty() && !message.contains_key(name) {
            message.insert(name.to_owned(), Value::from(value));
        }
    }
    let time = message.get("timestamp");
    let seconds = time.and_then(|time| time.as_i64().or_else(|| time.as_str()?.parse().ok()));
    let mut request = WebhookRequest::default();
    "POST".clone_into(&mut request.raw.method);
    request.raw.headers = headers(&[("content-type", "application/json")]);
    request.raw.body = Value::Object(message).to_string().into_bytes();
    Kept {
        request,
        at: seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        files: None,
    }
}
