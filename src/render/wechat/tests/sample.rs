//! Issues to lay out.

use bytes::Bytes;
use chrono::{DateTime, NaiveDate};

use crate::model::{
    Both, CoverSpec, DigestKind, DigestSpec, Image, Issue, IssueComposition, IssueId, IssuePicture,
    IssueState, Piece, Rgb, Since,
};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

/// An issue of `count` tame items in two sections, each with a picture.
pub(crate) fn composition(kind: DigestKind, count: usize) -> IssueComposition {
    let body = "<p>\u{3000}\u{3000}第一段。</p><figure><img src=\"http://js.test/1.jpg\"><figcaption>图为会场</figcaption></figure><p>第二段。</p>";
    let pieces: Vec<Piece> = (1..=count).map(|number| piece(number, body)).collect();
    of(kind, pieces)
}

pub(crate) fn of(kind: DigestKind, pieces: Vec<Piece>) -> IssueComposition {
    let pictures = pieces.iter().flat_map(|piece| &piece.images);
    let pictures = pictures.map(|image| (image.url.to_string(), picture(image.url.as_str())));
    IssueComposition {
        digest: DigestSpec {
            slug: "weekly".to_owned(),
            title: "苏商一周".to_owned(),
            kind,
            numbering: "第{n}期（总第{total}期）".to_owned(),
            sections: Vec::new(),
            header: "江苏省工商业联合会主办".to_owned(),
            footer: "来源：各级工商联网站\n编辑：编辑部　审核：办公室".to_owned(),
            author: "苏商联播".to_owned(),
            cover: CoverSpec::Drawn,
            approvals: 3,
            summary_chars: 100,
            limit: 100,
            brand: Rgb(176, 19, 24),
        },
        issue: Issue {
            id: IssueId { digest: "weekly".to_owned(), total: 12 },
            number: 3,
            date: day(20),
            period: (day(14), day(20)),
            title: String::new(),
            note: "本期聚焦民营经济。".to_owned(),
            pictures: std::collections::BTreeMap::new(),
            chosen: Vec::new(),
            state: IssueState::Built,
            built: DateTime::UNIX_EPOCH,
            version: 1,
        },
        pictures: pictures.collect(),
        pieces,
        missing: Default::default(),
        cover: None,
        cover_square: None,
        acts: Vec::new(),
    }
}

fn picture(address: &str) -> IssuePicture {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in address.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    let sha256 = format!("{hash:016x}").repeat(4);
    IssuePicture {
        name: format!("{sha256}.jpg"),
        sha256,
        bytes: Bytes::new(),
        width: 800,
        height: 533,
    }
}

pub(crate) fn piece(number: usize, html: &str) -> Piece {
    let address = |ending: &str| format!("http://js.test/{number}.{ending}").parse().unwrap();
    Piece {
        key: format!("a{number}"),
        item: None,
        section: if number < 3 { "要闻" } else { "市县动态" }.to_owned(),
        title: format!("第{number}条：全省民营经济工作会议召开"),
        original_title: format!("第{number}条：全省民营经济工作会议召开"),
        summary: "会议召开。会议强调“要走出去”。".to_owned(),
        summary_edited: false,
        html: html.replace("http://js.test/1.jpg", &format!("http://js.test/{number}.jpg")),
        text: String::new(),
        images: vec![Image {
            url: address("jpg"),
            alt: "会场".to_owned(),
            caption: "图为会场".to_owned(),
        }],
        picture: true,
        source: "江苏省工商联".to_owned(),
        attribution: "来源：江苏省工商联".to_owned(),
        byline: "作者：储事理".to_owned(),
        url: Some(address("html")),
        site: "江苏省工商联·要闻".to_owned(),
        posted: Some(day(20)),
        third_party: false,
        summary_only: false,
        since: Since::Same,
        also_at: Vec::new(),
    }
}

