//! The mess that the world calls mail, case by case.

use inlet_core::inbound::{MediaState, Strength};

use super::*;

fn read(raw: &str) -> Mail {
    Mail::read(raw.as_bytes()).expect("it is a mail")
}

fn envelope() -> Envelope {
    Envelope {
        recipient: None,
        sender: None,
        strength: Strength::Secret,
        replay: None,
    }
}

fn item(raw: &str) -> Item {
    read(raw).item(envelope()).expect("it is an item")
}

#[test]
fn headers_are_read_as_they_were_meant() {
    let cases = [
        ("Subject: plain", "plain"),
        ("Subject: =?utf-8?B?w5xiZXIgdW5z?=", "Über uns"),
        (
            "Subject: =?iso-8859-1?Q?Caf=E9?= =?iso-8859-1?Q?_au_lait?=",
            "Café au lait",
        ),
        ("Subject: =?gb2312?B?xOO6ww==?=", "你好"),
        ("Subject: =?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テスト"),
        ("Subject: folded\r\n over\r\n\tlines", "folded over lines"),
        ("Subject: raw Ünicode", "raw Ünicode"),
        ("Subject: =?utf-8?Q?broken", "=?utf-8?Q?broken"),
    ];
    for (header, subject) in cases {
        let mail = read(&format!("From: a@b.example\r\n{header}\r\n\r\nx"));
        assert_eq!(mail.subject.as_deref(), Some(subject), "{header}");
    }
    for empty in ["Subject:", "Subject:   ", "X-Other: 1"] {
        assert_eq!(
            read(&format!("From: a@b.example\r\n{empty}\r\n\r\nx")).subject,
            None,
            "{empty}"
        );
    }
}

#[test]
fn texts_are_read_in_their_own_letters() {
    let cases: [(&str, &[u8], &str); 7] = [
        ("text/plain; charset=utf-8", "Grüße".as_bytes(), "Grüße"),
        ("text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe", "Grüße"),
        ("text/plain; charset=\"windows-1252\"", b"\x93so\x94 \x80", "“so” €"),
        ("text/plain; charset=shift_jis", b"\x83e\x83X\x83g", "テスト"),
        ("text/plain; charset=no-such", "é".as_bytes(), "é"),
        ("text/plain", b"a\xffb", "a\u{fffd}b"),
        ("text/plain; charset=utf-8", b"a\x00b", "ab"),
    ];
    for (content_type, bytes, text) in cases {
        let mut raw = format!("From: a@b.example\r\nContent-Type: {content_type}\r\n\r\n").into_bytes();
        raw.extend_from_slice(bytes);
        let mail = Mail::read(&raw).expect("it is a mail");
        assert_eq!(mail.text.as_deref(), Some(text), "{content_type}");
    }
}

#[test]
fn a_sender_is_found_wherever_one_is_named() {
    let cases = [
        (
            "From: Maya Okafor <Maya@Okafor.example>",
            Ok(("maya@okafor.example", Some("Maya Okafor"))),
        ),
        (
            "From: =?utf-8?Q?Ren=C3=A9?= <r@x.example>",
            Ok(("r@x.example", Some("René"))),
        ),
        (
            "From: \"Okafor, Maya\" <m@x.example>",
            Ok(("m@x.example", Some("Okafor, Maya"))),
        ),
        ("From: m@x.example (Maya)", Ok(("m@x.example", Some("Maya")))),
        ("From: Nobody\r\nReply-To: r@x.example", Ok(("r@x.example", None))),
        ("From: a@x.example, b@x.example", Ok(("a@x.example", None))),
        ("Sender: s@x.example", Ok(("s@x.example", None))),
        ("From: <>\r\nX-A: b", Err(())),
        ("Subject: nobody", Err(())),
    ];
    for (headers, expected) in cases {
        let found = read(&format!("{headers}\r\n\r\nx")).item(envelope());
        let found = found.map_err(|_| ()).map(|item| {
            let Who::Person(person) = item.inbound.who else {
                panic!("a person")
            };
            (person.identities[0].value.clone(), person.name)
        });
        let expected = expected.map(|(address, name)| (address.to_owned(), name.map(ToOwned::to_owned)));
        assert_eq!(found, expected, "{headers}");
    }
    let sender = Envelope {
        sender: Some("bounce@x.example".to_owned()),
        ..envelope()
    };
    let item = read("Subject: nobody\r\n\r\nx")
        .item(sender)
        .expect("the envelope names one");
    assert_eq!(item.inbound.detail.from.as_deref(), Some("bounce@x.example"));
}

