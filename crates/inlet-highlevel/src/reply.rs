//! What a recorded message is answered with: HighLevel's `ProcessMessageResponseDto`.

use inlet_core::{ids::IdCodec, intake::Receipt};
use serde::Serialize;

use crate::time;

/// The answer to `POST /conversations/messages/inbound` and to its older form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageProcessed {
    success: bool,
    conversation_id: String,
    message_id: String,
    /// A text on how it went, not the message's own.
    message: &'static str,
    contact_id: String,
    date_added: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_message_id: Option<String>,
}

impl MessageProcessed {
    /// The answer for a receipt: the same for a repeat as it was the first time.
    pub fn new(receipt: &Receipt, ids: &IdCodec) -> Self {
        Self {
            success: true,
            conversation_id: ids.conversation(receipt.contact),
            message_id: ids.message(receipt.message),
            message: "Message queued successfully.",
            contact_id: ids.contact(receipt.contact),
            date_added: time::print(receipt.occurred_at),
            email_message_id: receipt.email.then(|| ids.email(receipt.message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use inlet_core::ids::{ContactKey, MessageKey};

    use super::*;

    #[test]
    fn an_answer_names_the_mail_only_where_there_is_one() {
        let ids = IdCodec::new([1; 16]);
        let mut receipt = Receipt {
            message: MessageKey(7),
            contact: ContactKey(8),
            occurred_at: "2024-07-29T15:51:28.071Z".parse().unwrap(),
            email: false,
            repeated: false,
            differs: false,
        };
        let first = serde_json::to_string(&MessageProcessed::new(&receipt, &ids)).unwrap();
        insta::assert_snapshot!(first, @r#"{"success":true,"conversationId":"00000000PcPSoN1NQrx7","messageId":"00000000BRSjefRb2K66","message":"Message queued successfully.","contactId":"000000002PTnfOZcLpMn","dateAdded":"2024-07-29T15:51:28.071Z"}"#);
        receipt.repeated = true;
        receipt.differs = true;
        let again = serde_json::to_string(&MessageProcessed::new(&receipt, &ids)).unwrap();
        assert_eq!(again, first, "a repeat is answered as the first time");
        receipt.email = true;
        let mail = serde_json::to_value(MessageProcessed::new(&receipt, &ids)).unwrap();
        assert_eq!(mail["emailMessageId"], ids.email(receipt.message));
    }
}
