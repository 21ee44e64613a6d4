//! `inlet doctor`: what can be told of an upstream by harmless calls, one at a time, each in its place and counted. What
//! others met before is named, with what to change.

use bytes::Bytes;
use http::{HeaderMap, Method};
use inlet_core::{
    delivery::Outcome,
    registry::{Destination, DestinationState},
    relay::{CallKind, Finding, Verdict, day},
};
use inlet_highlevel::relay::{
    answer::{self, Answer, failed},
    cure::{self, Cure},
    opening::{self, NEEDED, Opening},
    probe::{self, Probe},
    version,
};

use super::{
    Upstreams,
    call::{Call, Reply},
    journey::Journey,
};
use crate::client::{Failure, Request};

/// Days in which a webhook of the upstream's own should have come.
const DAYS: i64 = 7;
/// Seconds by which two clocks may differ: what is told more than five minutes later is not learned from.
const CLOCKS_DIFFER: i64 = 60;
/// Of a day's calls, one in so many is little.
const LITTLE: u32 = 20;

/// What to do about a token.
const AUTHORISE: &str = "make a new one at HighLevel, then `inlet destination authorise ID --token-env VAR` and `inlet \
     destination enable ID --release`";

/// One upstream, and what was found so far.
struct Ward<'a> {
    journey: Journey<'a>,
    findings: Vec<Finding>,
}

impl Upstreams {
    /// What can be told of a destination; nothing where it is no upstream.
    pub(super) async fn look_at(&self, destination: &Destination) -> Vec<Finding> {
        let Some(journey) = Journey::new(self, destination) else {
            return Vec::new();
        };
        let mut ward = Ward {
            journey,
            findings: Vec::new(),
        };
        ward.state();
        if ward.token().await && ward.probes().await {
            let headers = ward.journey.heard.headers.clone();
            ward.clock(&headers);
            ward.limits(&headers);
        }
        ward.webhooks().await;
        // What could not be counted is not worth more than what was found.
        let _ = ward.journey.put_down(Outcome::Delivered).await;
        ward.findings
    }
}

