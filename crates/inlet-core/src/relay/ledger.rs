//! The ledger: calls made to an upstream in a day, and what others would have made.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::CallKind;

/// The calls of one day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LedgerDay {
    /// Days since 1970, in UTC.
    pub day: i64,
    /// Calls made, by what for.
    pub calls: BTreeMap<CallKind, u64>,
    /// Messages that were written that day.
    pub messages: u64,
    /// Contacts whose messages those were.
    pub contacts: u64,
    /// Webhooks of the upstream's own that came.
    pub heard: u64,
    /// Those of them that told of messages that were sent from here.
    pub echoes: u64,
}

/// How many calls a three-call bridge makes a message that it knows the contact of: find the contact, find the
/// conversation, post. It is the median of twelve that were read; for somebody new it makes one more.
const BRIDGE_CALLS: u64 = 3;
/// How often polling every five minutes asks in a day, for each contact.
const POLLS_A_DAY: u64 = 24 * 60 / 5;

impl LedgerDay {
    /// All calls made.
    pub fn made(&self) -> u64 {
        self.calls.values().sum()
    }

    /// What a bridge of three calls a message would have made: an estimate.
    pub fn bridge(&self) -> u64 {
        self.messages * BRIDGE_CALLS + self.calls.get(&CallKind::Upsert).copied().unwrap_or_default()
    }

    /// What polling each contact every five minutes would have made: an estimate.
    pub fn polling(&self) -> u64 {
        self.contacts * POLLS_A_DAY
    }
}

/// The day of a moment: days since 1970, in UTC.
pub fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_estimates_what_others_would_have_called() {
        let calls = BTreeMap::from([(CallKind::Post, 1000), (CallKind::Upsert, 50)]);
        let day = LedgerDay {
            day: 1,
            calls,
            messages: 1000,
            contacts: 50,
            ..LedgerDay::default()
        };
        assert_eq!((day.made(), day.bridge(), day.polling()), (1050, 3050, 14_400));
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        for (at, expected) in [
            ("1970-01-01T23:59:59Z", 0),
            ("1970-01-02T00:00:00Z", 1),
            ("1969-12-31T23:59:59Z", -1),
        ] {
            assert_eq!(day(at.parse().unwrap()), expected, "{at}");
        }
    }
}
