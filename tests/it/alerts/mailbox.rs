//! A mail server on loopback, as far as a client of it needs one.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::loopback::Loopback;

/// What the server does to a mail that came whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Takes,
    /// Takes it, and breaks off before it says so.
    Forgets,
    /// Does not know the recipients.
    Refuses,
    /// Does not know the password.
    Distrusts,
}

/// A mail that came whole.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// As it came over the wire, dots put right.
    pub(crate) text: String,
}

impl Received {
    /// The value of the header `name`, on one line, encoded words decoded.
    pub(crate) fn header(&self, name: &str) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let mut lines = head.lines();
        let line = lines.find_map(|line| line.strip_prefix(&format!("{name}: ")));
        words(line.unwrap_or_else(|| panic!("no `{name}` in {head}")))
    }

    /// The part of the media type `kind`, decoded.
    pub(crate) fn part(&self, kind: &str) -> String {
        let mark = format!("Content-Type: {kind}");
        let part = self.text.split(&mark).nth(1).unwrap_or_else(|| panic!("no {kind}"));
        let (head, rest) = part.split_once("\r\n\r\n").unwrap();
        let body = rest.split("\r\n--").next().unwrap();
        let bytes = if head.contains("base64") {
            STANDARD.decode(body.replace("\r\n", "")).unwrap()
        } else {
            quoted_printable(body)
        };
        String::from_utf8(bytes).unwrap()
    }
}

/// RFC 2047, of UTF-8 in base64: words beside one another belong together.
fn words(text: &str) -> String {
    let (mut bytes, mut before) = (Vec::new(), None);
    for word in text.split(' ') {
        let coded = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        if before.is_some_and(|before| !(before && coded.is_some())) {
            bytes.push(b' ');
        }
        before = Some(coded.is_some());
        match coded {
            Some(coded) => bytes.extend(STANDARD.decode(coded).unwrap()),
            None => bytes.extend(word.bytes()),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    bytes
}

struct Shared {
    manner: Mutex<Manner>,
    received: Mutex<Vec<Received>>,
    /// Lines that clients said, data aside.
    said: Mutex<Vec<String>>,
}

/// The server.
pub(crate) struct Mailbox {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    _loopback: Loopback,
}

impl Mailbox {
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared {
            manner: Mutex::new(Manner::Takes),
            received: Mutex::default(),
            said: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let loopback = Loopback::start(move |stream| {
            // Who hangs up ends the conversation.
            let _ = converse(stream, &serving);
        });
        Self { address: loopback.address, shared, _loopback: loopback }
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// What came since the last call.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.shared.received.lock().unwrap())
    }

    /// What clients said since the last call.
    pub(crate) fn said(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.said.lock().unwrap())
    }
}

fn converse(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
    say("220 mail.test ESMTP")?;
    let mut mail = Received { from: String::new(), to: Vec::new(), text: String::new() };
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end().to_owned();
        shared.said.lock().unwrap().push(line.clone());
        let manner = *shared.manner.lock().unwrap();
        match line.split(' ').next().unwrap().to_ascii_uppercase().as_str() {
            "EHLO" => say("250-mail.test\r\n250 AUTH PLAIN LOGIN")?,
            "AUTH" if manner == Manner::Distrusts => say("535 5.7.8 Error: authentication failed")?,
            "AUTH" => say("235 fine")?,
            "MAIL" => {
                mail.from = line;
                say("250 fine")?;
            }
            "RCPT" if manner == Manner::Refuses => say("550 5.1.1 no such user here")?,
            "RCPT" => {
                mail.to.push(line);
                say("250 fine")?;
            }
            "DATA" => {
                say("354 go on")?;
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line)?;
                    match line.as_str() {
                        ".\r\n" | "" => break,
                        line => mail.text.push_str(line.strip_prefix('.').unwrap_or(line)),
                    }
                }
                shared.received.lock().unwrap().push(mail.clone());
                if manner == Manner::Forgets {
                    return Ok(());
                }
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
    }
}
