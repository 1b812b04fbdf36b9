//! A proxy on loopback between the daemon and the demo sites that spoils what it passes on.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use crate::kills::Dice;
use crate::loopback::Loopback;

/// What can happen to one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Connected, and nothing is ever said.
    Silence,
    /// The head and half of the body, then nothing.
    Stall,
    /// A byte at a time.
    Drip,
    /// The connection ends within the body.
    Cut,
    /// `Content-Length` names more than comes.
    LongLength,
    /// A chunk whose size is no number.
    BadChunk,
    /// Chunks without end.
    Endless,
    /// Gzip that unpacks to far more than is allowed.
    Bomb,
    /// The connection is reset.
    Reset,
    /// No HTTP.
    Garbage,
    /// An error of the server.
    Status(u16),
    /// 429, with the seconds to wait, if it names any.
    Busy(Option<u32>),
}

impl Fault {
    pub(crate) const ALL: [Self; 16] = [
        Self::Silence,
        Self::Stall,
        Self::Drip,
        Self::Cut,
        Self::LongLength,
        Self::BadChunk,
        Self::Endless,
        Self::Bomb,
        Self::Reset,
        Self::Garbage,
        Self::Status(500),
        Self::Status(502),
        Self::Status(503),
        Self::Status(504),
        Self::Busy(None),
        Self::Busy(Some(60)),
    ];
}

/// Sixteen megabytes of white space, packed.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b' '; 16 << 20]).unwrap();
    encoder.finish().unwrap()
});

/// Which answers are spoiled.
pub(crate) enum Plan {
    /// None.
    Through,
    /// Every one, alike.
    Always(Fault),
    /// One in so many, as the dice have it.
    Storm(Dice, u64),
}

/// The proxy.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    _loopback: Loopback,
}

struct Shared {
    upstream: SocketAddr,
    plan: Mutex<Plan>,
    open: AtomicUsize,
    spoiled: AtomicUsize,
}

impl Proxy {
    pub(crate) fn start(upstream: SocketAddr) -> Self {
        // Packed before anybody waits for it.
        LazyLock::force(&BOMB);
        let plan = Mutex::new(Plan::Through);
        let (open, spoiled) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let shared = Arc::new(Shared { upstream, plan, open, spoiled });
        let serving = Arc::clone(&shared);
        let loopback = Loopback::start(move |stream| {
            serving.open.fetch_add(1, Ordering::SeqCst);
            serving.relay(stream);
            serving.open.fetch_sub(1, Ordering::SeqCst);
        });
        Self { address: loopback.address, shared, _loopback: loopback }
    }

    pub(crate) fn plan(&self, plan: Plan) {
        *self.shared.plan.lock().unwrap() = plan;
    }

    /// How many answers were spoiled since the last call.
    pub(crate) fn spoiled(&self) -> usize {
        self.shared.spoiled.swap(0, Ordering::SeqCst)
    }

    /// Waits until every connection has ended; one that is left over fails the test.
    pub(crate) async fn is_left(&self) {
        let all_gone = async {
            while self.shared.open.load(Ordering::SeqCst) > 0 {
                tokio::task::yield_now().await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(20), all_gone).await;
        assert!(gone.is_ok(), "connections are left over");
    }
}

impl Shared {
    fn fault(&self) -> Option<Fault> {
        let fault = match &mut *self.plan.lock().unwrap() {
            Plan::Through => None,
            Plan::Always(fault) => Some(*fault),
            Plan::Storm(dice, one_in) => {
                let (hit, index) = (dice.below(*one_in) == 0, dice.below(Fault::ALL.len() as u64));
                hit.then(|| Fault::ALL[usize::try_from(index).unwrap()])
            }
        };
        self.spoiled.fetch_add(usize::from(fault.is_some()), Ordering::SeqCst);
        fault
    }

    fn relay(&self, mut client: TcpStream) {
        let mut first = [0; 1];
        if !matches!(client.peek(&mut first), Ok(1)) {
            return;
        }
        let fault = self.fault();
        if fault == Some(Fault::Reset) {
            // What was sent and never read makes a reset of the end.
            return;
        }
        let Some(request) = request(&mut client) else { return };
        let answer = self.fetch(&request);
        let _ = match fault {
            None => client.write_all(&answer),
            Some(fault) => spoil(fault, &mut client, &answer),
        };
    }

