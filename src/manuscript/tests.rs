use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// The smallest picture that is one by its first bytes.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n one";
const OTHER_PNG: &[u8] = b"\x89PNG\r\n\x1a\n two";

const TYPES: &str = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A `.docx` with this body, with styles, lists, notes and two pictures at hand.
fn docx(body: &str) -> Vec<u8> {
    let document =
        format!("<?xml version=\"1.0\"?><w:document><w:body>{body}</w:body></w:document>");
    let styles = r#"<w:styles>
        <w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:rPr><w:sz w:val="32"/></w:rPr></w:style>
        <w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
        <w:style w:type="paragraph" w:styleId="x"><w:name w:val="Own"/><w:basedOn w:val="1"/></w:style>
        <w:style w:type="paragraph" w:styleId="loop"><w:name w:val="Loop"/><w:basedOn w:val="loop"/></w:style>
        <w:style w:type="paragraph" w:styleId="toc"><w:name w:val="toc 1"/></w:style>
        <w:style w:type="character" w:styleId="h"><w:name w:val="Hidden"/><w:rPr><w:vanish/></w:rPr></w:style>
        </w:styles>"#;
    let numbering = r#"<w:numbering>
        <w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
        <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2."/></w:lvl></w:abstractNum>
        <w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl></w:abstractNum>
        <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
        <w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>"#;
    let footnotes = r#"<w:footnotes><w:footnote w:id="2"><w:p><w:r><w:t>见年报。</w:t></w:r></w:p></w:footnote></w:footnotes>"#;
    let relations = r#"<Relationships>
        <Relationship Id="s" Type="x/styles" Target="styles.xml"/><Relationship Id="n" Type="x/numbering" Target="numbering.xml"/>
        <Relationship Id="f" Type="x/footnotes" Target="footnotes.xml"/>
        <Relationship Id="p1" Type="x/image" Target="media/image1.png"/><Relationship Id="p2" Type="x/image" Target="/word/media/image2.png"/>
        <Relationship Id="e" Type="x/image" Target="media/a.emf"/><Relationship Id="gone" Type="x/image" Target="../../etc/passwd"/>
        <Relationship Id="web" Type="x/hyperlink" Target="https://a.test/x?a=1&amp;b=2" TargetMode="External"/>
        <Relationship Id="bad" Type="x/hyperlink" Target="javascript:alert(1)" TargetMode="External"/></Relationships>"#;
    zipped(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", br#"<Relationships><Relationship Id="r" Type="x/officeDocument" Target="word/document.xml"/></Relationships>"#),
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", relations.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
        ("word/numbering.xml", numbering.as_bytes()),
        ("word/footnotes.xml", footnotes.as_bytes()),
        ("word/media/image1.png", PNG),
        ("word/media/image2.png", OTHER_PNG),
        ("word/media/a.emf", b"\x01\0\0\0 emf"),
    ])
}

fn word(body: &str) -> Manuscript {
    read("稿件.docx", &docx(body)).unwrap()
}

/// A paragraph with the run `words`.
fn p(words: &str) -> String {
    format!("<w:p><w:r><w:t>{words}</w:t></w:r></w:p>")
}

/// A centred paragraph of this size in half points.
fn centred(words: &str, size: u32) -> String {
    format!(
        "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:rPr><w:sz w:val=\"{size}\"/></w:rPr><w:t>{words}</w:t></w:r></w:p>"
    )
}

