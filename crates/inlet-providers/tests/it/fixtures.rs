//! Requests as vendors send them: each is verified under the fixtures' secret, read, and held against its snapshot.

use std::{ffi::OsStr, fs};

use inlet_core::{adapter::Adapter, registry::Endpoint};
use inlet_providers::ALL;

use crate::support::{endpoint_of, fixtures_of, now, read_http};

#[test]
fn requests_are_read_as_their_snapshots_say() {
    for &adapter in ALL {
        let folder = fixtures_of(adapter.name());
        let mut cases: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        cases.retain(|path| path.extension() == Some(OsStr::new("http")));
        cases.sort();
        assert!(cases.len() >= 3, "{} has too few fixtures", adapter.name());
        for case in cases {
            let template = fs::read_to_string(case.with_extension("toml")).ok();
            let read = read(adapter, &fs::read_to_string(&case).unwrap(), template);
            insta::with_settings!({ snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(case.file_stem().unwrap().to_str().unwrap(), read);
            });
        }
    }
}

fn read(adapter: &dyn Adapter, text: &str, template: Option<String>) -> String {
    let request = read_http(text);
    let claim = adapter.claims(&request);
    let endpoint = Endpoint {
        template: template.or(endpoint_of(adapter).template),
        ..endpoint_of(adapter)
    };
    assert_eq!(adapter.check(&endpoint), Ok(()), "its secrets and template read right");
    match adapter.verify(&request, &endpoint, now()) {
        Ok(verified) => format!(
            "{claim:#?}\n{:?}\n{:#?}",
            verified.strength,
            adapter.parse(&verified, &endpoint)
        ),
        Err(rejection) => format!("{claim:#?}\n{rejection:#?}"),
    }
}
