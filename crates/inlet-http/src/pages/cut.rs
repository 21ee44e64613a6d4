//! Which part of the list is shown: a tab, a channel, a window of days. It stands in every address, so that reload, Back
//! and a shared link keep it.

use inlet_core::{
    Timestamp,
    channel::Channel,
    inbox::{ConversationQuery, Tallies},
};
use serde::Deserialize;

use super::{moment::Zone, row::Setting, words};

/// For how long a conversation is a recent one.
const RECENT_DAYS: i64 = 30;
/// The windows that are offered, in days.
const WINDOWS: [(&str, i64, &str); 4] = [
    ("1d", 1, "last 24 hours"),
    ("7d", 7, "last 7 days"),
    ("30d", 30, "last 30 days"),
    ("90d", 90, "last 90 days"),
];

/// See the module. What cannot be understood cuts nothing away.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Cut {
    tab: String,
    channel: String,
    /// One of the windows that are offered.
    since: String,
    /// The first day of a window of one's own, as `2026-11-25`.
    from: String,
    /// Its last day.
    to: String,
    /// What is searched for.
    pub(super) q: String,
}

/// A tab above the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tab {
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) href: String,
    pub(super) current: bool,
    pub(super) count: Option<String>,
}

/// A filter below the tabs: what it is set to, and how to set it otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Chip {
    pub(super) name: &'static str,
    pub(super) label: String,
    /// Where the list is without it, if it is set.
    pub(super) without: Option<String>,
    /// What it can be set to.
    pub(super) choices: Vec<(String, String)>,
    /// Whether days of one's own can be chosen.
    pub(super) days: bool,
}

impl Cut {
    /// The filters in the form of a query string, with `more` before them; empty where there is nothing to say.
    pub(super) fn with(&self, more: &[(&str, &str)]) -> String {
        let own = self.pairs();
        let pairs = more.iter().copied().chain(own).filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// Names and values of what is set.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let all: [(&str, &str); 6] = [
            ("tab", &self.tab),
            ("channel", &self.channel),
            ("since", &self.since),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.q),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty())
    }

    /// What the store is asked for, but for what is searched for.
    pub(super) fn narrow(&self, query: ConversationQuery, zone: Zone, now: Timestamp) -> ConversationQuery {
        let recent = (self.tab == "recents").then(|| days_ago(now, RECENT_DAYS));
        let window = self.window().map(|(_, days, _)| days_ago(now, *days));
        let first = zone.midnight(&self.from, 0);
        ConversationQuery {
            unread: (self.tab == "unread").then_some(true),
            starred: (self.tab == "starred").then_some(true),
            since: [recent, window, first].into_iter().flatten().max(),
            until: zone.midnight(&self.to, 1),
            last_channels: self.channels(),
            ..query
        }
    }

    fn window(&self) -> Option<&'static (&'static str, i64, &'static str)> {
        WINDOWS.iter().find(|(name, _, _)| *name == self.since)
    }

    /// The channels that carry the chosen name.
    fn channels(&self) -> Vec<Channel> {
        let all = Channel::ALL.iter().copied();
        all.filter(|&channel| slug(words::channel_name(channel)) == self.channel)
            .collect()
    }

    /// The tabs, as they stand at `here`.
    pub(super) fn tabs(&self, here: &str, tallies: Tallies) -> Vec<Tab> {
        let some = |count: u64| (count > 0).then(|| words::count(count));
        let tabs = [
            (
                "unread",
                "Unread",
                "Something in it has not been read",
                some(tallies.unread),
            ),
            ("recents", "Recents", "Active in the last 30 days", None),
            ("starred", "Starred", "Starred by a person", some(tallies.starred)),
            ("", "All", "Every conversation", None),
        ];
        let known = tabs.iter().any(|(name, ..)| *name == self.tab);
        tabs.into_iter()
            .map(|(name, label, hint, count)| Tab {
                label,
                hint,
                href: self.here(here, |cut| name.clone_into(&mut cut.tab)),
                current: name == self.tab || (name.is_empty() && !known),
                count,
            })
            .collect()
    }

    /// The filters, as they stand at `here`.
    pub(super) fn chips(&self, here: &str) -> Vec<Chip> {
        vec![self.channel_chip(here), self.days_chip(here)]
    }

    fn channel_chip(&self, here: &str) -> Chip {
        let mut names: Vec<&str> = Channel::ALL.iter().map(|&one| words::channel_name(one)).collect();
        names.dedup();
        let mut known = std::collections::BTreeSet::new();
        names.retain(|name| known.insert(*name));
        let set = self.channels().first().map(|&channel| words::channel_name(channel));
        let choice = |name: &&str| {
            let href = self.here(here, |cut| cut.channel = slug(name));
            ((*name).to_owned(), href)
        };
        Chip {
            name: "channel",
            label: set.unwrap_or("any").to_owned(),
            without: set.map(|_| self.here(here, |cut| cut.channel.clear())),
            choices: names.iter().map(choice).collect(),
            days: false,
        }
    }

    fn days_chip(&self, here: &str) -> Chip {
        let own = match (self.from.as_str(), self.to.as_str()) {
            ("", "") => None,
            (from, "") => Some(format!("since {from}")),
            ("", to) => Some(format!("until {to}")),
            (from, to) => Some(format!("{from} to {to}")),
        };
        let set = own.or_else(|| self.window().map(|(_, _, label)| (*label).to_owned()));
        let plain = |cut: &mut Self| {
            cut.since.clear();
            cut.from.clear();
            cut.to.clear();
        };
        let choice = |(name, _, label): &(&str, i64, &str)| {
            let href = self.here(here, |cut| {
                plain(cut);
                (*name).clone_into(&mut cut.since);
            });
            ((*label).to_owned(), href)
        };
        Chip {
            name: "active",
            without: set.as_ref().map(|_| self.here(here, plain)),
            label: set.unwrap_or_else(|| "any time".to_owned()),
            choices: WINDOWS.iter().map(choice).collect(),
            days: true,
        }
    }

    /// What a form for days of one's own carries on.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        let pairs = self
            .pairs()
            .filter(|(name, _)| matches!(*name, "tab" | "channel" | "q"));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// What the search box carries on.
    pub(super) fn besides_search(&self) -> Vec<(String, String)> {
        let pairs = self.pairs().filter(|(name, _)| *name != "q");
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn here(&self, here: &str, change: impl FnOnce(&mut Self)) -> String {
        let mut cut = self.clone();
        change(&mut cut);
        format!("{here}{}", cut.with(&[]))
    }
}

