//! Tokens: held in memory, read from disk when they are first needed, and renewed by one at a time. The next pair is on disk
//! before it is used, for the one before it is worth nothing then.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use inlet_core::{
    Timestamp,
    clock::later,
    delivery::Outcome,
    relay::{CallKind, Grant, Line, Renewal},
};
use inlet_highlevel::relay::token::{self, Renewed};
use tokio::sync::Mutex as Turn;

use super::journey::{AGAIN, Journey};
use crate::{
    classify::retry_after,
    client::{End, Request},
};

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

/// The tokens that are held.
#[derive(Debug, Default)]
pub(super) struct Grants {
    held: Mutex<HashMap<Line, (Grant, i64)>>,
    turns: Mutex<HashMap<Line, Arc<Turn<()>>>>,
}

impl Grants {
    fn held(&self, line: Line) -> Option<(Grant, i64)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&line).cloned()
    }

    fn hold(&self, line: Line, grant: (Grant, i64)) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(line, grant);
    }

    fn turn(&self, line: Line) -> Arc<Turn<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(line).or_default())
    }
}

impl Journey<'_> {
    /// The token, renewed if it is about to end.
    pub(super) async fn grant(&mut self) -> Result<(Grant, i64), Outcome> {
        let held = match self.relay.grants.held(self.line) {
            Some(held) => held,
            None => self.read_grant().await?,
        };
        if ends_soon(&held.0, self.now()) {
            self.renewed(&held).await
        } else {
            Ok(held)
        }
    }

    /// The one after a token that is not taken any more, or soon will not be.
    pub(super) async fn renewed(&mut self, used: &(Grant, i64)) -> Result<(Grant, i64), Outcome> {
        let turn = self.relay.grants.turn(self.line);
        let _alone = turn.lock().await;
        // Somebody may have renewed it while this one waited, here or on another node.
        let current = match self.relay.grants.held(self.line) {
            Some(held) if held.1 != used.1 => held,
            _ => self.read_grant().await?,
        };
        let newer = current.1 != used.1 && !ends_soon(&current.0, self.now());
        match current.0.renewal.clone() {
            Some(renewal) if !newer => self.renew(&renewal).await,
            Some(_) | None => Ok(current),
        }
    }

    async fn read_grant(&mut self) -> Result<(Grant, i64), Outcome> {
        let found = self.relay.parts.memory.grant(self.line).await;
        let found = found.map_err(|fault| self.end(AGAIN, fault.to_string()))?;
        let found = found.ok_or_else(|| self.end(Outcome::Disable { reason: NONE }, NONE.to_owned()))?;
        self.relay.grants.hold(self.line, found.clone());
        Ok(found)
    }

    async fn renew(&mut self, renewal: &Renewal) -> Result<(Grant, i64), Outcome> {
        let now = self.now();
        let memory = Arc::clone(&self.relay.parts.memory);
        let begun = memory.begin_renewal(self.line, now, later(now, BUSY)).await;
        if !begun.map_err(|fault| self.end(AGAIN, fault.to_string()))? {
            let at = later(now, LOOK);
            return Err(self.end(
                Outcome::Later { at, park: true },
                "the token is being renewed".to_owned(),
            ));
        }
        let (renewed, after) = self.ask_for_token(renewal).await;
        match renewed {
            Renewed::Got(grant) => {
                let saved = memory.save_grant(self.line, *grant).await;
                saved.map_err(|fault| self.end(AGAIN, fault.to_string()))?;
                self.read_grant().await
            }
            Renewed::Refused => Err(self.end(Outcome::Disable { reason: REFUSED }, REFUSED.to_owned())),
            Renewed::Limited => {
                let at = later(now, after.unwrap_or(UNASKED).max(BUSY));
                Err(self.end(
                    Outcome::Later { at, park: true },
                    "too many asked for tokens".to_owned(),
                ))
            }
            // It may have been renewed, and its answer lost: the same refresh token tells, when it is tried again.
            Renewed::Unclear => {
                let at = later(now, BUSY);
                Err(self.end(
                    Outcome::Later { at, park: true },
                    "the token could not be renewed".to_owned(),
                ))
            }
        }
    }

    async fn ask_for_token(&mut self, renewal: &Renewal) -> (Renewed, Option<Duration>) {
        self.count(CallKind::Token);
        let url = format!("{}/oauth/token", self.destination.url.trim_end_matches('/'));
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = Request {
            method: Method::POST,
            url: &url,
            headers: HeaderMap::from_iter([(http::header::CONTENT_TYPE, form)]),
            body: Bytes::from(token::body(renewal)),
        };
        let parts = &self.relay.parts;
        let answer = parts.client.send(request, &parts.limits).await;
        let now = self.now();
        match answer {
            Ok(answer) if answer.end == End::Whole => {
                let after = retry_after(&answer.headers, now);
                (token::read(answer.status, &answer.body, renewal, now), after)
            }
            Ok(_) | Err(_) => (Renewed::Unclear, None),
        }
    }
}

fn ends_soon(grant: &Grant, now: Timestamp) -> bool {
    grant.renewal.is_some() && grant.expires_at.is_some_and(|end| end <= later(now, EARLY))
}
