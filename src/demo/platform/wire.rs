//! The sockets of the platform, and who answers which call.

use std::fmt;
use std::future::pending;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, Response, StatusCode, header, request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::fault::Fault;
use super::state::{Outcome, PlatformRequest, Refused, State};
use super::upload::Upload;
use super::{Shared, draft, page, sending, token, upload};

/// No request is larger (bytes).
pub(super) const LARGEST: usize = 32 << 20;

/// The connection ends without an answer.
#[derive(Debug)]
struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken off on demand")
    }
}

impl std::error::Error for BrokenOff {}

/// Answers on `listener` for as long as it is polled.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        // Out of file handles and the like: the next caller may have more luck.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&shared), request));
            // A client that breaks off is no fault of ours.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, BrokenOff> {
    let (head, body) = request.into_parts();
    let Some(call) = head.uri.path().strip_prefix("/cgi-bin/").map(str::to_owned) else {
        return Ok(page::answer(&shared.state(), head.uri.path()));
    };
    let Ok(body) = to_bytes(Body::new(body), LARGEST).await else { return Err(BrokenOff) };
    let fault = shared.state().planned.take(&call);
    match fault {
        Some(Fault::Refuse) => {
            note(&shared, &call, &Given::default(), 0);
            return Err(BrokenOff);
        }
        Some(Fault::Html(status)) => {
            note(&shared, &call, &Given::default(), 0);
            let page = format!("<html><head><title>{status} Bad Gateway</title></head></html>");
            return Ok(response(status, "text/html", page));
        }
        Some(Fault::Empty) => {
            note(&shared, &call, &Given::default(), 0);
            return Ok(response(200, "text/plain", String::new()));
        }
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        _ => {}
    }
    let given = given(&call, &head, body).await;
    let outcome = match &fault {
        Some(Fault::Code(code, message)) => Err(Refused::new(*code, message.clone())),
        _ => outcome(&shared, &call, &head, &given),
    };
    note(&shared, &call, &given, outcome.as_ref().err().map_or(0, |refused| refused.code));
    match fault {
        Some(Fault::Cut) => Err(BrokenOff),
        Some(Fault::Silence) => pending().await,
        Some(Fault::Held) => {
            shared.let_go.notified().await;
            Ok(told(&shared, outcome, None))
        }
        fault => Ok(told(&shared, outcome, fault.as_ref())),
    }
}

/// What came with a call.
#[derive(Default)]
struct Given {
    /// Text as it was spelled.
    text: String,
    file: Option<Result<Upload, Refused>>,
}

async fn given(call: &str, head: &request::Parts, body: Bytes) -> Given {
    if matches!(call, "media/uploadimg" | "material/add_material") {
        return Given { text: String::new(), file: Some(upload::read(head, body).await) };
    }
    Given { text: String::from_utf8_lossy(&body).into_owned(), file: None }
}

fn note(shared: &Shared, call: &str, given: &Given, errcode: i64) {
    let body = match &given.file {
        Some(Ok(upload)) => {
            format!("{} {} {}", upload.name, upload.media_type, upload.bytes.len())
        }
        Some(Err(refused)) => refused.message.clone(),
        None => given.text.clone(),
    };
    shared.state().seen.push(PlatformRequest { call: call.to_owned(), body, errcode });
}

fn outcome(shared: &Shared, call: &str, head: &request::Parts, given: &Given) -> Outcome {
    let query = |name: &str| {
        let query = head.uri.query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let base = format!("http://{}/", shared.address);
    let mut state = shared.current();
    if let Some(ip) = state.unlisted {
        let message = format!("invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist");
        return Err(Refused::new(40164, message));
    }
    state.planned.count(call)?;
    if !matches!(call, "token" | "stable_token") {
        state.tokens.check(query("access_token").as_deref(), state.now)?;
    }
    match (&head.method, call) {
        (&Method::GET, "token") => return token::plain(&mut state, &query),
        (&Method::GET, "draft/count") => return draft::count(&state),
        (&Method::POST, _) => {}
        _ => return Err(Refused::new(43002, "require POST method")),
    }
    if let Some(file) = &given.file {
        let upload = match file {
            Ok(Upload { name, media_type, bytes }) => {
                Upload { name: name.clone(), media_type: media_type.clone(), bytes: bytes.clone() }
            }
            Err(refused) => return Err(refused.clone()),
        };
        return match call {
            "media/uploadimg" => upload::picture(&mut state, upload),
            _ => upload::material(&mut state, upload, query("type").as_deref()),
        };
    }
    let body: Value =
        serde_json::from_str(&given.text).map_err(|_| Refused::new(47001, "data format error"))?;
    posted(&mut state, call, &body, &given.text, &base)
}

/// Calls that bring an object.
fn posted(state: &mut State, call: &str, body: &Value, text: &str, base: &str) -> Outcome {
    match call {
        "stable_token" => token::stable(state, body),
        "draft/add" => draft::add(state, body, text),
        "draft/update" => draft::update(state, body, text),
        "draft/get" => draft::get(state, body, base),
        "draft/batchget" => draft::list(state, body, base),
        "draft/delete" => draft::delete(state, body),
        "draft/count" => Err(Refused::new(43001, "require GET method")),
        "material/del_material" => upload::delete(state, body),
        "material/add_news" => Err(Refused::new(45106, "this api has been unsupported")),
        "message/mass/preview" => sending::preview(state, body),
        "message/mass/sendall" => sending::send_all(state, body),
        "freepublish/submit" => sending::submit(state, body),
        "freepublish/get" => sending::published(state, body, base),
        _ => Err(Refused::new(40066, "invalid url")),
    }
}

/// Writes an outcome as the platform does: with status 200, whatever it is.
fn told(shared: &Shared, outcome: Outcome, fault: Option<&Fault>) -> Response<Body> {
    let mut answer = outcome.unwrap_or_else(|refused| {
        let number = shared.state().number();
        let hash = blake3::hash(&number.to_be_bytes()).to_hex();
        let rid = format!("{}-{}-{}", &hash[..8], &hash[8..16], &hash[16..24]);
        let mut answer = refused.more;
        answer["errcode"] = json!(refused.code);
        answer["errmsg"] = json!(format!("{} rid: {rid}", refused.message));
        answer
    });
    if fault == Some(&Fault::Bare)
        && let Value::Object(fields) = &mut answer
    {
        fields.remove("errcode");
        fields.remove("errmsg");
    }
    let media_type = match fault {
        Some(Fault::PlainText) => "text/plain",
        _ => "application/json; encoding=utf-8",
    };
    response(200, media_type, answer.to_string())
}

fn response(status: u16, media_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let media_type = header::HeaderValue::from_static(media_type);
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}
