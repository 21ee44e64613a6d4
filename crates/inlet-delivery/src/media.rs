//! Files of messages, fetched from their vendors and kept. Credentials go to the host they are for and never along a
//! redirect; every address on the way passes the guard.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, Method};
use inlet_core::{
    adapter::{Adapter, Fetch},
    blobs::{Blobs, PendingMedia},
    change::{Change, What},
    clock::{Clock, later},
    directory::{Directory, StoreFault},
    inbound::MediaState,
    intake::Intake,
    registry::Provider,
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    client::{Answer, Client, End, Failure, Limits, Request},
    fetch,
    hints::Hints,
};

/// Files that are fetched at once.
const AT_ONCE: usize = 4;
/// Files that wait and are looked through for due ones.
const LOOK: usize = 64;
/// How often the store is asked for files that wait; hints only make it sooner.
const POLL: Duration = Duration::from_secs(1);
/// Redirects that are followed: Twilio's lead to its storage.
const REDIRECTS: usize = 3;
/// How long to wait after each failed try. When the last has failed, so has the file.
const DELAYS: [Duration; 4] = [
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(45),
];

/// What a fetcher is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where files wait, and where they are kept.
    pub blobs: Arc<dyn Blobs>,
    /// Says whose credentials open a file.
    pub directory: Arc<dyn Directory>,
    /// Takes in what became of a file.
    pub intake: Arc<dyn Intake>,
    /// The vendors that are spoken: they say how their files are fetched.
    pub adapters: &'static [&'static dyn Adapter],
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes the calls.
    pub client: Client,
    /// Wakes the loop.
    pub hints: Arc<Hints>,
    /// How long a file may take, and how long it may be.
    pub limits: Limits,
}

/// Fetches files.
#[derive(Clone, Debug)]
pub struct Fetcher(Parts);

/// Why a file was not fetched, in words.
enum Miss {
    /// Another try may fetch it.
    Later(String),
    /// No try will.
    Never(String),
}

/// A file as it came.
struct File {
    bytes: Vec<u8>,
    content_type: String,
}

impl Fetcher {
    /// A fetcher.
    pub fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// Fetches some of the files that are due, and answers how many it tried.
    pub async fn turn(&self) -> Result<usize, StoreFault> {
        let now = self.0.clock.now();
        let mut pending = self.0.blobs.pending(LOOK).await?;
        pending.retain(|media| media.due_at <= now);
        pending.truncate(AT_ONCE);
        for done in join_all(pending.iter().map(|media| self.settle(media))).await {
            done?;
        }
        Ok(pending.len())
    }

