//! Steps, and how they are drawn. They name people, messages and deliveries by number, so that a shorter run of them still
//! makes sense.

use inlet_core::{
    backlog::Order,
    change::Mark,
    channel::{CallStatus, Channel, MessageStatus},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// One sender's changes, together.
    Submit(Vec<Word>),
    /// So many deliveries are claimed for each destination.
    Claim(usize),
    /// Last words on deliveries.
    Settle(Vec<(usize, Ending)>),
    /// A person's order.
    Order(usize, Order),
    /// So many seconds go by.
    Wait(u64),
    /// What was leased for too long is made due again.
    Recover,
    /// A month goes by, and what is old is deleted.
    Tidy,
}

/// One change.
#[derive(Clone, Debug)]
pub(super) enum Word {
    Message(Said),
    Status(usize, MessageStatus),
    Call(usize, CallStatus),
    Mark(usize, Mark),
    Create(Given),
    Upsert(Given),
    Edit(usize, Given),
    AddTag(usize, u8),
    RemoveTag(usize, u8),
    Forget(usize),
    ForgetConversation(usize),
}

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) by: By,
    pub(super) id: Option<u8>,
    pub(super) once: Option<u8>,
    pub(super) body: u8,
    pub(super) channel: Channel,
    pub(super) outbound: bool,
    /// Whether the call is not over yet, where it is one.
    pub(super) goes_on: bool,
    /// Seconds before now.
    pub(super) ago: Option<u16>,
}

/// By what its contact is found.
#[derive(Clone, Debug)]
pub(super) enum By {
    Contact(usize),
    Stranger,
    Phone(u8),
    Email(u8),
    Page(u8),
    PhoneAndEmail(u8, u8),
    EmailAndPhone(u8, u8),
}

/// Fields of a contact: absent, cleared, or set.
#[expect(clippy::option_option, reason = "as the store is given them")]
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) name: Option<Option<u8>>,
    pub(super) phone: Option<Option<u8>>,
    pub(super) email: Option<Option<u8>>,
    pub(super) city: Option<Option<u8>>,
    pub(super) dnd: Option<bool>,
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    Delivered,
    /// Again after so many seconds; whether the try counts.
    Again(u64, bool),
    Dead,
    /// It is delivered, but under a lease that was another's.
    TooLate,
}

impl Step {
    /// How many steps it counts for.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Submit(words) => u64::try_from(words.len()).unwrap(),
            Self::Settle(endings) => u64::try_from(endings.len()).unwrap(),
            Self::Claim(_) | Self::Order(..) | Self::Wait(_) | Self::Recover | Self::Tidy => 1,
        }
    }
}

/// One run.
pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..400)
}

fn step() -> impl Strategy<Value = Step> {
    let orders = select(vec![Order::Replay, Order::Cancel, Order::Discard]);
    prop_oneof![
        40 => vec(word(), 1..6).prop_map(Step::Submit),
        8 => (0_usize..12).prop_map(Step::Claim),
        8 => vec((any::<usize>(), ending()), 1..5).prop_map(Step::Settle),
        6 => (any::<usize>(), orders).prop_map(|(one, order)| Step::Order(one, order)),
        8 => (1_u64..90).prop_map(Step::Wait),
        2 => Just(Step::Recover),
        1 => Just(Step::Tidy),
    ]
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        4 => Just(Ending::Delivered),
        2 => (1_u64..60, any::<bool>()).prop_map(|(after, counts)| Ending::Again(after, counts)),
        1 => Just(Ending::Dead),
        1 => Just(Ending::TooLate),
    ]
}

fn word() -> impl Strategy<Value = Word> {
    let statuses = select(MessageStatus::ALL.to_vec());
    let calls = select(CallStatus::ALL.to_vec());
    prop_oneof![
        30 => said().prop_map(Word::Message),
        3 => (any::<usize>(), statuses).prop_map(|(one, status)| Word::Status(one, status)),
        3 => (any::<usize>(), calls).prop_map(|(one, status)| Word::Call(one, status)),
        4 => (any::<usize>(), mark()).prop_map(|(one, mark)| Word::Mark(one, mark)),
        2 => given().prop_map(Word::Create),
        2 => given().prop_map(Word::Upsert),
        4 => (any::<usize>(), given()).prop_map(|(one, given)| Word::Edit(one, given)),
        2 => (any::<usize>(), 0_u8..3).prop_map(|(one, tag)| Word::AddTag(one, tag)),
        1 => (any::<usize>(), 0_u8..3).prop_map(|(one, tag)| Word::RemoveTag(one, tag)),
        1 => any::<usize>().prop_map(Word::Forget),
        1 => any::<usize>().prop_map(Word::ForgetConversation),
    ]
}

fn mark() -> impl Strategy<Value = Mark> {
    let plain = select(vec![Mark::Read, Mark::Unread, Mark::Starred, Mark::Unstarred]);
    prop_oneof![4 => plain, 1 => (0_u32..4).prop_map(Mark::Count)]
}

fn said() -> impl Strategy<Value = Said> {
    let channels = select(vec![Channel::Sms, Channel::WhatsApp, Channel::Email, Channel::Call]);
    let ids = (option::weighted(0.8, 0_u8..40), option::weighted(0.1, 0_u8..6));
    let rest = (channels, any::<bool>(), any::<bool>(), option::of(0_u16..4_000));
    (by(), ids, 0_u8..5, rest).prop_map(|(by, (id, once), body, (channel, outbound, goes_on, ago))| Said {
        by,
        id,
        once,
        body,
        channel,
        outbound,
        goes_on,
        ago,
    })
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![
        6 => any::<usize>().prop_map(By::Contact),
        1 => Just(By::Stranger),
        6 => phone().prop_map(By::Phone),
        3 => email().prop_map(By::Email),
        2 => (0_u8..4).prop_map(By::Page),
        2 => (phone(), email()).prop_map(|(phone, email)| By::PhoneAndEmail(phone, email)),
        1 => (email(), phone()).prop_map(|(email, phone)| By::EmailAndPhone(email, phone)),
    ]
}

fn given() -> impl Strategy<Value = Given> {
    let name = option::of(option::weighted(0.8, 0_u8..4));
    let phone = option::of(option::weighted(0.8, phone()));
    let email = option::of(option::weighted(0.8, email()));
    let city = option::of(option::weighted(0.8, 0_u8..3));
    let dnd = option::weighted(0.2, any::<bool>());
    (name, phone, email, city, dnd).prop_map(|(name, phone, email, city, dnd)| Given {
        name,
        phone,
        email,
        city,
        dnd,
    })
}

fn phone() -> impl Strategy<Value = u8> {
    0_u8..8
}

fn email() -> impl Strategy<Value = u8> {
    0_u8..6
}
