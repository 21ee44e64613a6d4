//! A server that nobody may call: it counts who does.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// See the module. Its thread ends with the process.
pub(crate) struct Canary {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Canary {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, connections) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (asked, opened) = (Arc::clone(&requests), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming() {
                opened.fetch_add(1, Ordering::SeqCst);
                let (stream, asked) = (stream.unwrap(), Arc::clone(&asked));
                // A bare connection may stay silent: it holds up nobody.
                thread::spawn(move || hear(stream, &asked));
            }
        });
        Self {
            address,
            requests,
            connections,
        }
    }

    /// The address of a page that nothing guards.
    pub(crate) fn trap(&self) -> String {
        format!("http://{}/trap", self.address)
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// How many connections were opened, with a request or without.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A page that nothing guards: its picture asks the canary, and that it does not come runs its script.
const TRAP: &str = "<!doctype html><img src=/leak onerror=top.hit=1>";

/// Counts what comes on a connection, if anything does; but not who asks for the trap.
fn hear(mut stream: TcpStream, asked: &AtomicUsize) {
    let mut request = [0; 1024];
    let bytes = stream.read(&mut request).unwrap_or_default();
    let answer = if request.starts_with(b"GET /trap ") {
        format!(
            "200 x\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{TRAP}",
            TRAP.len()
        )
    } else {
        asked.fetch_add(usize::from(bytes > 0), Ordering::SeqCst);
        "204 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
    };
    let _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes());
}
