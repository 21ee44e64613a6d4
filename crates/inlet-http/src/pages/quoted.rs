//! What a mail quotes of earlier ones, folded: the thread above has it already.

/// What stands on the fold.
const WORDS: &str = "Quoted text";

/// A mail's text in what is new and what it quotes at its end. A mail that only quotes is left whole, and so is one that
/// answers between the quoted lines.
pub(super) fn split_text(text: &str) -> (&str, Option<&str>) {
    let mut begins = None;
    let mut place = 0;
    for line in text.split_inclusive('\n') {
        let quoted = line.trim_start().starts_with('>');
        if begins.is_none() && (quoted || is_attribution(line)) {
            begins = Some((place, quoted));
        } else if let Some((_, seen)) = &mut begins {
            *seen |= quoted;
            if !quoted && !line.trim().is_empty() && !is_attribution(line) {
                begins = None;
            }
        }
        place += line.len();
    }
    let quoted = begins.filter(|(_, seen)| *seen);
    match quoted.and_then(|(at, _)| text.split_at_checked(at)) {
        Some((fresh, quoted)) if !fresh.trim().is_empty() => (fresh.trim_end(), Some(quoted.trim_end())),
        _ => (text, None),
    }
}

/// Whether a line says who is quoted: `On Friday, Maya wrote:`, in whatever language.
fn is_attribution(line: &str) -> bool {
    let line = line.trim();
    line.ends_with(':') && line.chars().any(|letter| letter.is_ascii_digit() || letter == '@')
}

/// Cleaned HTML with its outermost quotes folded, and what is to be seen of it while they are. The HTML must be balanced,
/// as the cleaner leaves it.
pub(super) fn fold_html(clean: &str) -> (String, String) {
    let (mut folded, mut seen) = (String::with_capacity(clean.len()), String::new());
    let (mut rest, mut depth) = (clean, 0_usize);
    while let Some((before, tag, after)) = next_tag(rest) {
        folded.push_str(before);
        if depth == 0 {
            seen.push_str(before);
        }
        match (tag.starts_with("</"), depth) {
            (false, 0) => {
                folded.push_str("<details><summary>");
                folded.push_str(WORDS);
                folded.push_str("</summary>");
                folded.push_str(tag);
            }
            (true, 1) => {
                folded.push_str(tag);
                folded.push_str("</details>");
            }
            _ => folded.push_str(tag),
        }
        depth = if tag.starts_with("</") {
            depth.saturating_sub(1)
        } else {
            depth + 1
        };
        rest = after;
    }
    folded.push_str(rest);
    seen.push_str(rest);
    if has_words(&seen) {
        (folded, seen)
    } else {
        (clean.to_owned(), clean.to_owned())
    }
}

/// The next tag of a quote, with what stands before and after it.
fn next_tag(html: &str) -> Option<(&str, &str, &str)> {
    let at = ["<blockquote", "</blockquote"]
        .iter()
        .filter_map(|tag| html.find(tag))
        .min()?;
    let (before, rest) = html.split_at_checked(at)?;
    let (tag, after) = rest.split_at_checked(rest.find('>')? + 1)?;
    Some((before, tag, after))
}

/// Whether anything is to be read outside of tags.
fn has_words(html: &str) -> bool {
    let texts = html
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let mut texts = texts.map(|text| text.replace("&nbsp;", " "));
    texts.any(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_text_only_the_quote_at_its_end_is_folded() {
        let cases = [
            (
                "Yes.\n\nOn 1 May, Maya wrote:\n> Blue?\n>\n> Maya\n",
                "Yes.",
                Some("On 1 May, Maya wrote:\n> Blue?\n>\n> Maya"),
            ),
            (
                "Ja.\n\nAm 01.05.26 schrieb Maya:\n\n> Blau?",
                "Ja.",
                Some("Am 01.05.26 schrieb Maya:\n\n> Blau?"),
            ),
            ("Yes.\n> Blue?", "Yes.", Some("> Blue?")),
            ("> Blue?\nYes.\n> Red?\nNo.", "> Blue?\nYes.\n> Red?\nNo.", None),
            ("> Blue?\nYes.\n> Red?", "> Blue?\nYes.", Some("> Red?")),
            ("> only quoted", "> only quoted", None),
            ("Call me at 10:\nMaya", "Call me at 10:\nMaya", None),
            ("Two things at 10:", "Two things at 10:", None),
            ("no quote", "no quote", None),
            ("", "", None),
        ];
        for (text, fresh, quoted) in cases {
            assert_eq!(split_text(text), (fresh, quoted), "{text}");
        }
    }

    #[test]
    fn of_html_the_outermost_quotes_are_folded() {
        let fold = |inside: &str| format!("<details><summary>{WORDS}</summary>{inside}</details>");
        let quote = "<blockquote>a<blockquote>b</blockquote>c</blockquote>";
        let styled = "<blockquote style=\"color:red\">a</blockquote>";
        let cases = [
            (
                format!("<p>Yes</p>{quote}<p>Maya</p>"),
                format!("<p>Yes</p>{}<p>Maya</p>", fold(quote)),
                "<p>Yes</p><p>Maya</p>",
            ),
            (format!("Yes{styled}"), format!("Yes{}", fold(styled)), "Yes"),
            (quote.to_owned(), quote.to_owned(), quote),
            (format!("<p>&nbsp;</p>{quote}"), format!("<p>&nbsp;</p>{quote}"), ""),
            ("<p>Yes</p>".to_owned(), "<p>Yes</p>".to_owned(), "<p>Yes</p>"),
            (String::new(), String::new(), ""),
        ];
        for (clean, folded, seen) in cases {
            let found = fold_html(&clean);
            assert_eq!(found.0, folded, "{clean}");
            if !seen.is_empty() {
                assert_eq!(found.1, seen, "{clean}");
            }
        }
    }
}