impl Setting<'_> {
    /// The address of the list as it is cut, or of a place below it, with `more` in its query.
    pub(super) fn address(&self, below: &str, more: &[(&str, &str)]) -> String {
        format!("/l/{}{below}{}", self.location.id, self.cut.with(more))
    }
}

fn days_ago(now: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_second(now.as_second() - days * 86_400).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn slug(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inlet_core::ids::LocationKey;

    fn cut(query: &str) -> Cut {
        let uri = format!("/?{query}").parse().unwrap();
        axum::extract::Query::try_from_uri(&uri).unwrap().0
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    type Change = fn(&mut ConversationQuery);

    #[test]
    fn an_address_says_what_is_asked_of_the_store() {
        let now = at("2026-11-25T12:00:00Z");
        let all = ConversationQuery::newest(LocationKey(1), 50);
        let cases: [(&str, Change); 9] = [
            ("", |_| {}),
            ("tab=nonsense&channel=pigeon&since=soon&from=x&to=y", |_| {}),
            ("tab=unread", |query| query.unread = Some(true)),
            ("tab=starred", |query| query.starred = Some(true)),
            ("tab=recents", |query| query.since = Some(at("2026-10-26T12:00:00Z"))),
            ("tab=recents&since=7d", |query| {
                query.since = Some(at("2026-11-18T12:00:00Z"));
            }),
            ("channel=sms", |query| {
                query.last_channels = vec![Channel::Sms, Channel::CustomSms];
            }),
            ("from=2026-11-24", |query| {
                query.since = Some(at("2026-11-23T23:00:00Z"));
            }),
            ("to=2026-11-24", |query| query.until = Some(at("2026-11-24T23:00:00Z"))),
        ];
        for (query, change) in cases {
            let mut expected = all.clone();
            change(&mut expected);
            let found = cut(query).narrow(all.clone(), Zone::new(60), now);
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn filters_are_set_and_taken_off_one_by_one() {
        let cut = cut("tab=unread&channel=whatsapp&since=7d");
        assert_eq!(
            cut.with(&[("after", "1.x")]),
            "?after=1.x&tab=unread&channel=whatsapp&since=7d"
        );
        let tabs = cut.tabs(
            "/l/x",
            Tallies {
                unread: 1204,
                starred: 0,
            },
        );
        let told: Vec<_> = tabs
            .iter()
            .map(|tab| (tab.label, tab.current, tab.count.as_deref()))
            .collect();
        let expected = [
            ("Unread", true, Some("1,204")),
            ("Recents", false, None),
            ("Starred", false, None),
            ("All", false, None),
        ];
        assert_eq!(told, expected);
        assert_eq!(tabs[3].href, "/l/x?channel=whatsapp&since=7d");
        let chips = cut.chips("/l/x");
        assert_eq!(
            (chips[0].label.as_str(), chips[1].label.as_str()),
            ("WhatsApp", "last 7 days")
        );
        assert_eq!(chips[0].without.as_deref(), Some("/l/x?tab=unread&since=7d"));
        assert_eq!(chips[1].without.as_deref(), Some("/l/x?tab=unread&channel=whatsapp"));
        assert_eq!(Cut::default().chips("/l/x")[1].without, None);
        assert!(Cut::default().tabs("/l/x", Tallies::default())[3].current);
    }
}
