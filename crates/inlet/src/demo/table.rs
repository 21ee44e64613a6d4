//! The demo's steps as lines for people.

use std::time::Duration;

use super::Line;

/// The head of the table.
pub const HEAD: &str = "\
WHAT ARRIVED                      ON DISK  CONVERSATION, PLACE       MESSAGE                 WEBHOOK DELIVERED";

/// One step as a line, and a second one where there is more to say.
pub fn line(step: &Line) -> String {
    let arrived = format!("{:<32} {:>8}", step.what, millis(step.on_disk));
    if let Some(failure) = &step.failure {
        return format!("{arrived}  FAILED: {failure}");
    }
    let (Some(conversation), Some(message), Some(webhook)) = (&step.conversation, &step.message, step.webhook) else {
        return format!("{arrived}  {}", step.note);
    };
    let note = if step.note.is_empty() {
        String::new()
    } else {
        format!("; {}", step.note)
    };
    format!(
        "{arrived}  {conversation} #{:<3}  {message}  {:>8}, verified{note}",
        step.seq,
        millis(webhook)
    )
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
