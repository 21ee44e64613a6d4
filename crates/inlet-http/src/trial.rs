//! What makes this server behave like production at its worst, for whoever tests against it: HighLevel's undocumented
//! answers, and faults on purpose. All of it is off unless it was asked for, and then nothing of it stands in a request's way.

use std::{fmt, str::FromStr, sync::Arc};

use inlet_core::chance::Chance;

/// Parts into which chance is divided.
const WHOLE: u64 = 1_000_000;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// Whether to answer as HighLevel does where its documents say nothing, or something else.
    pub quirks: bool,
    /// The faults.
    pub faults: Arc<[FaultSpec]>,
}

/// One sort of fault on one sort of request: `POST /conversations/messages/inbound:429@5%`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FaultSpec {
    /// Which method; any, where absent.
    method: Option<String>,
    /// Which route as the router has it, or which path; with `*` at its end, all that begin so.
    path: String,
    kind: FaultKind,
    /// How many of a million.
    share: u64,
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// 429: too many requests in ten seconds.
    Burst,
    /// 429: too many requests in a day.
    Daily,
    /// 500, and nothing was done.
    Broken,
    /// It was done, and the answer never comes.
    TimeoutAfterWrite,
    /// The connection is closed, and nothing was done.
    Reset,
    /// 401: the token is valid no more.
    ExpiredToken,
}

impl FaultKind {
    const ALL: [Self; 6] = [
        Self::Burst,
        Self::Daily,
        Self::Broken,
        Self::TimeoutAfterWrite,
        Self::Reset,
        Self::ExpiredToken,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Burst => "429",
            Self::Daily => "429-daily",
            Self::Broken => "500",
            Self::TimeoutAfterWrite => "timeout-after-write",
            Self::Reset => "reset",
            Self::ExpiredToken => "expired-token",
        }
    }
}

/// Why a fault cannot be read, in a sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the fault {0:?} cannot be read: write METHOD PATH:KIND or METHOD PATH:KIND@PERCENT%, such as \
     \"POST /conversations/messages/inbound:429@5%\"; KIND is 429, 429-daily, 500, timeout-after-write, reset or \
     expired-token, * stands for any method, and at the end of a path for the rest of it"
)]
pub struct BadFault(String);

impl FromStr for FaultSpec {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        read(text).ok_or_else(|| BadFault(text.to_owned()))
    }
}

fn read(text: &str) -> Option<FaultSpec> {
    let (request, fault) = text.trim().rsplit_once(':')?;
    let (method, path) = request.trim().split_once(' ')?;
    let path = path.trim();
    let (kind, share) = fault.split_once('@').unwrap_or((fault, "100%"));
    let known = method == "*" || (!method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()));
    (known && path.starts_with('/')).then_some(())?;
    Some(FaultSpec {
        method: (method != "*").then(|| method.to_owned()),
        path: path.to_owned(),
        kind: FaultKind::ALL.into_iter().find(|found| found.name() == kind.trim())?,
        share: share_of_a_million(share.trim().strip_suffix('%')?)?,
    })
}

/// A percentage with at most four decimals, more than 0 and at most 100.
fn share_of_a_million(percent: &str) -> Option<u64> {
    let (whole, part) = percent.split_once('.').unwrap_or((percent, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(part) && part.len() <= 4).then_some(())?;
    let share: u64 = format!("{whole}{part:0<4}").parse().ok()?;
    (1..=WHOLE).contains(&share).then_some(share)
}

impl fmt::Display for FaultSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.as_deref().unwrap_or("*");
        write!(f, "{method} {}:{}", self.path, self.kind.name())
    }
}

