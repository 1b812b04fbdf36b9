//! WebSub as subscribers meet it: discovery, the hub, and what it sends.
//!
//! The numbers are those of the hub tests of websub.rocks.

mod running;
mod timed;

use std::io::{Read, Write};
use std::net::TcpStream;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ground::Ground;
use crate::running::DEADLINE;

/// The private network of the tests may be sent to.
const OPEN: &str = "[websub]\nallow_private = true\n";

/// A ground whose columns are read every second.
fn lively(more: &str) -> Ground {
    let ground = Ground::new();
    ground.configure(more);
    ground.reconfigure("[schedule]\n", "[schedule]\nrefresh = \"* * * * * *\"\n");
    ground
}

/// Status and body of a form posted to the hub at `address`.
fn ask_hub(address: &str, form: &[(&str, &str)]) -> (u16, String) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    post(address, "/hub", "application/x-www-form-urlencoded", &body)
}

fn post(address: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = Vec::new();
    // A server that refuses early may hang up before it read everything.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// `sha256=…` as a subscriber works it out.
fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let hex: Vec<String> =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={}", hex.concat())
}
