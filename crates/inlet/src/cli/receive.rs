//! `inlet receive`: records an inbound message by hand.

use clap::{ArgGroup, Args};
use serde_json::json;

use super::{Trouble, desk::Desk, print::text};

#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("who").required(true).args(["contact", "conversation", "phone", "email"]),
    after_help = "Example:\n  inlet receive --location ID --phone +14155550100 --body 'Called, wants Tuesday'"
)]
pub(super) struct Flags {
    /// The location it came to.
    #[arg(long, value_name = "ID")]
    location: String,
    /// The contact it is from.
    #[arg(long, value_name = "ID")]
    contact: Option<String>,
    /// The conversation it belongs to.
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// The number it is from; a contact is made if there is none.
    #[arg(long, value_name = "+1…")]
    phone: Option<String>,
    /// The address it is from; a contact is made if there is none.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// What it says.
    #[arg(long, value_name = "TEXT")]
    body: String,
}

pub(super) async fn run(flags: Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let wish = json!({
        "location": flags.location,
        "contact": flags.contact,
        "conversation": flags.conversation,
        "phone": flags.phone,
        "email": flags.email,
        "body": flags.body,
    });
    let received = desk.post("/receive", &wish).await?;
    desk.printer.show(&received, |received| {
        format!(
            "Message {} is recorded in conversation {}.",
            text(received, "message_id"),
            text(received, "conversation_id")
        )
    })
}