impl Trial {
    /// What goes wrong with this request, if anything: the first fault that fits it and whose chance comes up.
    pub(crate) fn strike(&self, method: &str, (route, path): (&str, &str), chance: &dyn Chance) -> Option<FaultKind> {
        let fits = |fault: &&FaultSpec| {
            let method = fault.method.as_ref().is_none_or(|wanted| wanted == method);
            method && (covers(&fault.path, route) || covers(&fault.path, path))
        };
        let mut struck = self
            .faults
            .iter()
            .filter(fits)
            .filter(|fault| comes_up(fault.share, chance));
        struck.next().map(|fault| fault.kind)
    }
}

fn covers(wanted: &str, path: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => wanted.trim_end_matches('/') == path.trim_end_matches('/'),
    }
}

fn comes_up(share: u64, chance: &dyn Chance) -> bool {
    let mut drawn = [0; 4];
    chance.fill(&mut drawn);
    (u64::from(u32::from_le_bytes(drawn)) * WHOLE) >> 32 < share
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Hands out the same numbers each time: 0, an eighth, two eighths … of all there are.
    #[derive(Debug, Default)]
    struct Eighths(AtomicU32);

    impl Chance for Eighths {
        fn fill(&self, bytes: &mut [u8]) {
            let drawn = self.0.fetch_add(1 << 29, Ordering::Relaxed);
            bytes.copy_from_slice(&drawn.to_le_bytes());
        }
    }

    fn trial(faults: &[&str]) -> Trial {
        Trial {
            quirks: false,
            faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn what_can_be_read_is_read_and_the_rest_is_said() {
        let cases = [
            (
                "POST /conversations/messages/inbound:429@5%",
                Some((FaultKind::Burst, 50_000)),
            ),
            ("* /contacts*:429-daily@0.25%", Some((FaultKind::Daily, 2_500))),
            ("PUT /contacts/{contactId}:500", Some((FaultKind::Broken, WHOLE))),
            (
                "POST /x:timeout-after-write@100%",
                Some((FaultKind::TimeoutAfterWrite, WHOLE)),
            ),
            (" GET /x : reset @ 0.0001% ", Some((FaultKind::Reset, 1))),
            ("POST /x:expired-token@10%", Some((FaultKind::ExpiredToken, 100_000))),
            ("POST /x:418", None),
            ("POST /x:429@0%", None),
            ("POST /x:429@101%", None),
            ("POST /x:429@5", None),
            ("POST /x:429@-5%", None),
            ("POST /x:429@0.00001%", None),
            ("post /x:429", None),
            ("POST x:429", None),
            ("/x:429", None),
            ("POST /x", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let read = text.parse::<FaultSpec>();
            assert_eq!(
                read.as_ref().ok().map(|fault| (fault.kind, fault.share)),
                expected,
                "{text}"
            );
            if let Err(why) = read {
                assert!(why.to_string().contains("write METHOD PATH:KIND"), "{why}");
            }
        }
    }

    #[test]
    fn a_fault_strikes_the_requests_it_names_and_no_others() {
        let cases = [
            ("POST /a/{id}:500", "POST", ("/a/{id}", "/a/7"), true),
            ("POST /a/7:500", "POST", ("/a/{id}", "/a/7"), true),
            ("POST /a/{id}:500", "POST", ("/a/{id}/", "/a/7/"), true),
            ("POST /a/{id}:500", "GET", ("/a/{id}", "/a/7"), false),
            ("* /a*:500", "GET", ("/a/{id}", "/a/7"), true),
            ("* /b*:500", "GET", ("/a/{id}", "/a/7"), false),
        ];
        for (fault, method, path, expected) in cases {
            let struck = trial(&[fault]).strike(method, path, &Eighths::default());
            assert_eq!(struck.is_some(), expected, "{fault} and {method} {path:?}");
        }
    }

    #[test]
    fn a_share_is_kept_and_the_same_chance_strikes_the_same_requests() {
        let trial = trial(&["POST /x:429@25%"]);
        let run = || {
            let chance = Eighths::default();
            (0..8)
                .map(|_| trial.strike("POST", ("/x", "/x"), &chance).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(run(), [true, true, false, false, false, false, false, false]);
        assert_eq!(run(), run());
    }
}
