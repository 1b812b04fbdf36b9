//! Pictures: those of bodies, and covers.

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use url::Url;

use crate::model::AssetKind;

use super::again::Again;
use super::call::{Payload, Request};
use super::draft::MediaId;
use super::{Platform, WechatError};

/// Uploads of pictures for bodies.
const PICTURE: &str = "media/uploadimg";
/// Uploads of permanent material.
const MATERIAL: &str = "material/add_material";

impl Platform {
    /// Uploads a picture of a body and says where it stands: JPEG or PNG below 1 MB. The same bytes
    /// get a new address each time, so callers remember it by account and hash.
    ///
    /// [`Refusal::FileType`](super::Refusal::FileType) and
    /// [`Refusal::FileSize`](super::Refusal::FileSize) ask for another encoding of it.
    pub async fn upload_picture(
        &self,
        bytes: &Bytes,
        name: &str,
        kind: AssetKind,
    ) -> Result<Url, WechatError> {
        let form = form(bytes, name, kind);
        let request =
            Request { call: PICTURE, parameter: None, payload: form, again: Again::Always };
        let reply = self.ask(&request).await?;
        let url = reply.get("url").and_then(Value::as_str).and_then(encrypted);
        url.ok_or(WechatError::Lacking { call: PICTURE, wanted: "url" })
    }

    /// Adds a cover to the account's permanent material: JPEG, PNG, GIF or BMP up to 10 MB. It stays
    /// there until [`Self::delete_material`], so callers remember its name.
    pub async fn add_cover(
        &self,
        bytes: &Bytes,
        name: &str,
        kind: AssetKind,
    ) -> Result<MediaId, WechatError> {
        let request = Request {
            call: MATERIAL,
            parameter: Some(("type", "image")),
            payload: form(bytes, name, kind),
            again: Again::WhenBusy,
        };
        let reply = self.ask(&request).await?;
        let id = reply.get("media_id").and_then(super::answer::name);
        id.map(MediaId::new).ok_or(WechatError::Lacking { call: MATERIAL, wanted: "media_id" })
    }

    /// Removes permanent material.
    pub async fn delete_material(&self, media_id: &MediaId) -> Result<(), WechatError> {
        let body = json!({ "media_id": media_id });
        let request = Request::post("material/del_material", &body, Again::Always);
        self.ask(&request).await.map(drop)
    }
}

/// The address of an uploaded picture; the platform writes `http://`, and readers' phones ask for
/// `https://`.
fn encrypted(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    if url.scheme() == "http" {
        url.set_scheme("https").ok()?;
    }
    (url.scheme() == "https").then_some(url)
}

/// A form with the one field `media` (RFC 7578). The platform wants both the name of the file, with
/// an ending that fits, and its type.
fn form(bytes: &Bytes, file: &str, kind: AssetKind) -> Payload {
    let file = file_name(file, kind);
    // No picture holds its own hash.
    let boundary = format!("lianbo-{}", &blake3::hash(bytes).to_hex()[..40]);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{file}\"\r\n\
         Content-Type: {}\r\n\r\n",
        kind.media_type()
    );
    let foot = format!("\r\n--{boundary}--\r\n");
    let mut body = BytesMut::with_capacity(head.len() + bytes.len() + foot.len());
    for part in [head.as_bytes(), bytes, foot.as_bytes()] {
        body.extend_from_slice(part);
    }
    Payload::Form {
        media_type: format!("multipart/form-data; boundary={boundary}"),
        body: body.freeze(),
    }
}

/// `name` with nothing in it that a header could stumble over, and with the ending of `kind`.
fn file_name(name: &str, kind: AssetKind) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let stem: String = stem.chars().filter(plain).take(80).collect();
    let stem = if stem.is_empty() { "picture" } else { &stem };
    format!("{stem}.{}", kind.extension())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_plain() {
        for (given, sent) in [
            ("3fa8.jpg", "3fa8.jpg"),
            ("会场\"\r\nX: y.png", "Xy.jpg"),
            ("图.png", "picture.jpg"),
            ("", "picture.jpg"),
        ] {
            assert_eq!(file_name(given, AssetKind::Jpeg), sent, "{given:?}");
        }
    }

    #[test]
    fn pictures_stand_at_encrypted_addresses() {
        let url = encrypted("http://mmbiz.qpic.cn/mmbiz_jpg/a/0?from=appmsg").unwrap();
        assert_eq!(url.as_str(), "https://mmbiz.qpic.cn/mmbiz_jpg/a/0?from=appmsg");
        assert_eq!(encrypted("javascript:alert(1)"), None);
        assert_eq!(encrypted(""), None);
    }
}
