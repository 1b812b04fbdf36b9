//! Encrypted connections that fail, and names that lead nowhere or inside.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use lianbo::model::ProblemCode;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::ground::{Ground, items, once, problems};
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

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_connection_that_fails_is_told_and_heals() {
    let ways: [(&str, fn(TcpStream)); 4] =
        [("plain", plain), ("closed", closed), ("alert", alert), ("self-signed", self_signed)];
    for (name, way) in ways {
        let ground = Ground::new();
        let pipeline = ground.open().await;
        once(&pipeline).await;
        let (public, before) = (ground.public(), items(&pipeline.store).await);
        drop(pipeline);
        let secure = Loopback::start(way);
        let address = ground.site.address;
        ground.reconfigure(&address.to_string(), &secure.address.to_string());
        ground.reconfigure("home = \"http://xin.test/\"", "home = \"https://xin.test/\"");
        let pipeline = ground.open().await;
        once(&pipeline).await;
        let wanted = ["xin/yw", "xin/zt"].map(|id| (id.to_owned(), ProblemCode::TlsFailed));
        assert_eq!(problems(&pipeline.store).await, wanted, "{name}");
        assert!(ground.public() == public, "{name} changed what is published");
        assert_eq!(items(&pipeline.store).await, before, "{name}");
        drop(pipeline);
        ground.reconfigure(&secure.address.to_string(), &address.to_string());
        ground.reconfigure("home = \"https://xin.test/\"", "home = \"http://xin.test/\"");
        let pipeline = ground.open().await;
        once(&pipeline).await;
        assert_eq!(problems(&pipeline.store).await, [], "{name} did not heal");
        assert!(ground.public() == public, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_nowhere_or_inside_changes_nothing_and_heals() {
    // Longer than a label of a name may be, so that no server is ever asked for it.
    let nowhere = format!("{}.test", "a".repeat(70));
    for (host, code) in
        [(nowhere.as_str(), ProblemCode::Unreachable), ("localhost", ProblemCode::AddressRefused)]
    {
        let ground = Ground::new();
        let pipeline = ground.open().await;
        once(&pipeline).await;
        let (public, before) = (ground.public(), items(&pipeline.store).await);
        drop(pipeline);
        let other = format!("home = \"http://{host}/\"");
        ground.reconfigure("home = \"http://xin.test/\"", &other);
        let pipeline = ground.open().await;
        once(&pipeline).await;
        let wanted = ["xin/yw", "xin/zt"].map(|id| (id.to_owned(), code));
        assert_eq!(problems(&pipeline.store).await, wanted, "{host}");
        assert!(ground.public() == public, "{host} changed what is published");
        assert_eq!(items(&pipeline.store).await, before, "{host}");
        drop(pipeline);
        ground.reconfigure(&other, "home = \"http://xin.test/\"");
        let pipeline = ground.open().await;
        once(&pipeline).await;
        assert_eq!(problems(&pipeline.store).await, [], "{host} did not heal");
        assert!(ground.public() == public, "{host}");
    }
}
