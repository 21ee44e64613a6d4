//! The body of a mail: cleaned when it is read, so that a better cleaner heals old mails too, and shown in a frame that
//! can run no script, reach no page and load nothing from outside. Each of the two is enough by itself.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ammonia::{Builder, UrlRelative};

use super::{assets::style_hash, quoted::fold_html};
use crate::guards::Guards;

/// Bytes beyond which an HTML mail is not laid out on the page.
const LARGEST: usize = 1_000_000;
/// How tall a frame is, in CSS pixels: from nothing inside can its height be learned, so it is estimated. Mails that are
/// laid out have room around their lines.
const HEIGHTS: (usize, usize) = (72, 520);
const LINE: usize = 22;
const LETTERS_A_LINE: usize = 76;

/// The frame's own style. Mails that bring colours of their own expect white paper.
pub(super) const FRAME_STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;padding:14px 16px;font:14px/1.5 Inter,system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;overflow-wrap:anywhere}\
body>:first-child{margin-top:0}body>:last-child{margin-bottom:0}\
img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}\
summary{cursor:pointer;margin:8px 0;font-size:12.5px;opacity:.7}\
a{color:#1f6feb}@media (prefers-color-scheme:dark){a{color:#5b9bff}body{color:#e6ebf2}}\
.paper{color-scheme:light}.paper body{background:#fff;color:#1b2430}.paper a{color:#1f6feb}\
*{scrollbar-width:thin}blockquote{margin:8px 0;padding-left:12px;border-left:3px solid #8a94a355}";

/// A mail's body, ready to be framed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Frame {
    /// The document for `srcdoc`.
    pub(super) document: String,
    /// Its height in CSS pixels.
    pub(super) height: usize,
    /// Whether it is a sandbox.
    pub(super) boxed: bool,
    /// How many pictures were left out because they are elsewhere.
    pub(super) blocked: usize,
}

/// What of a mail's HTML can be shown; `None` where it is too large.
pub(super) fn frame(html: &str, guards: Guards) -> Option<Frame> {
    if html.len() > LARGEST {
        return None;
    }
    let blocked = Arc::new(AtomicUsize::new(0));
    let clean = if guards.clean() {
        cleaner(&blocked).clean(html).to_string()
    } else {
        html.to_owned()
    };
    let (folded, seen) = fold_html(&clean);
    let coloured = ["color", "background"].iter().any(|word| clean.contains(word));
    let paper = if coloured { " class=\"paper\"" } else { "" };
    let policy = format!(
        "default-src 'none'; img-src data:; style-src {}; style-src-attr 'unsafe-inline'",
        style_hash(FRAME_STYLE)
    );
    Some(Frame {
        boxed: guards.boxed(),
        height: height(&seen, coloured),
        document: format!(
            "<!doctype html><html{paper}><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
             <meta name=\"referrer\" content=\"no-referrer\"><style>{FRAME_STYLE}</style></head>\
             <body>{folded}</body></html>"
        ),
        blocked: blocked.load(Ordering::Relaxed),
    })
}

/// The text of a piece of HTML, for previews: its beginning only.
pub(super) fn text_of(html: &str) -> String {
    let end = html.floor_char_boundary(8_000);
    let (start, _) = html.split_at_checked(end).unwrap_or_default();
    let text = Builder::empty()
        .clean_content_tags(HashSet::from(["script", "style", "title"]))
        .clean(start)
        .to_string();
    let plain = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    plain
        .iter()
        .fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

fn height(clean: &str, laid_out: bool) -> usize {
    let (mut letters, mut inside) = (0, false);
    for letter in clean.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => letters += 1,
            _ => {}
        }
    }
    let breaks: usize = ["<br", "</p>", "</tr>", "</div>", "</li>", "</h"]
        .iter()
        .map(|mark| clean.matches(mark).count())
        .sum();
    let (least, most) = HEIGHTS;
    let lines = letters / LETTERS_A_LINE + breaks + 1;
    let (line, around) = if laid_out {
        (LINE + 12, 6 * LINE)
    } else {
        (LINE, 2 * LINE)
    };
    (lines * line + around).clamp(least, most)
}

fn cleaner(blocked: &Arc<AtomicUsize>) -> Builder<'static> {
    let blocked = Arc::clone(blocked);
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.split(' ').collect())
        .clean_content_tags(HashSet::from(["script", "style", "title", "noscript", "template"]))
        .tag_attributes(tag_attributes())
        .generic_attributes(HashSet::from([
            "style", "title", "dir", "lang", "align", "valign", "bgcolor",
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "data"]))
        .url_relative(UrlRelative::Deny)
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some("noopener noreferrer nofollow"))
        .filter_style_properties(STYLES.split(' ').collect())
        .attribute_filter(move |tag, attribute, value| match (tag, attribute) {
            ("img", "src") if is_inline_picture(value) => Some(Cow::Borrowed(value)),
            ("img", "src") => {
                blocked.fetch_add(1, Ordering::Relaxed);
                None
            }
            (_, "href") if value.trim_start().to_ascii_lowercase().starts_with("data:") => None,
            (_, "style") if value.contains(['\\', '@']) || value.to_ascii_lowercase().contains("url(") => None,
            _ => Some(Cow::Borrowed(value)),
        });
    builder
}

