//! What is typed into the search box: words that are looked for, in people and in messages, and `name:value` pairs that cut
//! both down. A pair that means nothing is a word like any other; `-` before a word or pair turns it around.

use inlet_core::{
    Timestamp,
    channel::{Channel, Direction, MessageStatus},
    ids::{ContactKey, IdKind, LocationKey},
    inbox::ConversationQuery,
    search::{Mark, SearchQuery, Term, is_number, numbers, words},
};

use super::{cut::slug, moment::Zone, row::Setting, words::channel_name};

/// Messages that are shown of what was found.
const HITS: usize = 30;

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    /// Where.
    pub(super) location: LocationKey,
    /// Which conversations; `None` where only messages are meant.
    pub(super) people: Option<ConversationQuery>,
    /// Which messages; `None` where only conversations are meant.
    pub(super) messages: Option<SearchQuery>,
    /// Only messages that stand so.
    pub(super) status: Option<MessageStatus>,
    /// Only the message that has this vendor's id.
    pub(super) external_id: Option<String>,
}

/// How what was typed is read.
struct Reader<'a> {
    people: ConversationQuery,
    /// What is looked for in names, numbers and addresses.
    names: Vec<String>,
    terms: Vec<Term>,
    status: Option<MessageStatus>,
    external_id: Option<String>,
    /// Whether something was said that only a message can be.
    of_messages: bool,
    /// Whether words were said, or pairs that messages have.
    finds: bool,
    zone: Zone,
    /// Turns an id into a key, or a provider's name into its mark.
    known: &'a dyn Fn(&str, &str) -> Option<Mark>,
}

impl Setting<'_> {
    /// What the search box asks for, on top of what `query` asks for already.
    pub(super) fn asked(&self, query: ConversationQuery) -> Asked {
        read(&self.cut.q, query, self.zone, &|name, value| self.known(name, value))
    }

    /// What an id or a name stands for at this location.
    fn known(&self, name: &str, value: &str) -> Option<Mark> {
        let (ids, location) = (&self.state.ids, self.location.key);
        let contact = |kind| ids.decode(kind, value).map(|key| Mark::Contact(ContactKey(key)));
        if name != "provider" {
            return contact(IdKind::Conversation).or_else(|| contact(IdKind::Contact));
        }
        let registry = self.state.directory.registry();
        let own = |provider: &&inlet_core::registry::Provider| provider.location == location;
        let named = registry
            .providers()
            .iter()
            .filter(own)
            .find(|provider| provider.adapter.as_deref() == Some(value));
        let found = registry.provider_by_id(location, value).or_else(|| named.cloned());
        found.map(|provider| Mark::Provider(provider.key))
    }
}

/// Reads what was typed.
pub(super) fn read(
    typed: &str,
    people: ConversationQuery,
    zone: Zone,
    known: &dyn Fn(&str, &str) -> Option<Mark>,
) -> Asked {
    let mut reader = Reader {
        terms: Vec::new(),
        names: Vec::new(),
        status: None,
        external_id: None,
        of_messages: false,
        finds: false,
        people,
        zone,
        known,
    };
    if digits(typed).is_some() {
        reader.word(typed.trim(), false, false);
    } else {
        let pieces = pieces(typed);
        let last = pieces.len().saturating_sub(1);
        for (place, piece) in pieces.iter().enumerate() {
            reader.piece(piece, place < last || typed.ends_with(char::is_whitespace));
        }
    }
    reader.finish()
}

/// Cut at spaces that stand in no quotes.
fn pieces(typed: &str) -> Vec<String> {
    let (mut found, mut piece, mut quoted) = (Vec::new(), String::new(), false);
    for letter in typed.chars() {
        quoted ^= letter == '"';
        if letter.is_whitespace() && !quoted {
            found.push(std::mem::take(&mut piece));
        } else {
            piece.push(letter);
        }
    }
    found.push(piece);
    found.retain(|piece| !piece.is_empty());
    found
}

