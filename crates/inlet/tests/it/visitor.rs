//! Somebody at the pages, with a browser: logs in, looks, and presses buttons.

use std::path::Path;

use crate::{
    harness::{Server, cli},
    http::{Answer, Client},
};

/// What a browser says of a form of our own pages.
const OURS: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Somebody at the pages.
pub(crate) struct Visitor {
    pub(crate) client: Client,
    pub(crate) cookie: String,
    /// What the forms of their session carry.
    pub(crate) token: String,
}

impl Visitor {
    /// Whoever runs the installation.
    pub(crate) fn log_in(data: &Path, server: &Server) -> Self {
        let link = cli(data, &["user", "login-link"]);
        Self::by_link(data, server, link["url"].as_str().unwrap())
    }

    /// Whoever was given a link.
    pub(crate) fn by_link(data: &Path, server: &Server, link: &str) -> Self {
        let path = link.splitn(4, '/').last().map(|path| format!("/{path}")).unwrap();
        let mut client = Client::new(server.address, "");
        let answer = client.send("POST", &path, &[OURS], b"").unwrap();
        assert_eq!(answer.status, 303, "{}", answer.body);
        Self::with(client, answer.cookie.unwrap(), data)
    }

    /// A user with a password; or why not.
    pub(crate) fn by_password(data: &Path, server: &Server, name: &str, password: &str) -> Result<Self, Answer> {
        let mut client = Client::new(server.address, "");
        let form = format!("name={name}&password={password}");
        let answer = client.send("POST", "/login", &[OURS, FORM], form.as_bytes()).unwrap();
        match answer.status {
            303 => Ok(Self::with(client, answer.cookie.unwrap(), data)),
            _ => Err(answer),
        }
    }

    /// The token stands in every page that they may see.
    fn with(client: Client, cookie: String, data: &Path) -> Self {
        let mut visitor = Self {
            client,
            cookie,
            token: String::new(),
        };
        let locations = cli(data, &["location", "list"]);
        for location in locations["locations"].as_array().unwrap() {
            let page = visitor.get(&format!("/l/{}/contacts", location["id"].as_str().unwrap()));
            if let Some((_, rest)) = page.body.split_once("name=\"token\" value=\"") {
                rest.split('"').next().unwrap().clone_into(&mut visitor.token);
            }
        }
        visitor
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.client.send("GET", path, &[("Cookie", &self.cookie)], b"").unwrap()
    }

    /// A page that is there.
    pub(crate) fn page(&mut self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub(crate) fn send(&mut self, path: &str, form: &str) -> Answer {
        let form = format!("token={}&{form}", self.token);
        let headers = [("Cookie", self.cookie.as_str()), OURS, FORM];
        self.client.send("POST", path, &headers, form.as_bytes()).unwrap()
    }

    /// Presses a button, and answers the page that it leads to.
    pub(crate) fn press(&mut self, path: &str, form: &str, next: &str) -> String {
        let answer = self.send(path, form);
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        let cookies = format!("{}; {}", self.cookie, answer.cookie.unwrap());
        let page = self.client.send("GET", next, &[("Cookie", &cookies)], b"").unwrap();
        assert_eq!(page.status, 200, "{next}: {}", page.body);
        page.body
    }
}
