//! What is recorded, as HighLevel's reading endpoints show it: messages, pages of them, mails, conversations and the
//! search among those.

use inlet_core::{
    channel::Channel,
    clock::Millis,
    ids::IdCodec,
    inbound::MediaState,
    inbox::{ConversationView, Export, MessagePage},
    links::MediaLinks,
    message::Message,
    registry::{Location, Registry},
};

mod shapes;
#[cfg(test)]
mod tests;

use shapes::{CallMeta, EmailMeta, FoundConversation, Meta, Nested};
pub use shapes::{ConversationJson, ExportJson, FoundConversations, MailJson, MessageJson, MessagesJson, OneMessage};

use crate::{
    message_type::{call_word, conversation, direction_word, status_word, stored},
    time,
};

/// Shows what one location has.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The location.
    pub location: &'a Location,
    /// Names the providers.
    pub registry: &'a Registry,
    /// Turns keys into ids.
    pub ids: &'a IdCodec,
    /// Makes links to kept files.
    pub links: &'a MediaLinks,
}

/// The links to a message's files: ours where we fetch and keep them, the sender's where it stays with those.
pub(crate) fn attachments(links: &MediaLinks, message: &Message) -> Vec<String> {
    let link = |(index, attachment): (usize, &inlet_core::inbound::Attachment)| match attachment.state {
        MediaState::Linked => attachment.url.clone(),
        MediaState::Pending | MediaState::Kept { .. } | MediaState::Failed { .. } => {
            links.url(message.location, message.key, index)
        }
    };
    message.detail.attachments.iter().enumerate().map(link).collect()
}

