use super::*;
use crate::model::{Image, Precision};

fn naming() -> Naming {
    Naming {
        authority: "feeds.test".to_owned(),
        date: "2026-01-01".to_owned(),
        site: "sheng".parse().unwrap(),
        site_name: "某省工商联".to_owned(),
        self_names: vec!["某省总商会".to_owned()],
        source_aliases: vec![("法律部".to_owned(), "某省工商联法律服务部".to_owned())],
        default_source: None,
        hosts: vec!["sheng.test".to_owned()],
    }
}

fn column() -> ColumnId {
    "sheng/zt".parse().unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// 2026-11-04 10:00 in Beijing.
fn now() -> DateTime<Utc> {
    time("2026-11-04T02:00:00Z")
}

fn found<T>(value: T) -> Found<T> {
    Found { value, rule: "test".to_owned() }
}

fn article() -> Article {
    Article {
        url: "http://www.sheng.test/zt/202611/t20261103_4711.html".parse().unwrap(),
        title: found("全省\n座谈会召开".to_owned()),
        posted: Some(found("2026-11-03".parse().unwrap())),
        credit: Some(found("苏商天下".to_owned())),
        author: Some(found(" \u{a0} ".to_owned())),
        editor: None,
        photographer: None,
        breadcrumb: Some(found(vec!["首页".to_owned(), "\u{a0}专题\u{a0}".to_owned()])),
        body: found(Body {
            html: "<p onclick=\"x\">会议召开。</p>".to_owned(),
            text: "会议召开。\n\n 散会。".to_owned(),
            images: vec![Image {
                url: "http://sheng.test/1.jpg".parse().unwrap(),
                alt: String::new(),
                caption: String::new(),
            }],
            attachments: Vec::new(),
        }),
        confidence: 1.0,
    }
}

fn link(title: &str, posted: Option<&str>) -> Link {
    Link {
        url: "http://sheng.test/zt/202611/t20261103_4711.html".parse().unwrap(),
        title: title.to_owned(),
        posted: posted.map(|text| text.parse().unwrap()),
    }
}

fn drafted(article: &Article, link: Option<&Link>) -> Draft {
    draft(article, link, &column(), &naming(), &[], now())
}

#[test]
fn an_article_becomes_a_draft() {
    let made = drafted(&article(), Some(&link("全省座谈会", None)));
    assert_eq!(made.id.as_str(), "tag:feeds.test,2026-01-01:sheng/trs-4711");
    assert_eq!((made.key.as_str(), made.title.as_str()), ("trs-4711", "全省 座谈会召开"));
    assert_eq!(made.body.html, "<p>会议召开。</p>");
    assert_eq!(made.body.text, "会议召开。\n散会。");
    assert_eq!(made.summary, "会议召开。散会。");
    assert_eq!((made.author, made.breadcrumb), (None, vec!["首页".to_owned(), "专题".to_owned()]));
    assert_eq!(made.attribution, "来源：苏商天下（转自某省工商联）");
    assert_eq!(made.published.to_rfc3339(), "2026-11-03T00:00:00+08:00");
    assert_eq!(made.aliases.len(), 1);
    assert_eq!(made.hash.len(), 16);
    assert!(!made.partial);
}

#[test]
fn the_published_date_is_never_after_now() {
    let published = |text: &str| published(Some(text.parse().unwrap()), now()).to_rfc3339();
    assert_eq!(published("2026-11-03"), "2026-11-03T00:00:00+08:00");
    assert_eq!(published("2026-11-04"), "2026-11-04T10:00:00+08:00");
    assert_eq!(published("2026-11-05"), "2026-11-04T10:00:00+08:00");
    assert_eq!(published("2026-11-04T09:05:00+08:00"), "2026-11-04T09:05:00+08:00");
    assert_eq!(published("2026-11-04T10:05:00+08:00"), "2026-11-04T10:00:00+08:00");
    assert_eq!(super::published(None, now()).to_rfc3339(), "2026-11-04T10:00:00+08:00");
    // 23:30 UTC is already the next day in Beijing.
    let late = time("2026-11-03T23:30:00.5Z");
    let day = Some("2026-11-04".parse().unwrap());
    assert_eq!(super::published(day, late).to_rfc3339(), "2026-11-04T07:30:00+08:00");
}

#[test]
fn the_row_completes_the_page() {
    let cut = Article { title: found("全省座谈会…".to_owned()), ..article() };
    assert_eq!(drafted(&cut, Some(&link("全省座谈会召开", None))).title, "全省座谈会召开");
    assert_eq!(drafted(&cut, Some(&link("别的标题", None))).title, "全省座谈会…");
    let empty = Article { title: found(String::new()), ..article() };
    assert_eq!(drafted(&empty, Some(&link("全省座谈会召开", None))).title, "全省座谈会召开");

    let minute = link("", Some("2026-11-03T09:05:00+08:00"));
    assert_eq!(drafted(&article(), Some(&minute)).posted, minute.posted);
    let other = link("", Some("2026-11-02T09:05:00+08:00"));
    assert_eq!(drafted(&article(), Some(&other)).posted, "2026-11-03".parse().ok());
    let undated = Article { posted: None, ..article() };
    assert_eq!(drafted(&undated, Some(&minute)).posted, minute.posted);
    let from_url = drafted(&undated, None).posted.unwrap();
    assert_eq!(
        (from_url.to_string().as_str(), from_url.precision()),
        ("2026-11-03", Precision::Day)
    );
}

#[test]
fn attribution_never_says_this_site() {
    let say = |credit: Option<&str>| attribution::sentence(credit, &naming());
    for own in [None, Some(""), Some("本网"), Some(" 本站 "), Some("工商联"), Some("某省总商会")]
    {
        assert_eq!(say(own), "来源：某省工商联", "{own:?}");
    }
    assert_eq!(say(Some("某省工商联")), "来源：某省工商联");
    assert_eq!(say(Some("某市日报")), "来源：某市日报（转自某省工商联）");
    assert_eq!(say(Some("法律部")), "来源：某省工商联法律服务部（转自某省工商联）");
    let naming = Naming { default_source: Some("某市工商联".to_owned()), ..naming() };
    assert_eq!(attribution::sentence(None, &naming), "来源：某市工商联（转自某省工商联）");
    assert_eq!(attribution::sentence(Some("本网"), &naming), "来源：某省工商联");
}

#[test]
fn only_what_readers_see_is_a_revision() {
    let first = drafted(&article(), None).hash;
    let mut noise = article();
    noise.body.value.html = "<p><strong>会议召开。</strong></p>".to_owned();
    noise.body.value.text = "会议召开。\n散会。".to_owned();
    noise.body.value.images[0].url = "https://www.sheng.test/1.jpg?jsessionid=7".parse().unwrap();
    noise.body.value.images[0].url = "https://img.sheng.test/new/2.png".parse().unwrap();
    noise.breadcrumb = None;
    noise.title.rule = "other".to_owned();
    assert_eq!(drafted(&noise, None).hash, first);

    let mut edits = vec![article(), article(), article(), article(), article()];
    edits[0].title.value.push('了');
    edits[1].body.value.text.push_str("完。");
    edits[2].body.value.images.clear();
    edits[3].credit = None;
    edits[4].posted = Some(found("2026-11-02".parse().unwrap()));
    for edit in edits {
        assert_ne!(drafted(&edit, None).hash, first);
    }
}

#[test]
fn the_width_of_signs_is_no_revision_and_a_word_is() {
    let of = |text: &str| {
        let mut article = article();
        article.body.value.text = text.to_owned();
        drafted(&article, None).hash
    };
    let first = of("会长说：“第12次，（市级）ＡＢ”");
    for same in ["会长说:\"第１２次,(市级)AB\"", "会长说： “第12次，\u{3000}（市级）\nAB”"]
    {
        assert_eq!(of(same), first, "{same}");
    }
    for other in ["会长说：“第13次，（市级）ＡＢ”", "会长说：“第12次，（市级）”"]
    {
        assert_ne!(of(other), first, "{other}");
    }
}

#[test]
fn a_row_alone_makes_a_partial_item() {
    let row = link("全省座谈会召开", None);
    let made = draft_from_row(&row, &column(), &naming(), now());
    assert!(made.partial);
    assert_eq!(made.id, drafted(&article(), None).id);
    assert_eq!(made.body, Body::default());
    assert_eq!(made.posted, "2026-11-03".parse().ok());
    assert_eq!(made.attribution, "来源：某省工商联");
    assert_eq!(made.summary, "");
}

#[test]
fn the_key_of_another_host_carries_its_name() {
    let key = |url: &str| naming().key(&url.parse().unwrap());
    assert_eq!(key("https://www.sheng.test/a/t20261103_4711.html"), "trs-4711");
    assert_eq!(key("https://gb.sheng.test/a/t20261103_4711.html"), "trs-4711");
    assert_eq!(key("https://www.guo.test/a/t20261103_4711.html"), "guo.test_trs-4711");
    assert!(key("https://mp.weixin.qq.com/s/Abc").starts_with("mp.weixin.qq.com_s-abc-"));
}

#[test]
fn a_redirect_does_not_decide_on_the_id() {
    let mut listed = link("全省座谈会", None);
    listed.url = "http://sheng.test/go.asp?to=77".parse().unwrap();
    let row = draft_from_row(&listed, &column(), &naming(), now());
    let whole = drafted(&article(), Some(&listed));
    assert_eq!(whole.id, row.id);
    assert_eq!(whole.url, article().url);
}

#[test]
fn a_row_that_leads_to_a_file_offers_it() {
    let mut listed = link("商会服务清单", Some("2026-11-03"));
    listed.url = "http://sheng.test/zt/202611/P020261103.pdf".parse().unwrap();
    let made = draft_from_row(&listed, &column(), &naming(), now());
    let files: Vec<_> =
        made.body.attachments.iter().map(|file| (file.url.as_str(), file.name.as_str())).collect();
    assert_eq!(files, [("http://sheng.test/zt/202611/P020261103.pdf", "商会服务清单")]);
    assert!(made.partial);
}
