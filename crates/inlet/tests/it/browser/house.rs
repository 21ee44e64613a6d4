//! An installation to look at: a real server with one location, what its people write, and somebody who may see the pages.

use std::{net::SocketAddr, path::Path};

use serde_json::{Value, json};

use super::driver::{Browser, Size};
use crate::{
    harness::{Server, cli},
    http::Client,
};

/// See the module.
pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    server: Option<Server>,
    address: SocketAddr,
    pub(crate) location: String,
    pub(crate) token: String,
}

impl House {
    /// One that nobody has written to.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// The same, served with further flags.
    pub(crate) fn with(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let add = ["location", "add", "--name", "Harbour Dental", "--country", "US"];
        let location = text(&cli(data, &add), "id");
        let token = text(&cli(data, &["token", "add", "--location", &location]), "token");
        let server = Server::start(data, flags);
        Self {
            folder,
            address: server.address,
            server: Some(server),
            location,
            token,
        }
    }

    /// Ends the server, so that the command line can be used beside it.
    pub(crate) fn stop(&mut self) {
        self.server.take().unwrap().end();
    }

    /// Starts it again where it was.
    pub(crate) fn start_again(&mut self) {
        self.start_again_with(&[]);
    }

    /// The same with further flags.
    pub(crate) fn start_again_with(&mut self, flags: &[&str]) {
        let address = self.address.to_string();
        self.server = Some(Server::start_at(self.folder.path(), &address, flags));
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The address of a page of the installation.
    pub(crate) fn site(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address of a page below the location's.
    pub(crate) fn url(&self, below: &str) -> String {
        format!("http://{}/l/{}{below}", self.address, self.location)
    }

    /// A browser that is logged in and shows the inbox, live.
    pub(crate) fn browser(&self, size: Size) -> Browser {
        let browser = Browser::open(size);
        let link = cli(self.data(), &["user", "login-link"]);
        browser.goto(&text(&link, "url"));
        browser.click("button.primary");
        browser.until("document.body.dataset.live === 'on'");
        browser
    }

    /// Sends a request to the API that must be answered with `status`.
    pub(crate) fn api(&self, method: &str, path: &str, body: Option<&Value>, status: u16) -> Value {
        Client::new(self.address, &self.token).ask(method, path, body, status)
    }

    /// Records what somebody writes from a number; the conversation and the message.
    pub(crate) fn receive(&self, phone: &str, body: &str) -> (String, String) {
        let message = json!({ "type": "SMS", "phone": phone, "message": body });
        let answer = self.api("POST", "/conversations/messages/inbound", Some(&message), 200);
        (text(&answer, "conversationId"), text(&answer, "messageId"))
    }

    /// Makes a contact who has written something.
    pub(crate) fn person(&self, name: &str, phone: &str, body: &str) -> String {
        let contact = json!({ "locationId": self.location, "name": name, "phone": phone });
        self.api("POST", "/contacts", Some(&contact), 201);
        self.receive(phone, body).0
    }
}

/// A field of a JSON object that must be text.
pub(crate) fn text(value: &Value, key: &str) -> String {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}
