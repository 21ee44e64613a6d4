//! Who is connected to: the client with a recording connector in place of the one that dials, so that a mistake in the guard
//! would be written down and still reach nobody.

use std::{
    error::Error,
    net::IpAddr,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower::{Layer, Service};

use super::{Client, Failure, Limits, Names, Request, exchange, names::Vetted};
use crate::guard::{
    Forbidden, Guard, Reach,
    vectors::{DENIED, PUBLIC, spellings, v6_spellings},
};

/// What was begun, and which addresses it would have gone to.
#[derive(Debug, Default)]
struct Record {
    begun: usize,
    dialled: Vec<IpAddr>,
}

/// Takes the place of the connector: notes that a connection is begun. A name is looked up then, and what it stands for is
/// written down, but nobody is dialled.
#[derive(Clone, Debug)]
struct Recorder {
    record: Arc<Mutex<Record>>,
    vetted: Vetted,
    /// Whether the host is a name, so that the connector's look-up is let happen.
    named: bool,
}

#[derive(Clone, Debug)]
struct Connector<C> {
    inner: C,
    recorder: Recorder,
}

impl<C> Layer<C> for Recorder {
    type Service = Connector<C>;

    fn layer(&self, inner: C) -> Connector<C> {
        let recorder = self.clone();
        Connector { inner, recorder }
    }
}

type Fault = Box<dyn Error + Send + Sync>;

impl<C, R> Service<R> for Connector<C>
where
    C: Service<R, Error = Fault>,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = Fault;
    type Future = BoxFuture<'static, Result<C::Response, Fault>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        self.recorder.record.lock().unwrap().begun += 1;
        if self.recorder.named {
            return Box::pin(self.inner.call(target));
        }
        Box::pin(async { Err("recorded".into()) })
    }
}

impl Resolve for Recorder {
    fn resolve(&self, name: Name) -> Resolving {
        let recorder = self.clone();
        Box::pin(async move {
            let found = recorder.vetted.lookup(name.as_str()).await?;
            recorder.record.lock().unwrap().dialled.extend(found);
            Ok::<Addrs, Fault>(Box::new(std::iter::empty()))
        })
    }
}

/// What a name stands for: another answer each time it is looked up, then the last one again.
#[derive(Debug)]
struct Told(Mutex<Vec<Vec<IpAddr>>>);

impl Told {
    fn new(answers: &[Vec<IpAddr>]) -> Arc<Self> {
        Arc::new(Self(Mutex::new(answers.to_vec())))
    }
}

#[async_trait]
impl Names for Told {
    async fn lookup(&self, _: &str) -> Vec<IpAddr> {
        let mut answers = self.0.lock().unwrap();
        if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        }
    }
}

struct World {
    client: Client,
    record: Arc<Mutex<Record>>,
}

impl World {
    fn new(guard: Guard, told: &Arc<Told>, named: bool) -> Self {
        let (guard, record) = (Arc::new(guard), Arc::new(Mutex::default()));
        let build = |reach| {
            let recorder = Recorder {
                record: Arc::clone(&record),
                named,
                vetted: Vetted {
                    names: Arc::<Told>::clone(told),
                    guard: Arc::clone(&guard),
                    reach,
                },
            };
            let builder = exchange::builder(recorder.clone()).unwrap();
            builder.connector_layer(recorder).build().unwrap()
        };
        let client = Client {
            public: build(Reach::Public),
            allowed: build(Reach::Allowed),
            guard,
        };
        Self { client, record }
    }

    /// Asks a URL, and answers why it was not called, if so.
    async fn ask(&self, url: &str) -> Option<Forbidden> {
        let request = Request {
            method: Method::POST,
            url,
            headers: HeaderMap::new(),
            body: bytes::Bytes::new(),
        };
        match self.client.send(request, &Limits::WEBHOOK).await {
            Err(Failure::Blocked(forbidden)) => Some(forbidden),
            Err(_) => None,
            Ok(answer) => panic!("{url} answered {answer:?}"),
        }
    }

    /// What was begun since it was last asked.
    fn begun(&self) -> Record {
        std::mem::take(&mut *self.record.lock().unwrap())
    }
}

fn open_ports() -> Guard {
    Guard {
        allow: Vec::new(),
        high_ports: true,
    }
}

