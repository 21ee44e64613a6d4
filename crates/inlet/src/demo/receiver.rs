//! The demo's subscriber: takes webhooks in, checks each with the public key and the shared secret, and serves the
//! picture and the recording that the demo's messages carry.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::{get, post},
};
use inlet_core::signature::BodySigner;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch, time::timeout};

use crate::cli::Trouble;

/// How long a webhook may take before the demo says that it is missing.
const PATIENCE: Duration = Duration::from_secs(10);

/// A webhook that came.
#[derive(Clone, Debug)]
pub(super) struct Came {
    /// Whether `X-GHL-Signature` fits the bytes under the public key.
    pub(super) verified: bool,
    /// How often it came.
    pub(super) times: u32,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    /// Its address, without a path.
    pub(super) base: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    signer: BodySigner,
    came: watch::Sender<HashMap<String, Came>>,
}

impl Receiver {
    /// Starts one on a free port of this machine.
    pub(super) async fn start(signer: BodySigner) -> Result<Self, Trouble> {
        let failed = |error: std::io::Error| Trouble::new(format!("the demo's receiver cannot listen: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let base = format!("http://{}", listener.local_addr().map_err(failed)?);
        let shared = Arc::new(Shared {
            signer,
            came: watch::channel(HashMap::new()).0,
        });
        let router = Router::new()
            .route("/hook", post(take))
            .route("/harbour.png", get(picture))
            .route("/voicemail.mp3", get(recording))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { base, shared })
    }

    /// Waits for the webhook of a message.
    pub(super) async fn webhook(&self, message: &str) -> Option<Came> {
        let mut came = self.shared.came.subscribe();
        let found = timeout(PATIENCE, came.wait_for(|came| came.contains_key(message)))
            .await
            .ok()?
            .ok()?;
        found.get(message).cloned()
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers
        .get("x-ghl-signature")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let verified = shared.signer.verifies(&body, signature);
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let message = event
        .get("messageId")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    shared.came.send_modify(|came| {
        came.entry(message)
            .and_modify(|before| before.times += 1)
            .or_insert(Came { verified, times: 1 });
    });
    StatusCode::OK
}

async fn picture() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/png")], include_bytes!("harbour.png").as_slice())
}

async fn recording() -> impl IntoResponse {
    ([(CONTENT_TYPE, "audio/wav")], tone())
}

/// Two seconds of a soft tone as WAV: 8 kHz, 8 bit, one channel.
fn tone() -> Vec<u8> {
    const RATE: u32 = 8000;
    const SAMPLES: u32 = 2 * RATE;
    let mut wav = Vec::new();
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + SAMPLES).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    wav.extend_from_slice(&[1, 0, 1, 0]);
    wav.extend_from_slice(&RATE.to_le_bytes());
    wav.extend_from_slice(&RATE.to_le_bytes());
    wav.extend_from_slice(&[1, 0, 8, 0]);
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&SAMPLES.to_le_bytes());
    // A triangle of 250 Hz: 32 samples up and down.
    wav.extend((0..SAMPLES).map(|sample| {
        let place = u8::try_from(sample % 32).unwrap_or_default();
        104 + 3 * place.min(31 - place)
    }));
    wav
}
