//! Upstreams that are not well, and what `inlet doctor` says of them.

use serde_json::{Value, json};

use super::{World, house::ask, message, text};

/// One finding.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) check: String,
    pub(crate) verdict: String,
    pub(crate) words: String,
    pub(crate) cure: String,
}

impl World {
    /// What is found about the upstream that is relayed to.
    pub(crate) async fn examine(&self) -> Vec<Found> {
        self.examine_one(&self.joined.destination).await
    }

    /// What is found about another one at the same location, that is added with other wishes.
    pub(crate) async fn examine_with(&self, other: &Value) -> Vec<Found> {
        let mut opened = json!({ "location": self.joined.there, "base_url": self.base, "token": self.joined.token });
        for (key, value) in other.as_object().unwrap() {
            opened[key] = value.clone();
        }
        let own = json!({ "name": "Own", "country": "US" });
        let own = ask(&self.relay, "POST", "/locations", own).await;
        let wish = json!({ "location": own["id"], "upstream": opened });
        let added = ask(&self.relay, "POST", "/destinations", wish).await;
        self.examine_one(&text(&added, "id")).await
    }

    async fn examine_one(&self, destination: &str) -> Vec<Found> {
        let report = ask(&self.relay, "POST", "/doctor", json!({ "destination": destination })).await;
        let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let checks = report["checks"].as_array().unwrap().iter();
        let found: Vec<Found> = checks
            .map(|one| Found {
                check: word(one, "check"),
                verdict: word(one, "verdict"),
                words: word(one, "words"),
                cure: word(one, "cure"),
            })
            .collect();
        let bad = found.iter().any(|one| one.verdict == "bad");
        assert_eq!(report["ok"], !bad, "{report}");
        found
    }

    /// A token of the upstream's with these scopes only, or of another location of it.
    pub(crate) async fn other_token(&self, scopes: &[&str], elsewhere: bool) -> String {
        let mut location = self.joined.there.clone();
        if elsewhere {
            let another = ask(&self.upstream, "POST", "/locations", json!({ "name": "Another" })).await;
            location = text(&another, "id");
        }
        let wish = json!({ "location": location, "scopes": scopes });
        text(&ask(&self.upstream, "POST", "/tokens", wish).await, "token")
    }

    /// A provider of the upstream's, of another location or of a kind.
    pub(crate) async fn upstream_provider(&self, kind: &str, elsewhere: bool) -> String {
        let mut location = self.joined.there.clone();
        if elsewhere {
            let another = ask(&self.upstream, "POST", "/locations", json!({ "name": "Another" })).await;
            location = text(&another, "id");
        }
        let wish = json!({ "location": location, "type": kind });
        text(&ask(&self.upstream, "POST", "/providers", wish).await, "id")
    }

    /// People whom the upstream has already, each with their own number.
    pub(crate) async fn people_upstream(&self, count: usize) {
        let there = self.upstream.shared.directory.registry().locations()[0].key;
        let changes: Vec<_> = (0..count).map(|person| message(there, person, person)).collect();
        for some in changes.chunks(200) {
            for answer in self.upstream.shared.intake.submit(some.to_vec()).await {
                answer.unwrap();
            }
        }
    }
}
