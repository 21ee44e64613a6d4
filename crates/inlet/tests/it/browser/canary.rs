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

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// How many connections were opened, with a request or without.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Counts what comes on a connection, if anything does.
fn hear(mut stream: TcpStream, asked: &AtomicUsize) {
    if stream.read(&mut [0; 1024]).is_ok_and(|bytes| bytes > 0) {
        asked.fetch_add(1, Ordering::SeqCst);
    }
    let _ = stream.write_all(b"HTTP/1.1 204 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}
