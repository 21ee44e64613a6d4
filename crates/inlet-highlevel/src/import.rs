//! One old message, as a line of a file: the body of `POST /conversations/messages/inbound` with the date it was written.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inlet_core::{
    change::{Change, What},
    inbound::Imported,
    seen::{SeenKey, SeenKind},
    signature::hmac_sha256,
};

use crate::{
    add_inbound::{Body, Door},
    fault::{Fault, Words},
};

/// Reads a line. Where it names no `altId`, the line itself is what makes the message: the same line again is a repeat.
pub fn read(door: &Door<'_>, line: &str, imported: Imported) -> Result<Change, String> {
    let body = Body::read(line.as_bytes()).map_err(|fault| words(&fault))?;
    if body.date.is_none() {
        return Err("date is required: when it was written, such as 2024-07-29T15:51:28.071Z".to_owned());
    }
    let mut change = door.change(body).map_err(|fault| words(&fault))?;
    if let What::Message(inbound) = &mut change.what {
        let call = inbound.detail.call.as_ref();
        if call.is_some_and(|call| !call.status.is_final()) {
            return Err("call.status must be how the call ended, such as completed or no-answer".to_owned());
        }
        inbound.detail.imported = Some(imported);
    }
    if change.keys.is_empty() {
        let digest = hmac_sha256(b"a line of an import", &[line.trim().as_bytes()]);
        change.keys.push(SeenKey {
            kind: SeenKind::Idempotency,
            id: format!("import:{}", BASE64.encode(digest)),
        });
    }
    Ok(change)
}

/// What is wrong, and what to change, in one line.
fn words(fault: &Fault) -> String {
    let said = match &fault.message {
        Words::One(one) => one.clone(),
        Words::Each(each) => each.join("; "),
    };
    match &fault.hint {
        Some(hint) => format!("{said} ({hint})"),
        None => said,
    }
}
