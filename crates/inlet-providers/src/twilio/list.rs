//! What Twilio kept of an account's messages, newest first.
//!
//! Foreign rules: `twilio.com/docs/messaging/api/message-resource` (reading a list, by `DateSent>`),
//! `…/docs/messaging/api/media-resource`, and `…/docs/usage/twilios-response` (paging by `next_page_uri`).

use form_urlencoded::Serializer;
use inlet_core::{
    Timestamp,
    adapter::{Fetch, WebhookRequest},
    listing::{Kept, Lister, Page, Wish},
};
use jiff::fmt::rfc2822;
use serde::Deserialize;
use serde_json::Value;

use super::{media, sample::FORM};
use crate::specimen::headers;

/// Messages of one page; Twilio gives 1,000 at most.
const PAGE_SIZE: &str = "200";

/// Lists the messages of an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages;

/// A page as Twilio writes it.
#[derive(Deserialize)]
struct Answer {
    messages: Vec<Message>,
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    sid: String,
    account_sid: String,
    from: String,
    to: String,
    #[serde(default)]
    body: Option<String>,
    direction: String,
    #[serde(default)]
    num_media: Option<Value>,
    #[serde(default)]
    date_sent: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    messaging_service_sid: Option<String>,
    #[serde(default)]
    subresource_uris: Option<Value>,
}

#[derive(Deserialize)]
struct Files {
    media_list: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    uri: String,
    #[serde(default)]
    content_type: Option<String>,
}

impl Lister for Messages {
    fn base(&self) -> &'static str {
        "https://api.twilio.com"
    }

    fn first(&self, wish: &Wish<'_>) -> Result<Fetch, String> {
        let account = wish.provider.account.clone().ok_or_else(|| {
            "the provider names no account, so Twilio cannot be asked for its messages: add one with --account AC…"
                .to_owned()
        })?;
        let token = media::auth_token(wish.endpoint).ok_or_else(|| {
            "the endpoint has no auth token, with which Twilio's list of messages opens: a shared key only signs"
                .to_owned()
        })?;
        let mut query = Serializer::new(String::new());
        query.append_pair("PageSize", PAGE_SIZE);
        // Not for a number: one of them is written in a way of its own on each channel. The list is by days of UTC; what is older within the first day is sorted out when it is read.
        query.append_pair("DateSent>", &wish.since.strftime("%Y-%m-%d").to_string());
        let (base, query) = (wish.base, query.finish());
        Ok(Fetch {
            url: format!("{base}/2010-04-01/Accounts/{account}/Messages.json?{query}"),
            basic_auth: Some((account, token)),
            ..Fetch::default()
        })
    }

    fn page(&self, wish: &Wish<'_>, answer: &[u8]) -> Result<Page, String> {
        let answer: Answer = serde_json::from_slice(answer).map_err(|_| "it is no list of messages".to_owned())?;
        let came = answer
            .messages
            .into_iter()
            .filter(|message| message.direction == "inbound");
        let kept = came.map(|message| message.kept(wish));
        Ok(Page {
            messages: kept.filter(|kept| kept.at.is_none_or(|at| at >= wish.since)).collect(),
            next: answer.next_page_uri.and_then(|path| within(wish.base, &path)),
        })
    }

    fn with_files(&self, kept: Kept, answer: &[u8]) -> Result<WebhookRequest, String> {
        let files: Files = serde_json::from_slice(answer).map_err(|_| "it is no list of files".to_owned())?;
        let mut form = Serializer::new(String::from_utf8_lossy(&kept.request.raw.body).into_owned());
        for (index, file) in files.media_list.iter().enumerate() {
            // As the webhook names it: on Twilio's own host, whichever one the list came from, and without an ending.
            let path = file.uri.strip_suffix(".json").unwrap_or(&file.uri);
            let url = within(self.base(), path).ok_or_else(|| "a file has no address".to_owned())?;
            form.append_pair(&format!("MediaUrl{index}"), &url);
            let content_type = file.content_type.as_deref().unwrap_or_default();
            form.append_pair(&format!("MediaContentType{index}"), content_type);
        }
        let mut request = kept.request;
        request.raw.body = form.finish().into_bytes();
        Ok(request)
    }
}

impl Message {
    /// As the webhook that would have brought it.
    fn kept(&self, wish: &Wish<'_>) -> Kept {
        let mut form = Serializer::new(String::new());
        form.append_pair("MessageSid", &self.sid);
        form.append_pair("AccountSid", &self.account_sid);
        form.append_pair("From", &self.from).append_pair("To", &self.to);
        form.append_pair("Body", self.body.as_deref().unwrap_or_default());
        form.append_pair("SmsStatus", "received");
        if let Some(service) = &self.messaging_service_sid {
            form.append_pair("MessagingServiceSid", service);
        }
        let mut request = WebhookRequest::default();
        "POST".clone_into(&mut request.raw.method);
        request.raw.headers = headers(&[("content-type", FORM)]);
        request.raw.body = form.finish().into_bytes();
        let date = self.date_sent.as_ref().or(self.date_created.as_ref());
        Kept {
            request,
            at: date.and_then(|date| moment(date)),
            files: self.files(wish.base),
        }
    }

    fn files(&self, base: &str) -> Option<String> {
        let count = self.num_media.as_ref()?;
        let none = count.as_str() == Some("0") || count.as_u64() == Some(0);
        let path = self.subresource_uris.as_ref()?.get("media")?.as_str()?;
        within(base, path).filter(|_| !none)
    }
}

/// A path of the API, as an address; `None` where it would lead elsewhere.
fn within(base: &str, path: &str) -> Option<String> {
    (path.starts_with('/') && !path.starts_with("//")).then(|| format!("{base}{path}"))
}

/// A date as Twilio writes it: `Thu, 24 Aug 2023 05:01:45 +0000`.
fn moment(date: &str) -> Option<Timestamp> {
    rfc2822::parse(date).ok().map(|zoned| zoned.timestamp())
}
