//! Templates: each that the fixtures and the documents show reads right, and what its sample says is read back.

use std::{ffi::OsStr, fs};

use inlet_core::{
    Timestamp,
    adapter::{Adapter, Scenario},
    registry::Endpoint,
};
use inlet_providers::custom::Custom;
use serde_json::Value;

use crate::support::{SENT, endpoint, fixtures_of, now, post, provider, target};

const DOCUMENT: &str = include_str!("../../../../docs/custom.md");

fn fixtures() -> Vec<String> {
    let files = fs::read_dir(fixtures_of("custom")).expect("there are fixtures");
    let paths = files.map(|entry| entry.expect("a fixture").path());
    let templates = paths.filter(|path| path.extension() == Some(OsStr::new("toml")));
    templates
        .map(|path| fs::read_to_string(path).expect("a template is text"))
        .collect()
}

fn documented() -> Vec<String> {
    let blocks = DOCUMENT.split("```toml\n").skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn a_sample_in_a_templates_form_is_read_back_by_it() {
    let templates = [fixtures(), documented()].concat();
    assert!(
        documented().len() >= 3 && templates.len() >= 9,
        "some templates are gone"
    );
    for template in templates {
        let endpoint = Endpoint {
            template: Some(template.clone()),
            ..endpoint(&[SENT])
        };
        assert_eq!(Custom.check(&endpoint), Ok(()), "{template}");
        let email = template.contains("from_kind = \"email\"");
        let scenario = Scenario {
            from: if email { "maya@example.com" } else { "+14155550119" }.to_owned(),
            body: "Hello".to_owned(),
            media: vec!["https://example.com/a.png".to_owned()],
            ..Scenario::default()
        };
        let provider = provider();
        let mut request = Custom.sample(&scenario, &target(&endpoint, &provider), now());
        request.raw.headers.push(("webhook-id".to_owned(), "m1".to_owned()));
        let verified = Custom.verify(&request, &endpoint, now()).unwrap();
        let items = Custom.parse(&verified, &endpoint);
        let [Ok(item)] = items.as_slice() else {
            panic!("{template}\n{}\n{items:?}", String::from_utf8_lossy(&request.raw.body));
        };
        let inbound = &item.inbound;
        assert_eq!(
            inbound.detail.from.as_deref(),
            Some(scenario.from.as_str()),
            "{template}"
        );
        if !email {
            assert_eq!(inbound.body.as_deref(), Some("Hello"), "{template}");
        }
        if template.contains("time = ") {
            assert_eq!(inbound.occurred_at, Some(now()), "{template}");
        }
        let files = usize::from(template.contains("[attachments]"));
        assert_eq!(inbound.detail.attachments.len(), files, "{template}");
    }
}

#[test]
fn each_documented_template_of_a_vendor_is_tried_with_a_request() {
    let tried: Vec<String> = fixtures().iter().map(|template| template.trim().to_owned()).collect();
    let vendors: Vec<String> = documented()
        .into_iter()
        .filter(|template| template.starts_with("# "))
        .collect();
    assert!(vendors.len() >= 8, "some vendors are gone: {}", vendors.len());
    for template in vendors {
        assert!(
            tried.contains(&template.trim().to_owned()),
            "no fixture tries:\n{template}"
        );
    }
}

#[test]
fn what_vendors_publish_fits_the_signatures_that_templates_describe() {
    let text = fs::read_to_string(fixtures_of("custom").join("signed.json")).expect("the vectors");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let vectors = file["vectors"].as_array().expect("a list");
    assert!(vectors.len() >= 4, "some of the published vectors are gone");
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().expect(name);
        let template = fixtures_of("custom").join(text("template")).with_extension("toml");
        let template = fs::read_to_string(template).expect("a template");
        let pairs = vector["headers"].as_array().expect("headers").iter();
        let pair = |pair: &Value| [0, 1].map(|at| pair.get(at).and_then(Value::as_str).expect("a text").to_owned());
        let headers: Vec<[String; 2]> = pairs.map(pair).collect();
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|[name, value]| (name.as_str(), value.as_str()))
            .collect();
        // A URL of a host alone is called at its root.
        let url = if text("url").matches('/').count() < 3 {
            format!("{}/", text("url"))
        } else {
            text("url").to_owned()
        };
        let mut request = post(&url, &headers, text("body"));
        if url != text("url") {
            request.raw.target.clear();
        }
        let at = Timestamp::from_second(vector["time"].as_i64().expect("a time")).expect("a time");
        for (secret, fits) in [(text("secret"), true), ("another secret", false), ("", false)] {
            let endpoint = Endpoint {
                template: Some(template.clone()),
                ..endpoint(&[secret])
            };
            let verdict = Custom.verify(&request, &endpoint, at);
            assert_eq!(verdict.is_ok(), fits, "{} under {secret:?}: {verdict:?}", text("name"));
        }
    }
}

#[test]
fn a_signature_that_cannot_work_is_refused_when_it_is_described() {
    let begin = "from = \"$.from\"\nchannel = \"sms\"\n[signature]\n";
    let cases = [
        ("header = \"x-s\"\nover = [\"$body\"]", ""),
        (
            "header = \"x-s\"\nover = [\"$url\", \"$header.x-n\"]\nonce = \"x-n\"",
            "",
        ),
        ("header = \"x-s\"\nover = [\"$url\", \"$form\"]", "body = \"form\""),
        (
            "header = \"x-s\"\nover = [\"$body\"]\n[jwt]\nbody_hash = \"h\"",
            "leave one out",
        ),
        ("header = \"x-s\"\nover = [\"$url\"]\nonce = \"x-n\"", "cover"),
        ("header = \"x-s\"\nover = [\"$body\"]\ntime = \"x-t\"", "cover"),
        ("header = \"x-s\"\nover = [\"$url\"]", "once"),
        ("header = \"X-S\"\nover = [\"$body\"]", "lower case"),
        ("header = \"x-s\"\nover = [\"$body\", \"$header.X-N\"]", "lower case"),
        ("header = \"x-s\"\nover = [\"$body\"]\nhash = \"md5\"", "md5"),
        ("over = [\"$body\"]", "header"),
    ];
    for (lines, part) in cases {
        let endpoint = Endpoint {
            template: Some(format!("{begin}{lines}")),
            ..endpoint(&["short"])
        };
        match Custom.check(&endpoint) {
            Ok(()) => assert_eq!(part, "", "{lines}"),
            Err(sentence) => assert!(!part.is_empty() && sentence.contains(part), "{lines}: {sentence}"),
        }
    }
}