impl Reader<'_> {
    fn piece(&mut self, piece: &str, whole: bool) {
        let (not, bare) = match piece.strip_prefix('-') {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, piece),
        };
        let pair = bare.split_once(':').filter(|(_, value)| !value.is_empty());
        let known = pair.is_some_and(|(name, value)| self.pair(&name.to_lowercase(), value.trim_matches('"'), not));
        if !known {
            let quoted = bare.starts_with('"');
            self.word(bare.trim_matches('"'), not, whole || quoted);
        }
    }

    /// A word or a phrase.
    fn word(&mut self, text: &str, not: bool, whole: bool) {
        self.finds = true;
        if not {
            self.of_messages = true;
        } else {
            self.names.push(digits(text).unwrap_or_else(|| text.to_owned()));
        }
        self.terms
            .extend(Term::typed(text, whole).map(|term| Term { not, ..term }));
    }

    /// A pair, if it means something.
    fn pair(&mut self, name: &str, value: &str, not: bool) -> bool {
        match name {
            "is" | "after" | "before" if !not => self.bound(name, value),
            "direction" => self.direction(value, not),
            "channel" => self.channel(value, not),
            "from" | "to" => self.address(name, value, not),
            "contact" | "conversation" | "provider" => match (self.known)(name, value) {
                Some(mark) => {
                    if let (Mark::Contact(contact), false) = (&mark, not) {
                        self.people.contact = Some(*contact);
                    }
                    self.of_messages |= matches!(mark, Mark::Provider(_));
                    self.mark(&mark, not)
                }
                None if name == "contact" && !not => {
                    self.word(value, false, true);
                    true
                }
                None => false,
            },
            "has" if value == "attachment" => self.only(&Mark::File, not),
            "subject" => words(value)
                .into_iter()
                .all(|word| self.only(&Mark::Subject(word), not)),
            "status" if !not => {
                self.status = serde_json::from_value(value.into()).ok();
                self.status.is_some() && self.only(&Mark::Any, false)
            }
            "altid" | "message-id" if !not => {
                self.external_id = Some(value.trim_matches(['<', '>']).to_owned());
                self.of_messages = true;
                true
            }
            _ => false,
        }
    }

    /// What both have: words and pairs may be beside it.
    fn bound(&mut self, name: &str, value: &str) -> bool {
        let query = &mut self.people;
        match (name, value) {
            ("is", "unread") => query.unread = Some(true),
            ("is", "read") => query.unread = Some(false),
            ("is", "starred") => query.starred = Some(true),
            ("after", day) => return tighten(&mut query.since, self.zone.midnight(day, 0), Timestamp::max),
            ("before", day) => return tighten(&mut query.until, self.zone.midnight(day, 0), Timestamp::min),
            _ => return false,
        }
        true
    }

    fn direction(&mut self, value: &str, not: bool) -> bool {
        let direction = match value {
            "inbound" | "in" => Direction::Inbound,
            "outbound" | "out" => Direction::Outbound,
            _ => return false,
        };
        self.people.last_direction = Some(direction).filter(|_| !not);
        self.mark(&Mark::Direction(direction), not)
    }

    /// A name may be several channels'. All others must not be there, for one of several cannot be asked for.
    fn channel(&mut self, value: &str, not: bool) -> bool {
        let wanted = slug(value);
        let named = |channel: &Channel| (slug(channel_name(*channel)) == wanted) != not;
        let (these, others): (Vec<_>, Vec<_>) = Channel::ALL.iter().copied().partition(named);
        if these.is_empty() || others.is_empty() {
            return false;
        }
        self.people.last_channels = these;
        for other in others {
            self.mark(&Mark::Channel(other), true);
        }
        true
    }

    /// A number or an address; what is neither is a person's name.
    fn address(&mut self, name: &str, value: &str, not: bool) -> bool {
        let from = name == "from";
        if let (true, Some(number)) = (is_number(value), numbers(value).pop_last()) {
            let mark = if from {
                Mark::FromNumber(number)
            } else {
                Mark::ToNumber(number)
            };
            self.mark(&mark, not);
        } else if !from || value.contains('@') {
            for word in words(value) {
                let mark = if from { Mark::From(word) } else { Mark::To(word) };
                self.mark(&mark, not);
            }
        }
        self.finds = true;
        if from && !not {
            self.names.push(digits(value).unwrap_or_else(|| value.to_owned()));
        } else {
            self.of_messages = true;
        }
        true
    }

    fn only(&mut self, mark: &Mark, not: bool) -> bool {
        self.of_messages = true;
        self.mark(mark, not)
    }

    fn mark(&mut self, mark: &Mark, not: bool) -> bool {
        self.terms.push(Term {
            not,
            ..Term::marked(mark)
        });
        true
    }

    fn finish(mut self) -> Asked {
        let text = self.names.join(" ");
        self.people.text = Some(text).filter(|text| !text.is_empty());
        let messages = SearchQuery {
            location: self.people.location,
            terms: self.terms,
            before: None,
            since: self.people.since,
            until: self.people.until,
            limit: HITS,
        };
        Asked {
            location: self.people.location,
            // Whoever is unread or starred is a conversation, whatever else is said.
            messages: Some(messages)
                .filter(|query| (self.of_messages || self.finds) && !query.terms.is_empty())
                .filter(|_| {
                    self.people.unread.is_none() && self.people.starred.is_none() && self.external_id.is_none()
                }),
            people: (!self.of_messages).then_some(self.people),
            status: self.status,
            external_id: self.external_id,
        }
    }
}

fn tighten(at: &mut Option<Timestamp>, day: Option<Timestamp>, tighter: fn(Timestamp, Timestamp) -> Timestamp) -> bool {
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
mod tests;
