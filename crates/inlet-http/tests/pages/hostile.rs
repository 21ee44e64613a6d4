//! Hostile words in every place that a sender can fill: they are shown as words, or, in a mail, cleaned and framed.

use inlet_core::{
    Timestamp,
    channel::{Channel, MessageStatus},
    ids::ContactKey,
    inbound::{Email, MediaState},
};

use crate::house::{HERE, HERE_ID, House, attachment, text};

const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea></style></template><img src=x onerror=alert(1)>",
    "<iframe srcdoc=\"<script>parent.alert(1)</script>\"></iframe>",
    "\"></iframe><script>alert(1)</script>",
    "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<form action=javascript:alert(1)><input type=submit name=x id=y></form>",
    "<a href=\"javascript:alert(1)\">x</a><a href=\" data:text/html,x\">y</a>",
    "<a href=\"java\tscript:alert(1)\">x</a><a href=\"&#106;avascript:alert(1)\">y</a>",
    "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css><style>@import 'https://evil.example'</style>",
    "<div style=\"background:url(https://evil.example/)\" id=messages name=forms>x</div>",
    "<p style=\"color:red;background-image:u\\72l(https://evil.example)\">x</p>",
    "<object data=x></object><embed src=x><applet code=x></applet>",
    "<table background=https://evil.example/><tr><td>x",
    "<img src=\"https://evil.example/pixel.gif\" srcset=\"https://evil.example/2x 2x\">",
    "<img src=\"data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+\">",
    "<video src=x onerror=alert(1)><source src=x></video><audio autoplay src=x>",
    "<details open ontoggle=alert(1)>x</details><marquee onstart=alert(1)>",
    "<x onclick=alert(1)>click</x><!--><script>alert(1)</script>-->",
    "{{ 7*7 }}{% if true %}x{% endif %}${alert(1)}\u{202e}\u{0}",
];

/// Someone who sends `words` in every place there is.
fn put(house: &House, words: &str) -> ContactKey {
    let at = Timestamp::UNIX_EPOCH;
    let contact = house.person(HERE, Some(&format!("x{words}")), Some(words));
    house.stage.contacts.lock().unwrap().get_mut(&contact).unwrap().email = Some(words.to_owned());
    let mut message = text(contact, words, at);
    message.status = MessageStatus::Failed;
    message.detail.error = Some(words.to_owned());
    let failed = MediaState::Failed {
        reason: words.to_owned(),
    };
    let linked = format!("https://files.example/{words}/a.pdf");
    message.detail.attachments.push(attachment(words, words, failed));
    message
        .detail
        .attachments
        .push(attachment(&linked, words, MediaState::Linked));
    house.record(message);
    house.record(mail(contact, words, words, false));
    contact
}

fn mail(contact: ContactKey, subject: &str, body: &str, html: bool) -> inlet_core::message::Message {
    let mut mail = text(contact, body, Timestamp::UNIX_EPOCH);
    mail.channel = Channel::Email;
    mail.detail.from = Some(subject.to_owned());
    mail.detail.to = Some(subject.to_owned());
    mail.detail.email = Some(Email {
        subject: Some(subject.to_owned()),
        cc: vec![subject.to_owned()],
        html,
        ..Email::default()
    });
    mail
}

/// The marks of which tags and attributes are made. Escaped words have none, so their number never depends on the words.
fn marks(page: &str) -> [usize; 4] {
    ['<', '>', '"', '\''].map(|mark| page.matches(mark).count())
}

#[tokio::test]
async fn words_stay_words_wherever_they_stand() {
    let calm = House::open();
    let contact = put(&calm, "calm");
    let paths = |house: &House, contact| {
        let row = format!("/l/{HERE_ID}/rows/{}", house.conversation(contact));
        [house.thread_path(contact), row]
    };
    let mut expected = Vec::new();
    for path in paths(&calm, contact) {
        expected.push(marks(&calm.get(&path).await.body));
    }
    for words in PAYLOADS {
        let house = House::open();
        let contact = put(&house, words);
        for (path, expected) in paths(&house, contact).iter().zip(&expected) {
            let page = house.get(path).await;
            assert_eq!(marks(&page.body), *expected, "{words}");
        }
    }
}

#[tokio::test]
async fn a_hostile_mail_stays_in_its_frame_and_is_clean_there() {
    let calm = framed("calm").await.0;
    for words in PAYLOADS {
        let (outside, inside) = framed(words).await;
        assert_eq!(marks(&outside), marks(&calm), "{words}");
        let (head, body) = inside.split_once("<body>").unwrap();
        assert!(head.contains("default-src 'none'; img-src data:;"), "{head}");
        for (tag, attributes) in tags(body.strip_suffix("</body></html>").unwrap()) {
            let known = "a abbr b blockquote br div em font h1 i img li ol p pre span table tbody td tr ul";
            assert!(known.split(' ').any(|known| known == tag), "<{tag}> survived {words}");
            for (name, value) in attributes {
                let harmless = match name.as_str() {
                    "href" => value.starts_with("https://") || value.starts_with("http://"),
                    "src" => value.starts_with("data:image/png"),
                    "style" => !value.contains("url") && !value.contains('\\'),
                    "target" | "rel" | "title" | "alt" => true,
                    _ => false,
                };
                assert!(harmless, "{name}=\"{value}\" survived {words}");
            }
        }
    }
}

/// A page with a mail of that HTML: all but its frame and its foot, and what the frame holds.
async fn framed(html: &str) -> (String, String) {
    let house = House::open();
    let contact = house.person(HERE, Some("Maya"), None);
    house.record(mail(contact, "Subject", html, true));
    let page = house.get(&house.thread_path(contact)).await.body;
    let (before, rest) = page.split_once("srcdoc=\"").unwrap();
    let (document, after) = rest.split_once('"').unwrap();
    assert!(before.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    let after = match after.split_once("<footer>") {
        Some((start, rest)) => format!("{start}{}", rest.split_once("</footer>").unwrap().1),
        None => after.to_owned(),
    };
    let plain = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    let document = plain
        .iter()
        .fold(document.to_owned(), |text, (code, letter)| text.replace(code, letter));
    (format!("{before}{after}"), document)
}

type Attributes = Vec<(String, String)>;

/// The opening tags of clean HTML: there every `<` begins a tag and every value stands in double quotes.
fn tags(html: &str) -> Vec<(String, Attributes)> {
    let starts = html.split('<').skip(1).filter(|tag| !tag.starts_with('/'));
    starts
        .map(|start| {
            let name_end = start.find([' ', '>', '/']).unwrap();
            let (name, mut rest) = start.split_at(name_end);
            let mut attributes = Vec::new();
            while let Some((attribute, after)) = rest.trim_start().split_once("=\"") {
                if attribute.contains('>') {
                    break;
                }
                let (value, after) = after.split_once('"').unwrap();
                attributes.push((attribute.to_owned(), value.to_owned()));
                rest = after;
            }
            (name.to_owned(), attributes)
        })
        .collect()
}
