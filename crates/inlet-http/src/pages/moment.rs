//! Times as people read them: relative in the list, by the clock in the thread, and whole in the tooltip.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// From how many seconds on between writing and recording both times are told.
const BACKDATED: i64 = 90;

/// Where the reader's clock stands: their offset from UTC, which the page's script keeps in a cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Zone {
    offset: Offset,
    /// Minutes ahead of UTC.
    pub(super) minutes: i32,
}

/// One moment in all the ways a page tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Moment {
    /// For programs: RFC 3339 in UTC.
    pub(super) iso: String,
    /// For people, short.
    pub(super) short: String,
    /// For people, with date, seconds and zone.
    pub(super) full: String,
}

/// A day of a thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Day {
    /// Tells days apart: `2026-11-22`.
    pub(super) key: String,
    /// What stands between the messages: `Today`, `Friday, 20 November`.
    pub(super) label: String,
}

impl Zone {
    /// The zone that many minutes ahead of UTC; UTC itself for what cannot be.
    pub(super) fn new(minutes: i32) -> Self {
        let offset = minutes
            .checked_mul(60)
            .and_then(|seconds| Offset::from_seconds(seconds).ok());
        match offset {
            Some(offset) => Self { offset, minutes },
            None => Self {
                offset: Offset::UTC,
                minutes: 0,
            },
        }
    }

    /// How long ago `at` is, as a list tells it: `now`, `12m`, `3h`, `Fri`, `4 Nov`, `Nov 2025`.
    pub(super) fn ago(self, at: Timestamp, now: Timestamp) -> Moment {
        let age = now.as_second() - at.as_second();
        let local = self.offset.to_datetime(at);
        let short = match age {
            ..MINUTE => "now".to_owned(),
            MINUTE..HOUR => format!("{}m", age / MINUTE),
            HOUR..DAY => format!("{}h", age / HOUR),
            DAY..WEEK => local.strftime("%a").to_string(),
            _ if local.year() == self.offset.to_datetime(now).year() => local.strftime("%-d %b").to_string(),
            _ => local.strftime("%b %Y").to_string(),
        };
        self.moment(at, short)
    }

    /// When a message was written, and when it came, where the two differ.
    pub(super) fn written(self, occurred_at: Timestamp, created_at: Timestamp) -> Moment {
        let clock = |at: Timestamp| self.offset.to_datetime(at).strftime("%H:%M").to_string();
        let apart = (created_at.as_second() - occurred_at.as_second()).abs();
        let short = if apart < BACKDATED {
            clock(occurred_at)
        } else if self.day_of(occurred_at) == self.day_of(created_at) {
            format!("sent {} · received {}", clock(occurred_at), clock(created_at))
        } else {
            let received = self.offset.to_datetime(created_at).strftime("%-d %b %Y, %H:%M");
            format!("sent {} · received {received}", clock(occurred_at))
        };
        self.moment(occurred_at, short)
    }

    /// The time of day of `at` with seconds, and the day where it is not today's.
    pub(super) fn clock(self, at: Timestamp, now: Timestamp) -> String {
        let local = self.offset.to_datetime(at);
        if self.day_of(at) == self.day_of(now) {
            return local.strftime("%H:%M:%S").to_string();
        }
        local.strftime("%-d %b, %H:%M:%S").to_string()
    }

    /// The day of `at`, as it stands between messages.
    pub(super) fn day(self, at: Timestamp, now: Timestamp) -> Day {
        let key = self.day_of(at);
        let local = self.offset.to_datetime(at);
        let today = self.offset.to_datetime(now);
        let yesterday = Timestamp::from_second(now.as_second() - DAY).map(|at| self.day_of(at));
        let label = if key == self.day_of(now) {
            "Today".to_owned()
        } else if yesterday.is_ok_and(|day| day == key) {
            "Yesterday".to_owned()
        } else if local.year() == today.year() {
            local.strftime("%A, %-d %B").to_string()
        } else {
            local.strftime("%A, %-d %B %Y").to_string()
        };
        Day { key, label }
    }