impl Ward<'_> {
    fn good(&mut self, check: &'static str, words: impl Into<String>) {
        self.say(check, Verdict::Good, (words.into(), None));
    }

    fn say(&mut self, check: &'static str, verdict: Verdict, (words, cure): (String, Option<String>)) {
        self.findings.push(Finding {
            check,
            verdict,
            words,
            cure,
        });
    }

    /// Whether it is sent to at all.
    fn state(&mut self) {
        let destination = self.journey.destination;
        let why = destination.state_reason.clone().unwrap_or_default();
        let id = &destination.id;
        match destination.state {
            DestinationState::Active => match destination.parked_until.filter(|until| *until > self.journey.now()) {
                Some(until) => {
                    let said = format!(
                        "nothing is sent before {until}: the day's calls are used up, or others asked for rest"
                    );
                    self.say("state", Verdict::Odd, (said, None));
                }
                None => self.good("state", "it is sent to"),
            },
            DestinationState::Paused => {
                let cure = format!("`inlet destination resume {id}` goes on");
                self.say("state", Verdict::Odd, (format!("paused: {why}"), Some(cure)));
            }
            DestinationState::Disabled => {
                let cure = format!("mend what is said below, then `inlet destination enable {id} --release`");
                self.say("state", Verdict::Bad, (format!("disabled: {why}"), Some(cure)));
            }
        }
    }

    /// What its token says of itself; whether there is one.
    async fn token(&mut self) -> bool {
        let grant = match self.journey.grant_anew().await {
            Ok((grant, _)) => grant,
            Err(outcome) => {
                self.stopped(&outcome);
                return false;
            }
        };
        let ends = grant.renewal.is_none() && self.journey.upstream.agency.is_none();
        match opening::read(grant.access.expose_text().unwrap_or_default()) {
            Opening::Private => self.good("token", "a private integration token, which does not end"),
            Opening::Unknown => {
                let said = "it is neither a private integration token nor an access token as HighLevel gives them out";
                let cure = "copy it again, whole: a private integration token begins with pit-";
                self.say("token", Verdict::Odd, (said.to_owned(), Some(cure.to_owned())));
            }
            Opening::Access {
                id,
                agency,
                scopes,
                ends_at,
            } => {
                self.whose(&id, agency);
                self.scopes(&scopes);
                if let Some(at) = ends_at.filter(|_| ends) {
                    let said = format!("it ends at {at}, and nothing renews it");
                    let cure = "give the app's refresh token: --client-id, --client-secret-env and --refresh-token-env";
                    self.say("token", Verdict::Odd, (said, Some(cure.to_owned())));
                }
            }
        }
        true
    }

    fn whose(&mut self, id: &str, agency: bool) {
        let location = &self.journey.upstream.location;
        if agency {
            self.fault("token", Verdict::Bad, (401, "authClass", "an agency's token"));
        } else if id == location {
            self.good("token", "an app's access token for this location");
        } else {
            let said = "an access token for another location";
            self.fault("token", Verdict::Bad, (403, "no access to this location", said));
        }
    }

    fn scopes(&mut self, scopes: &[String]) {
        for (scope, what_for) in NEEDED {
            if !scopes.is_empty() && !scopes.iter().any(|own| own == scope) {
                let said = format!("the token has no {scope}, which is needed {what_for}");
                self.fault("scope", Verdict::Bad, (401, "scope", &said));
            }
        }
    }

    /// A failure that is known, as if HighLevel had said it.
    fn fault(&mut self, check: &'static str, verdict: Verdict, (status, words, said): (u16, &str, &str)) {
        let cure = cure::find(status, words).map(told);
        self.say(check, verdict, (said.to_owned(), cure));
    }

    /// Makes the harmless calls; whether the upstream answered.
    async fn probes(&mut self) -> bool {
        let mut refused = String::new();
        let mut answered = false;
        for probe in probe::all(self.journey.upstream) {
            let reply = match self.journey.call(&call(&probe)).await {
                Ok(reply) => reply,
                Err(outcome) => {
                    self.stopped(&outcome);
                    return answered;
                }
            };
            let (status, body) = match reply {
                Reply::Answered { status, body } => (status, body),
                Reply::NeverLeft(failure) => {
                    self.unreached(&failure);
                    return answered;
                }
                Reply::Lost(words) => {
                    let cure =
                        "try again; if it stays so, look at HighLevel's status page and at the proxies in between";
                    self.say("answer", Verdict::Bad, (words, Some(cure.to_owned())));
                    return answered;
                }
            };
            if !answered {
                self.good("address", "its name is found, and it answers");
            }
            answered = true;
            if let Some(words) = self.judge(&probe, status, &body) {
                // The same refusal again says nothing more, unless it is of another scope.
                if words == refused && !words.contains("scope") {
                    self.findings.pop();
                    break;
                }
                refused = words;
            }
        }
        answered
    }

    /// What an answer says; HighLevel's words where it refused.
    fn judge(&mut self, probe: &Probe, status: u16, body: &[u8]) -> Option<String> {
        let of = &probe.of;
        let said = answer::said(body);
        // A path that is not there speaks of contacts too.
        let nobody = matches!(failed::<()>(status, body), Answer::NoContact) && !said.starts_with("Cannot");
        if (200..300).contains(&status) || nobody {
            let headers = version(self.journey.upstream.dialect, &probe.path);
            self.good(probe.check, format!("{of} is open, under version {headers}"));
            return None;
        }
        let verdict = if probe.needed { Verdict::Bad } else { Verdict::Odd };
        let cure = cure::find(status, &said).map(told);
        self.say(probe.check, verdict, (format!("{of}: {status} {said}"), cure));
        Some(format!("{status} {said}"))
    }

    /// There was no place or no token for a call.
    fn stopped(&mut self, outcome: &Outcome) {
        let said = self.journey.heard.words.clone().unwrap_or_default();
        match outcome {
            Outcome::Later { at, .. } => {
                let said = format!("no call may be made before {at}: {said}");
                self.say("limits", Verdict::Odd, (said, Some("look again then".to_owned())));
            }
            Outcome::Disable { reason } => {
                self.say(
                    "token",
                    Verdict::Bad,
                    ((*reason).to_owned(), Some(AUTHORISE.to_owned())),
                );
            }
            Outcome::Delivered | Outcome::Retry { .. } | Outcome::Dead { .. } => {
                self.say("answer", Verdict::Bad, (said, None));
            }
        }
    }

    fn unreached(&mut self, failure: &Failure) {
        let (check, cure) = unreached(failure);
        self.say(check, Verdict::Bad, (failure.to_string(), Some(cure.to_owned())));
    }

    /// How far the upstream's clock is from this one.
    fn clock(&mut self, headers: &HeaderMap) {
        let date = headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else {
            return;
        };
        let apart = self.journey.now().as_second() - date.timestamp().as_second();
        if apart.abs() <= CLOCKS_DIFFER {
            return self.good("clock", "it agrees with HighLevel's");
        }
        let side = if apart < 0 { "behind" } else { "ahead of" };
        let words = format!("this machine's is {} seconds {side} HighLevel's", apart.abs());
        let cure =
            "set this machine's clock (systemd-timesyncd, chrony): tokens are renewed too late, and webhooks look old";
        self.say("clock", Verdict::Bad, (words, Some(cure.to_owned())));
    }

    /// What is left of the limits.
    fn limits(&mut self, headers: &HeaderMap) {
        let said = super::headers::heard(200, headers, self.journey.now());
        let allowed = self.journey.account.1;
        let (Some(burst), Some(left)) = (said.burst, said.remaining) else {
            let words = "HighLevel does not say how many calls are left";
            return self.say("limits", Verdict::Odd, (words.to_owned(), None));
        };
        let daily = said
            .daily_remaining
            .map(|left| format!("; {left} in the day"))
            .unwrap_or_default();
        let words = format!("{left} of {burst} calls are left in the interval{daily}");
        let (verdict, cure) = match said.daily_remaining {
            Some(0) => (
                Verdict::Bad,
                Some("the day's calls are used up: what waits goes on at midnight in UTC"),
            ),
            Some(left) if left < allowed.daily / LITTLE => (
                Verdict::Odd,
                Some("little of the day is left: it is kept for what comes in"),
            ),
            _ if burst < allowed.burst => (
                Verdict::Odd,
                Some("HighLevel allows less than was said, and is obeyed: --limits sandbox says it from the start"),
            ),
            _ => (Verdict::Good, None),
        };
        self.say("limits", verdict, (words, cure.map(str::to_owned)));
    }

    /// Whether the upstream's own webhooks reach us.
    async fn webhooks(&mut self) {
        let since = day(self.journey.now()) - DAYS;
        let days = self.journey.relay.parts.memory.ledger(self.journey.line, since).await;
        let heard: u64 = days.unwrap_or_default().iter().map(|day| day.heard).sum();
        if heard > 0 {
            return self.good("webhooks", format!("{heard} came in the last {DAYS} days"));
        }
        let words = format!("none of HighLevel's own came in the last {DAYS} days");
        let cure = self.why_unheard().await;
        self.say("webhooks", Verdict::Odd, (words, Some(cure)));
    }

    async fn why_unheard(&self) -> String {
        let parts = &self.journey.relay.parts;
        let (Some(base), Some(token)) = (&parts.public_url, self.journey.destination.door_token()) else {
            return "start `inlet serve` with --public-url: without it HighLevel has no address to send them to"
                .to_owned();
        };
        let url = format!("{base}/health");
        let request = Request {
            method: Method::GET,
            url: &url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        match parts.client.send(request, &parts.limits).await {
            Ok(answer) if answer.status == 200 => format!(
                "{base} answers, so give HighLevel's app the webhook URL {base}/in/highlevel/{token} and the events \
                 ContactCreate, ContactUpdate, ContactDelete, InboundMessage and OutboundMessage; a private integration \
                 has no webhooks, and nothing is amiss then"
            ),
            Ok(answer) => format!("{base} answers {}: see that it leads to this server", answer.status),
            Err(failure) => {
                format!("{base} is not to be reached from here ({failure}): see that it leads to this server")
            }
        }
    }
}