impl Reader<'_> {
    /// The links to a message's files.
    pub fn attachments(&self, message: &Message) -> Vec<String> {
        attachments(self.links, message)
    }

    /// `GET /conversations/messages/{id}`: flat as the specification has it, with a copy under `message` as the service
    /// answers in practice.
    pub fn message(&self, message: &Message) -> OneMessage {
        let flat = self.one(message);
        OneMessage {
            message: flat.clone(),
            flat,
        }
    }

    /// `GET /conversations/{id}/messages`: nested as the service answers in practice, with the two paging fields at the
    /// top level too, where the specification has them.
    pub fn messages(&self, page: &MessagePage) -> MessagesJson {
        let last_message_id = page.messages.last().map(|last| self.ids.message(last.key));
        MessagesJson {
            last_message_id: last_message_id.clone(),
            next_page: page.more,
            messages: Nested {
                last_message_id,
                next_page: page.more,
                messages: page.messages.iter().map(|message| self.one(message)).collect(),
            },
        }
    }

    /// `GET /conversations/messages/export`. `total` is what an earlier page counted.
    pub fn export(&self, page: &Export, total: Option<u64>) -> ExportJson {
        let total = page.total.or(total).unwrap_or_default();
        let last = page.messages.last().filter(|_| page.more);
        ExportJson {
            messages: page.messages.iter().map(|message| self.one(message)).collect(),
            next_cursor: last.map(|last| format!("{}.{total}", self.ids.message(last.key))),
            total,
        }
    }

    /// `GET /conversations/messages/email/{id}`.
    pub fn mail(&self, message: &Message) -> MailJson {
        let one = self.one(message);
        let detail = &message.detail;
        let email = detail.email.clone().unwrap_or_default();
        MailJson {
            id: self.ids.email(message.key),
            alt_id: one.alt_id,
            thread_id: self.ids.email(message.thread_root()),
            location_id: one.location_id,
            contact_id: one.contact_id,
            conversation_id: one.conversation_id,
            date_added: one.date_added,
            subject: email.subject,
            body: one.body,
            direction: one.direction,
            status: one.status,
            content_type: one.content_type,
            attachments: one.attachments,
            from: detail.from.clone().unwrap_or_default(),
            to: detail.to.iter().cloned().collect(),
            cc: email.cc,
            bcc: email.bcc,
            reply_to_message_id: email.reply_to.map(|answered| self.ids.email(answered)),
            source: one.source,
            conversation_provider_id: one.conversation_provider_id,
        }
    }

    /// `GET /conversations/{id}`.
    pub fn conversation(&self, view: &ConversationView) -> ConversationJson {
        ConversationJson {
            id: self.ids.conversation(view.key),
            contact_id: self.ids.contact(view.key),
            location_id: self.location.id.clone(),
            deleted: false,
            inbox: true,
            kind: conversation(last_channel(view)).0,
            unread_count: view.unread,
            starred: view.starred,
        }
    }

    /// `GET /conversations/search`.
    pub fn found(&self, views: &[ConversationView], total: u64) -> FoundConversations {
        FoundConversations {
            conversations: views.iter().map(|view| self.found_one(view)).collect(),
            total,
        }
    }

    fn found_one(&self, view: &ConversationView) -> FoundConversation {
        let last = view.last.as_ref();
        let name = view
            .name
            .clone()
            .or_else(|| view.phone.clone())
            .or_else(|| view.email.clone());
        let (id, last_at) = (self.ids.conversation(view.key), Millis::from(view.last_at).0);
        FoundConversation {
            sort: (last_at, id.clone()),
            id,
            contact_id: self.ids.contact(view.key),
            location_id: self.location.id.clone(),
            last_message_body: last.and_then(|last| last.body.clone()).unwrap_or_default(),
            last_message_type: last.map_or("", |last| stored(last.channel).1),
            last_message_direction: last.map(|last| direction_word(last.direction)),
            last_message_date: last_at,
            kind: conversation(last_channel(view)).1,
            unread_count: view.unread,
            full_name: name.clone().unwrap_or_default(),
            contact_name: name.unwrap_or_default(),
            email: view.email.clone(),
            phone: view.phone.clone(),
            date_added: Millis::from(view.created_at).0,
            date_updated: last_at,
            starred: view.starred,
        }
    }

    fn one(&self, message: &Message) -> MessageJson {
        let detail = &message.detail;
        let (kind, message_type) = stored(message.channel);
        let mail = message.channel.is_email();
        let provider = self.registry.provider(self.location.key, message.provider);
        MessageJson {
            id: self.ids.message(message.key),
            kind,
            message_type,
            location_id: self.location.id.clone(),
            contact_id: self.ids.contact(message.contact),
            conversation_id: self.ids.conversation(message.contact),
            date_added: time::print(message.occurred_at),
            body: message.body.clone().unwrap_or_default(),
            direction: direction_word(message.direction),
            status: status_word(message.status),
            content_type: content_type(message),
            attachments: attachments(self.links, message),
            meta: self.meta(message),
            source: detail.source.clone(),
            conversation_provider_id: provider.map(|provider| provider.id),
            chat_widget_id: detail.chat_widget.clone(),
            alt_id: message.external_id.clone().or_else(|| detail.label.clone()),
            // HighLevel gives the addresses of a mail with the mail only.
            from: detail.from.clone().filter(|_| !mail),
            to: detail.to.clone().filter(|_| !mail),
            error: detail.error.clone(),
        }
    }

    fn meta(&self, message: &Message) -> Option<Meta> {
        let call = message.detail.call.as_ref();
        let email = message.channel.is_email().then(|| EmailMeta {
            message_ids: vec![self.ids.email(message.key)],
        });
        (call.is_some() || email.is_some()).then(|| Meta {
            call_duration: call.and_then(|call| call.duration),
            call_status: call.map(|call| call_word(call.status)),
            call: call.map(|call| CallMeta {
                duration: call.duration,
                status: call_word(call.status),
            }),
            email,
        })
    }
}

fn content_type(message: &Message) -> &'static str {
    match &message.detail.email {
        Some(email) if email.html => "text/html",
        Some(_) | None => "text/plain",
    }
}

fn last_channel(view: &ConversationView) -> Option<Channel> {
    view.last.as_ref().map(|last| last.channel)
}
