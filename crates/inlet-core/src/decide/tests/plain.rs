//! An announcer that says only what the tests look at.

use crate::announcer::{Announcement, Announcer, ContactAnnouncement, Subject};

#[derive(Debug)]
pub(super) struct Plain;

impl Announcer for Plain {
    fn render(&self, announcement: &Announcement<'_>) -> String {
        format!(
            "{} {} {}",
            announcement.kind.name(),
            announcement.app.id,
            announcement.message.key
        )
    }

    fn render_contact(&self, announcement: &ContactAnnouncement<'_>) -> String {
        let about = match announcement.subject {
            Subject::Contact(contact) => contact.name.clone().unwrap_or_default(),
            Subject::Conversation { conversation, .. } => conversation.unread.to_string(),
        };
        format!("{} {} {about}", announcement.kind.name(), announcement.app.id)
    }
}