fn picture(id: &str) -> String {
    format!(
        "<w:r><w:drawing><wp:inline><wp:docPr id=\"1\" descr=\"会场\"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed=\"{id}\"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
}

#[test]
fn a_document_laid_out_as_authorities_do_is_understood() {
    let body = [
        centred("关于召开民营经济", 44),
        centred("座谈会的通知", 44),
        centred("来源：某市工商联　2026年11月20日", 28),
        p("　　各会员企业："),
        "<w:p><w:r><w:rPr><w:rFonts w:eastAsia=\"黑体\"/></w:rPr><w:t>一、时间</w:t></w:r></w:p>"
            .to_owned(),
        "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>（一）报到</w:t></w:r></w:p>".to_owned(),
        p("正文&lt;一&gt;。"),
        format!("<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>{}</w:p>", picture("p1")),
        centred("图为会场。", 28),
        "<w:p><w:pPr><w:jc w:val=\"right\"/></w:pPr><w:r><w:t>2026年11月19日</w:t></w:r></w:p>"
            .to_owned(),
        p("（供稿：张三）"),
    ];
    let read = word(&body.concat());
    assert_eq!(read.title, "关于召开民营经济座谈会的通知");
    assert_eq!(read.credit.as_deref(), Some("某市工商联"));
    assert_eq!(read.author.as_deref(), Some("张三"));
    assert_eq!(read.posted, NaiveDate::from_ymd_opt(2026, 11, 20));
    assert_eq!(
        read.html,
        "<p>各会员企业：</p><h2>一、时间</h2><h3>（一）报到</h3><p>正文&lt;一&gt;。</p>\
         <figure><img src=\"manuscript:1.png\" alt=\"会场\"><figcaption>图为会场。</figcaption></figure>\
         <p style=\"text-align:right\">2026年11月19日</p>"
    );
    assert_eq!(
        read.text,
        "各会员企业：\n一、时间\n（一）报到\n正文<一>。\n图为会场。\n2026年11月19日"
    );
    assert_eq!(read.pictures, [("1.png".to_owned(), Bytes::from_static(PNG))]);
    assert_eq!(read.images[0].url.as_str(), "manuscript:1.png");
    assert_eq!(read.images[0].caption, "图为会场。");
    assert_eq!(read.remarks, []);
}

#[test]
fn what_was_struck_out_or_hidden_is_not_printed_and_what_was_inserted_is() {
    let body = "<w:p><w:r><w:t>甲</w:t></w:r><w:del><w:r><w:delText>删去</w:delText><w:t>删去</w:t></w:r></w:del>\
        <w:ins><w:r><w:t>插入</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom>\
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><w:r><w:rPr><w:rStyle w:val=\"h\"/></w:rPr><w:t>隐藏</w:t></w:r>\
        <w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>显示</w:t></w:r></w:p>\
        <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前半</w:t></w:r></w:p><w:p><w:r><w:t>后半</w:t></w:r></w:p>\
        <w:p><w:pPr><w:pStyle w:val=\"toc\"/></w:pPr><w:r><w:t>目录</w:t></w:r></w:p>\
        <w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>删行</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    assert_eq!(word(&(p("标题") + body)).text, "甲插入显示\n前半后半");
}

#[test]
fn numbers_bullets_notes_links_and_breaks_are_there() {
    let item = |list: u32, level: u32, words: &str| {
        format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"
        )
    };
    let body = [
        p("标题"),
        item(1, 0, "甲"),
        item(1, 1, "内"),
        item(1, 0, "乙"),
        item(1, 1, "内"),
        item(3, 0, "重来"),
        item(2, 0, "点"),
        item(2, 0, "点"),
        "<w:p><w:r><w:t>一</w:t><w:br/><w:t>二</w:t><w:br w:type=\"page\"/></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r>\
         <w:hyperlink r:id=\"web\"><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:hyperlink r:id=\"bad\"><w:r><w:t>坏</w:t></w:r></w:hyperlink>\
         <w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>HYPERLINK \"http://b.test/\"</w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>域</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>\
         <w:r><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr><w:t>2</w:t></w:r></w:p>".to_owned(),
    ];
    assert_eq!(
        word(&body.concat()).html,
        "<p>一、甲</p><p>1.1. 内</p><p>二、乙</p><p>2.1. 内</p><p>一、重来</p><ul><li>点</li><li>点</li></ul>\
         <p>一<br>二<sup>[1]</sup><a href=\"https://a.test/x?a=1&amp;b=2\" rel=\"noopener noreferrer\">链接</a>坏\
         <a href=\"http://b.test/\" rel=\"noopener noreferrer\">域</a><sup>2</sup></p><p>[1] 见年报。</p>"
    );
}

#[test]
fn tables_keep_their_cells_and_frames_are_none() {
    let cell = |properties: &str, words: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", p(words))
    };
    let table = format!(
        "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}{}</w:tr></w:tbl>",
        cell("<w:vMerge w:val=\"restart\"/>", "甲"),
        cell("<w:gridSpan w:val=\"2\"/>", "乙"),
        cell("<w:vMerge/>", ""),
        cell("", "丙"),
        cell("", "丁"),
    );
    let frame = format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", cell("", "框中的话"));
    let read = word(&(p("标题") + &table + &frame));
    assert_eq!(
        read.html,
        "<table><tbody><tr><td rowspan=\"2\">甲</td><td colspan=\"2\">乙</td></tr>\
         <tr><td>丙</td><td>丁</td></tr></tbody></table><p>框中的话</p>"
    );
    assert_eq!(read.text, "甲 乙\n丙 丁\n框中的话");
}