    /// Keeps turning until `shutdown`. A fetch that is cut short by it is made again after the next start.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let work = async {
            loop {
                tokio::select! {
                    _ = poll.tick() => {}
                    () = self.0.hints.media() => {}
                }
                self.drain().await;
            }
        };
        shutdown.run_until_cancelled(work).await;
    }

    async fn drain(&self) {
        loop {
            match self.turn().await {
                Ok(AT_ONCE..) => {}
                Ok(_) => return,
                Err(fault) => return tracing::warn!(%fault, "files could not be fetched or kept"),
            }
        }
    }

    /// Fetches one file and writes down what became of it.
    async fn settle(&self, media: &PendingMedia) -> Result<(), StoreFault> {
        match self.fetch(media).await {
            Ok(file) => self.keep(media, file).await,
            Err(Miss::Later(reason)) => {
                let tried = usize::try_from(media.tries).unwrap_or(usize::MAX);
                match DELAYS.get(tried) {
                    Some(&delay) => self.0.blobs.postpone(media, later(self.0.clock.now(), delay)).await,
                    None => self.submit(media, MediaState::Failed { reason }).await,
                }
            }
            Err(Miss::Never(reason)) => self.submit(media, MediaState::Failed { reason }).await,
        }
    }

    async fn keep(&self, media: &PendingMedia, file: File) -> Result<(), StoreFault> {
        let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let blob = self.0.blobs.put(media.location, file.bytes).await?;
        let state = MediaState::Kept {
            blob,
            size,
            content_type: file.content_type,
        };
        self.submit(media, state).await
    }

    async fn submit(&self, media: &PendingMedia, state: MediaState) -> Result<(), StoreFault> {
        if let MediaState::Failed { reason } = &state {
            tracing::warn!(
                message = media.message.0,
                index = media.index,
                reason,
                "a file was not fetched"
            );
        }
        let change = Change {
            location: media.location,
            provider: media.provider,
            keys: Vec::new(),
            fingerprint: 0,
            what: What::Media {
                message: media.message,
                index: media.index,
                state,
            },
        };
        crate::calls::submit_one(&*self.0.intake, change).await
    }

    async fn fetch(&self, media: &PendingMedia) -> Result<File, Miss> {
        let begun = self.0.clock.monotonic();
        let request = self.request(media, &media.url)?;
        let (mut headers, mut url) = (credentials(&request)?, request.url);
        for _ in 0..=REDIRECTS {
            let spent = self.0.clock.monotonic().saturating_sub(begun);
            let answer = self.get(&url, std::mem::take(&mut headers), spent).await?;
            if let Some(next) = redirect(&url, &answer)? {
                url = next;
            } else if let Some(next) = self.leads(media, &url, &answer) {
                let request = self.request(media, &next)?;
                (headers, url) = (credentials(&request)?, request.url);
            } else {
                return file(answer);
            }
        }
        Err(Miss::Never(format!("it was redirected more than {REDIRECTS} times")))
    }

    /// Where the file really is, if the vendor only named its address.
    fn leads(&self, media: &PendingMedia, url: &str, answer: &Answer) -> Option<String> {
        let whole = answer.status == 200 && answer.end == End::Whole;
        let registry = self.0.directory.registry();
        let provider = registry.provider(media.location, media.provider).filter(|_| whole)?;
        self.adapter(&provider)?.media_leads(url, &answer.body)
    }

    fn adapter(&self, provider: &Provider) -> Option<&'static dyn Adapter> {
        let name = provider.adapter.as_deref()?;
        self.0.adapters.iter().copied().find(|adapter| adapter.name() == name)
    }

    /// How the vendor wants its file to be fetched; as it is, where no vendor stands behind it.
    fn request(&self, media: &PendingMedia, url: &str) -> Result<Fetch, Miss> {
        let registry = self.0.directory.registry();
        let provider = registry.provider(media.location, media.provider);
        let Some((provider, name)) = provider
            .as_ref()
            .and_then(|found| Some((found, found.adapter.as_deref()?)))
        else {
            return Ok(Fetch {
                url: url.to_owned(),
                ..Fetch::default()
            });
        };
        let adapter = self.adapter(provider);
        let endpoint = provider.endpoint.and_then(|key| registry.endpoint(key));
        let request = adapter
            .zip(endpoint)
            .and_then(|(adapter, endpoint)| adapter.media(url, endpoint, provider));
        request.ok_or_else(|| Miss::Never(format!("{name} files are not fetched from this address")))
    }

    async fn get(&self, url: &str, headers: HeaderMap, spent: Duration) -> Result<Answer, Miss> {
        let limits = Limits {
            total: self.0.limits.total.saturating_sub(spent),
            ..self.0.limits
        };
        let request = Request {
            method: Method::GET,
            url,
            headers,
            body: Bytes::new(),
        };
        self.0
            .client
            .send(request, &limits)
            .await
            .map_err(|failure| match &failure {
                Failure::Blocked(_) => Miss::Never(failure.to_string()),
                Failure::Unresolved | Failure::Unreachable | Failure::Tls(_) | Failure::Late | Failure::Lost => {
                    Miss::Later(failure.to_string())
                }
            })
    }
}

fn credentials(request: &Fetch) -> Result<HeaderMap, Miss> {
    fetch::credentials(request).ok_or_else(|| Miss::Never(fetch::UNSENDABLE.to_owned()))
}

/// Where an answer leads, if it does. The credentials do not go there.
fn redirect(from: &str, answer: &Answer) -> Result<Option<String>, Miss> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let place = answer
        .headers
        .get(http::header::LOCATION)
        .and_then(|value| value.to_str().ok());
    let next = place.and_then(|place| Url::parse(from).ok()?.join(place).ok());
    let next = next.ok_or_else(|| Miss::Never("it was redirected without a place to go".to_owned()))?;
    Ok(Some(next.into()))
}

fn file(answer: Answer) -> Result<File, Miss> {
    match (answer.status, answer.end) {
        (200, End::Whole) => {
            let content_type = answer.headers.get(http::header::CONTENT_TYPE);
            let content_type = content_type.and_then(|value| value.to_str().ok());
            Ok(File {
                content_type: content_type.unwrap_or("application/octet-stream").to_owned(),
                bytes: answer.body,
            })
        }
        (200, End::Long) => Err(Miss::Never("it is too large to be kept".to_owned())),
        (200, End::Late) => Err(Miss::Later("it did not come in time".to_owned())),
        (200, End::Broken) => Err(Miss::Later("the connection broke while it came".to_owned())),
        (status, End::Whole | End::Long | End::Late | End::Broken) => {
            Err(Miss::Later(format!("its server answered {status}")))
        }
    }
}
