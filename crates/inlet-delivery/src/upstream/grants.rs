//! Tokens: held in memory for a little while, read from disk, and renewed by one at a time. The next pair is on disk before
//! it is used, for the one before it is worth nothing then.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use inlet_core::{
    Timestamp,
    clock::later,
    delivery::Outcome,
    relay::{Agency, CallKind, Grant, Line, Renewal},
};
use inlet_highlevel::relay::{
    token::{self, Renewed},
    version,
};
use tokio::sync::Mutex as Turn;

use super::journey::{AGAIN, Journey};
use crate::{
    classify::retry_after,
    client::{End, Request},
};

/// For how long a token is held that somebody may have given anew meanwhile, here or through another node.
const HELD: Duration = Duration::from_secs(30);
/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_mins(10);
/// How long whoever renews may take, before somebody else may try.
const BUSY: Duration = Duration::from_secs(30);
/// When to look again whether somebody else has renewed it.
const LOOK: Duration = Duration::from_secs(2);
/// For how long the token endpoint is left alone that asked too often does not say for how long.
const UNASKED: Duration = Duration::from_mins(1);

const REFUSED: &str = "needs re-authorisation: the upstream does not take the refresh token any more";
const NONE: &str = "needs authorisation: there is no token; give it one with `inlet destination authorise`";

/// Which token: a destination may keep an agency's, and hold the one that was exchanged for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Of {
    /// What is kept for it.
    Kept(Line),
    /// What was exchanged for it.
    Exchanged(Line),
}

/// A token with its version, and when that was read.
#[derive(Debug)]
struct Held {
    grant: (Grant, i64),
    read: Timestamp,
}

/// The tokens that are held.
#[derive(Debug, Default)]
pub(super) struct Grants {
    held: Mutex<HashMap<Of, Held>>,
    turns: Mutex<HashMap<Of, Arc<Turn<()>>>>,
}

impl Grants {
    fn held(&self, of: Of) -> Option<(Grant, i64)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&of).map(|held| held.grant.clone())
    }

    /// What was read a little while ago.
    fn held_lately(&self, of: Of, now: Timestamp) -> Option<(Grant, i64)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.get(&of).filter(|held| now < later(held.read, HELD));
        found.map(|held| held.grant.clone())
    }

    fn hold(&self, of: Of, now: Timestamp, grant: (Grant, i64)) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(of, Held { grant, read: now });
    }

    fn turn(&self, of: Of) -> Arc<Turn<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(of).or_default())
    }
}