fn all(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Addresses as they can be typed, and other things that somebody may type to get past the guard.
fn literals() -> Vec<String> {
    let mut list: Vec<String> = DENIED
        .iter()
        .flat_map(|ip| spellings(ip.parse().unwrap()))
        .flat_map(|host| [format!("https://{host}/"), format!("https://{host}:8443/")])
        .collect();
    let odd = [
        "http://1.1.1.1/",
        "https://1.1.1.1:22/",
        "https://1.1.1.1:25/",
        "https://me@1.1.1.1/",
        "https://me:secret@1.1.1.1/",
        "https://:secret@1.1.1.1/",
        "https://1.1.1.1@127.0.0.1/",
        "https://1.1.1.1:443@127.0.0.1:443/",
        "https://1.1.1.1%40127.0.0.1/",
        "https://127.0.0.1#@1.1.1.1/",
        "https://127.0.0.1\\@1.1.1.1/",
        "https://localhost/",
        "https://LocalHost./",
        "https://a.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1%25eth0]/",
        "https://[::]/",
        "file:///etc/passwd",
        "gopher://1.1.1.1/",
        "ftp://1.1.1.1/",
        "//1.1.1.1/",
    ];
    list.extend(odd.map(str::to_owned));
    list
}

#[tokio::test]
async fn no_connection_to_a_forbidden_literal_is_begun() {
    let names = Told::new(&[all(&["1.1.1.1"])]);
    let world = World::new(open_ports(), &names, false);
    let vectors = literals();
    assert!(vectors.len() >= 200, "{}", vectors.len());
    for url in &vectors {
        assert!(world.ask(url).await.is_some(), "{url}");
        assert_eq!(world.begun().begun, 0, "{url}");
    }
    for ip in PUBLIC {
        assert_eq!(world.ask(&format!("https://{ip}/")).await, None);
        assert_eq!(world.begun().begun, 1, "{ip}: the recorder sees what is begun");
    }
}

#[tokio::test]
async fn no_name_leads_to_a_forbidden_address() {
    let denied = || DENIED.iter().map(|ip| ip.parse().unwrap());
    let hidden = denied().flat_map(v6_spellings).map(IpAddr::V6);
    let vectors: Vec<IpAddr> = denied().map(IpAddr::V4).chain(hidden).collect();
    assert!(vectors.len() >= 200, "{}", vectors.len());
    let public: IpAddr = "1.1.1.1".parse().unwrap();
    for ip in vectors {
        for answer in [vec![ip], vec![public, ip], vec![ip, public]] {
            let world = World::new(open_ports(), &Told::new(&[answer]), true);
            assert_eq!(
                world.ask("https://victim.example/").await,
                Some(Forbidden::Address),
                "{ip}"
            );
            assert!(world.begun().dialled.is_empty(), "{ip}");
        }
    }
}

#[tokio::test]
async fn a_connection_goes_to_the_addresses_that_were_vetted() {
    let (public, private) = (all(&["1.1.1.1", "2606:4700::1111"]), all(&["127.0.0.1"]));
    // Bound anew between one look-up and the next: were there a second one for a connection, it would be the private one.
    let world = World::new(open_ports(), &Told::new(&[public.clone(), private]), true);
    assert_eq!(world.ask("https://rebound.example/").await, None);
    assert_eq!(world.begun().dialled, public);
    assert_eq!(world.ask("https://rebound.example/").await, Some(Forbidden::Address));
    assert!(world.begun().dialled.is_empty());
}

#[tokio::test]
async fn what_only_an_allowed_network_may_be_asked_goes_nowhere_else() {
    let guard = || Guard::allowing(vec!["10.1.0.0/16".parse().unwrap()]);
    let inside = all(&["10.1.2.3"]);
    for url in ["http://n8n:5678/", "https://n8n.local/", "https://n8n.example:25/"] {
        for (answer, dialled) in [
            (inside.clone(), inside.clone()),
            (all(&["1.1.1.1"]), Vec::new()),
            (all(&["10.2.0.1"]), Vec::new()),
            (all(&["10.1.2.3", "127.0.0.1"]), Vec::new()),
        ] {
            let world = World::new(guard(), &Told::new(&[answer]), true);
            let refused = dialled.is_empty().then_some(Forbidden::Address);
            assert_eq!(world.ask(url).await, refused, "{url}");
            assert_eq!(world.begun().dialled, dialled, "{url}");
        }
    }
}