#[test]
fn dates_are_taken_where_they_can_be() {
    let cases = [
        ("Date: Fri, 1 May 2026 10:00:00 +0200", Some("2026-05-01T08:00:00Z")),
        ("Date: 1 May 2026 10:00:00 GMT", Some("2026-05-01T10:00:00Z")),
        ("Date: Fri, 1 May 26 10:00:00 -0000", Some("2026-05-01T10:00:00Z")),
        ("Date: Thu, 1 Jan 1970 00:00:00 +0000", None),
        ("Date: Fri, 99 May 2026 99:00:00 +0200", None),
        ("Date: yesterday", None),
        ("Date:", None),
        ("X-No: date", None),
    ];
    for (header, at) in cases {
        let mail = read(&format!("From: a@b.example\r\n{header}\r\n\r\nx"));
        assert_eq!(mail.date.map(|date| date.to_string()).as_deref(), at, "{header}");
    }
}

#[test]
fn a_mail_is_known_by_its_id_and_names_what_it_answers() {
    let raw = "From: a@b.example\r\nMessage-ID: <3@b.example>\r\nIn-Reply-To: <2@b.example>\r\n\
               References: <0@b.example>\r\n <1@b.example> <2@b.example>\r\n\r\nx";
    let found = item(raw);
    assert_eq!(found.key, SeenKey::message("3@b.example"));
    assert_eq!(found.inbound.answers, ["2@b.example", "1@b.example", "0@b.example"]);

    let broken = item("From: a@b.example\r\nMessage-Id: 3@b.example\r\nIn-Reply-To: Your mail <2@b.example>\r\n\r\nx");
    assert_eq!(broken.key, SeenKey::message("3@b.example"));
    assert_eq!(broken.inbound.answers, ["2@b.example"]);

    let (none, again) = (item("From: a@b.example\r\n\r\nx"), item("From: a@b.example\r\n\r\nx"));
    assert!(none.key.id.starts_with("sha256:"));
    assert_eq!(none.key, again.key, "what has no id always gets the same");
    assert_ne!(none.key, item("From: a@b.example\r\n\r\ny").key);
    for junk in ["<>", "0", "a word", "<no-domain>"] {
        let found = item(&format!("From: a@b.example\r\nMessage-ID: {junk}\r\n\r\nx"));
        assert_eq!(found.key, none.key, "{junk} is nobody's alone");
    }

    let long = format!("{}@b.example", "x".repeat(3_000));
    let found = item(&format!(
        "From: a@b.example\r\nMessage-ID: <{long}>\r\nIn-Reply-To: <{long}>\r\n\r\nx"
    ));
    assert!(found.key.id.len() < 100);
    assert_eq!(
        found.inbound.answers,
        [found.key.id],
        "a long id is the same wherever it stands"
    );

    let many = (0..500).map(|index| format!("<{index}@b.example> "));
    let many = many.collect::<Vec<_>>().concat();
    let found = item(&format!("From: a@b.example\r\nReferences: {many}\r\n\r\nx"));
    assert_eq!(found.inbound.answers.len(), MOST_ANSWERS);
    assert_eq!(found.inbound.answers[0], "499@b.example", "the nearest first");
}

/// A mail of parts, each a few headers and a text.
fn multipart(kind: &str, parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| format!("--cut\r\n{part}\r\n"));
    let parts = parts.collect::<Vec<_>>().concat();
    format!("Content-Type: multipart/{kind}; boundary=cut\r\n\r\n{parts}--cut--\r\n")
}

const PLAIN: &str = "Content-Type: text/plain\r\n\r\nplain";
const HTML: &str = "Content-Type: text/html\r\n\r\n<b>rich</b>";
const EMPTY_HTML: &str = "Content-Type: text/html\r\n\r\n \r\n";
const FILE: &str = "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nfile";
const NO_BOUNDARY: &str = "Content-Type: multipart/mixed\r\n\r\nplain";
const NO_END: &str = "Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\n\r\nplain";

#[test]
fn of_several_bodies_the_richest_is_taken() {
    let inner = multipart("alternative", &[PLAIN, HTML]).replace("cut", "in");
    let (plain, rich) = (Some(("plain", false)), Some(("<b>rich</b>", true)));
    let cases = [
        (PLAIN.to_owned(), plain, 0),
        (HTML.to_owned(), rich, 0),
        (multipart("alternative", &[PLAIN, HTML]), rich, 0),
        (multipart("alternative", &[HTML, PLAIN]), rich, 0),
        (multipart("alternative", &[PLAIN, EMPTY_HTML]), plain, 0),
        (multipart("mixed", &[&inner, FILE]), rich, 1),
        (multipart("mixed", &[PLAIN, PLAIN]), Some(("plain\nplain", false)), 0),
        (multipart("mixed", &[FILE]), None, 1),
        (multipart("mixed", &[]), None, 0),
        (NO_BOUNDARY.to_owned(), None, 1),
        (NO_END.to_owned(), None, 1),
    ];
    for (rest, expected, files) in cases {
        let found = item(&format!("From: a@b.example\r\n{rest}")).inbound;
        let is_html = found.detail.email.is_some_and(|email| email.html);
        let body = found.body.as_deref().map(|body| (body.trim(), is_html));
        assert_eq!(body, expected, "{rest}");
        assert_eq!(found.files.len(), files, "{rest}");
    }
}

