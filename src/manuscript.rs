//! Manuscripts that editors hand in: a file of Word, a web page, Markdown or plain text.
//!
//! In: the bytes of a file and its name; out: what an issue can print of it, with the pictures that
//! came in the file, or why it cannot be read. Nothing passes but what stored bodies may have: the
//! sanitiser of bodies has the last word. No I/O.

mod block;
mod head;
mod html;
mod package;
mod plain;
mod word;
mod xml;

use bytes::Bytes;
use chrono::NaiveDate;
use url::Url;

use crate::model::{Image, Remark};
use crate::text::charset;
use block::Block;

/// What a manuscript says.
#[derive(Clone, Debug, PartialEq)]
pub struct Manuscript {
    /// Its title, one line; where it has none, the name of its file, with a remark.
    pub title: String,
    /// 来源 or 供稿单位 as written, without the label.
    pub credit: Option<String>,
    /// 作者 or 供稿人 as written.
    pub author: Option<String>,
    /// 编辑 as written.
    pub editor: Option<String>,
    /// 摄影 as written.
    pub photographer: Option<String>,
    /// The date at its head.
    pub posted: Option<NaiveDate>,
    /// Where it stands on the web, as a line `原文：…` at its foot says.
    pub url: Option<Url>,
    /// Sanitised body, of the elements that stored bodies have; pictures of the file stand at
    /// `manuscript:NAME`.
    pub html: String,
    /// Body text, one paragraph a line.
    pub text: String,
    /// Pictures in reading order.
    pub images: Vec<Image>,
    /// The pictures that came in the file, by NAME.
    pub pictures: Vec<(String, Bytes)>,
    /// What was left out or guessed, for the editor.
    pub remarks: Vec<Remark>,
}

/// Why a file is no manuscript.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManuscriptError {
    /// A file of Word before 2007, or of WPS.
    #[error("this is a file of Word 97–2003 or WPS\nhint: open it and save it as .docx")]
    OldWord,
    /// A file that opens with a password only.
    #[error("this file is protected by a password\nhint: save a copy without one as .docx")]
    Protected,
    /// Another kind of file.
    #[error("this is {found}; wanted .docx, .html, .md or .txt\nhint: save the text as .docx")]
    Kind {
        /// What it is instead.
        found: &'static str,
        /// The same in Chinese.
        found_zh: &'static str,
    },
    /// A file that is larger, or unpacks to more, than a manuscript can be.
    #[error(
        "{what} is larger than {limit}\nhint: split the manuscript, or make its pictures smaller"
    )]
    TooLarge {
        /// What.
        what: String,
        /// What is allowed.
        limit: String,
    },
    /// A file that is damaged or was made to harm.
    #[error("the file cannot be read: {0}\nhint: open it in Word or WPS, save it anew as .docx")]
    Broken(String),
    /// A text in no charset that is known.
    #[error("the charset of the text is unknown\nhint: save it as UTF-8")]
    Charset,
    /// There is nothing in it.
    #[error("there are no words and no pictures in it")]
    Empty,
}

impl ManuscriptError {
    /// Its stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OldWord => "manuscript-old-word",
            Self::Protected => "manuscript-protected",
            Self::Kind { .. } => "manuscript-kind",
            Self::TooLarge { .. } => "manuscript-large",
            Self::Broken(_) => "manuscript-broken",
            Self::Charset => "manuscript-charset",
            Self::Empty => "manuscript-empty",
        }
    }

    /// What is wrong and what to do, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::OldWord => {
                "这是旧版 Word（.doc）或 WPS 文件，无法读取：请打开后另存为 .docx".to_owned()
            }
            Self::Protected => "文件设有密码，无法读取：请另存一份不带密码的 .docx".to_owned(),
            Self::Kind { found_zh, .. } => {
                format!("这是{found_zh}，只能读取 .docx、.html、.md、.txt：请将文字另存为 .docx")
            }
            Self::TooLarge { what, limit } => {
                format!("文件过大（{what}，上限 {limit}）：请拆分稿件，或压缩其中的图片")
            }
            Self::Broken(what) => {
                format!("文件已损坏，无法读取（{what}）：请用 Word 或 WPS 打开后重新另存为 .docx")
            }
            Self::Charset => "无法确定文字编码：请另存为 UTF-8".to_owned(),
            Self::Empty => "文件里没有文字，也没有图片".to_owned(),
        }
    }
}

/// A larger file is refused (bytes).
pub const MOST_BYTES: usize = 64 << 20;

/// What stands in the file `name` with these `bytes`. The bytes decide what kind it is, and the
/// ending of the name tells apart what is text.
pub fn read(name: &str, bytes: &[u8]) -> Result<Manuscript, ManuscriptError> {
    if bytes.len() > MOST_BYTES {
        let limit = format!("{} MB", MOST_BYTES >> 20);
        return Err(ManuscriptError::TooLarge { what: format!("{} bytes", bytes.len()), limit });
    }
    let source = match kind(name, bytes)? {
        Kind::Word => word::read(bytes)?,
        Kind::Html => html::read(&decoded(bytes)?)?,
        Kind::Markdown => plain::markdown(&decoded(bytes)?)?,
        Kind::Text => plain::text(&decoded(bytes)?),
    };
    head::manuscript(source, name)
}

