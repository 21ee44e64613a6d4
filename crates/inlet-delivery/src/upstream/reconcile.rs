//! Reading back: whether a message is there whose post was not answered.

use inlet_core::{
    contact::Contact,
    delivery::Outcome,
    message::Message,
    relay::{CallKind, Note, RemoteContact, RemoteMessage, Standing},
};
use inlet_highlevel::relay::{
    answer::{Answer, failed},
    post::label,
    read_back::{self, Candidate, Sought},
};

use super::{
    call::{Call, Reply},
    journey::{AGAIN, Journey},
};

/// Pages that are read at most: what was posted a moment ago is on the first.
const PAGES: usize = 5;
/// Messages on one page: the most that HighLevel gives.
const PAGE: usize = 100;

impl Journey<'_> {
    /// The message as it is there, or `None` where it certainly is not.
    pub(super) async fn reconcile(
        &mut self,
        message: &Message,
        contact: &Contact,
        standing: &Standing,
    ) -> Result<Option<RemoteMessage>, Outcome> {
        let remote = match &standing.contact {
            Some(known) => known.clone(),
            None => self.introduce(message, contact).await?,
        };
        let conversation = match &remote.conversation {
            Some(known) => known.clone(),
            None => match self.conversation_of(&remote.id).await? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let found = self.search(&conversation, message).await?;
        if found.is_some() {
            let remote = RemoteContact {
                id: remote.id,
                conversation: Some(conversation),
            };
            self.notes.push(Note::Contact(contact.key, remote));
        }
        Ok(found)
    }

    /// The conversation that a contact has there.
    async fn conversation_of(&mut self, contact: &str) -> Result<Option<String>, Outcome> {
        let location = &self.upstream.location;
        let path = format!("/conversations/search?locationId={location}&contactId={contact}");
        let body = self.read_page(path).await?;
        match body {
            Some(body) => read_back::conversation(&body).ok_or(AGAIN),
            None => Ok(None),
        }
    }

    async fn search(&mut self, conversation: &str, message: &Message) -> Result<Option<RemoteMessage>, Outcome> {
        let label = label(message, &self.relay.parts.ids);
        let sought = Sought {
            label: &label,
            text: message.body.as_deref().unwrap_or_default(),
            date: message.occurred_at,
            direction: message.direction,
        };
        let mut after = String::new();
        for _ in 0..PAGES {
            let path = format!("/conversations/{conversation}/messages?limit={PAGE}{after}");
            let Some(body) = self.read_page(path).await? else {
                return Ok(None);
            };
            let page = read_back::page(&body, &sought).ok_or(AGAIN)?;
            if let Some(found) = self.choose(page.candidates).await? {
                return Ok(Some(found));
            }
            match page.next {
                Some(last) => after = format!("&lastMessageId={last}"),
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The first that carries the label; else the first that is not known to be another of ours.
    async fn choose(&mut self, candidates: Vec<Candidate>) -> Result<Option<RemoteMessage>, Outcome> {
        let ids = candidates.iter().map(|candidate| candidate.message.clone()).collect();
        let ours = self.relay.parts.memory.ours(self.line, ids).await;
        let ours = ours.map_err(|fault| self.end(AGAIN, fault.to_string()))?;
        let mut free = candidates
            .into_iter()
            .filter(|candidate| !ours.contains(&candidate.message));
        Ok(free.next().map(|candidate| RemoteMessage {
            id: candidate.message,
            email: candidate.email,
        }))
    }

    /// A page, or `None` where there is nothing under this address.
    async fn read_page(&mut self, path: String) -> Result<Option<Vec<u8>>, Outcome> {
        let reply = self.call(&Call::get(CallKind::ReadBack, path)).await?;
        match reply {
            Reply::Answered { status: 200..300, body } => Ok(Some(body)),
            Reply::Answered { status: 404, .. } => Ok(None),
            Reply::Answered { status, body } => {
                match failed::<()>(status, &body) {
                    // What is not to be read leaves it unknown: it is not given up for that.
                    Answer::Refused { words, .. } => Err(self.end(AGAIN, words)),
                    other => Err(self.not_done(&other)),
                }
            }
            Reply::NeverLeft(_) | Reply::Lost(_) => Err(AGAIN),
        }
    }
}
