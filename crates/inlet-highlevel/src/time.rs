//! Dates as HighLevel writes them: RFC 3339 in UTC with milliseconds, such as `2024-07-29T15:51:28.071Z`.

use inlet_core::Timestamp;

/// Prints a moment with three digits of milliseconds and a `Z`.
pub fn print(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Reads an RFC 3339 date, which must name its offset, and drops what is finer than a millisecond.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.trim().parse().ok()?;
    Timestamp::from_millisecond(at.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_back_in_utc_with_milliseconds() {
        let cases = [
            ("2024-07-29T15:51:28.071Z", Some("2024-07-29T15:51:28.071Z")),
            ("2024-01-15T14:30:00Z", Some("2024-01-15T14:30:00.000Z")),
            ("2024-01-15T15:30:00+01:00", Some("2024-01-15T14:30:00.000Z")),
            ("2024-01-15T14:30:00.0719999Z", Some("2024-01-15T14:30:00.071Z")),
            ("1969-12-31T23:59:59.999Z", Some("1969-12-31T23:59:59.999Z")),
            ("2024-01-15T14:30:00", None),
            ("2024-01-15", None),
            ("15/01/2024", None),
            ("1705329000", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).map(print).as_deref(), expected, "{text}");
        }
    }
}
