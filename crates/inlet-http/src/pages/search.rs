//! What is typed into the search box: words that are looked for in names, numbers and addresses, and `name:value` pairs
//! that cut the list down. A pair that means nothing is a word like any other.

use inlet_core::{
    Timestamp,
    channel::{Channel, Direction},
    inbox::ConversationQuery,
};

use super::{cut::slug, moment::Zone, words};

/// Cuts `query` down to what `typed` asks for, on top of what it asks for already.
pub(super) fn narrow(typed: &str, mut query: ConversationQuery, zone: Zone) -> ConversationQuery {
    let mut rest = Vec::new();
    for word in typed.split_whitespace() {
        let known = word
            .split_once(':')
            .is_some_and(|(name, value)| pair(&name.to_lowercase(), value, &mut query, zone));
        if !known {
            rest.push(word.trim_start_matches("from:").trim_start_matches("contact:"));
        }
    }
    let rest = rest.join(" ");
    query.text = Some(digits(&rest).unwrap_or(rest)).filter(|text| !text.is_empty());
    query
}

fn pair(name: &str, value: &str, query: &mut ConversationQuery, zone: Zone) -> bool {
    match (name, value) {
        ("is", "unread") => query.unread = Some(true),
        ("is", "read") => query.unread = Some(false),
        ("is", "starred") => query.starred = Some(true),
        ("direction", "inbound" | "in") => query.last_direction = Some(Direction::Inbound),
        ("direction", "outbound" | "out") => query.last_direction = Some(Direction::Outbound),
        ("channel", value) => {
            let wanted = slug(value);
            let all = Channel::ALL.iter().copied();
            let found: Vec<_> = all
                .filter(|&channel| slug(words::channel_name(channel)) == wanted)
                .collect();
            if found.is_empty() {
                return false;
            }
            query.last_channels = found;
        }
        ("after", day) => return bound(&mut query.since, zone.midnight(day, 0), Timestamp::max),
        ("before", day) => return bound(&mut query.until, zone.midnight(day, 0), Timestamp::min),
        _ => return false,
    }
    true
}

fn bound(at: &mut Option<Timestamp>, day: Option<Timestamp>, tighter: fn(Timestamp, Timestamp) -> Timestamp) -> bool {
    if let Some(day) = day {
        *at = Some(at.map_or(day, |other| tighter(other, day)));
    }
    day.is_some()
}

/// A number however it is written, as the digits that are stored.
fn digits(text: &str) -> Option<String> {
    let number = text
        .chars()
        .all(|letter| letter.is_ascii_digit() || " +-().".contains(letter));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (number && digits.len() >= 3).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inlet_core::ids::LocationKey;

    type Change = fn(&mut ConversationQuery);

    #[test]
    fn what_is_typed_says_what_is_asked_of_the_store() {
        let all = ConversationQuery::newest(LocationKey(1), 50);
        let cases: [(&str, Change); 12] = [
            ("", |_| {}),
            ("  Maya  Okafor ", |query| query.text = Some("Maya Okafor".to_owned())),
            ("(415) 555-01", |query| query.text = Some("41555501".to_owned())),
            ("+1 415.555.0119", |query| query.text = Some("14155550119".to_owned())),
            ("12", |query| query.text = Some("12".to_owned())),
            ("maya@okafor.studio", |query| {
                query.text = Some("maya@okafor.studio".to_owned());
            }),
            ("from:maya is:unread", |query| {
                query.text = Some("maya".to_owned());
                query.unread = Some(true);
            }),
            ("IS:starred direction:out", |query| {
                query.starred = Some(true);
                query.last_direction = Some(Direction::Outbound);
            }),
            ("channel:E-mail", |query| {
                query.last_channels = vec![Channel::Email, Channel::CustomEmail];
            }),
            ("channel:pigeon", |query| query.text = Some("channel:pigeon".to_owned())),
            ("after:2026-11-24 before:2026-11-25", |query| {
                query.since = Some("2026-11-24T00:00:00Z".parse().unwrap());
                query.until = Some("2026-11-25T00:00:00Z".parse().unwrap());
            }),
            ("before:soon", |query| query.text = Some("before:soon".to_owned())),
        ];
        for (typed, change) in cases {
            let mut expected = all.clone();
            change(&mut expected);
            assert_eq!(narrow(typed, all.clone(), Zone::new(0)), expected, "{typed}");
        }
        let tight = ConversationQuery {
            since: Some("2026-11-25T00:00:00Z".parse().unwrap()),
            ..all
        };
        assert_eq!(
            narrow("after:2026-11-01", tight.clone(), Zone::new(0)),
            tight,
            "a search only cuts down"
        );
    }
}