fn is_inline_picture(source: &str) -> bool {
    ["png", "jpeg", "gif", "webp"]
        .iter()
        .any(|kind| source.starts_with(&format!("data:image/{kind};base64,")))
}

fn tag_attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("font", HashSet::from(["color", "size", "face"])),
        (
            "table",
            HashSet::from(["width", "border", "cellpadding", "cellspacing"]),
        ),
        ("td", HashSet::from(["width", "height", "colspan", "rowspan"])),
        ("th", HashSet::from(["width", "height", "colspan", "rowspan"])),
        ("col", HashSet::from(["width", "span"])),
        ("ol", HashSet::from(["start", "type"])),
    ])
}

const TAGS: &str = "a abbr b big blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i \
    img ins kbd li mark ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul wbr";

const STYLES: &str = "background background-color border border-bottom border-collapse border-color border-left border-radius \
    border-right border-spacing border-style border-top border-width color direction display font font-family \
    font-size font-style font-weight height letter-spacing line-height list-style-type margin margin-bottom \
    margin-left margin-right margin-top max-width min-width padding padding-bottom padding-left padding-right \
    padding-top text-align text-decoration text-indent text-transform vertical-align white-space width word-break";

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> String {
        cleaner(&Arc::default()).clean(html).to_string()
    }

    #[test]
    fn what_is_harmless_keeps_its_look() {
        let cases = [
            ("<p>Hi <b>you</b></p>", "<p>Hi <b>you</b></p>"),
            (
                r#"<p style="color:red;position:fixed">x</p>"#,
                r#"<p style="color:red">x</p>"#,
            ),
            (
                r#"<a href="https://x.test/">x</a>"#,
                r#"<a href="https://x.test/" target="_blank" rel="noopener noreferrer nofollow">x</a>"#,
            ),
            (
                r#"<img src="data:image/png;base64,AAAA">"#,
                r#"<img src="data:image/png;base64,AAAA">"#,
            ),
        ];
        for (html, expected) in cases {
            assert_eq!(clean(html), expected);
        }
    }

    #[test]
    fn what_could_run_load_or_deceive_is_gone() {
        let cases = [
            ("<script>alert(1)</script>", ""),
            ("<svg onload=alert(1)></svg>", ""),
            ("<style>*{color:red}</style>", ""),
            ("<form action=x><input name=y></form>", ""),
            ("<iframe src=x></iframe>", ""),
            (r#"<p id="a" name="b" class="c" onclick="x()">x</p>"#, "<p>x</p>"),
            (r#"<img src="https://t.test/p.gif">"#, "<img>"),
            (r#"<img src="data:image/svg+xml;base64,AAAA">"#, "<img>"),
            (r#"<p style="background:url(https://t.test/)">x</p>"#, "<p>x</p>"),
            (
                r#"<a href="javascript:alert(1)">x</a>"#,
                r#"<a target="_blank" rel="noopener noreferrer nofollow">x</a>"#,
            ),
            (
                r#"<a href="data:text/html,x">x</a>"#,
                r#"<a rel="noopener noreferrer nofollow" target="_blank">x</a>"#,
            ),
        ];
        for (html, expected) in cases {
            assert_eq!(clean(html), expected, "{html}");
        }
    }

    #[test]
    fn pictures_elsewhere_are_counted_and_huge_mails_left_alone() {
        let frame = frame(
            "<img src=https://a.test/1><img src=http://a.test/2><img src=cid:3>",
            Guards::default(),
        )
        .unwrap();
        assert_eq!(frame.blocked, 2, "the third came with the mail");
        assert!(super::frame(&"x".repeat(LARGEST + 1), Guards::default()).is_none());
    }

    #[test]
    fn a_preview_is_the_text_alone() {
        assert_eq!(text_of("<style>x</style><p>5 &lt; 6 &amp; more</p>"), "5 < 6 & more");
    }
}
