//! A message that a provider is to send: how it stands, and to whom it is promised when.

use super::*;
use crate::{channel::MessageStatus, clock::Millis, event::EventKind, inbound::Handover, registry::Ordering};

fn handed(at: Option<i64>) -> Change {
    let inbound = Inbound {
        direction: Direction::Outbound,
        detail: Detail {
            handover: Some(Handover {
                at: at.map(|seconds| Millis((now().as_second() + seconds) * 1000)),
                answers: None,
            }),
            ..Detail::default()
        },
        ..inbound(Who::Known(MAYA))
    };
    message(inbound, None)
}

fn subscriber(key: i64, ordering: Ordering) -> Destination {
    Destination {
        events: vec![EventKind::ProviderOutboundMessage, EventKind::OutboundMessage],
        ordering,
        ..destination(key, 1, DestinationState::Active)
    }
}

#[test]
fn it_is_pending_until_it_is_handed_over_and_scheduled_until_its_time() {
    let cases = [
        (None, MessageStatus::Pending, 0),
        (Some(-60), MessageStatus::Pending, 0),
        (Some(0), MessageStatus::Pending, 0),
        (Some(60), MessageStatus::Scheduled, 60),
    ];
    for (at, status, wait) in cases {
        let mut world = World::new(vec![subscriber(1, Ordering::None), subscriber(2, Ordering::Strict)]);
        let record = world.record(handed(at));
        assert_eq!(record.message.status, status, "{at:?}");
        assert_eq!(record.conversation.unread, 0);
        let kinds: Vec<_> = record.events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::OutboundMessage, EventKind::ProviderOutboundMessage]);
        for promise in record.events.iter().flat_map(|event| &event.promises) {
            assert_eq!(promise.due_at.as_second() - now().as_second(), wait, "{at:?}");
            let waits_in_lane = promise.destination == DestinationKey(2) && wait == 0;
            assert_eq!(
                promise.in_lane, waits_in_lane,
                "what is to go later holds up no lane: {at:?}"
            );
        }
    }
}

#[test]
fn a_message_that_was_sent_already_is_handed_to_nobody() {
    let mut world = World::new(vec![subscriber(1, Ordering::None)]);
    let sent = Inbound {
        direction: Direction::Outbound,
        ..inbound(Who::Known(MAYA))
    };
    let record = world.record(message(sent, None));
    assert_eq!(record.message.status, MessageStatus::Delivered);
    let kinds: Vec<_> = record.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::OutboundMessage]);
}

#[test]
fn a_disabled_delivery_url_holds_what_is_to_go_later_too() {
    let held = Destination {
        state: DestinationState::Disabled,
        ..subscriber(1, Ordering::None)
    };
    let record = World::new(vec![held]).record(handed(Some(60)));
    let statuses = record
        .events
        .iter()
        .flat_map(|event| &event.promises)
        .map(|promise| promise.status);
    assert!(statuses.into_iter().all(|status| status == DeliveryStatus::Held));
}
