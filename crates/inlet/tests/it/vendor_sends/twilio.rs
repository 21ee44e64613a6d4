//! Twilio's API on loopback: it keeps what it is sent, answers as the story says, and signs what it tells.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A call as it came.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) head: String,
    pub(super) form: BTreeMap<String, String>,
}

/// What is answered: a status with a body, or nothing, and the connection is gone.
pub(super) type Answer = Option<(u16, &'static str)>;

#[derive(Default)]
struct Told {
    calls: Vec<Call>,
    answers: VecDeque<Answer>,
}

/// See the module.
pub(super) struct Twilio {
    pub(super) base: String,
    told: Arc<Mutex<Told>>,
}

impl Twilio {
    pub(super) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::<Mutex<Told>>::default();
        let hears = Arc::clone(&told);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hear(stream, Arc::clone(&hears)));
            }
        });
        Self { base, told }
    }

    /// What the next calls are answered.
    pub(super) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.told.lock().unwrap().answers.extend(answers);
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.told.lock().unwrap().calls.clone()
    }
}

async fn hear(mut stream: TcpStream, told: Arc<Mutex<Told>>) {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.unwrap_or_default();
        if count == 0 {
            return;
        }
        bytes.extend_from_slice(&more[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or_default() {
            break (head.to_owned(), body.to_owned());
        }
    };
    let form = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let answer = {
        let mut told = told.lock().unwrap();
        told.calls.push(Call { head, form });
        told.answers.pop_front().expect("the story says what is answered")
    };
    if let Some((status, body)) = answer {
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// `X-Twilio-Signature` of a form that is posted to an address.
pub(super) fn signature(token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let sorted: BTreeMap<_, _> = form.iter().copied().collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64.encode(mac.finalize().into_bytes())
}
