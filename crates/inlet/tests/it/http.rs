//! The smallest HTTP/1.1 client that a writer thread needs: one connection, kept alive, blocking, with a deadline.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long anything may take before the test fails instead of hanging.
const DEADLINE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// The cookie that it sets, without its conditions.
    pub(crate) cookie: Option<String>,
}

impl Answer {
    /// The body as JSON, with what differs from call to call left out.
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut json: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"));
        if let Some(fields) = json.as_object_mut() {
            fields.remove("traceId");
        }
        json
    }
}

/// What was answered, when all of it is a 200. Senders that meet at a barrier are judged here, after the last one: one that
/// gave up in their midst would leave the others waiting for ever.
pub(crate) fn accepted(answers: Vec<io::Result<Answer>>) -> Vec<serde_json::Value> {
    let json = |answer: io::Result<Answer>| {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    answers.into_iter().map(json).collect()
}

/// A connection to one server, opened when it is first needed and again after it broke.
pub(crate) struct Client {
    address: SocketAddr,
    token: String,
    open: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            token: token.to_owned(),
            open: None,
        }
    }

    pub(crate) fn get(&mut self, target: &str) -> io::Result<Answer> {
        self.send("GET", target, &[], b"")
    }

    pub(crate) fn post(&mut self, target: &str, body: &serde_json::Value) -> io::Result<Answer> {
        self.send("POST", target, &[], body.to_string().as_bytes())
    }

    /// One request with a JSON body, or none, that must be answered with `status`; its answer.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        target: &str,
        body: Option<&serde_json::Value>,
        status: u16,
    ) -> serde_json::Value {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let answer = self.send(method, target, &[], body.as_bytes()).unwrap();
        assert_eq!(answer.status, status, "{method} {target}: {answer:?}");
        answer.json()
    }

    /// One request. After an error nobody knows whether it was carried out.
    pub(crate) fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let answer = self.try_send(method, target, headers, body);
        if answer.is_err() {
            self.open = None;
        }
        answer
    }

    fn try_send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
        let usual = [("Version", "2021-04-15"), ("Content-Type", "application/json")];
        let given = |usual: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(usual));
        let headers: Vec<_> = usual.iter().filter(|(name, _)| !given(name)).chain(headers).collect();
        let mut head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n",
            self.address,
            self.token,
            body.len()
        );
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        let stream = self.connected()?;
        stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        read_answer(stream)
    }

    fn connected(&mut self) -> io::Result<&mut BufReader<TcpStream>> {
        if let Some(stream) = self.open.take() {
            return Ok(self.open.insert(stream));
        }
        let stream = TcpStream::connect_timeout(&self.address, DEADLINE)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_nodelay(true)?;
        Ok(self.open.insert(BufReader::new(stream)))
    }
}

fn read_answer(stream: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::UnexpectedEof, what.to_owned());
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| broken("no status line"))?;
    let (mut length, mut cookie) = (0, None);
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(|_| broken("a bad length"))?;
            }
            Some((name, value)) if name.eq_ignore_ascii_case("set-cookie") => {
                cookie = value.split(';').next().map(|pair| pair.trim().to_owned());
            }
            Some(_) => {}
            None if line == "\r\n" => break,
            None => return Err(broken("headers cut off")),
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Answer {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
        cookie,
    })
}
