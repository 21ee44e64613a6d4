//! A browser as a story holds it: it goes somewhere, types, and waits for what must become true, never for a time. It speaks
//! WebDriver (<https://www.w3.org/TR/webdriver2/>) to Debian's chromedriver: a few calls in JSON.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

use crate::http::Client;

/// How long anything may take to become true.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(15);

/// What Chromium is started with: nothing of it may reach out by itself.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
];

/// WebDriver's names of keys that are no letters.
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const ESCAPE: char = '\u{e00c}';
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const RIGHT: char = '\u{e014}';

/// A width and a height in CSS pixels.
pub(crate) type Size = (u32, u32);
pub(crate) const DESK: Size = (1440, 900);
pub(crate) const PHONE: Size = (390, 844);

/// A browser of its own with a fresh profile; it ends with this value.
pub(crate) struct Browser {
    driver: Mutex<Client>,
    session: String,
    process: Child,
    _output: BufReader<ChildStdout>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one with a window of this size.
    pub(crate) fn open(size: Size) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (process, output, port) = start_driver();
        let mut flags: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let chromium = json!({ "args": flags });
        let wish = json!({ "browserName": "chrome", "goog:chromeOptions": chromium, "goog:loggingPrefs": { "browser": "ALL" } });
        let mut browser = Self {
            driver: Mutex::new(Client::new(([127, 0, 0, 1], port).into(), "")),
            session: String::new(),
            process,
            _output: output,
            _profile: profile,
        };
        let body = json!({ "capabilities": { "alwaysMatch": wish } });
        let made = browser.call("POST", "/session", &body).expect("Chromium starts");
        browser.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        browser.resize(size);
        browser
    }

    pub(crate) fn resize(&self, (width, height): Size) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Shows pages as somebody sees them who prefers `dark` or `light`.
    pub(crate) fn prefer(&self, scheme: &str) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": feature }));
    }

    /// Says something to Chromium that WebDriver has no word for.
    pub(crate) fn devtools(&self, method: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": method, "params": parameters }))
    }

    pub(crate) fn goto(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(crate) fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    pub(crate) fn back(&self) {
        self.post("/back", &json!({}));
    }

    /// What an expression of JavaScript is worth in the page; what it promises, once that is kept.
    pub(crate) fn value(&self, expression: &str) -> Value {
        self.try_value(expression)
            .unwrap_or_else(|why| panic!("{expression}: {why}"))
    }

    fn try_value(&self, expression: &str) -> Result<Value, String> {
        let script = json!({ "script": format!("return {expression}"), "args": [] });
        self.call("POST", &format!("{}/execute/sync", self.session), &script)
    }

    /// The same as text.
    pub(crate) fn text(&self, expression: &str) -> String {
        self.value(expression).as_str().unwrap_or_default().to_owned()
    }

    /// What the window is called, also where scripts may not run.
    pub(crate) fn title(&self) -> String {
        self.get("/title").as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true; how long that took.
    pub(crate) fn until(&self, expression: &str) -> Duration {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            // Between two pages there is none to ask.
            if self.try_value(&format!("Boolean({expression})")) == Ok(json!(true)) {
                return began.elapsed();
            }
            std::thread::sleep(LOOK);
        }
        let page = self.text("document.body.innerText");
        panic!("it did not become true that {expression}; the page says: {page}");
    }

    /// Clicks the first element that a CSS selector finds, as a mouse does: it must be there to be seen.
    pub(crate) fn click(&self, selector: &str) {
        self.until(&format!("document.querySelector({})", json!(selector)));
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|one| one.values().next()?.as_str());
        self.post(&format!("/element/{}/click", id.unwrap()), &json!({}));
    }

    /// Types into whatever has the focus, key by key.
    pub(crate) fn keys(&self, text: &str) {
        text.chars().for_each(|key| self.press(key));
    }

    /// Presses one key and lets it go.
    pub(crate) fn press(&self, key: char) {
        let stroke = [
            json!({ "type": "keyDown", "value": key }),
            json!({ "type": "keyUp", "value": key }),
        ];
        let keyboard = json!([{ "type": "key", "id": "keyboard", "actions": stroke }]);
        self.post("/actions", &json!({ "actions": keyboard }));
    }

    /// Opens another tab and looks at it; tabs share the session.
    pub(crate) fn open_tab(&self) {
        let tab = self.post("/window/new", &json!({ "type": "tab" }));
        self.post("/window", &json!({ "handle": tab["handle"] }));
    }

    /// Looks at the tab of that number, in the order of their opening.
    pub(crate) fn look_at_tab(&self, index: usize) {
        let tabs = self.get("/window/handles");
        self.post("/window", &json!({ "handle": tabs[index] }));
    }

    /// What the page complained of since the last look: errors of its script, and what its policy did not let load.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().into_iter().flatten();
        let severe = lines.filter(|line| line["level"] == "SEVERE");
        severe.map(|line| line["message"].to_string()).collect()
    }

    /// A picture of the window, as PNG.
    pub(crate) fn picture(&self, path: &Path) {
        let picture = self.get("/screenshot");
        std::fs::write(path, BASE64.decode(picture.as_str().unwrap()).unwrap()).unwrap();
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", &format!("{}{path}", self.session), &Value::Null);
        answer.unwrap_or_else(|why| panic!("the browser refuses {path}: {why}"))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.call("POST", &format!("{}{path}", self.session), body);
        answer.unwrap_or_else(|why| panic!("the browser refuses {path} with {body}: {why}"))
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self.driver.lock().unwrap().send(method, path, &[], body.as_bytes());
        let answer = answer.map_err(|error| error.to_string())?;
        let value = answer.json()["value"].take();
        match answer.status {
            200 => Ok(value),
            _ => Err(value["message"].to_string()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver has a group of its own, with the browser in it: all of it goes, whatever state it is in.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.process.wait();
    }
}

/// Starts the driver on a port of its choice, which it names.
fn start_driver() -> (Child, BufReader<ChildStdout>, u16) {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("chromedriver: run script/browser, which installs it");
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("started successfully on port") {
        line.clear();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "chromedriver does not say its port"
        );
    }
    let port = line.trim_end().trim_end_matches('.').rsplit(' ').next().unwrap();
    (child, output, port.parse().unwrap())
}