/// An issue in which nothing is as it should be.
pub(crate) fn nasty(kind: DigestKind) -> IssueComposition {
    let mut first = piece(1, NASTY);
    first.title = "“<b>工商联</b>”\u{200b}&\n召开\u{202e}会议 {{cover}} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} 𠮷".to_owned();
    first.summary = "他说：“走出去！”会议 <强调> *要点* [1] 与 _精神_。".to_owned();
    first.also_at = ["苏州", "无锡", "常州", "南通", "扬州"].map(str::to_owned).to_vec();
    first.byline = "摄影：<张>\n编辑：\"李\"".to_owned();
    let mut second = piece(2, "<p>正文</p>");
    second.title = "长".repeat(130);
    second.section = "<要闻>\u{200b}二".to_owned();
    second.summary = String::new();
    second.images.clear();
    second.source = "<外媒>".to_owned();
    second.url = format!("http://js.test/?q={}", "x".repeat(1100)).parse().ok();
    let mut third = piece(3, "");
    third.url = None;
    third.posted = None;
    third.source = String::new();
    third.attribution = String::new();
    third.byline = String::new();
    third.images.clear();
    let mut composition = of(kind, vec![first, second, third]);
    composition.issue.note = "第一段 <script>alert(1)</script>\n\n\u{feff}第二段 & 其他".to_owned();
    composition.digest.author = "署名超过十六个字符的编辑部和办公室联合".to_owned();
    composition
        .missing
        .insert("http://js.test/gone.jpg".to_owned(), Both::new("HTTP 404", "HTTP 404"));
    composition
}

const NASTY: &str = "<p>\u{3000}\u{3000}市工商联<strong>召开</strong>。会议\u{200b}强调 1 &lt; 2 &amp; 3 {{cover}}</p>\
<h2>一、要点</h2><ol><li>第一<ul><li>甲</li><li><p>乙</p><p>续</p></li></ul></li><li>第二</li></ol>\
<blockquote><p>引文一</p><p>引文二</p></blockquote>\
<p style=\"text-align:right\">江苏省工商联<br>2026年11月20日</p>\
<p>见<a href=\"http://js.test/a.docx?x=1&amp;y=2\">附件<strong>一</strong></a>、<a href=\"http://js.test/a.docx?x=1&amp;y=2\">同一附件</a>，\
<a href=\"https://mp.weixin.qq.com/s/abc?x=1&amp;y=2\">公众号文章</a>，<a href=\"http://js.test/1.html\">本文</a>，\
<a href=\"http://b.test/\">http://b.test</a>，<a href=\"javascript:x\">坏</a>。</p>\
<figure><img src=\"http://js.test/1.jpg\" alt=\"会&quot;场\" width=\"9000\"><figcaption>图为会场</figcaption></figure>\
<img src=\"http://js.test/gone.jpg\" alt=\"没有了\">\
<table><caption>表一</caption><thead><tr><th>序号</th><th>名称</th><th>地区</th><th>说明</th></tr></thead><tbody>\
<tr><td rowspan=\"2\">1</td><td>企业</td><td>苏州</td><td><p>第一段较长的说明文字</p><p>第二段</p></td></tr>\
<tr><td colspan=\"2\">合并</td><td><img src=\"http://js.test/1.jpg\">图</td></tr></tbody></table>\
<p>H<sub>2</sub>O 与 x<sup>2</sup>，<em>强调</em>，<code>let x</code></p><pre>  一\n\t二</pre>\
<script>alert(1)</script><style>p{color:red}</style><iframe src=\"http://x.test\"></iframe><p onclick=\"x()\" class=\"c\" id=\"i\">尾\u{1f600}𠮷\u{202e}阿</p>";

/// HTML with a line a block, to be read in a snapshot.
pub(crate) fn readable(html: &str) -> String {
    html.replace("<section", "\n<section")
        .replace("<p", "\n<p")
        .replace("<table", "\n<table")
        .replace("<tr", "\n<tr")
}
