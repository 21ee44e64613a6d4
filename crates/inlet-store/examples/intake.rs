//! Measures the store by itself: messages a second and microseconds of CPU a message for 64 senders over 10,000 known
//! contacts of 10 locations, each with a paused destination.
//!
//! `cargo run --release --example intake --package inlet-store -- URL [SENDERS] [MESSAGES] [DESTINATIONS]`

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use inlet_core::{
    address::{Identity, IdentityKind},
    announcer::{Announcement, Announcer, ContactAnnouncement},
    bell::{Bell, Ring},
    chance::Chance,
    change::{Change, What},
    channel::{Channel, Direction},
    clock::Clock,
    directory::{Directory, Entry},
    ids::{ContactKey, DestinationKey, LocationKey, ProviderKey},
    inbound::{Detail, Inbound, Person, Who},
    intake::Intake,
    registry::{Destination, DestinationState, Location},
    secret::Secret,
    seen::SeenKey,
};
use inlet_store::{Options, Parts, Store, StoreUrl};
use jiff::Timestamp;

const LOCATIONS: i64 = 10;
const CONTACTS: usize = 10_000;

#[derive(Debug)]
struct Hands(Instant);

#[expect(clippy::disallowed_methods, reason = "a measurement is taken by the real clock")]
fn begin() -> Instant {
    Instant::now()
}

impl Clock for Hands {
    #[expect(clippy::disallowed_methods, reason = "a measurement is taken by the real clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        begin().duration_since(self.0)
    }
}

impl Chance for Hands {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Bell for Hands {
    fn ring(&self, _rings: &[Ring]) {}
}

impl Announcer for Hands {
    /// As long as HighLevel's own event for a text message.
    fn render(&self, announcement: &Announcement<'_>) -> String {
        let Announcement {
            message, app, location, ..
        } = announcement;
        let (app, location) = (&app.id, &location.id);
        let (body, key) = (message.body.as_deref().unwrap_or_default(), message.key);
        let filler = "x".repeat(240);
        format!(
            r#"{{"type":"InboundMessage","appId":"{app}","locationId":"{location}","attachments":[],"body":"{body}","contactId":"{key:020}","contentType":"text/plain","conversationId":"{key:020}","dateAdded":"2027-01-15T08:00:00.000Z","direction":"inbound","messageType":"SMS","status":"delivered","messageId":"{key:020}","webhookId":"{key:036}","filler":"{filler}"}}"#
        )
    }

    fn render_contact(&self, announcement: &ContactAnnouncement<'_>) -> String {
        announcement.kind.name().to_owned()
    }
}

fn change(number: usize, contact: (usize, Who)) -> Change {
    let body = "Hello, is the appointment on Thursday at ten still free? I would like to take it.";
    let (place, who) = contact;
    Change {
        location: LocationKey(1 + i64::try_from(place).unwrap_or_default() % LOCATIONS),
        provider: ProviderKey(1),
        keys: vec![SeenKey::message(format!("SM{number:032x}"))],
        fingerprint: 5,
        what: What::Message(Box::new(Inbound {
            channel: Channel::Sms,
            direction: Direction::Inbound,
            who,
            body: Some(body.to_owned()),
            occurred_at: None,
            detail: Detail::default(),
            files: Vec::new(),
            answers: Vec::new(),
        })),
    }
}

async fn furnish(store: &Store, hands: &Hands, destinations: i64) -> Result<Vec<ContactKey>, Box<dyn Error>> {
    let app = store.registry().builtin_app().ok_or("no app")?.key;
    for key in 1..=LOCATIONS {
        let location = Location {
            key: LocationKey(key),
            id: format!("{key:020}"),
            name: "Bench".to_owned(),
            country: None,
            agency: None,
            created_at: hands.now(),
            words: inlet_core::consent::ConsentWords::default(),
            views: Vec::new(),
        };
        store.write(Entry::Location(location)).await?;
        for number in 0..destinations {
            let destination = Destination {
                key: DestinationKey(key * 100 + number),
                id: format!("{:024x}", key * 100 + number),
                location: LocationKey(key),
                app,
                secret: Secret::new(*b"secret"),
                state: DestinationState::Paused,
                created_at: hands.now(),
                ..Destination::to("https://receiver.example.com")
            };
            store.write(Entry::Destination(destination)).await?;
        }
    }
    let people = (0..CONTACTS).map(|place| {
        let identity = Identity {
            kind: IdentityKind::Phone,
            scope: String::new(),
            value: format!("+1415{place:07}"),
        };
        let person = Person {
            identities: vec![identity],
            name: None,
        };
        change(place, (place, Who::Person(person)))
    });
    let answers = store.submit(people.collect()).await;
    Ok(answers
        .into_iter()
        .map(|answer| answer.map(|receipt| receipt.contact))
        .collect::<Result<_, _>>()?)
}

/// CPU time of this process, in microseconds: user and system, in ticks of a hundredth of a second.
fn cpu() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks * 10_000)
}