    /// The whole answer of the site.
    fn fetch(&self, request: &[u8]) -> Vec<u8> {
        let mut site = TcpStream::connect(self.upstream).unwrap();
        site.write_all(request).unwrap();
        let mut answer = Vec::new();
        site.read_to_end(&mut answer).unwrap();
        answer
    }
}

/// A request as it is passed on: without conditions, so that there is a body to spoil, and for one
/// answer only.
fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        if let Some(at) = all.windows(4).position(|end| end == b"\r\n\r\n") {
            break at;
        }
        match client.read(&mut buffer) {
            Ok(count) if count > 0 => all.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let mut body = all.split_off(end + 4);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
    });
    while body.len() < length.unwrap_or(0) {
        let count = client.read(&mut buffer).ok().filter(|count| *count > 0)?;
        body.extend_from_slice(&buffer[..count]);
    }
    let unwanted = ["if-none-match:", "if-modified-since:", "connection:"];
    let kept = head.lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        !unwanted.iter().any(|name| line.starts_with(name))
    });
    let mut request = kept.map(|line| format!("{line}\r\n")).collect::<String>();
    request += "Connection: close\r\n\r\n";
    Some([request.as_bytes(), &body].concat())
}

/// Head, without what names a length, and body of an answer.
fn parts(answer: &[u8]) -> (String, &[u8]) {
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length"));
    (kept.map(|line| format!("{line}\r\n")).collect(), &answer[end + 4..])
}

fn spoil(fault: Fault, client: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let (head, body) = parts(answer);
    let (length, half) = (body.len(), body.len() / 2);
    let with = |lines: &str| format!("{head}{lines}\r\n");
    match fault {
        Fault::Silence => until_left(client),
        Fault::Stall => {
            client.write_all(with(&format!("Content-Length: {length}\r\n")).as_bytes())?;
            client.write_all(&body[..half])?;
            until_left(client)
        }
        Fault::Drip => {
            // A wait for what never comes paces the drip.
            client.set_read_timeout(Some(Duration::from_millis(40)))?;
            let whole = [with(&format!("Content-Length: {length}\r\n")).as_bytes(), body].concat();
            for byte in whole {
                client.write_all(&[byte])?;
                if matches!(client.read(&mut [0]), Ok(0)) {
                    break;
                }
            }
            Ok(())
        }
        Fault::Cut => {
            client.write_all(with(&format!("Content-Length: {length}\r\n")).as_bytes())?;
            client.write_all(&body[..half])
        }
        Fault::LongLength => {
            let more = format!("Content-Length: {}\r\n", length + 100);
            client.write_all(with(&more).as_bytes())?;
            client.write_all(body)
        }
        Fault::BadChunk => {
            client.write_all(with("Transfer-Encoding: chunked\r\n").as_bytes())?;
            client.write_all(b"5\r\n<html\r\nzz\r\n>\r\n")
        }
        Fault::Endless => {
            client.write_all(with("Transfer-Encoding: chunked\r\n").as_bytes())?;
            let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
            // Ends when the other side hangs up; a test that hangs here found no limit.
            loop {
                client.write_all(&chunk)?;
            }
        }
        Fault::Bomb => {
            client.write_all(with("Content-Encoding: gzip\r\n").as_bytes())?;
            client.write_all(&BOMB)
        }
        Fault::Reset => Ok(()),
        Fault::Garbage => client.write_all(b"220 mail ESMTP ready\r\n"),
        Fault::Status(status) => answer_with(client, &format!("{status} Storm"), ""),
        Fault::Busy(None) => answer_with(client, "429 Too Many Requests", ""),
        Fault::Busy(Some(seconds)) => {
            answer_with(client, "429 Too Many Requests", &format!("Retry-After: {seconds}\r\n"))
        }
    }
}

fn answer_with(client: &mut TcpStream, status: &str, headers: &str) -> std::io::Result<()> {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
    client.write_all(head.as_bytes())
}

/// Until the other side hangs up.
fn until_left(client: &mut TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 64];
    while client.read(&mut buffer)? > 0 {}
    Ok(())
}
