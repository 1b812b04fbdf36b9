//! Whole pages: what must hold whatever the page.

use super::*;

fn url() -> Url {
    "http://a.test/202601/t20260102_7.html".parse().expect("an address")
}

fn article(html: &str) -> Article {
    read(html, &url(), None, &ArticleRule::default()).expect("an article")
}

#[test]
fn a_very_short_notice_is_whole() {
    let page = article(
        "<title>放假通知_商会</title><div class=nav><a href=/>首页</a><a href=/a>动态</a></div>\
         <h1>放假通知</h1><p>发布时间：2026-01-02 来源：办公室</p>\
         <div id=zoom><p>元旦放假三天，请互相转告。</p><p>秘书处</p></div><div>版权所有 苏ICP备1号</div>",
    );
    assert_eq!(page.body.value.text, "元旦放假三天，请互相转告。\n秘书处");
    assert_eq!(page.title.value, "放假通知");
}

#[test]
fn a_body_of_pictures_alone() {
    let page = article(
        "<title>图说商会日活动现场</title><h1>图说商会日活动现场</h1><p>日期：2026-01-02</p>\
         <div class=TRS_Editor><p><img src=a.jpg></p><p><img src=b.jpg></p></div>",
    );
    assert_eq!(page.body.value.images.len(), 2);
    assert_eq!(page.body.value.text, "");
}

#[test]
fn a_table_keeps_its_rows_and_a_frame_of_tables_does_not() {
    let page = article(
        "<title>商会名单公布</title><h1>商会名单公布</h1><div id=zoom><p>名单如下，请查阅。</p>\
         <table><tr><th>序号</th><th>商会</th></tr><tr><td>1</td><td>机械商会</td></tr></table></div>",
    );
    let body = page.body.value;
    assert_eq!(body.text, "名单如下，请查阅。\n序号 商会\n1 机械商会");
    assert!(body.html.contains("<table><tbody><tr><th>序号</th>"), "{}", body.html);
}

#[test]
fn a_date_in_the_text_is_not_the_date_of_the_article() {
    let page = article(
        "<title>市工商联召开座谈会</title><h1>市工商联召开座谈会</h1>\
         <div id=zoom><p>2025年11月17日下午，市工商联召开民营企业座谈会，围绕优化营商环境听取企业家的意见建议。</p></div>",
    );
    assert_eq!(page.posted.expect("from the address").value.to_string(), "2026-01-02");
}

#[test]
fn of_meta_and_line_the_line_is_believed() {
    let html = |meta: &str, line: &str| {
        format!(
            "<title>市工商联召开座谈会</title><meta name=PubDate content='{meta}'><h1>市工商联召开座谈会</h1>\
             <p>发布时间：{line}</p><div id=zoom><p>会议指出，要把企业家的建议梳理成清单，实行销号管理。</p></div>"
        )
    };
    for (meta, line, wanted) in [
        // A clock of twelve hours in the template.
        ("2025-12-31 05:30", "2025-12-31 17:30", "2025-12-31T17:30:00+08:00"),
        // Published again later.
        ("2026-01-09", "2025-12-31", "2025-12-31"),
        // The meta knows the minute of the same day.
        ("2025-12-31 17:30", "2025-12-31", "2025-12-31T17:30:00+08:00"),
    ] {
        let found = article(&html(meta, line)).posted.expect("a date").value.to_string();
        assert_eq!(found, wanted, "from {meta} and {line}");
    }
}

#[test]
fn a_declared_field_may_stand_in_the_json_of_the_page_and_is_believed() {
    let html = "<title>市工商联召开座谈会</title><script type='application/json'>{\"a\": 1}</script>\
        <script type='application/ld+json'>{\"author\": {\"name\": \"李四\"}, \"datePublished\": \"2026-01-05\"}</script>\
        <h1>市工商联召开座谈会</h1><p>发布时间：2026-01-02 作者：张三</p>\
        <div id=zoom><p>会议指出，要把企业家的建议梳理成清单，实行销号管理。</p></div>";
    let json = |pointer: &str| vec![Alternative::new(How::Json(pointer.to_owned()))];
    let rule = ArticleRule {
        author: json("/author/name"),
        posted: json("/datePublished"),
        ..ArticleRule::default()
    };
    let article = read(html, &url(), None, &rule).expect("an article");
    let author = article.author.expect("from the data");
    assert_eq!((author.value.as_str(), author.rule.as_str()), ("李四", "json /author/name"));
    assert_eq!(article.posted.expect("from the data").value.to_string(), "2026-01-05");
}

#[test]
fn files_are_offered_also_with_endings_of_the_sites_own_and_below_the_body() {
    let html = "<title>关于申报项目的通知</title><h1>关于申报项目的通知</h1>\
        <div id=zoom><p>请于月底前报送。<a href=form.xyz>申报表</a> <a href=map.jpg>示意图</a></p></div>\
        <div><a href=list.doc>附件：名单</a></div><p>上一篇：<a href=old.pdf>别的</a></p>";
    let names = |rule: &ArticleRule| -> Vec<String> {
        let article = read(html, &url(), None, rule).expect("an article");
        article.body.value.attachments.into_iter().map(|file| file.name).collect()
    };
    assert_eq!(names(&ArticleRule::default()), ["附件：名单"]);
    let own = ArticleRule { attachment_extensions: vec![".XYZ".to_owned()], ..Default::default() };
    assert_eq!(names(&own), ["申报表", "附件：名单"]);
}

#[test]
fn a_page_that_is_no_article_is_rejected_with_its_reason() {
    for (html, code) in [
        ("<title>x</title><a href=1>y</a>", "body-missing"),
        ("<p>没有标题</p>", "title-missing"),
        (" ", "page-empty"),
    ] {
        let error = read(html, &url(), None, &ArticleRule::default()).expect_err(html);
        assert_eq!(error.code, code, "{html}");
    }
}

proptest::proptest! {
    #[test]
    fn any_page_is_read_or_rejected(
        html in "(<(p|div|table|tr|td|br|h1|img src=a.jpg|a href=b.pdf|title|li|meta name=PubDate content=x|b|center)>|</(p|div|table|td|a|b)>|来源：|2026-01-02 |作者: |首页 > |正文。|\\PC){0,60}"
    ) {
        if let Ok(article) = read(&html, &url(), None, &ArticleRule::default()) {
            let body = article.body.value;
            proptest::prop_assert!(body.text.lines().all(|line| !line.trim().is_empty()));
            proptest::prop_assert!(!article.title.value.contains('\n'));
            proptest::prop_assert!(!body.html.contains("<script"));
        }
    }
}
