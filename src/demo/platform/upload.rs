//! Uploads: pictures of bodies, permanent material.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::{Request, request};
use serde_json::{Value, json};

use super::state::{Outcome, Picture, Refused, State, done};
use super::wire::LARGEST;

/// A picture of a body is smaller (bytes).
const PICTURE: usize = 1_000_000;
/// A picture among the material is not larger (bytes).
const MATERIAL: usize = 10 * 1024 * 1024;
/// The host that pictures are said to be at.
pub(super) const HOST: &str = "mmbiz.qpic.cn";

/// A file as it was sent.
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
}

/// The file in the field `media` of a form; the form must name it and its type.
pub(super) async fn read(head: &request::Parts, body: Bytes) -> Result<Upload, Refused> {
    let missing = || Refused::new(41005, "media data missing");
    let mut request = Request::new(Body::from(body));
    *request.headers_mut() = head.headers.clone();
    *request.method_mut() = head.method.clone();
    DefaultBodyLimit::max(LARGEST).apply(&mut request);
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_| missing())?;
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() != Some("media") {
            continue;
        }
        let name = field.file_name().filter(|name| !name.is_empty()).ok_or_else(missing)?;
        let name = name.to_owned();
        let media_type = field.content_type().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| missing())?;
        return Ok(Upload { name, media_type, bytes });
    }
    Err(missing())
}

/// `media/uploadimg`: JPEG and PNG.
pub(super) fn picture(state: &mut State, upload: Upload) -> Outcome {
    let kind = kind(&upload)?;
    if !matches!(kind, Kind::Jpeg | Kind::Png) {
        return Err(Refused::new(40005, "invalid file type"));
    }
    let url = keep(state, upload, kind, PICTURE - 1)?;
    Ok(json!({ "url": format!("http://{HOST}/{url}"), "errcode": 0, "errmsg": "ok" }))
}

/// `material/add_material`: pictures only.
pub(super) fn material(state: &mut State, upload: Upload, of: Option<&str>) -> Outcome {
    if of != Some("image") {
        return Err(Refused::new(40004, "invalid media type"));
    }
    let kind = kind(&upload)?;
    if kind == Kind::Webp {
        return Err(Refused::new(40005, "invalid file type"));
    }
    let path = keep(state, upload, kind, MATERIAL)?;
    let media_id = state.name();
    let url = format!("http://{HOST}/{path}");
    state.material.insert(media_id.clone(), path);
    Ok(json!({ "media_id": media_id, "url": url, "item": [] }))
}

/// `material/del_material`.
pub(super) fn delete(state: &mut State, body: &Value) -> Outcome {
    let media_id = body.get("media_id").and_then(Value::as_str).unwrap_or_default();
    match state.material.remove(media_id) {
        Some(_) => done(),
        None => Err(Refused::new(40007, "invalid media_id")),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Jpeg,
    Png,
    Gif,
    Bmp,
    Webp,
}

/// What the bytes are; neither the name nor the type that was sent counts.
fn kind(upload: &Upload) -> Result<Kind, Refused> {
    let unsupported = || Refused::new(40113, "unsupported file type");
    if upload.media_type.is_empty() || !upload.name.contains('.') {
        return Err(unsupported());
    }
    match &upload.bytes[..] {
        [0xff, 0xd8, 0xff, ..] => Ok(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => Ok(Kind::Png),
        [b'G', b'I', b'F', b'8', ..] => Ok(Kind::Gif),
        [b'B', b'M', ..] => Ok(Kind::Bmp),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Kind::Webp),
        _ => Err(unsupported()),
    }
}

/// Keeps a picture of at most `most` bytes and says its path at the picture host.
fn keep(state: &mut State, upload: Upload, kind: Kind, most: usize) -> Result<String, Refused> {
    if upload.bytes.len() > most {
        return Err(Refused::new(40009, "invalid image size"));
    }
    let (folder, media_type) = match kind {
        Kind::Jpeg => ("mmbiz_jpg", "image/jpeg"),
        Kind::Png => ("mmbiz_png", "image/png"),
        Kind::Gif => ("mmbiz_gif", "image/gif"),
        Kind::Bmp => ("mmbiz_bmp", "image/bmp"),
        Kind::Webp => ("mmbiz_webp", "image/webp"),
    };
    let path = format!("{folder}/{}/0", state.name());
    state.pictures.insert(path.clone(), Picture { bytes: upload.bytes, media_type });
    Ok(path)
}
