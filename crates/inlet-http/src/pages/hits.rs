//! Messages that were found: whose they are, the words that were looked for, and the way to their place in the thread.

use std::collections::HashMap;

use askama::Template;
use inlet_core::{channel::Direction, inbox::ConversationView, message::Message, search::words as cut_up};

use super::{
    fault::Fault,
    moment::Moment,
    row::{Avatar, PREVIEW, Setting, avatar, summary},
    search::Asked,
    words,
};
use crate::state::Shared;

/// How much more is looked at where only some of what is found is asked for.
const MORE: usize = 10;
/// Words that stand before the first that was looked for.
const BEFORE: usize = 5;

/// A message that was found.
#[derive(Clone, Debug, Template)]
#[template(path = "hit.html")]
pub(super) struct Hit {
    id: String,
    href: String,
    person: Avatar,
    icon: &'static str,
    channel: &'static str,
    when: Moment,
    outbound: bool,
    /// Its text in pieces, and whether each is what was looked for.
    text: Vec<(String, bool)>,
}

/// Looks for messages, with the conversation of each.
pub(super) async fn find(shared: &Shared, asked: &Asked) -> Result<Vec<(Message, ConversationView)>, Fault> {
    let found = match (&asked.external_id, &asked.messages) {
        (Some(id), _) => shared.inbox.by_external_id(asked.location, id).await?,
        (None, Some(query)) => {
            let mut wide = query.clone();
            wide.limit *= if asked.status.is_some() { MORE } else { 1 };
            let mut found = shared.search.search(&wide).await?;
            found.retain(|message| asked.status.is_none_or(|status| message.status == status));
            found.truncate(query.limit);
            found
        }
        (None, None) => Vec::new(),
    };
    let mut owners: HashMap<_, ConversationView> = HashMap::new();
    let mut hits = Vec::with_capacity(found.len());
    for message in found {
        if !owners.contains_key(&message.contact)
            && let Some(view) = shared.inbox.conversation(message.location, message.contact).await?
        {
            owners.insert(message.contact, view);
        }
        hits.extend(owners.get(&message.contact).cloned().map(|view| (message, view)));
    }
    Ok(hits)
}

impl Hit {
    pub(super) fn new((message, view): &(Message, ConversationView), asked: &Asked, setting: Setting<'_>) -> Self {
        let id = setting.state.ids.message(message.key);
        let conversation = setting.state.ids.conversation(view.key);
        let (_, text) = summary(message);
        Self {
            href: setting.address(&format!("/c/{conversation}"), &[("at", &id)]),
            person: avatar(view, &conversation),
            icon: words::channel_icon(message.channel),
            channel: words::channel_name(message.channel),
            when: setting.zone.ago(message.occurred_at, setting.now),
            outbound: message.direction == Direction::Outbound,
            text: marked(&text, asked),
            id,
        }
    }
}

/// The text around the first word that was looked for, in pieces.
fn marked(text: &str, asked: &Asked) -> Vec<(String, bool)> {
    let terms = asked
        .messages
        .iter()
        .flat_map(|query| &query.terms)
        .filter(|term| !term.not);
    let sought: Vec<(&str, bool)> = terms
        .flat_map(|term| {
            let last = term.words.len().saturating_sub(1);
            let words = term.words.iter().enumerate();
            words.map(move |(place, word)| (word.as_str(), term.begins && place == last))
        })
        .collect();
    let is_sought = |piece: &str| {
        cut_up(piece).iter().any(|word| {
            let fits = |&(sought, begins): &(&str, bool)| word == sought || (begins && word.starts_with(sought));
            sought.iter().any(fits)
        })
    };
    let pieces: Vec<(&str, bool)> = text.split_whitespace().map(|piece| (piece, is_sought(piece))).collect();
    let first = pieces.iter().position(|(_, sought)| *sought).unwrap_or_default();
    let begin = first.saturating_sub(BEFORE);
    let mut marked: Vec<(String, bool)> = Vec::new();
    if begin > 0 {
        marked.push(("… ".to_owned(), false));
    }
    let mut letters = 0;
    for (piece, sought) in pieces.into_iter().skip(begin) {
        letters += piece.chars().count() + 1;
        if letters > PREVIEW {
            break;
        }
        match marked.last_mut() {
            Some((text, last)) if *last == sought => {
                text.push_str(piece);
                text.push(' ');
            }
            Some(_) | None => marked.push((format!("{piece} "), sought)),
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use inlet_core::{
        ids::LocationKey,
        search::{SearchQuery, Term},
    };

    use super::*;

    #[test]
    fn what_was_looked_for_is_marked_with_what_stands_around_it() {
        let asked = |typed: &str| Asked {
            location: LocationKey(1),
            people: None,
            messages: Some(SearchQuery {
                location: LocationKey(1),
                terms: typed.split('+').filter_map(|piece| Term::typed(piece, false)).collect(),
                before: None,
                since: None,
                until: None,
                limit: 1,
            }),
            status: None,
            external_id: None,
        };
        let show = |text: &str, typed: &str| {
            let pieces = marked(text, &asked(typed));
            let pieces = pieces
                .iter()
                .map(|(text, sought)| if *sought { format!("[{text}]") } else { text.clone() });
            pieces.collect::<String>()
        };
        let cases = [
            ("Is Thursday free?", "thurs", "Is [Thursday ]free? "),
            ("Un CAFÉ, please", "cafe", "Un [CAFÉ, ]please "),
            (
                "one two three four five six seven eight",
                "eight",
                "… three four five six seven [eight ]",
            ),
            ("good morning all", "good morning", "[good morning ]all "),
            ("nothing", "x", "nothing "),
        ];
        for (text, typed, expected) in cases {
            assert_eq!(show(text, typed), expected, "{typed}");
        }
    }
}
