//! Rules of the admin API that need no store.

use inlet_core::registry::DestinationState;

use super::{destinations::wanted, requests::masked_target};

#[test]
fn a_destination_is_told_only_what_fits_its_state() {
    use DestinationState::{Active, Disabled, Paused};
    let cases = [
        ("pause", Active, Some(Paused)),
        ("pause", Paused, Some(Paused)),
        ("pause", Disabled, None),
        ("resume", Active, Some(Active)),
        ("resume", Paused, Some(Active)),
        ("resume", Disabled, None),
        ("disable", Active, Some(Disabled)),
        ("disable", Paused, Some(Disabled)),
        ("disable", Disabled, Some(Disabled)),
        ("forget", Active, None),
    ];
    for (verb, now, expected) in cases {
        assert_eq!(wanted(now, verb).ok(), expected, "{verb} {now:?}");
    }
}

#[test]
fn the_secret_part_of_a_webhook_path_is_not_shown() {
    let cases = [
        ("/in/twilio/s3cret", "/in/twilio/…"),
        ("/in/twilio/s3cret?bodySHA256=1", "/in/twilio/…?bodySHA256=1"),
        (
            "/conversations/providers/twilio/inbound_message",
            "/conversations/providers/twilio/inbound_message",
        ),
        ("/in/", "/in/"),
        ("", ""),
    ];
    for (target, shown) in cases {
        assert_eq!(masked_target(target), shown, "{target}");
    }
}