fn written() -> Option<u64> {
    let io = std::fs::read_to_string("/proc/self/io").ok()?;
    io.lines()
        .find_map(|line| line.strip_prefix("write_bytes: "))?
        .parse()
        .ok()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "a measurement is printed")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let file = given
        .next()
        .ok_or("usage: intake URL [SENDERS] [MESSAGES] [DESTINATIONS]")?;
    let mut number = |fallback: usize| given.next().map_or(Ok(fallback), |text| text.parse());
    let (senders, messages, destinations) = (number(64)?, number(200_000)?, number(1)?);
    let hands = Arc::new(Hands(begin()));
    let options = Options {
        url: StoreUrl::parse(&file)?,
        key: Secret::new([1; 32]),
        chance: Arc::<Hands>::clone(&hands),
        clock: Arc::<Hands>::clone(&hands),
        #[cfg(feature = "sabotage")]
        sabotage: inlet_store::Sabotage::default(),
    };
    let store = inlet_store::open(options).await?.start(Parts {
        announcer: Arc::<Hands>::clone(&hands),
        bell: Arc::<Hands>::clone(&hands),
    });
    let contacts: Arc<[ContactKey]> = furnish(&store, &hands, i64::try_from(destinations)?).await?.into();
    let next = Arc::new(AtomicUsize::new(0));
    let (start, cpu_before, written_before) = (begin(), cpu(), written());
    let tasks: Vec<_> = (0..senders)
        .map(|_| {
            let (store, contacts, next) = (store.clone(), Arc::clone(&contacts), Arc::clone(&next));
            tokio::spawn(async move { send(&store, &contacts, &next, messages).await })
        })
        .collect();
    for task in tasks {
        task.await?.map_err(|refusal| refusal.to_string())?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let count = f64::from(u32::try_from(messages)?);
    let used = |after: Option<u64>, before: Option<u64>| u32::try_from(after?.checked_sub(before?)? / 100).ok();
    let per = |used: Option<u32>| used.map_or(f64::NAN, |used| f64::from(used) * 100.0 / count);
    println!(
        "{:.0} messages/s, {:.1} us of CPU and {:.0} bytes a message",
        count / seconds,
        per(used(cpu(), cpu_before)),
        per(used(written(), written_before)),
    );
    store.close().await;
    Ok(())
}

/// One sender: the next message, and when it is on disk the one after. One in twenty is a repeat.
async fn send(
    store: &Store,
    contacts: &[ContactKey],
    next: &AtomicUsize,
    messages: usize,
) -> Result<(), inlet_core::intake::Refusal> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= messages {
            return Ok(());
        }
        let id = if number % 20 == 19 { number - 10 } else { number };
        let place = id.wrapping_mul(7919) % CONTACTS;
        let Some(contact) = contacts.get(place) else {
            return Ok(());
        };
        let change = change(CONTACTS + id, (place, Who::Known(*contact)));
        for answer in store.submit(vec![change]).await {
            answer?;
        }
    }
}