impl Journey<'_> {
    /// The token, renewed if it is about to end.
    pub(super) async fn grant(&mut self) -> Result<(Grant, i64), Outcome> {
        let upstream = self.upstream;
        match &upstream.agency {
            None => self.grant_of(self.line).await,
            Some(agency) => match self.relay.grants.held(Of::Exchanged(self.line)) {
                Some(held) if !ends_soon(&held.0, self.now()) => Ok(held),
                used => self.exchanged(agency, used.map(|used| used.1)).await,
            },
        }
    }

    /// The token as it stands on disk, which is held from now on.
    pub(super) async fn grant_anew(&mut self) -> Result<(Grant, i64), Outcome> {
        let upstream = self.upstream;
        self.read_grant(upstream.agency.as_ref().map_or(self.line, |agency| agency.keeper))
            .await?;
        self.grant().await
    }

    /// The one after a token that is not taken any more, or soon will not be.
    pub(super) async fn renewed(&mut self, used: &(Grant, i64)) -> Result<(Grant, i64), Outcome> {
        let upstream = self.upstream;
        match &upstream.agency {
            None => self.renewed_of(self.line, used).await,
            Some(agency) => self.exchanged(agency, Some(used.1)).await,
        }
    }

    async fn grant_of(&mut self, line: Line) -> Result<(Grant, i64), Outcome> {
        let held = match self.relay.grants.held_lately(Of::Kept(line), self.now()) {
            Some(held) => held,
            None => self.read_grant(line).await?,
        };
        if held.0.renewal.is_some() && ends_soon(&held.0, self.now()) {
            self.renewed_of(line, &held).await
        } else {
            Ok(held)
        }
    }

    async fn renewed_of(&mut self, line: Line, used: &(Grant, i64)) -> Result<(Grant, i64), Outcome> {
        let turn = self.relay.grants.turn(Of::Kept(line));
        let _alone = turn.lock().await;
        // Somebody may have renewed it while this one waited, here or on another node.
        let current = match self.relay.grants.held(Of::Kept(line)) {
            Some(held) if held.1 != used.1 => held,
            _ => self.read_grant(line).await?,
        };
        let newer = current.1 != used.1 && !ends_soon(&current.0, self.now());
        match current.0.renewal.clone() {
            Some(renewal) if !newer => self.renew(line, &renewal).await,
            Some(_) | None => Ok(current),
        }
    }

    async fn read_grant(&mut self, line: Line) -> Result<(Grant, i64), Outcome> {
        let found = self.relay.parts.memory.grant(line).await;
        let found = found.map_err(|fault| self.end(AGAIN, fault.to_string()))?;
        let found = found.ok_or_else(|| self.end(Outcome::Disable { reason: NONE }, NONE.to_owned()))?;
        self.relay.grants.hold(Of::Kept(line), self.now(), found.clone());
        Ok(found)
    }

    async fn renew(&mut self, line: Line, renewal: &Renewal) -> Result<(Grant, i64), Outcome> {
        let now = self.now();
        let memory = Arc::clone(&self.relay.parts.memory);
        let begun = memory.begin_renewal(line, now, later(now, BUSY)).await;
        if !begun.map_err(|fault| self.end(AGAIN, fault.to_string()))? {
            let at = later(now, LOOK);
            return Err(self.end(
                Outcome::Later { at, park: true },
                "the token is being renewed".to_owned(),
            ));
        }
        let body = token::body(renewal, self.upstream.agency.is_some());
        let (renewed, after) = self
            .ask_for_token("/oauth/token", (body, None), |status, body, now| {
                token::read(status, body, renewal, now)
            })
            .await;
        let grant = self.got(renewed, after)?;
        let saved = memory.save_grant(line, grant).await;
        saved.map_err(|fault| self.end(AGAIN, fault.to_string()))?;
        self.read_grant(line).await
    }

    /// The location's token for the agency's. It is held in memory only: whoever has the agency's gets another.
    async fn exchanged(&mut self, agency: &Agency, used: Option<i64>) -> Result<(Grant, i64), Outcome> {
        let turn = self.relay.grants.turn(Of::Exchanged(self.line));
        let _alone = turn.lock().await;
        let held = self.relay.grants.held(Of::Exchanged(self.line));
        // Somebody may have exchanged it while this one waited.
        if let Some(held) = held.filter(|held| used != Some(held.1)) {
            return Ok(held);
        }
        let mut opens = self.grant_of(agency.keeper).await?;
        let (mut renewed, mut after) = self.exchange(agency, &opens.0).await;
        if renewed == Renewed::Refused {
            opens = self.renewed_of(agency.keeper, &opens).await?;
            (renewed, after) = self.exchange(agency, &opens.0).await;
        }
        let next = (self.got(renewed, after)?, used.unwrap_or_default() + 1);
        self.relay
            .grants
            .hold(Of::Exchanged(self.line), self.now(), next.clone());
        Ok(next)
    }

    async fn exchange(&mut self, agency: &Agency, opens: &Grant) -> (Renewed, Option<Duration>) {
        let body = token::location_body(&agency.company, &self.upstream.location);
        self.ask_for_token("/oauth/locationToken", (body, Some(opens)), token::read_location)
            .await
    }

    /// What came of asking for a token: a token, or the end of this try.
    fn got(&mut self, renewed: Renewed, after: Option<Duration>) -> Result<Grant, Outcome> {
        let now = self.now();
        let (wait, words) = match renewed {
            Renewed::Got(grant) => return Ok(*grant),
            Renewed::Refused => return Err(self.end(Outcome::Disable { reason: REFUSED }, REFUSED.to_owned())),
            Renewed::Limited => (after.unwrap_or(UNASKED).max(BUSY), "too many asked for tokens"),
            // It may have been renewed, and its answer lost: the same refresh token tells, when it is tried again.
            Renewed::Unclear => (BUSY, "the token could not be renewed"),
        };
        let at = later(now, wait);
        Err(self.end(Outcome::Later { at, park: true }, words.to_owned()))
    }

    async fn ask_for_token(
        &mut self,
        path: &str,
        (body, opens): (String, Option<&Grant>),
        read: impl Fn(u16, &[u8], Timestamp) -> Renewed,
    ) -> (Renewed, Option<Duration>) {
        self.count(CallKind::Token);
        let url = format!("{}{path}", self.destination.url.trim_end_matches('/'));
        let Ok(headers) = self.token_headers(opens) else {
            return (Renewed::Refused, None);
        };
        let request = Request {
            method: Method::POST,
            url: &url,
            headers,
            body: Bytes::from(body),
        };
        let parts = &self.relay.parts;
        let answer = parts.client.send(request, &parts.limits).await;
        let now = self.now();
        match answer {
            Ok(answer) if answer.end == End::Whole => {
                let after = retry_after(&answer.headers, now);
                (read(answer.status, &answer.body, now), after)
            }
            Ok(_) | Err(_) => (Renewed::Unclear, None),
        }
    }

    fn token_headers(&self, opens: Option<&Grant>) -> Result<HeaderMap, http::header::InvalidHeaderValue> {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let version = HeaderValue::from_static(version(self.upstream.dialect, "/oauth"));
        let mut headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (CONTENT_TYPE, form),
            (HeaderName::from_static("version"), version),
        ]);
        if let Some(opens) = opens {
            headers.insert(AUTHORIZATION, bearer(opens)?);
        }
        Ok(headers)
    }
}

/// The header that carries a token.
pub(super) fn bearer(grant: &Grant) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let mut value = HeaderValue::try_from([b"Bearer ", grant.access.expose()].concat())?;
    value.set_sensitive(true);
    Ok(value)
}

fn ends_soon(grant: &Grant, now: Timestamp) -> bool {
    grant.expires_at.is_some_and(|end| end <= later(now, EARLY))
}
