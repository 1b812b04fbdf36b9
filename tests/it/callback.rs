//! A server on loopback that is sent things: it keeps what came and answers as it is told.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use crate::loopback::Loopback;
use crate::running::DEADLINE;

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behave {
    /// A challenge is sent back; all else is fine.
    Confirm,
    /// This status, with further header lines and a body.
    Say(&'static str, &'static str, &'static str),
    /// Nothing, for as long as the caller waits.
    Silence,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case; values of one name in order.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The only value of the header `name`.
    pub(crate) fn header(&self, name: &str) -> &str {
        match self.headers.get(name).map(Vec::as_slice) {
            Some([value]) => value,
            other => panic!("`{name}` is {other:?}"),
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The parameter `name` of the query.
    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Shared {
    behaviour: Mutex<HashMap<String, Behave>>,
    seen: Mutex<Vec<Request>>,
    came: Condvar,
}

/// The server.
pub(crate) struct Callback {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    _loopback: Loopback,
}

impl Callback {
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        let loopback = Loopback::start(move |stream| answer(stream, &serving));
        Self { address: loopback.address, shared, _loopback: loopback }
    }

    /// The address of `target` here.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// What is answered to `what`: `GET /path`, `POST /path`.
    pub(crate) fn behave(&self, what: &str, behaviour: Behave) {
        self.shared.behaviour.lock().unwrap().insert(what.to_owned(), behaviour);
    }

    /// The first `count` requests that `wanted` picks, once they came.
    pub(crate) fn wait(&self, count: usize, wanted: impl Fn(&Request) -> bool) -> Vec<Request> {
        let until = Instant::now() + DEADLINE;
        let mut seen = self.shared.seen.lock().unwrap();
        loop {
            let found: Vec<Request> = seen.iter().filter(|r| wanted(r)).cloned().collect();
            if found.len() >= count {
                return found;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "only {} of {count} came: {seen:#?}", found.len());
            seen = self.shared.came.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// The first request that `wanted` picks, once it came.
    pub(crate) fn next(&self, wanted: impl Fn(&Request) -> bool) -> Request {
        self.wait(1, wanted).remove(0)
    }

    /// What came since the last call.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.shared.seen.lock().unwrap())
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    };
    let mut body = bytes.split_off(head + 4);
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.trim_end().lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        headers.entry(name.to_ascii_lowercase()).or_default().push(value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |values| values[0].parse().unwrap());
    while body.len() < length {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => body.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
    Some(Request { method, target, headers, body })
}

fn answer(mut stream: TcpStream, shared: &Shared) {
    let Some(request) = read(&mut stream) else { return };
    let what = format!("{} {}", request.method, request.path());
    let behaviour = shared.behaviour.lock().unwrap().get(&what).copied();
    let (status, headers, body) = match behaviour.unwrap_or(Behave::Confirm) {
        Behave::Confirm => ("200 OK", "", request.asked("hub.challenge").unwrap_or_default()),
        Behave::Say(status, headers, body) => (status, headers, body.to_owned()),
        Behave::Silence => ("", "", String::new()),
    };
    shared.seen.lock().unwrap().push(request);
    shared.came.notify_all();
    if status.is_empty() {
        let mut buffer = [0; 64];
        // Until the other side hangs up.
        while matches!(stream.read(&mut buffer), Ok(count) if count > 0) {}
        return;
    }
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    );
}