#[test]
fn text_boxes_are_read_once_and_pictures_do_not_tear_sentences() {
    let text_box = |words: &str| format!("<w:txbxContent>{}</w:txbxContent>", p(words));
    let body = format!(
        "{}<w:p><w:r><w:t>前半句，</w:t></w:r>{}<w:r><w:t>后半句。</w:t></w:r></w:p>\
         <w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing>{}</w:drawing></mc:Choice><mc:Fallback><w:pict>{}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>\
         <w:p>{}{}</w:p><w:p><w:r><w:pict><v:shape><v:imagedata r:id=\"p2\"/></v:shape></w:pict></w:r></w:p><w:p>{}</w:p><w:p>{}</w:p>",
        p("标题"),
        picture("p1"),
        text_box("框"),
        text_box("框"),
        picture("e"),
        picture("gone"),
        picture("p1"),
        "<w:r><w:drawing><pic:blipFill><a:blip r:embed=\"p2\"/><a:srcRect l=\"2000\"/></pic:blipFill></w:drawing></w:r>",
    );
    let read = word(&body);
    let pictures: Vec<&str> = read.images.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(
        pictures,
        ["manuscript:1.png", "manuscript:2.png", "manuscript:1.png", "manuscript:2.png"]
    );
    assert_eq!(read.text, "前半句，后半句。\n框");
    assert_eq!(read.pictures.len(), 2, "a picture that comes twice is there once");
    let codes: Vec<&str> = read.remarks.iter().map(|remark| remark.code).collect();
    assert_eq!(codes, ["picture-format", "picture-missing", "picture-cropped"]);
    assert!(read.remarks.iter().all(|remark| !remark.zh.is_empty() && !remark.en.is_empty()));
}

#[test]
fn styles_are_inherited_and_never_for_ever() {
    let styled = |style: &str, words: &str| {
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"
        )
    };
    let read = word(&(p("标题") + &styled("x", "小标题") + &styled("loop", "环")));
    assert_eq!(read.html, "<h2>小标题</h2><p>环</p>");
}

#[test]
fn files_of_other_kinds_are_refused_with_what_to_do() {
    let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 rest".to_vec();
    let marks: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sheet = TYPES.replace("wordprocessingml", "spreadsheetml");
    for (name, bytes, code) in [
        ("a.doc", ole.clone(), "manuscript-old-word"),
        ("a.docx", [ole, marks].concat(), "manuscript-protected"),
        ("a.docx", zipped(&[("x.txt", b"x")]), "manuscript-kind"),
        ("a.docx", zipped(&[("[Content_Types].xml", sheet.as_bytes())]), "manuscript-kind"),
        ("a.docx", zipped(&[("[Content_Types].xml", TYPES.as_bytes())]), "manuscript-broken"),
        ("a.docx", b"no archive".to_vec(), "manuscript-broken"),
        ("a.docx", b"PK\x03\x04 cut".to_vec(), "manuscript-broken"),
        ("a.docx", docx("<w:p>"), "manuscript-broken"),
        ("a.docx", docx(""), "manuscript-empty"),
        ("a.pdf", b"%PDF-1.7".to_vec(), "manuscript-kind"),
        ("a.rtf", b"{\\rtf1}".to_vec(), "manuscript-kind"),
        ("a.exe", b"MZ".to_vec(), "manuscript-kind"),
        ("a.txt", Vec::new(), "manuscript-empty"),
        ("a.txt", b" \n ".to_vec(), "manuscript-empty"),
        ("a.html", b"<script>x</script>".to_vec(), "manuscript-empty"),
    ] {
        let error = read(name, &bytes).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(!error.zh().is_empty() && !error.to_string().contains('\u{0}'));
    }
}

