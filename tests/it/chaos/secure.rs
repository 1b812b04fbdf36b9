//! Encrypted connections that fail, and names that lead nowhere. (Those that lead inside are in
//! `faults`.)

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use chrono::TimeDelta;
use lianbo::model::ProblemCode;
use lianbo::pipeline::Pipeline;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::ground::{Ground, items, once, problems, redirect};
use crate::loopback::Loopback;

/// A certificate that nobody vouches for, for `xin.test`, and its key: made for this test.
const CERTIFICATE: &[u8] = include_bytes!("self-signed.der");
const KEY: &[u8] = include_bytes!("self-signed-key.der");

fn greeted(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 1024]), Ok(count) if count > 0)
}

/// Answers as a plain server does to whatever it does not understand.
fn plain(mut stream: TcpStream) {
    if greeted(&mut stream) {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    }
}

/// Hangs up in the handshake.
fn closed(mut stream: TcpStream) {
    greeted(&mut stream);
}

/// Says that something is wrong, in the words of the protocol (RFC 8446 §6: fatal, internal error).
fn alert(mut stream: TcpStream) {
    if greeted(&mut stream) {
        let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 80]);
    }
}

fn self_signed(mut stream: TcpStream) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY));
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key)
        .unwrap();
    let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
    let _ = connection.complete_io(&mut stream);
}

/// A ground on which everything was read once, with `alt.test` at `address`.
async fn beside(address: Option<SocketAddr>) -> (Ground, Pipeline) {
    let ground = Ground::new();
    if let Some(address) = address {
        let own = format!("\"alt.test\" = \"{}\"", ground.site.address);
        ground.reconfigure(&own, &format!("\"alt.test\" = \"{address}\""));
    }
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    (ground, pipeline)
}

/// The list leads to `target` for a while: this is told under `code`, and nothing else happens.
async fn leads_to(target: &str, code: ProblemCode, ground: &Ground, pipeline: &Pipeline) {
    let (public, before) = (ground.public(), items(&pipeline.store).await);
    let good = ground.site.get("/yw/");
    ground.site.set("/yw/", redirect(target));
    ground.later(TimeDelta::hours(1));
    once(pipeline).await;
    assert_eq!(problems(&pipeline.store).await, [("xin/yw".to_owned(), code)], "{target}");
    assert!(ground.public() == public, "{target} changed what is published");
    assert_eq!(items(&pipeline.store).await, before, "{target}");
    ground.site.set("/yw/", good);
    ground.later(TimeDelta::hours(1));
    once(pipeline).await;
    assert_eq!(problems(&pipeline.store).await, [], "{target} did not heal");
    assert!(ground.public() == public, "{target}: coming back changed what is published");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_connection_that_fails_is_told_and_heals() {
    let ways: [fn(TcpStream); 4] = [plain, closed, alert, self_signed];
    for way in ways {
        let secure = Loopback::start(way);
        let (ground, pipeline) = beside(Some(secure.address)).await;
        leads_to("https://alt.test/yw/", ProblemCode::TlsFailed, &ground, &pipeline).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_nowhere_changes_nothing_and_heals() {
    let (ground, pipeline) = beside(None).await;
    // Longer than a label of a name may be, so that no server is ever asked for it.
    let nowhere = format!("http://{}.test/yw/", "a".repeat(70));
    leads_to(&nowhere, ProblemCode::Unreachable, &ground, &pipeline).await;
}
