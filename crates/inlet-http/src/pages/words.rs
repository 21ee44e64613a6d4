//! How things are named on the pages: channels and their icons, people without a name, sizes and durations.

use inlet_core::{
    channel::{CallStatus, Channel, Direction},
    inbound::Call,
};
use phonenumber::Mode;

/// How many avatar colours the stylesheet has: `.tint-0` and on.
const TINTS: u32 = 12;

/// What a channel is called.
pub(super) fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms | Channel::CustomSms => "SMS",
        Channel::Rcs => "RCS",
        Channel::Email | Channel::CustomEmail => "E-mail",
        Channel::WhatsApp => "WhatsApp",
        Channel::GoogleBusiness => "Google Business",
        Channel::Instagram => "Instagram",
        Channel::Facebook => "Messenger",
        Channel::WebChat => "Web chat",
        Channel::LiveChat => "Live chat",
        Channel::AllInOneChat => "Chat",
        Channel::TikTok => "TikTok",
        Channel::Form => "Form",
        Channel::Call | Channel::IvrCall | Channel::CampaignCall => "Call",
        Channel::CampaignVoicemail => "Voicemail",
    }
}

/// The symbol of a channel in `icons.html`.
pub(super) fn channel_icon(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms | Channel::Rcs | Channel::CustomSms => "sms",
        Channel::Email | Channel::CustomEmail => "mail",
        Channel::WhatsApp => "whatsapp",
        Channel::GoogleBusiness => "pin",
        Channel::Instagram => "camera",
        Channel::Facebook => "bolt",
        Channel::WebChat | Channel::LiveChat | Channel::AllInOneChat => "chat",
        Channel::TikTok => "note",
        Channel::Form => "form",
        Channel::Call | Channel::IvrCall | Channel::CampaignCall => "phone",
        Channel::CampaignVoicemail => "voicemail",
    }
}

/// What a call was, in a word or two.
pub(super) fn call_words(call: &Call, direction: Direction) -> String {
    let missed = match direction {
        Direction::Inbound => "Missed call",
        Direction::Outbound => "No answer",
    };
    let name = match call.status {
        CallStatus::Pending => "Ringing",
        CallStatus::Answered => "Call in progress",
        CallStatus::Completed => "Call",
        CallStatus::Busy => "Line busy",
        CallStatus::NoAnswer => missed,
        CallStatus::Failed => "Call failed",
        CallStatus::Canceled => "Call given up",
        CallStatus::Voicemail => "Voicemail",
    };
    name.to_owned()
}

/// Seconds as `0:42` or `1:02:03`.
pub(super) fn duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Bytes as `812 bytes`, `12 KB`, `3.4 MB` or `93.1 GB`.
pub(super) fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes / (unit / 10) % 10);
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// A count with thin groups: `1,204`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A phone number as people write it: `+1 (415) 555-0119`, `+44 20 7946 0958`; a short code as it is.
pub(super) fn phone(number: &str) -> String {
    if let Some(("+1", rest)) = number.split_at_checked(2)
        && let Some((area, rest)) = rest.split_at_checked(3)
        && let Some((exchange, line)) = rest.split_at_checked(3)
        && line.len() == 4
    {
        return format!("+1 ({area}) {exchange}-{line}");
    }
    match phonenumber::parse(None, number) {
        Ok(parsed) if number.starts_with('+') => parsed.format().mode(Mode::International).to_string(),
        _ => number.to_owned(),
    }
}

/// The host of an address.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// What stands for a person: their name, else their number or address.
pub(super) fn person(name: Option<&str>, number: Option<&str>, address: Option<&str>) -> String {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    match (name, number, address) {
        (Some(name), _, _) => name.to_owned(),
        (None, Some(number), _) => phone(number),
        (None, None, Some(address)) => address.to_owned(),
        (None, None, None) => "Without a name".to_owned(),
    }
}

/// At most two letters for an avatar: of the first and last word, or the beginning of a number.
pub(super) fn initials(person: &str) -> String {
    if person.starts_with('+') {
        return person.chars().take(2).collect();
    }
    let mut words = person
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back().filter(|_| !person.contains('@'));
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// The avatar colour that belongs to an id.
pub(super) fn tint(id: &str) -> u32 {
    // FNV-1a; its upper half, because the lower bits are not mixed well.
    let hash = id.bytes().fold(2_166_136_261_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    (hash >> 16) % TINTS
}

/// The beginning of a text on one line.
pub(super) fn one_line(text: &str, letters: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        let room = letters.saturating_sub(line.chars().count());
        line.extend(word.chars().take(room));
        if word.chars().count() > room {
            line.push('…');
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_by_what_is_known() {
        let cases = [
            ((Some("Maya Okafor"), Some("+14155550119"), None), "Maya Okafor", "MO"),
            ((Some("  "), Some("+14155550119"), None), "+1 (415) 555-0119", "+1"),
            ((None, Some("+442079460958"), None), "+44 20 7946 0958", "+4"),
            ((None, Some("72345"), None), "72345", "7"),
            ((None, None, Some("maya@okafor.studio")), "maya@okafor.studio", "M"),
            ((None, None, None), "Without a name", "WN"),
            ((Some("<b>"), None, None), "<b>", "B"),
            ((Some("Émile"), None, None), "Émile", "É"),
        ];
        for ((name, number, address), expected, letters) in cases {
            let person = person(name, number, address);
            assert_eq!((person.as_str(), initials(&person).as_str()), (expected, letters));
        }
    }

    #[test]
    fn numbers_are_told_in_words() {
        assert_eq!([duration(42), duration(3723)], ["0:42", "1:02:03"]);
        assert_eq!(
            [size(812), size(12_400), size(3_450_000), size(93_199_000_000)],
            ["812 bytes", "12 KB", "3.4 MB", "93.1 GB"]
        );
        assert_eq!(host("https://n8n.example:5678/hook?x"), "n8n.example:5678");
        assert_eq!([count(7), count(1204), count(1_234_567)], ["7", "1,204", "1,234,567"]);
    }

    #[test]
    fn a_preview_is_one_line() {
        assert_eq!(one_line("Hi!\n  Something   came up", 80), "Hi! Something came up");
        assert_eq!(one_line("abcdef ghi", 4), "abcd…");
        assert_eq!(one_line("ab cd", 3), "ab …");
    }
}
