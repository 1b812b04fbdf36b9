//! Hard cases that have no better place: sites that answer 200 to everything.

use lianbo::model::ProblemCode;

use crate::ground::{Ground, items, list_html, once, page, problems, title, titles};

#[tokio::test(flavor = "multi_thread")]
async fn a_pager_that_leads_in_circles_ends_the_run() {
    let ground = Ground::new();
    let (a, b) = (title(2), title(1));
    let rows = [("/art/2.html", a.as_str()), ("/art/1.html", b.as_str())];
    let next = |n: u32| format!("/yw/?page={n}");
    ground.site.set("/yw/", page(&list_html(&rows, Some(&next(2)))));
    for n in 2..9 {
        // Whatever number is asked for, it is the first page, and there is always one more.
        ground.site.set(&next(n), page(&list_html(&rows, Some(&next(n + 1)))));
    }
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(titles(&pipeline.store).await, [a, b]);
    let asked = ground.site.asked();
    let lists: Vec<&String> = asked.iter().filter(|path| path.starts_with("/yw/")).collect();
    assert_eq!(lists, ["/yw/", "/yw/?page=2"], "one repeated page is enough");
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_says_there_is_none_becomes_no_article() {
    for (name, html) in [
        (
            "a sorry page",
            "<title>页面不存在</title><div class=\"box\"><h1>对不起，您访问的页面不存在或已被删除！</h1>\
             <p>系统将在 5 秒后自动跳转到首页，您也可以点击下面的链接返回。</p>\
             <p><a href=\"/\">返回首页</a></p></div>",
        ),
        (
            "a 404 in English",
            "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center>\
             <hr><center>nginx</center></body></html>",
        ),
        ("an alert", "<script>alert('该信息不存在或未通过审核！');history.back();</script>"),
        (
            "a page of the template without an article",
            "<title>某某商会</title><div class=\"nav\"><a href=\"/\">首页</a><a href=\"/yw/\">要闻</a></div>\
             <div class=\"show\"><h1></h1><div class=\"info\">发布时间: 来源:</div><div class=\"content\">\
             </div></div><div class=\"foot\">某某商会 版权所有 苏ICP备00000001号</div>",
        ),
    ] {
        let ground = Ground::new();
        ground.site.set("/art/3.html", page(html));
        let pipeline = ground.open().await;
        once(&pipeline).await;
        let all = items(&pipeline.store).await;
        assert_eq!(all.iter().filter(|item| !item.partial).count(), 2, "{name}");
        // What the list says of it may stand in, never what the page says.
        for row in all.iter().filter(|item| item.url.path() == "/art/3.html") {
            assert_eq!((row.title.as_str(), row.text.as_str()), (title(3).as_str(), ""), "{name}");
        }
        let told = problems(&pipeline.store).await;
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(
            matches!(
                told[0].1,
                ProblemCode::BodyMissing
                    | ProblemCode::TitleMissing
                    | ProblemCode::PageEmpty
                    | ProblemCode::ArticleGone
            ),
            "{name}: {told:?}"
        );
    }
}
