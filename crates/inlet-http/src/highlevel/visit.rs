//! One request from its coming to its answer: its trace id, what is left of its caller's limit, and the one place where
//! an outcome becomes a response and a refusal is logged.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::Response,
};
use inlet_core::chance::uuid;
use inlet_highlevel::fault::Fault;
use serde::Serialize;

use super::{
    Api,
    caller::{self, Caller, Holder, Needs},
    meter::Standing,
};

const TRACE: HeaderName = HeaderName::from_static("traceid");
const DAILY: HeaderName = HeaderName::from_static("x-ratelimit-limit-daily");
const DAILY_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-daily-remaining");
const INTERVAL: HeaderName = HeaderName::from_static("x-ratelimit-interval-milliseconds");
const MAX: HeaderName = HeaderName::from_static("x-ratelimit-max");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Bytes that the target of a request may have.
pub(super) const MAX_TARGET: usize = 8 * 1024;

/// Refuses an address that nobody means.
pub(super) fn short(target: &Uri) -> Result<(), Fault> {
    let size = target.path_and_query().map_or(0, |target| target.as_str().len());
    if size > MAX_TARGET {
        return Err(Fault::long_target(MAX_TARGET));
    }
    Ok(())
}

/// A request on its way.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) api: &'a Api,
    trace: String,
    standing: Standing,
}

/// An answer's body with the trace id that goes with it.
#[derive(Serialize)]
struct Traced<'a, T> {
    #[serde(flatten)]
    said: &'a T,
    #[serde(rename = "traceId")]
    trace: &'a str,
}

impl<'a> Visit<'a> {
    /// Begins.
    pub(super) fn open(api: &'a Api) -> Self {
        Self {
            api,
            trace: uuid(&*api.ports().chance),
            standing: Standing::full(&api.ports().settings.limits),
        }
    }

    /// Begins for a caller who is told to have used up the day, or else the interval.
    pub(super) fn worn_out(api: &'a Api, day: bool) -> Self {
        let mut visit = Self::open(api);
        if day {
            visit.standing.daily_remaining = 0;
        } else {
            visit.standing.remaining = 0;
        }
        visit
    }

    /// Who calls, with a location's token, if it opens this endpoint and they have not called too often.
    pub(super) async fn admit(&mut self, request: &Parts, needs: &Needs) -> Result<Caller, Fault> {
        let holder = self.count(request).await?;
        let scoped = holder.may(request, needs);
        let caller = holder.at_location()?;
        scoped?;
        caller.is_at(request)?;
        Ok(caller)
    }

    /// Who calls, with a token of whichever class, under the same conditions.
    pub(super) async fn admit_holder(&mut self, request: &Parts, needs: &Needs) -> Result<Holder, Fault> {
        let holder = self.count(request).await?;
        holder.may(request, needs)?;
        Ok(holder)
    }

    /// Who calls, with an agency's token, under the same conditions.
    pub(super) async fn admit_agency(&mut self, request: &Parts, needs: &Needs) -> Result<Holder, Fault> {
        let holder = self.count(request).await?;
        holder.agency()?;
        holder.may(request, needs)?;
        Ok(holder)
    }

    async fn count(&mut self, request: &Parts) -> Result<Holder, Fault> {
        short(&request.uri)?;
        let ports = self.api.ports();
        let known = caller::identify(&request.headers, ports);
        let holder = if known.is_ok() {
            known?
        } else {
            // The token may be new, and another node's.
            ports.directory.refresh().await;
            caller::identify(&request.headers, ports)?
        };
        let who = (holder.app, holder.subject.clone());
        self.standing = self
            .api
            .meter
            .count(who, ports.clock.monotonic(), &ports.settings.limits);
        match self.standing.wait {
            Some(seconds) => Err(Fault::too_many_requests(seconds)),
            None => Ok(holder),
        }
    }

    /// Answers.
    pub(super) fn close<T: Serialize>(self, status: StatusCode, outcome: Result<T, Fault>) -> Response {
        match outcome {
            Ok(said) => self.respond(status, &said),
            Err(fault) => self.refuse(&fault),
        }
    }

    /// Answers with what is no JSON object, under the same headers.
    pub(super) fn pass_on(self, outcome: Result<Response, Fault>) -> Response {
        let mut response = match outcome {
            Ok(response) => response,
            Err(fault) => return self.refuse(&fault),
        };
        self.head(response.headers_mut());
        response
    }

    /// Answers with a refusal, and logs it.
    pub(super) fn refuse(self, fault: &Fault) -> Response {
        let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // The sentences name no one: what a caller sent is not in them.
        if status.is_server_error() {
            tracing::error!(trace = self.trace, status = fault.status, why = ?fault.message, "an API call failed");
        } else {
            tracing::debug!(trace = self.trace, status = fault.status, why = ?fault.message, "an API call was refused");
        }
        let retry_after = fault.retry_after.map(HeaderValue::from);
        let mut response = self.respond(status, fault);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    /// Answers without a word.
    pub(super) fn say_nothing(self, status: StatusCode) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        self.head(response.headers_mut());
        response
    }

    fn respond<T: Serialize>(&self, status: StatusCode, said: &T) -> Response {
        let traced = Traced {
            said,
            trace: &self.trace,
        };
        // Plain data with text keys only: it cannot fail to serialise.
        let body = serde_json::to_vec(&traced).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        self.head(response.headers_mut());
        response
    }

    fn head(&self, headers: &mut HeaderMap) {
        let limits = &self.api.ports().settings.limits;
        headers.reserve(8);
        headers.entry(header::CONTENT_TYPE).or_insert(JSON);
        if let Ok(trace) = HeaderValue::from_str(&self.trace) {
            headers.insert(TRACE, trace);
        }
        headers.insert(DAILY, limits.daily.into());
        headers.insert(DAILY_REMAINING, self.standing.daily_remaining.into());
        headers.insert(INTERVAL, limits.interval_ms.into());
        headers.insert(MAX, limits.burst.into());
        headers.insert(REMAINING, self.standing.remaining.into());
    }
}
