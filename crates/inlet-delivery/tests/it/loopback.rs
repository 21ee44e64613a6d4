//! Requests that stay on this machine arrive as they were written.

use inlet_delivery::loopback::{LoopbackError, Reply, send, unix};
use tokio::{io::AsyncWriteExt, net::UnixListener};

use crate::support::receiver::{Play, Receiver, read};

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn a_request_arrives_byte_for_byte() {
    let created = Play::answer(201, "x-one: 1\r\nX-Two: 2\r\n", "made");
    let mut receiver = Receiver::playing(vec![created]).await;
    let headers = [
        header("x-twilio-signature", "abc="),
        header("content-type", "text/plain"),
    ];
    let url = receiver.url("/in/x?a='%27&b=%7e#fragment");
    let reply = send("POST", &url, &headers, b"a=b".to_vec()).await.unwrap();
    let expected = Reply {
        status: 201,
        headers: vec![
            header("content-length", "4"),
            header("x-one", "1"),
            header("x-two", "2"),
        ],
        body: b"made".to_vec(),
    };
    assert_eq!(reply, expected);
    let request = receiver.next().await;
    assert_eq!(request.line, "POST /in/x?a='%27&b=%7e HTTP/1.1");
    assert_eq!(request.body, b"a=b");
    assert_eq!(request.header("x-twilio-signature"), Some("abc="));
    assert_eq!(request.header("host"), Some(receiver.address.to_string().as_str()));
}

#[tokio::test]
async fn an_address_without_a_path_and_a_host_of_ones_own_will_do() {
    let mut receiver = Receiver::answering(200).await;
    let port = receiver.address.port();
    let headers = [header("Host", "inbox.example.com")];
    send("GET", &format!("http://localhost:{port}?q=1"), &headers, Vec::new())
        .await
        .unwrap();
    let request = receiver.next().await;
    assert_eq!(request.line, "GET /?q=1 HTTP/1.1");
    assert_eq!(request.header("host"), Some("inbox.example.com"));
}

#[tokio::test]
async fn nothing_leaves_this_machine() {
    let elsewhere = [
        "http://10.0.0.1/",
        "http://1.1.1.1/",
        "http://example.com/",
        "http://localhost.example.com/",
        "https://127.0.0.1/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1@example.com/",
        "http://[::ffff:10.0.0.1]/",
        "ftp://127.0.0.1/",
        "127.0.0.1",
        "",
    ];
    for url in elsewhere {
        let refused = send("GET", url, &[], Vec::new()).await.unwrap_err();
        assert!(matches!(refused, LoopbackError::NotHere), "{url}: {refused}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_or_heard_is_said() {
    let receiver = Receiver::playing(vec![Play::SayAndReset(String::new())]).await;
    let broken = send("GET", &receiver.url("/"), &[], Vec::new()).await.unwrap_err();
    assert!(matches!(broken, LoopbackError::Broken(_)), "{broken}");
    for (method, headers) in [
        ("GE T", header("x", "y")),
        ("GET", header("x y", "z")),
        ("GET", header("x", "\n")),
    ] {
        let unsendable = send(method, &receiver.url("/"), &[headers], Vec::new())
            .await
            .unwrap_err();
        assert!(matches!(unsendable, LoopbackError::Unsendable(_)), "{unsendable}");
    }
    let nowhere = receiver.url("/");
    drop(receiver);
    tokio::task::yield_now().await;
    let nobody = send("GET", &nowhere, &[], Vec::new()).await.unwrap_err();
    assert!(matches!(nobody, LoopbackError::Nobody(_)), "{nobody}");
}

#[tokio::test]
async fn a_server_on_a_unix_socket_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .await
            .unwrap();
        request
    });
    let headers = [header("content-type", "application/json")];
    let reply = unix(&path, "POST", "/admin/locations?x=1", &headers, b"{\"a\":1}".to_vec())
        .await
        .unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"{}".as_slice()));
    let request = server.await.unwrap();
    assert_eq!(request.line, "POST /admin/locations?x=1 HTTP/1.1");
    assert_eq!(request.body, b"{\"a\":1}");
    let nobody = unix(&folder.path().join("none.sock"), "GET", "/", &[], Vec::new())
        .await
        .unwrap_err();
    assert!(matches!(nobody, LoopbackError::Nobody(_)), "{nobody}");
}