    /// When a day such as `2026-11-25` begins for the reader, or the day `later` days after it.
    pub(super) fn midnight(self, day: &str, later: i32) -> Option<Timestamp> {
        let day: jiff::civil::Date = day.parse().ok()?;
        let day = day.checked_add(jiff::Span::new().days(later)).ok()?;
        self.offset.to_timestamp(day.at(0, 0, 0, 0)).ok()
    }

    fn day_of(self, at: Timestamp) -> String {
        self.offset.to_datetime(at).strftime("%Y-%m-%d").to_string()
    }

    fn moment(self, at: Timestamp, short: String) -> Moment {
        let local: DateTime = self.offset.to_datetime(at);
        Moment {
            iso: at.to_string(),
            short,
            full: format!(
                "{} (UTC{})",
                local.strftime("%A, %-d %B %Y, %H:%M:%S"),
                offset_words(self.minutes)
            ),
        }
    }
}

fn offset_words(minutes: i32) -> String {
    if minutes == 0 {
        return String::new();
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_list_tells_how_long_ago() {
        let now = at("2026-11-25T12:00:00Z");
        let cases = [
            ("2026-11-25T12:00:30Z", "now"),
            ("2026-11-25T11:59:01Z", "now"),
            ("2026-11-25T11:48:00Z", "12m"),
            ("2026-11-25T09:00:00Z", "3h"),
            ("2026-11-20T12:30:00Z", "Fri"),
            ("2026-11-04T12:00:00Z", "4 Nov"),
            ("2025-11-04T12:00:00Z", "Nov 2025"),
        ];
        for (moment, short) in cases {
            assert_eq!(Zone::new(0).ago(at(moment), now).short, short, "{moment}");
        }
    }

    #[test]
    fn a_thread_tells_both_times_where_they_differ() {
        let zone = Zone::new(60);
        let cases = [
            ("2026-11-25T11:00:00Z", "2026-11-25T11:00:20Z", "12:00"),
            (
                "2026-11-25T11:00:00Z",
                "2026-11-25T11:02:00Z",
                "sent 12:00 · received 12:02",
            ),
            (
                "2026-11-24T11:00:00Z",
                "2026-11-25T11:02:00Z",
                "sent 12:00 · received 25 Nov 2026, 12:02",
            ),
        ];
        for (written, recorded, short) in cases {
            assert_eq!(zone.written(at(written), at(recorded)).short, short);
        }
        let full = zone
            .written(at("2026-11-25T11:00:07Z"), at("2026-11-25T11:00:07Z"))
            .full;
        assert_eq!(full, "Wednesday, 25 November 2026, 12:00:07 (UTC+01:00)");
    }

    #[test]
    fn the_day_is_told_where_it_is_another() {
        let now = at("2026-11-25T12:00:00Z");
        for (moment, words) in [
            ("2026-11-25T13:05:09Z", "14:05:09"),
            ("2026-11-25T23:30:00Z", "26 Nov, 00:30:00"),
        ] {
            assert_eq!(Zone::new(60).clock(at(moment), now), words);
        }
    }

    #[test]
    fn days_are_the_readers_own() {
        let now = at("2026-11-25T12:00:00Z");
        let cases = [
            (0, "2026-11-25T00:10:00Z", "Today"),
            (0, "2026-11-24T23:50:00Z", "Yesterday"),
            (60, "2026-11-24T23:50:00Z", "Today"),
            (-480, "2026-11-25T00:10:00Z", "Yesterday"),
            (0, "2026-11-20T12:00:00Z", "Friday, 20 November"),
            (0, "2025-11-20T12:00:00Z", "Thursday, 20 November 2025"),
        ];
        for (minutes, moment, label) in cases {
            assert_eq!(Zone::new(minutes).day(at(moment), now).label, label, "{moment}");
        }
        assert_eq!(Zone::new(i32::MAX), Zone::new(0), "a zone that cannot be is UTC");
    }
}
