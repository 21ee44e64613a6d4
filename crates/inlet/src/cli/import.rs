//! `inlet import`: old messages of a file, a line each, in a slow lane. It may be stopped at any moment and run again: what
//! is recorded is recognised.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use serde_json::{Value, json};

use super::{Trouble, desk::Desk, pause, print::items};

/// Lines that are sent at once, and bytes of them.
const LINES: usize = 200;
const BYTES: usize = 512 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bad lines that are kept for the end; all of them are printed as they come.
const KEPT: usize = 1_000;

#[derive(Args, Debug)]
#[command(
    after_help = "A line is the JSON of HighLevel's POST /conversations/messages/inbound with its date, such as
  {\"type\":\"SMS\",\"phone\":\"+14155550100\",\"message\":\"Hi\",\"date\":\"2024-07-29T15:51:28Z\",\"altId\":\"SM1\"}
With altId, a message that came by the same provider before is recognised; without, the same line is.

Example:
  inlet import old.ndjson --location ID"
)]
pub(super) struct Flags {
    /// The file: newline-delimited JSON, oldest first.
    file: PathBuf,
    /// The location they belong to.
    #[arg(long, value_name = "ID")]
    location: String,
    /// Count them as unread, and announce them like new ones, after all that is new.
    #[arg(long)]
    announce: bool,
    /// How many are recorded in a second at most, so that what comes in goes first.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
}

/// What became of the lines so far.
#[derive(Default)]
struct Sum {
    lines: u64,
    bytes: u64,
    recorded: u64,
    repeated: u64,
    refused: u64,
    bad: Vec<Value>,
}

/// Lines that go together.
struct Chunk {
    first: u64,
    lines: Vec<String>,
    /// Lines that cannot even be read, by their number.
    unread: Vec<u64>,
}

pub(super) async fn run(flags: Flags, desk: &mut Desk<'_>) -> Result<(), Trouble> {
    let unreadable = |error| Trouble::new(format!("{} cannot be read: {error}", flags.file.display()));
    let file = File::open(&flags.file).map_err(unreadable)?;
    let whole = file.metadata().map(|about| about.len()).unwrap_or_default();
    let mut reader = BufReader::new(file);
    let mut sum = Sum::default();
    while let Some(chunk) = next(&mut reader, &mut sum).map_err(unreadable)? {
        let wish = json!({
            "location": flags.location,
            "announce": flags.announce,
            "first": chunk.first,
            "lines": chunk.lines,
        });
        let taken = desk.post("/import", &wish).await?;
        let recorded = taken.get("recorded").and_then(Value::as_u64).unwrap_or_default();
        sum.add(&taken, &chunk.unread);
        for bad in Sum::bad_lines(&taken, &chunk.unread) {
            desk.printer.progress(&bad)?;
        }
        desk.printer.progress(&sum.progress(whole))?;
        // What was recorded before costs nobody anything.
        pause(Duration::from_secs(recorded) / flags.rate).await;
    }
    let said = json!({
        "recorded": sum.recorded,
        "repeated": sum.repeated,
        "refused": sum.refused,
        "bad_lines": sum.bad,
    });
    desk.printer.show(&said, |_| sum.words())?;
    if sum.refused == 0 {
        return Ok(());
    }
    Err(Trouble::new(format!(
        "{} lines were not recorded: mend them, and import the file again; what is recorded is recognised",
        sum.refused
    )))
}

/// The next lines of the file; nothing at its end.
fn next(reader: &mut impl BufRead, sum: &mut Sum) -> std::io::Result<Option<Chunk>> {
    let mut chunk = Chunk {
        first: sum.lines + 1,
        lines: Vec::new(),
        unread: Vec::new(),
    };
    let mut bytes = 0;
    while chunk.lines.len() < LINES && bytes < BYTES {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        sum.lines += 1;
        bytes += read;
        // Files that Windows writes begin with a mark.
        if sum.lines == 1 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        // An empty line holds the place of one that cannot be read, so that the numbers stay right.
        chunk.lines.push(String::from_utf8(line).unwrap_or_else(|_| {
            chunk.unread.push(sum.lines);
            String::new()
        }));
    }
    sum.bytes += u64::try_from(bytes).unwrap_or_default();
    Ok((!chunk.lines.is_empty()).then_some(chunk))
}

impl Sum {
    fn add(&mut self, taken: &Value, unread: &[u64]) {
        let number = |key: &str| taken.get(key).and_then(Value::as_u64).unwrap_or_default();
        self.recorded += number("recorded");
        self.repeated += number("repeated");
        let refused = items(taken, "refused");
        self.refused += u64::try_from(refused.len() + unread.len()).unwrap_or_default();
        let unread = unread.iter().map(|line| json!({ "line": line, "reason": UNREAD }));
        let room = KEPT.saturating_sub(self.bad.len());
        self.bad.extend(refused.iter().cloned().chain(unread).take(room));
    }

    /// The bad lines of a chunk, in words.
    fn bad_lines(taken: &Value, unread: &[u64]) -> Vec<String> {
        let refused = items(taken, "refused").iter().map(|bad| {
            let line = bad.get("line").and_then(Value::as_u64).unwrap_or_default();
            let reason = bad.get("reason").and_then(Value::as_str).unwrap_or_default();
            format!("line {line}: {reason}")
        });
        let unread = unread.iter().map(|line| format!("line {line}: {UNREAD}"));
        refused.chain(unread).collect()
    }

    fn progress(&self, whole: u64) -> String {
        let percent = self
            .bytes
            .saturating_mul(100)
            .checked_div(whole)
            .unwrap_or(100)
            .min(100);
        format!(
            "{percent} %: {} lines, {} recorded, {} were there",
            self.lines, self.recorded, self.repeated
        )
    }

    fn words(&self) -> String {
        format!(
            "{} messages are recorded, {} were there before, {} lines were refused.",
            self.recorded, self.repeated, self.refused
        )
    }
}

/// What is said of a line that is no text.
const UNREAD: &str = "it is not UTF-8: save the file in that encoding";