/// What was read of a file, before anything is known of what its lines mean.
#[derive(Debug, Default)]
struct Source {
    blocks: Vec<Block>,
    /// The title, where the file says that it is one.
    title: Option<String>,
    /// What the file is called within itself, as in `<title>`: often its title.
    perhaps: Option<String>,
    /// A credit that stands beside the text.
    credit: Option<String>,
    /// A date that stands beside the text.
    posted: Option<NaiveDate>,
    pictures: Vec<(String, Bytes)>,
    remarks: Vec<Remark>,
}

impl Source {
    /// Notes something for the editor, once.
    fn remark(&mut self, code: &'static str, zh: &str, en: &str, words: &str) {
        if self.remarks.iter().any(|known| known.code == code && known.words == words) {
            return;
        }
        self.remarks.push(Remark {
            code,
            piece: None,
            severe: false,
            zh: zh.to_owned(),
            en: en.to_owned(),
            words: words.to_owned(),
        });
    }

    /// Takes a picture of the file in, and gives the address by which bodies name it; `None` where
    /// it is none that can be shown.
    fn add_picture(&mut self, bytes: &Bytes) -> Option<String> {
        let ending = match bytes.as_ref() {
            [0xFF, 0xD8, 0xFF, ..] => "jpg",
            [0x89, b'P', b'N', b'G', ..] => "png",
            [b'G', b'I', b'F', b'8', ..] => "gif",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
            [b'B', b'M', ..] => "bmp",
            _ => {
                self.remark(
                    "picture-format",
                    "稿件中有一张图片的格式无法显示（如 EMF、WMF、SVG），没有收录：请在 Word 中另存为 JPEG 或 PNG 后重新插入",
                    "a picture of a kind that cannot be shown (EMF, WMF, SVG) was left out: save it as JPEG or PNG and insert it anew",
                    "",
                );
                return None;
            }
        };
        if let Some((name, _)) = self.pictures.iter().find(|(_, known)| known == bytes) {
            return Some(format!("{}:{name}", crate::text::sanitise::MANUSCRIPT));
        }
        if self.pictures.len() >= MOST_PICTURES {
            self.remark(
                "pictures-many",
                "稿件图片过多，只收录了前 100 张",
                "the manuscript has too many pictures; only the first 100 were taken",
                "",
            );
            return None;
        }
        let name = format!("{}.{ending}", self.pictures.len() + 1);
        let address = format!("{}:{name}", crate::text::sanitise::MANUSCRIPT);
        self.pictures.push((name, bytes.clone()));
        Some(address)
    }
}

/// More pictures than this are left out.
const MOST_PICTURES: usize = 100;

enum Kind {
    Word,
    Html,
    Markdown,
    Text,
}

fn kind(name: &str, bytes: &[u8]) -> Result<Kind, ManuscriptError> {
    let other = |found, found_zh| Err(ManuscriptError::Kind { found, found_zh });
    let is = |mark: &[u8]| bytes.starts_with(mark);
    if bytes.is_empty() {
        return Err(ManuscriptError::Empty);
    }
    if is(b"PK\x03\x04") {
        return Ok(Kind::Word);
    }
    if is(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        // The name of a stream, in UTF-16, of files that need a password ([MS-OFFCRYPTO] 2.3.4).
        let marks: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let locked = bytes.windows(marks.len()).any(|window| window == marks);
        return Err(if locked { ManuscriptError::Protected } else { ManuscriptError::OldWord });
    }
    match bytes {
        [b'%', b'P', b'D', b'F', ..] => return other("a PDF", " PDF 文件"),
        [b'{', b'\\', b'r', b't', b'f', ..] => {
            return other("a file of rich text (RTF)", " RTF 文件");
        }
        [0xFF, 0xD8, 0xFF, ..] | [0x89, b'P', b'N', b'G', ..] | [b'G', b'I', b'F', b'8', ..] => {
            return other("a picture", "图片");
        }
        _ => {}
    }
    let name = name.to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "html" | "htm" => Ok(Kind::Html),
        "md" | "markdown" => Ok(Kind::Markdown),
        "txt" => Ok(Kind::Text),
        "docx" => {
            Err(ManuscriptError::Broken("it is no archive of parts, as .docx are".to_owned()))
        }
        _ => other("a file whose name does not say of which kind", "无法判断格式的文件"),
    }
}

fn decoded(bytes: &[u8]) -> Result<String, ManuscriptError> {
    charset::text(bytes, None).map_err(|_| ManuscriptError::Charset)
}

#[cfg(test)]
mod tests;