#[test]
fn files_made_to_harm_are_refused() {
    let broken = |body: &str| read("a.docx", &docx(body)).unwrap_err().to_string();
    let deep = "<w:ins>".repeat(5_000) + &"</w:ins>".repeat(5_000);
    assert!(broken(&deep).contains("deep"));
    let many = "<w:p/>".repeat(1_100_000);
    assert!(broken(&many).contains("more than"));
    let entity = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><w:document><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>";
    let parts: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", TYPES.as_bytes()), ("word/document.xml", entity.as_bytes())];
    let error = read("a.docx", &zipped(&parts)).unwrap_err().to_string();
    assert!(error.contains("document type"), "{error}");
    assert!(broken("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>").contains("entity"));
    // Forty megabytes of spaces pack into some forty kilobytes.
    let bomb = format!("<w:document><w:body>{}</w:body></w:document>", " ".repeat(40 << 20));
    let parts: [(&str, &[u8]); 2] =
        [("[Content_Types].xml", TYPES.as_bytes()), ("word/document.xml", bomb.as_bytes())];
    let bomb = zipped(&parts);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(read("a.docx", &bomb).unwrap_err().code(), "manuscript-large");
    let crowd: Vec<String> = (0..4_100).map(|number| format!("word/{number}.xml")).collect();
    let crowd: Vec<(&str, &[u8])> = crowd.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(read("a.docx", &zipped(&crowd)).unwrap_err().code(), "manuscript-large");
    // Boxes in boxes end somewhere, and what is outside of them is there.
    let boxed = (0..70).fold(p("底"), |inner, _| {
        format!("<w:p><w:r><w:t>层</w:t><w:pict><w:txbxContent>{inner}</w:txbxContent></w:pict></w:r></w:p>")
    });
    if let Ok(read) = read("a.docx", &docx(&(p("标题") + &boxed))) {
        assert!(read.text.starts_with('层') && !read.text.contains('底'));
    }
}

#[test]
fn a_web_page_gives_its_text_alone() {
    let page = "<html><head><title>全市民营经济座谈会召开_某市工商联</title><meta name=\"ContentSource\" content=\"某市工商联\"></head>\
        <body><nav><a href=\"/\">首页</a></nav><div class=\"TRS_Editor\"><h1>全市民营经济座谈会召开</h1>\
        <p align=\"center\">发布时间：2026-11-20　作者：张三</p>\
        <div>　　<b>11月20日</b>，座谈会召开。<span style=\"display:none\">隐藏</span><script>x()</script></div>\
        <p onclick=\"x()\">见<a href=\"javascript:x()\">这里</a>与<a href=\"https://a.test/\">那里</a>。</p>\
        <p><img src=\"data:image/png;base64,iVBORw0KGgogb25l\"></p><p style=\"text-align: center\">图为会场</p>\
        <p><img src=\"稿件.files/image001.jpg\"><img src=\"http://a.test/1.jpg\" onerror=\"x()\"></p>\
        <ol><li>甲</li><li>乙</li></ol><ul><li>丙</li></ul>\
        <table><tr><th>项</th><td colspan=\"2\">值</td></tr></table></div><footer>版权</footer></body></html>";
    let read = read("a.htm", page.as_bytes()).unwrap();
    assert_eq!(read.title, "全市民营经济座谈会召开");
    assert_eq!(
        (read.credit.as_deref(), read.author.as_deref()),
        (Some("某市工商联"), Some("张三"))
    );
    assert_eq!(read.posted, NaiveDate::from_ymd_opt(2026, 11, 20));
    assert_eq!(
        read.html,
        "<p><strong>11月20日</strong>，座谈会召开。</p>\
         <p>见这里与<a href=\"https://a.test/\" rel=\"noopener noreferrer\">那里</a>。</p>\
         <figure><img src=\"manuscript:1.png\" alt=\"\"><figcaption>图为会场</figcaption></figure>\
         <figure><img src=\"http://a.test/1.jpg\" alt=\"\"></figure>\
         <p>1. 甲</p><p>2. 乙</p><ul><li>丙</li></ul>\
         <table><tbody><tr><td><strong>项</strong></td><td colspan=\"2\">值</td></tr></tbody></table>"
    );
    let codes: Vec<&str> = read.remarks.iter().map(|remark| remark.code).collect();
    assert_eq!((codes, read.remarks[0].words.as_str()), (vec!["picture-missing"], "image001.jpg"));
}

