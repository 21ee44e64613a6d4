//! What the owner of the relay asks of its destinations.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    World,
    house::{ask, try_ask},
};

impl World {
    /// What is said of a destination that cannot be added.
    pub(crate) async fn refused_destination(&self, wish: &Value) -> String {
        let (status, said) = self.add_destination(wish).await;
        assert_eq!(status, 400, "{said}");
        said
    }

    /// Adds a destination, or hears why not.
    pub(crate) async fn add_destination(&self, wish: &Value) -> (u16, String) {
        let registry = self.relay.shared.directory.registry();
        let mut wish = wish.clone();
        wish["location"] = registry.location(self.joined.here).unwrap().id.clone().into();
        try_ask(&self.relay, "POST", "/destinations", wish).await
    }

    /// The upstream's id of the location.
    pub(crate) fn there(&self) -> &str {
        &self.joined.there
    }

    /// The destination as `inlet destination list` shows it.
    pub(crate) async fn destination(&self) -> Value {
        let found = ask(&self.relay, "GET", "/destinations", Value::Null).await;
        let all = found["destinations"].as_array().unwrap();
        all.iter()
            .find(|one| one["id"] == self.joined.destination.as_str())
            .unwrap()
            .clone()
    }

    /// The app is authorised again, and what was held is sent.
    pub(crate) async fn authorise(&self) {
        // What is released was recorded before this moment.
        self.pass(Duration::from_secs(1));
        let path = format!("/destinations/{}", self.joined.destination);
        let renewal = json!({ "client_id": "app", "client_secret": "secret", "refresh_token": self.app.refresh() });
        ask(&self.relay, "POST", &format!("{path}/authorise"), renewal).await;
        let release = json!({ "release": true, "rate": 1000 });
        ask(&self.relay, "POST", &format!("{path}/enable"), release).await;
        while self.relay.shared.backlog.replay_on().await.unwrap() > 0 {}
    }

    /// Tells the destination to be disabled, or the like; the error is the status and what was said.
    pub(crate) async fn tell(&self, verb: &str) -> Result<(), (u16, String)> {
        let path = format!("/destinations/{}/{verb}", self.joined.destination);
        let (status, said) = try_ask(&self.relay, "POST", &path, json!({})).await;
        if status == 200 { Ok(()) } else { Err((status, said)) }
    }

    /// A token is given in place of the one that opens the upstream.
    pub(crate) async fn give_token(&self, token: &str) {
        let path = format!("/destinations/{}/authorise", self.joined.destination);
        ask(&self.relay, "POST", &path, json!({ "token": token })).await;
    }
}