fn call(probe: &Probe) -> Call {
    let method = match probe.method {
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        _ => Method::GET,
    };
    Call {
        method,
        body: probe.body.clone().into(),
        ..Call::get(CallKind::Doctor, probe.path.clone())
    }
}

/// A cure in words.
fn told(cure: Cure) -> String {
    let issue = cure.issue.map(|issue| format!(" ({issue})")).unwrap_or_default();
    format!("{}{issue}: {}", cure.means, cure.change)
}

/// What to do where nobody was reached.
fn unreached(failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::Blocked(_) => (
            "address",
            "an upstream of your own network needs --allow with its address at `inlet serve`; HighLevel's needs nothing",
        ),
        Failure::Unresolved => (
            "dns",
            "check the spelling of --base-url, and this machine's resolver (/etc/resolv.conf; in a container, its DNS)",
        ),
        Failure::Unreachable => (
            "address",
            "check --base-url and its port, and that no firewall keeps this machine in",
        ),
        Failure::Tls(_) => (
            "address",
            "check this machine's clock, and that no proxy in between has a certificate of its own",
        ),
        Failure::Late | Failure::Lost => ("answer", "try again; look at HighLevel's status page"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_keeps_from_reaching_it_has_its_own_cure() {
        let cases = [
            (Failure::Unresolved, "dns", "resolv.conf"),
            (Failure::Unreachable, "address", "firewall"),
            (Failure::Tls("expired".into()), "address", "clock"),
            (Failure::Late, "answer", "status page"),
        ];
        for (failure, check, cure) in cases {
            let found = unreached(&failure);
            assert_eq!(found.0, check, "{failure}");
            assert!(found.1.contains(cure), "{failure}: {}", found.1);
        }
    }
}
