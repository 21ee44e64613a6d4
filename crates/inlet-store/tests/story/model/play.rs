//! Plays steps at the store and at the model.

use std::time::Duration;

use inlet_core::{
    Timestamp,
    address::{EmailAddress, Identity, Phone},
    backlog::{Backlog, Order},
    change::{Change, What},
    channel::{Channel, Direction},
    clock::Clock,
    contact::{ContactChange, Edit, Fields, Text},
    delivery::{Attempt, Fate, Settlement},
    health::Verdict,
    ids::{ContactKey, DeliveryKey, MessageKey},
    inbound::{Call, Detail, Inbound, Person, Who},
    intake::Intake,
    outbox::{DeliveryQuery, Outbox, Room},
    seen::{SeenKey, SeenKind, fingerprint},
};

use super::{
    memory::{Memory, same},
    step::{By, Ending, Given, Said, Step, Word},
};
use crate::world::{SMS, World};

/// For how long a claim holds.
const LEASE: Duration = Duration::from_secs(30);
/// After so many steps all that is stored is compared.
const STRETCH: usize = 100;

pub(super) struct Play<'w> {
    pub(super) world: &'w World,
    pub(super) memory: Memory,
}

impl Play<'_> {
    /// Plays them all, and compares all that is stored, in between and at the end.
    pub(super) async fn all(mut self, steps: &[Step]) -> Result<(), String> {
        for stretch in steps.chunks(STRETCH) {
            for step in stretch {
                self.step(step).await.map_err(|why| format!("at {step:?}: {why}"))?;
            }
            self.compare().await?;
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.world.hands.now()
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let (store, now) = (&self.world.store, self.now());
        match step {
            Step::Submit(words) => self.submit(words).await,
            Step::Claim(room) => self.claim(*room).await,
            Step::Settle(endings) => {
                let settlements = self.settlements(endings);
                let lost = store
                    .settle(settlements.clone())
                    .await
                    .map_err(|fault| fault.to_string())?;
                same("how many were lost", &lost, &self.memory.settle(&settlements, now))
            }
            Step::Order(one, order) => self.order(*one, *order).await,
            Step::Wait(seconds) => {
                self.world.hands.advance(Duration::from_secs(*seconds));
                Ok(())
            }
            Step::Recover => {
                // It recovers what earlier runs left, too: only the state is compared.
                store.recover(now).await.map_err(|fault| fault.to_string())?;
                self.memory.recover(now);
                Ok(())
            }
            Step::Tidy => {
                self.world.hands.advance(Duration::from_hours(31 * 24));
                while store.tidy().await.map_err(|fault| fault.to_string())? {}
                self.memory.tidy(self.now());
                Ok(())
            }
        }
    }

    async fn submit(&mut self, words: &[Word]) -> Result<(), String> {
        let changes: Vec<Change> = words.iter().map(|word| self.change(word)).collect();
        let now = self.now();
        let answers = self.world.store.submit(changes.clone()).await;
        same("how many answers", &answers.len(), &changes.len())?;
        for (change, answer) in changes.iter().zip(&answers) {
            let heard = self.memory.hear(change, answer, now);
            heard.map_err(|why| format!("{why}, to {:?}", change.what))?;
        }
        let query = DeliveryQuery {
            location: Some(self.memory.here),
            limit: self.memory.announced.len() * 2 + 1,
            ..DeliveryQuery::default()
        };
        let found = self.world.store.list(&query).await.map_err(|fault| fault.to_string())?;
        self.memory.promise(&found, now)
    }

    async fn claim(&mut self, room: usize) -> Result<(), String> {
        let (now, until) = (self.now(), self.now() + LEASE);
        let rooms = [self.memory.all, self.memory.strict].map(|destination| Room {
            location: self.memory.here,
            destination,
            free: room,
            later: room,
        });
        let claimed = self.world.store.claim(now, until, &rooms).await;
        let claimed = claimed.map_err(|fault| fault.to_string())?;
        self.memory.claim((&claimed, room), (now, until))
    }

    async fn order(&mut self, one: usize, order: Order) -> Result<(), String> {
        let key = pick(self.memory.promises.keys(), one).unwrap_or(DeliveryKey(1));
        let told = self
            .world
            .store
            .order(key, order)
            .await
            .map_err(|fault| fault.to_string())?;
        same(
            "what came of an order",
            &told,
            &self.memory.order(key, order, self.now()),
        )
    }

    fn settlements(&self, endings: &[(usize, Ending)]) -> Vec<Settlement> {
        let endings = endings.iter().filter_map(|(one, ending)| {
            let key = pick(self.memory.promises.keys(), *one)?;
            let promised = &self.memory.promises[&key];
            let fate = match *ending {
                Ending::Delivered | Ending::TooLate => Fate::Delivered,
                Ending::Again(seconds, counted) => Fate::Again {
                    due_at: self.now() + Duration::from_secs(seconds),
                    counted,
                },
                Ending::Dead => Fate::Dead {
                    reason: "expired".to_owned(),
                },
            };
            Some(Settlement {
                delivery: key,
                location: self.memory.here,
                destination: promised.to,
                lane: promised.contact,
                lease: promised.lease - i64::from(matches!(ending, Ending::TooLate)),
                number: promised.attempts,
                attempt: Attempt {
                    started_at: self.now(),
                    took: Duration::from_millis(12),
                    status: Some(200),
                    error: None,
                    response: None,
                },
                verdict: Verdict::Silent,
                trip: false,
                fate,
                park: None,
                disable: None,
            })
        });
        endings.collect()
    }

    fn change(&self, word: &Word) -> Change {
        let here = self.memory.here;
        let of = |change| Change::contact(here, change);
        let later = |what| Change {
            location: here,
            provider: SMS,
            keys: Vec::new(),
            fingerprint: 0,
            what,
        };
        match word {
            Word::Message(said) => self.message(said),
            Word::Status(one, status) => later(What::Status {
                message: self.said(*one),
                status: *status,
                error: None,
            }),
            Word::Call(one, status) => later(What::Call {
                message: self.said(*one),
                status: *status,
                duration: None,
            }),
            Word::Mark(one, mark) => Change::mark(here, self.person(*one), *mark),
            Word::Create(given) => of(ContactChange::Create(Box::new(fields(given)))),
            Word::Upsert(given) => of(ContactChange::Upsert(Box::new(fields(given)))),
            Word::Edit(one, given) => of(ContactChange::Edit(
                self.person(*one),
                Edit::Fields(Box::new(fields(given))),
            )),
            Word::AddTag(one, tag) => of(ContactChange::Edit(self.person(*one), Edit::AddTags(vec![name(*tag)]))),
            Word::RemoveTag(one, tag) => of(ContactChange::Edit(
                self.person(*one),
                Edit::RemoveTags(vec![name(*tag)]),
            )),
            Word::Forget(one) => of(ContactChange::Delete(self.person(*one))),
            Word::ForgetConversation(one) => of(ContactChange::DeleteConversation(self.person(*one))),
        }
    }

    fn message(&self, said: &Said) -> Change {
        let body = ["one", "two", "three", "four\u{1f426}", " "][usize::from(said.body)];
        let person = |identities| {
            Who::Person(Person {
                identities,
                name: Some("Maya".to_owned()),
            })
        };
        let who = match said.by {
            By::Contact(one) => Who::Known(self.person(one)),
            By::Stranger => Who::Known(self.memory.stranger),
            By::Phone(one) => person(vec![Identity::phone(&phone(one))]),
            By::Email(one) => person(vec![Identity::email(&email(one))]),
            By::Page(one) => person(vec![Identity::page("page", &name(one))]),
            By::PhoneAndEmail(one, other) => person(vec![Identity::phone(&phone(one)), Identity::email(&email(other))]),
            By::EmailAndPhone(one, other) => person(vec![Identity::email(&email(one)), Identity::phone(&phone(other))]),
        };
        let goes_on = said.goes_on && said.channel == Channel::Call;
        let detail = Detail {
            call: goes_on.then_some(Call {
                status: inlet_core::channel::CallStatus::Pending,
                duration: None,
                announced: false,
            }),
            ..Detail::default()
        };
        let inbound = Inbound {
            channel: said.channel,
            direction: if said.outbound {
                Direction::Outbound
            } else {
                Direction::Inbound
            },
            who,
            body: Some(body.to_owned()),
            occurred_at: said.ago.map(|ago| self.now() - Duration::from_secs(ago.into())),
            detail,
            files: Vec::new(),
            answers: Vec::new(),
        };
        let once = said.once.map(|once| SeenKey {
            kind: SeenKind::Idempotency,
            id: format!("once{once}"),
        });
        let id = said.id.map(|id| SeenKey::message(format!("SM{id}")));
        Change {
            location: self.memory.here,
            provider: SMS,
            keys: id.into_iter().chain(once).collect(),
            fingerprint: fingerprint(body.as_bytes()),
            what: What::Message(Box::new(inbound)),
        }
    }

    /// One of the contacts; where there is none, one that is nobody.
    fn person(&self, one: usize) -> ContactKey {
        pick(self.memory.people.keys(), one).unwrap_or(ContactKey(1))
    }

    fn said(&self, one: usize) -> MessageKey {
        pick(self.memory.messages.keys(), one).unwrap_or(MessageKey(1))
    }
}

fn pick<'a, K: Copy + 'a>(keys: impl ExactSizeIterator<Item = &'a K>, one: usize) -> Option<K> {
    let mut keys = keys;
    let place = one.checked_rem(keys.len())?;
    keys.nth(place).copied()
}

fn fields(given: &Given) -> Fields {
    Fields {
        name: given.name.map(|one| one.map(name)),
        phone: given.phone.map(|one| one.map(phone)),
        email: given.email.map(|one| one.map(email)),
        texts: given.city.iter().map(|one| (Text::City, one.map(name))).collect(),
        dnd: given.dnd,
        ..Fields::default()
    }
}

pub(super) fn phone(one: u8) -> Phone {
    Phone::parse(&format!("+1415555010{one}"), None).unwrap()
}

pub(super) fn email(one: u8) -> EmailAddress {
    EmailAddress::parse(&format!("p{one}@example.com")).unwrap()
}

pub(super) fn name(one: u8) -> String {
    format!("p{one}")
}
