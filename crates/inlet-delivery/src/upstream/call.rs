//! One call to an upstream: it takes its place, carries the token, and is counted; with a token that is not valid any more it
//! is made once more with the next.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use inlet_core::{
    delivery::Outcome,
    ids::MessageKey,
    relay::{CallKind, Grant, Note},
};
use inlet_highlevel::relay::{
    answer::{Answer, failed},
    version,
};

use super::{governor::Place, grants::bearer, headers::heard, journey::Journey};
use crate::client::{Answer as Heard, End, Failure, Request};

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) kind: CallKind,
    pub(super) method: Method,
    /// Below the base URL, with its query.
    pub(super) path: String,
    pub(super) body: Bytes,
    /// The message that is on its way with it.
    pub(super) carries: Option<MessageKey>,
}

impl Call {
    pub(super) fn get(kind: CallKind, path: String) -> Self {
        Self {
            kind,
            method: Method::GET,
            path,
            body: Bytes::new(),
            carries: None,
        }
    }

    pub(super) fn post(kind: CallKind, path: &str, body: Vec<u8>) -> Self {
        Self {
            kind,
            method: Method::POST,
            path: path.to_owned(),
            body: body.into(),
            carries: None,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// An answer, whole.
    Answered { status: u16, body: Vec<u8> },
    /// None, and it certainly was not done.
    NeverLeft(Failure),
    /// None, or half of one: nobody knows whether it was done.
    Lost(String),
}

impl Journey<'_> {
    /// Makes the call. An `Err` is the end of this try: there was no place, no token, or the day is used up.
    pub(super) async fn call(&mut self, call: &Call) -> Result<Reply, Outcome> {
        let mut grant = self.grant().await?;
        let reply = self.call_with(call, &grant).await?;
        if !is_unauthorised(&reply) {
            return Ok(reply);
        }
        self.was_refused(call);
        grant = self.renewed(&grant).await?;
        self.call_with(call, &grant).await
    }

    /// What was on its way with it certainly is not there.
    pub(super) fn was_refused(&mut self, call: &Call) {
        self.notes.extend(call.carries.map(Note::Refused));
    }

    async fn call_with(&mut self, call: &Call, (grant, _): &(Grant, i64)) -> Result<Reply, Outcome> {
        let now = self.now();
        let place = self.relay.parts.governors.begin(&self.account, now);
        let place = place.map_err(|at| Outcome::Later { at, park: false })?;
        if let Some(message) = call.carries {
            self.notes.push(Note::Posting(message, self.contact, now));
            self.flush().await?;
        }
        self.count(call.kind);
        self.heard.status = None;
        let Ok(headers) = self.headers(call, grant) else {
            self.was_refused(call);
            self.heard.words = Some("not sent: its token cannot be a header".to_owned());
            return Err(Outcome::Disable {
                reason: "needs re-authorisation: the token has characters that no token has",
            });
        };
        let url = format!("{}{}", self.destination.url.trim_end_matches('/'), call.path);
        let request = Request {
            method: call.method.clone(),
            url: &url,
            headers,
            body: call.body.clone(),
        };
        let parts = &self.relay.parts;
        match parts.client.send(request, &parts.limits).await {
            Ok(answer) => self.take(call, place, answer),
            Err(failure) => Ok(self.unanswered(failure)),
        }
    }

    fn take(&mut self, call: &Call, place: Place, answer: Heard) -> Result<Reply, Outcome> {
        let now = self.now();
        let parked = place.end(now, &heard(answer.status, &answer.headers, now));
        self.heard.status = Some(answer.status);
        self.heard.headers = answer.headers;
        if let Some(until) = parked {
            self.was_refused(call);
            self.heard.words = Some("the day's calls are used up".to_owned());
            return Err(Outcome::Later { at: until, park: true });
        }
        Ok(match answer.end {
            End::Whole => Reply::Answered {
                status: answer.status,
                body: answer.body,
            },
            End::Long | End::Late | End::Broken => Reply::Lost("the answer did not arrive whole".to_owned()),
        })
    }

    fn unanswered(&mut self, failure: Failure) -> Reply {
        self.heard.words = Some(failure.to_string());
        match failure {
            Failure::Late | Failure::Lost => Reply::Lost(failure.to_string()),
            Failure::Blocked(_) | Failure::Unresolved | Failure::Unreachable | Failure::Tls(_) => {
                Reply::NeverLeft(failure)
            }
        }
    }

    /// The headers that HighLevel's own libraries send.
    fn headers(&self, call: &Call, grant: &Grant) -> Result<HeaderMap, http::header::InvalidHeaderValue> {
        let version = version(self.upstream.dialect, &call.path);
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("version", HeaderValue::from_static(version));
        headers.insert("authorization", bearer(grant)?);
        Ok(headers)
    }
}

/// Whether it was refused for its token, so that another one may help.
fn is_unauthorised(reply: &Reply) -> bool {
    let Reply::Answered { status: 401, body } = reply else {
        return false;
    };
    matches!(failed::<()>(401, body), Answer::Unauthorised(_))
}