#[test]
fn a_page_of_word_has_its_title_on_the_page_and_one_of_a_site_in_its_name() {
    let page = |head: &str, body: &str| {
        read("a.htm", format!("<head>{head}</head><body>{body}</body>").as_bytes()).unwrap()
    };
    let word = "<meta name=Generator content=\"Microsoft Word 15\"><title>文档1</title>";
    let body = "<p align=center><b>座谈会召开</b></p><p align=center>（2026年11月20日）</p><p>　　正\n文 A\nB。</p>";
    let read = page(word, body);
    assert_eq!((read.title.as_str(), read.text.as_str()), ("座谈会召开", "正文 A B。"));
    assert_eq!(read.posted, NaiveDate::from_ymd_opt(2026, 11, 20));
    let site =
        page("<title>民营企业座谈会召开_某市工商联</title>", "<p>正文一。</p><p>正文二。</p>");
    assert_eq!(
        (site.title.as_str(), site.text.as_str()),
        ("民营企业座谈会召开", "正文一。\n正文二。")
    );
    let printed = page("<title>首页</title>", body);
    assert_eq!(printed.title, "座谈会召开");
}

#[test]
fn a_page_in_an_older_charset_is_read() {
    let page = "<meta charset=gb2312><h1>标题</h1><p>镕基广场今天开放，请各位会员前来参观。</p>";
    let (bytes, _, _) = encoding_rs::GB18030.encode(page);
    let read = read("a.html", &bytes).unwrap();
    assert_eq!(
        (read.title.as_str(), read.text.as_str()),
        ("标题", "镕基广场今天开放，请各位会员前来参观。")
    );
}

#[test]
fn markdown_and_text_are_read() {
    let markdown = "---\ntool: x\n---\n# 会议纪要\n\n来源：某市工商联\n\n正文**加粗**与[链接](https://a.test/)，<script>x</script>\n\n\
        1. 甲\n2. 乙\n\n- 丙\n\n## 二级\n\n| 项 | 值 |\n|---|---|\n| 一 | 1 |\n\n![图](a.jpg)\n";
    let found = read("a.md", markdown.as_bytes()).unwrap();
    assert_eq!((found.title.as_str(), found.credit.as_deref()), ("会议纪要", Some("某市工商联")));
    assert_eq!(
        found.html,
        "<p>正文<strong>加粗</strong>与<a href=\"https://a.test/\" rel=\"noopener noreferrer\">链接</a>，</p>\
         <p>1. 甲</p><p>2. 乙</p><ul><li>丙</li></ul><h2>二级</h2>\
         <table><tbody><tr><td><strong>项</strong></td><td><strong>值</strong></td></tr><tr><td>一</td><td>1</td></tr></tbody></table>"
    );
    assert_eq!(found.remarks.len(), 1);
    let text = "\u{feff}会议纪要\r\n2026年11月20日\r\n\r\n　　正文 <b>不是标签</b> & 原样。\r\n（供稿：某区工商联）";
    let found = read("a.txt", text.as_bytes()).unwrap();
    assert_eq!(found.title, "会议纪要");
    assert_eq!(found.posted, NaiveDate::from_ymd_opt(2026, 11, 20));
    assert_eq!(found.html, "<p>正文 &lt;b&gt;不是标签&lt;/b&gt; &amp; 原样。</p>");
    assert_eq!(found.credit.as_deref(), Some("某区工商联"));
    let untitled = read("folder/周报.txt", "第一句话已经结束。\n第二句。".as_bytes()).unwrap();
    assert_eq!((untitled.title.as_str(), untitled.remarks[0].code), ("周报", "title-guessed"));
    assert_eq!(untitled.text, "第一句话已经结束。\n第二句。");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_unsanitised_comes_out(
        parts in proptest::collection::vec("(<[a-z:/!]{0,8}|[ =\"'a-z>&;#0-9-]{0,6}|\\PC|<w:p>|</w:p>|<w:r>|</w:r>|<w:t>|</w:t>|<table><tr><td>|<img src=x>){0,12}", 1..4),
    ) {
        let hostile = parts.concat();
        for (name, bytes) in [
            ("a.html", hostile.clone().into_bytes()),
            ("a.md", hostile.clone().into_bytes()),
            ("a.txt", hostile.clone().into_bytes()),
            ("a.docx", docx(&hostile)),
        ] {
            if let Ok(found) = read(name, &bytes) {
                let body = crate::model::Body { html: found.html.clone(), ..Default::default() };
                let again = crate::text::sanitise::manuscript(&body).html;
                proptest::prop_assert_eq!(again, found.html);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(changes in proptest::collection::vec((0..9000_usize, proptest::prelude::any::<u8>()), 1..20)) {
        let mut bytes = docx(&(p("标题") + &p("正文") + &picture("p1")));
        for (place, byte) in changes {
            let length = bytes.len();
            bytes[place % length] = byte;
        }
        let _ = read("a.docx", &bytes);
    }
}
