//! Compares all that a location's people, conversations, messages and promises are, as they are read.

use std::collections::BTreeSet;

use inlet_core::{
    contact::Text,
    contacts::Contacts,
    ids::{ContactKey, MessageKey},
    inbox::{ConversationQuery, Inbox, MessageQuery, Tallies},
    outbox::{DeliveryQuery, Outbox},
};

use super::{
    memory::{Message, Person, same},
    play::{Play, email, name, phone},
};

const MANY: usize = 100_000;

impl Play<'_> {
    /// Compares everything.
    pub(super) async fn compare(&self) -> Result<(), String> {
        for (key, person) in &self.memory.people {
            let compared = self.person_as_read(*key, person).await;
            compared.map_err(|why| format!("contact {key}: {why}"))?;
        }
        self.those_who_are_gone().await?;
        self.holders().await?;
        self.list().await?;
        self.promises().await
    }

    async fn person_as_read(&self, key: ContactKey, person: &Person) -> Result<(), String> {
        let (store, here) = (&self.world.store, self.memory.here);
        let found = store.contact(here, key).await.map_err(|fault| fault.to_string())?;
        let found = found.ok_or("it is not there")?;
        let read = Person {
            name: found.name.clone(),
            first: found.profile.text(Text::FirstName).map(str::to_owned),
            phone: found.phone.clone(),
            email: found.email.clone(),
            city: found.profile.text(Text::City).map(str::to_owned),
            tags: found.profile.tags.clone(),
            dnd: found.profile.dnd,
            created_at: found.created_at,
            updated_at: found.updated_at,
            talk: person.talk.clone(),
        };
        same("the contact", &read, person)?;
        let view = store.conversation(here, key).await.map_err(|fault| fault.to_string())?;
        let view = view.ok_or("its conversation is not there")?;
        let read = (
            view.count,
            view.unread,
            view.starred,
            view.last_at,
            view.last.map(|last| last.key),
        );
        let Some(talk) = &person.talk else {
            return same("the conversation", &read, &(0, 0, false, person.created_at, None));
        };
        let count = i64::try_from(talk.messages.len()).unwrap();
        let last = talk.messages.last().copied();
        same(
            "the conversation",
            &read,
            &(count, talk.unread, talk.starred, talk.last_at, last),
        )?;
        self.messages(key, &talk.messages).await
    }

    async fn messages(&self, contact: ContactKey, keys: &[MessageKey]) -> Result<(), String> {
        let query = MessageQuery {
            location: self.memory.here,
            contact,
            before: None,
            channels: Vec::new(),
            limit: MANY,
        };
        let page = self
            .world
            .store
            .messages(&query)
            .await
            .map_err(|fault| fault.to_string())?;
        let found: Vec<MessageKey> = page.messages.iter().rev().map(|message| message.key).collect();
        same("the messages", &found, &keys.to_vec())?;
        for (seq, message) in (1..).zip(page.messages.iter().rev()) {
            same("the place", &message.seq, &seq)?;
            let read = Message {
                contact: message.contact,
                channel: message.channel,
                direction: message.direction,
                status: message.status,
                body: message.body.clone(),
                external_id: message.external_id.clone(),
                occurred_at: message.occurred_at,
                created_at: message.created_at,
                call: message.detail.call.as_ref().map(|call| (call.status, call.announced)),
            };
            same("a message", &read, &self.memory.messages[&message.key])?;
        }
        Ok(())
    }

    /// What makes a repeat recognisable outlives its message: what it names is there, or gone altogether.
    async fn those_who_are_gone(&self) -> Result<(), String> {
        let (store, here) = (&self.world.store, self.memory.here);
        for ((once, id), seen) in &self.memory.seen {
            let (key, contact) = (seen.receipt.message, seen.receipt.contact);
            let message = store.message(here, key).await.map_err(|fault| fault.to_string())?;
            same(
                "whether a message is there",
                &message.is_some(),
                &self.memory.messages.contains_key(&key),
            )?;
            let person = store.contact(here, contact).await.map_err(|fault| fault.to_string())?;
            same(
                "whether a contact is there",
                &person.is_some(),
                &self.memory.people.contains_key(&contact),
            )?;
            if !once {
                let found = store
                    .by_external_id(here, id)
                    .await
                    .map_err(|fault| fault.to_string())?;
                let found: Vec<MessageKey> = found.iter().map(|message| message.key).collect();
                let expected: Vec<MessageKey> = message.iter().map(|message| message.key).collect();
                same("what is found by the vendor's id", &found, &expected)?;
            }
        }
        Ok(())
    }

    async fn holders(&self) -> Result<(), String> {
        let phones = (0..8).map(|one| phone(one).as_str().to_owned());
        let emails = (0..6).map(|one| email(one).as_str().to_owned());
        for value in phones.chain(emails).chain((0..4).map(name)) {
            let found = self.world.store.by_identity(self.memory.here, &value).await;
            let found: BTreeSet<ContactKey> = found.map_err(|fault| fault.to_string())?.into_iter().collect();
            let held = self.memory.holders.iter().filter(|(one, _)| one.value == value);
            let expected: BTreeSet<ContactKey> = held.map(|(_, contact)| *contact).collect();
            same(&format!("who has {value}"), &found, &expected)?;
        }
        Ok(())
    }

    async fn list(&self) -> Result<(), String> {
        let (store, here) = (&self.world.store, self.memory.here);
        let talks = self
            .memory
            .people
            .iter()
            .filter_map(|(key, person)| Some((person.talk.as_ref()?, *key)));
        let mut talks: Vec<_> = talks.map(|(talk, key)| (talk.last_at, key, talk)).collect();
        talks.sort_unstable_by_key(|(last_at, key, _)| (*last_at, *key));
        talks.reverse();
        let count = |filter: fn(&super::memory::Talk) -> bool| {
            let fit = talks.iter().filter(|(.., talk)| filter(talk)).count();
            u64::try_from(fit).unwrap()
        };
        let tallies = Tallies {
            unread: count(|talk| talk.unread > 0),
            starred: count(|talk| talk.starred),
        };
        let read = store.tallies(here).await.map_err(|fault| fault.to_string())?;
        same("the tallies", &read, &tallies)?;
        let query = ConversationQuery::newest(here, MANY);
        let (views, all) = store.conversations(&query).await.map_err(|fault| fault.to_string())?;
        same("how many conversations", &all, &count(|_| true))?;
        let found: Vec<ContactKey> = views.iter().map(|view| view.key).collect();
        same("the list", &found, &talks.iter().map(|(_, key, _)| *key).collect())
    }

    async fn promises(&self) -> Result<(), String> {
        let query = DeliveryQuery {
            location: Some(self.memory.here),
            limit: MANY,
            ..DeliveryQuery::default()
        };
        let found = self.world.store.list(&query).await.map_err(|fault| fault.to_string())?;
        let keys: Vec<_> = found.iter().rev().map(|view| view.key).collect();
        same("the deliveries", &keys, &self.memory.promises.keys().copied().collect())?;
        for view in found {
            let one = &self.memory.promises[&view.key];
            let read = (view.destination, view.kind, view.lane, view.message, view.event.0);
            let expected = (one.to, one.kind, one.contact, one.message, one.carrier.0);
            same("what a delivery is", &read, &expected)?;
            let read = (
                view.status,
                view.attempts,
                view.due_at,
                view.created_at,
                view.finished_at,
            );
            let expected = (one.status, one.attempts, one.due_at, one.created_at, one.finished_at);
            same(&format!("how delivery {} stands", view.key), &read, &expected)?;
        }
        Ok(())
    }
}
