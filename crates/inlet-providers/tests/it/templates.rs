//! Templates: each that the fixtures and the documents show reads right, and what its sample says is read back.

use std::{ffi::OsStr, fs};

use inlet_core::{
    adapter::{Adapter, Scenario},
    registry::Endpoint,
};
use inlet_providers::custom::Custom;

use crate::support::{SENT, endpoint, fixtures_of, now, provider, target};

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
