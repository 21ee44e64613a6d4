//! Who is dialled: one look-up, every answer vetted, and a connection to nobody else.

use std::sync::Arc;

use http::{HeaderMap, Method};
use inlet_delivery::{
    client::{Answer, Client, Failure, Limits, Names, Request},
    guard::{Forbidden, Guard},
};

use crate::support::{
    ToldNames,
    receiver::{Play, Receiver},
};

fn client(guard: Guard, names: &Arc<ToldNames>) -> Client {
    let names: Arc<dyn Names> = Arc::<ToldNames>::clone(names);
    Client::guarded(guard, &names).unwrap()
}

fn loopback() -> Guard {
    Guard::allowing(vec!["127.0.0.1/32".parse().unwrap()])
}

async fn get(client: &Client, url: &str) -> Result<Answer, Failure> {
    let request = Request {
        method: Method::GET,
        url,
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
    };
    client.send(request, &Limits::WEBHOOK).await
}

#[tokio::test]
async fn no_spelling_of_this_machine_is_dialled() {
    let canary = Receiver::answering(200).await;
    let port = canary.address.port();
    let names = ToldNames::new(&[&["127.0.0.1"]]);
    let guard = Guard {
        allow: Vec::new(),
        high_ports: true,
    };
    let client = client(guard, &names);
    let literals = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "x.localhost",
    ];
    for host in literals {
        let refused = get(&client, &format!("https://{host}:{port}/")).await.unwrap_err();
        assert!(matches!(refused, Failure::Blocked(_)), "{host}: {refused}");
    }
    assert_eq!(
        *names.asked.lock().unwrap(),
        Vec::<String>::new(),
        "none needs a look-up"
    );
    let refused = get(&client, &format!("https://innocent.example:{port}/"))
        .await
        .unwrap_err();
    assert_eq!(refused, Failure::Blocked(Forbidden::Address));
    assert_eq!(*names.asked.lock().unwrap(), ["innocent.example"]);
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn one_forbidden_answer_forbids_the_name() {
    let canary = Receiver::answering(200).await;
    let url = format!("http://mixed.example:{}/", canary.address.port());
    let mixes: [&[&str]; 5] = [
        &["127.0.0.1", "10.0.0.1"],
        &["10.0.0.1", "127.0.0.1"],
        &["127.0.0.1", "::1"],
        &["127.0.0.1", "169.254.169.254"],
        // Public, but plain http goes to allowed networks only.
        &["127.0.0.1", "1.1.1.1"],
    ];
    for mix in mixes {
        let names = ToldNames::new(&[mix]);
        let refused = get(&client(loopback(), &names), &url).await.unwrap_err();
        assert_eq!(refused, Failure::Blocked(Forbidden::Address), "{mix:?}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_name_that_is_bound_anew_is_vetted_anew() {
    let close = Play::SayAndReset("HTTP/1.1 200 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned());
    let receiver = Receiver::playing(vec![close]).await;
    let url = format!("http://rebound.example:{}/", receiver.address.port());
    let names = ToldNames::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let client = client(loopback(), &names);
    assert_eq!(get(&client, &url).await.unwrap().status, 200);
    assert_eq!(names.asked.lock().unwrap().len(), 1, "one look-up a connection");
    assert_eq!(
        get(&client, &url).await.unwrap_err(),
        Failure::Blocked(Forbidden::Address)
    );
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let canary = Receiver::answering(200).await;
    let leading = format!("location: {}\r\n", canary.url("/"));
    let receiver = Receiver::playing(vec![Play::answer(307, &leading, "")]).await;
    let names = ToldNames::new(&[]);
    assert_eq!(
        get(&client(loopback(), &names), &receiver.url("/"))
            .await
            .unwrap()
            .status,
        307
    );
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_packed_answer_is_not_unpacked() {
    let packed = Play::answer(200, "content-encoding: gzip\r\n", "\u{1f}not really gzip");
    let mut receiver = Receiver::playing(vec![packed]).await;
    let names = ToldNames::new(&[]);
    let answer = get(&client(loopback(), &names), &receiver.url("/")).await.unwrap();
    assert_eq!(answer.body, "\u{1f}not really gzip".as_bytes());
    assert_eq!(receiver.next().await.header("accept-encoding"), None);
}