/// A part, the name its file gets, and what is in it.
const FILES: [(&str, &str, &[u8]); 7] = [
    (
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a b.pdf\"\r\n\r\nx",
        "a b.pdf",
        b"x",
    ),
    (
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''%C3%9Cber.pdf\r\n\r\nx",
        "Über.pdf",
        b"x",
    ),
    (
        "Content-Type: application/pdf; name=\"=?utf-8?B?w5xiZXIucGRm?=\"\r\n\r\nx",
        "Über.pdf",
        b"x",
    ),
    (
        "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+Ig==",
        "winmail.dat",
        b"x\x9f>\"",
    ),
    ("Content-Type: image/png\r\nContent-ID: <1>\r\n\r\nx", "", b"x"),
    (
        "Content-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: inner\r\n\r\nhello",
        "inner.eml",
        b"From: c@d.example\r\nSubject: inner\r\n\r\nhello",
    ),
    (
        "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR",
        "invite.ics",
        b"BEGIN:VCALENDAR",
    ),
];

#[test]
fn files_are_kept_under_their_names() {
    for (part, name, bytes) in FILES {
        let raw = format!("From: a@b.example\r\n{}", multipart("mixed", &[PLAIN, part]));
        let found = item(&raw).inbound;
        assert_eq!(found.body.as_deref(), Some("plain"), "{name}");
        let [file] = found.files.as_slice() else {
            panic!("{name}: {:?}", found.files)
        };
        assert_eq!((file.attachment().url.as_str(), file.bytes()), (name, bytes));
    }
}

#[test]
fn of_very_many_files_the_rest_is_named() {
    let parts = vec!["Content-Type: application/pdf\r\n\r\nx"; MOST_FILES + 7];
    let found = item(&format!("From: a@b.example\r\n{}", multipart("mixed", &parts))).inbound;
    assert_eq!(found.files.len(), MOST_FILES);
    let [rest] = found.detail.attachments.as_slice() else {
        panic!("one word on the rest")
    };
    assert!(matches!(&rest.state, MediaState::Failed { reason } if reason.starts_with("7 more files")));
}

#[test]
fn what_is_huge_is_cut_to_size() {
    let huge = "s".repeat(1_000_000);
    let mail = read(&format!(
        "From: a@b.example\r\nSubject: {huge}\r\nX-Spam: {huge}\r\n\r\nx"
    ));
    assert_eq!(mail.subject.map(|subject| subject.len()), Some(LONGEST_SUBJECT));
    let many = (0..1_000).map(|index| format!("c{index}@b.example, "));
    let many = many.collect::<Vec<_>>().concat();
    let found = item(&format!("From: a@b.example\r\nCc: {many}\r\n\r\nx")).inbound;
    assert_eq!(found.detail.email.map(|email| email.cc.len()), Some(MOST_RECEIVERS));
}

#[test]
fn to_whom_it_was_delivered_is_better_known_than_to_whom_it_says_it_goes() {
    let to = "To: Team <Team@Studio.example>, other@x.example";
    let cases = [
        (to.to_owned(), None, "team@studio.example"),
        (
            format!("{to}\r\nDelivered-To: inbox@studio.example"),
            None,
            "inbox@studio.example",
        ),
        (
            format!("X-Original-To: one@studio.example\r\nDelivered-To: two@x.example\r\n{to}"),
            None,
            "one@studio.example",
        ),
        (
            to.to_owned(),
            Some("Envelope@Studio.example"),
            "envelope@studio.example",
        ),
        ("Cc: copy@studio.example".to_owned(), None, "copy@studio.example"),
    ];
    for (headers, recipient, expected) in cases {
        let mail = read(&format!("From: a@b.example\r\n{headers}\r\n\r\nx"));
        let found = mail.item(Envelope {
            recipient: recipient.map(ToOwned::to_owned),
            ..envelope()
        });
        assert_eq!(
            found.expect("an item").to.number.as_deref(),
            Some(expected),
            "{headers}"
        );
    }
}

#[test]
fn what_a_machine_reports_is_no_message() {
    for kind in ["delivery-status", "disposition-notification", "feedback-report"] {
        let raw = format!(
            "From: m@x.example\r\n{}",
            multipart(&format!("report; report-type={kind}"), &["\r\nbounced"])
        );
        let error = read(&raw).item(envelope()).expect_err(kind);
        assert!(error.0.contains("report on a mail"), "{error}");
    }
    assert!(Mail::read(b"").is_err());
}
