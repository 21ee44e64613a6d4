//! The model's contacts: how they are made, changed and forgotten.

use inlet_core::{
    Timestamp,
    address::{Identity, IdentityKind},
    contact::{ContactChange, Edit, Fields, Text},
    event::EventKind,
    ids::{ContactKey, MessageKey},
    inbound::Person as Named,
    intake::{Receipt, Refusal},
};

use super::memory::{Answer, Memory, Person};

impl Person {
    /// Somebody whom a message brought.
    pub(super) fn new(named: &Named, now: Timestamp) -> Self {
        let first = |kind| {
            let found = named.identities.iter().find(|one| one.kind == kind);
            found.map(|one| one.value.clone())
        };
        Self {
            name: named.name.clone(),
            phone: first(IdentityKind::Phone),
            email: first(IdentityKind::Email),
            ..Self::nobody(now)
        }
    }

    fn nobody(now: Timestamp) -> Self {
        Self {
            name: None,
            first: None,
            phone: None,
            email: None,
            city: None,
            tags: Vec::new(),
            dnd: false,
            created_at: now,
            updated_at: now,
            talk: None,
        }
    }

    fn set(&mut self, fields: &Fields) {
        if let Some(name) = &fields.name {
            self.name.clone_from(name);
            self.first.clone_from(name);
        }
        if let Some(phone) = &fields.phone {
            self.phone = phone.as_ref().map(|phone| phone.as_str().to_owned());
        }
        if let Some(email) = &fields.email {
            self.email = email.as_ref().map(|email| email.as_str().to_owned());
        }
        for (text, value) in &fields.texts {
            assert_eq!(*text, Text::City, "no step sets another");
            self.city.clone_from(value);
        }
        self.dnd = fields.dnd.unwrap_or(self.dnd);
    }

    fn identities(&self) -> Vec<Identity> {
        let one = |kind, value: &Option<String>| {
            let scope = String::new();
            value.clone().map(|value| Identity { kind, scope, value })
        };
        let both = [
            one(IdentityKind::Email, &self.email),
            one(IdentityKind::Phone, &self.phone),
        ];
        both.into_iter().flatten().collect()
    }
}

impl Memory {
    pub(super) fn contact(
        &mut self,
        change: &ContactChange,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<Answer, String> {
        Ok(match change {
            ContactChange::Create(fields) => match self.holder(fields, None) {
                Some((contact, by)) => Err(Refusal::Duplicate { contact, by }),
                None => return self.make(fields, answer, now),
            },
            ContactChange::Upsert(fields) => match self.holder(fields, None) {
                Some((contact, _)) => {
                    let mut own = (**fields).clone();
                    let others = |one: &Identity| self.holders.get(one).is_some_and(|holder| *holder != contact);
                    if fields
                        .phone
                        .iter()
                        .flatten()
                        .any(|phone| others(&Identity::phone(phone)))
                    {
                        own.phone = None;
                    }
                    if fields
                        .email
                        .iter()
                        .flatten()
                        .any(|email| others(&Identity::email(email)))
                    {
                        own.email = None;
                    }
                    self.edit(contact, now, |person| person.set(&own))
                }
                None => return self.make(fields, answer, now),
            },
            ContactChange::Edit(contact, Edit::Fields(fields)) => {
                let duplicate = self.holder(fields, Some(*contact));
                match duplicate {
                    _ if !self.people.contains_key(contact) => Err(Refusal::NoSuchContact),
                    Some((contact, by)) => Err(Refusal::Duplicate { contact, by }),
                    None => self.edit(*contact, now, |person| person.set(fields)),
                }
            }
            ContactChange::Edit(contact, Edit::AddTags(tags)) => self.edit(*contact, now, |person| {
                let new: Vec<_> = tags.iter().filter(|tag| !person.tags.contains(tag)).cloned().collect();
                person.tags.extend(new);
            }),
            ContactChange::Edit(contact, Edit::RemoveTags(tags)) => {
                self.edit(*contact, now, |person| person.tags.retain(|tag| !tags.contains(tag)))
            }
            ContactChange::Edit(_, edit) => panic!("no step makes {edit:?}"),
            ContactChange::Delete(contact) => self.forget(*contact, true),
            ContactChange::DeleteConversation(contact) => self.forget(*contact, false),
            ContactChange::Merge { .. } | ContactChange::Unmerge(_) => panic!("no step makes these"),
        })
    }

    /// Who else has the address or the number: the address is looked for first.
    fn holder(&self, fields: &Fields, own: Option<ContactKey>) -> Option<(ContactKey, IdentityKind)> {
        let email = fields.email.iter().flatten().map(Identity::email);
        let phone = fields.phone.iter().flatten().map(Identity::phone);
        email.chain(phone).find_map(|one| {
            let holder = *self.holders.get(&one)?;
            (Some(holder) != own).then_some((holder, one.kind))
        })
    }

    fn make(&mut self, fields: &Fields, answer: &Answer, now: Timestamp) -> Result<Answer, String> {
        let Ok(Receipt { contact, .. }) = *answer else {
            return Err(format!("a new contact is refused: {answer:?}"));
        };
        self.new_key(contact.0)?;
        let mut person = Person::nobody(now);
        person.set(fields);
        self.holders
            .extend(person.identities().into_iter().map(|one| (one, contact)));
        self.announce(EventKind::ContactCreate, contact, None);
        let receipt = about(contact, &person, false);
        self.people.insert(contact, person);
        Ok(Ok(receipt))
    }

    fn edit(&mut self, contact: ContactKey, now: Timestamp, change: impl FnOnce(&mut Person)) -> Answer {
        let person = self.people.get_mut(&contact).ok_or(Refusal::NoSuchContact)?;
        let before = person.clone();
        change(person);
        if *person == before {
            return Ok(about(contact, &before, true));
        }
        person.updated_at = now;
        let after = person.clone();
        for one in before.identities() {
            if !after.identities().contains(&one) {
                self.holders.remove(&one);
            }
        }
        self.holders
            .extend(after.identities().into_iter().map(|one| (one, contact)));
        let fields = |person: &Person| {
            let Person {
                name,
                first,
                phone,
                email,
                city,
                ..
            } = person.clone();
            (name, first, phone, email, city)
        };
        if fields(&before) != fields(&after) {
            self.announce(EventKind::ContactUpdate, contact, None);
        }
        if before.tags != after.tags {
            self.announce(EventKind::ContactTagUpdate, contact, None);
        }
        if before.dnd != after.dnd {
            self.announce(EventKind::ContactDndUpdate, contact, None);
        }
        Ok(about(contact, &after, true))
    }

    fn forget(&mut self, contact: ContactKey, with_contact: bool) -> Answer {
        let person = self.people.get_mut(&contact).ok_or(Refusal::NoSuchContact)?;
        let receipt = about(contact, person, false);
        for key in person.talk.take().into_iter().flat_map(|talk| talk.messages) {
            self.messages.remove(&key);
        }
        if with_contact {
            self.people.remove(&contact);
            self.holders.retain(|_, holder| *holder != contact);
            self.announce(EventKind::ContactDelete, contact, None);
        } else {
            self.announce(EventKind::ConversationUnreadUpdate, contact, None);
        }
        Ok(receipt)
    }
}

fn about(contact: ContactKey, person: &Person, repeated: bool) -> Receipt {
    Receipt {
        message: MessageKey(0),
        contact,
        occurred_at: person.created_at,
        email: false,
        repeated,
        differs: false,
    }
}
