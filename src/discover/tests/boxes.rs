//! Lists beside boxes, and rows with more in them than their title.

use super::*;

/// A page with this list, a box of ten dated rows under `heading` beside it.
fn beside_a_box(list: &str, heading: &str) -> String {
    let hot: String = (0..10)
        .map(|i| {
            format!(
                "<li><a href='/show.php?id={}'>各地商会动态集锦第{i}期报道</a><span>2025-12-{:02}</span></li>",
                9000 + i,
                28 - i
            )
        })
        .collect();
    format!(
        "<html><head><title>通知公告_某某商会</title></head><body><div><h1>通知公告</h1><ul>{list}</ul></div>\
         <div><h4>{heading}</h4><ul>{hot}</ul></div></body></html>"
    )
}

fn row(i: usize, date: &str) -> String {
    format!("<li><a href='/show.php?id={}'>{}</a><span>{date}</span></li>", 700 - i, TITLES[i])
}

#[test]
fn a_short_list_beats_a_long_box() {
    let wanted = |count: usize| -> Vec<String> {
        (0..count).map(|i| format!("/show.php?id={} {} 2025-11-02", 700 - i, TITLES[i])).collect()
    };
    for count in 1..4 {
        let list: String = (0..count).map(|i| row(i, "2025-11-02")).collect();
        for heading in ["热点新闻", "最新发布", "推荐阅读"] {
            assert_eq!(rows(&beside_a_box(&list, heading)), wanted(count), "{heading}");
        }
    }
}

#[test]
fn page_numbers_below_make_a_group_the_list() {
    let list: String = (0..3).map(|i| row(i, "2025-11-02")).collect();
    let others: String = (0..10)
        .map(|i| {
            format!(
                "<p><a href='/show.php?id={}'>各地商会动态集锦第{i}期报道</a> 2025-12-02</p>",
                9000 + i
            )
        })
        .collect();
    let page = |pages: &str| {
        format!("<div><ul>{list}</ul>{pages}</div><div><div>各地</div><div>{others}</div></div>")
    };
    assert_eq!(rows(&page("")).len(), 10, "nothing tells them apart but their number");
    let pages = "<div class=p><a href='?page=1'>上一页</a> 2 <b>共2页</b></div>";
    assert_eq!(rows(&page(pages)).len(), 3, "the last page of a column");
}

#[test]
fn boxes_neighbours_and_files_of_an_article_are_no_list() {
    let empty = beside_a_box("<li>暂无内容</li>", "热点新闻");
    let article = "<p>正文一段，说明情况。</p><p>上一篇：<a href='/a/1001.html'>市商会举办知识产权讲座</a></p>\
        <p>下一篇：<a href='/a/1003.html'>市商会开展敬老月服务</a></p>";
    let files =
        "<p>发布时间：2025-12-01</p><p>附件：<a href='/f/1001.doc'>行业自律公约征求意见稿</a></p>";
    let icp = "<p>更新日期：2025-12-01</p><p><a href='https://beian.test/'>测字第20250001号备案信息</a></p>";
    for html in [empty.as_str(), article, files, icp] {
        assert_eq!(read_with(html, &ListRule::default()).unwrap_err().code, "list-empty", "{html}");
    }
}

#[test]
fn other_links_of_a_row_neither_name_it_nor_take_its_date() {
    let list = each(|i| {
        format!(
            "<li><a href='/unit/{i}.html'>某某市工商业联合会</a><h3><a href='{}'>{}</a></h3>\
             <p><a href='{}'>会议传达学习有关精神，部署下一阶段重点任务。与会代表认真讨论，提出意见建议二十余条。</a></p>\
             <i><a href='/t/1'>商会</a> <a href='/t/2'>调研</a> <a href='/t/3'>服务</a> <a href='/t/4'>培训</a></i>\
             <span>2025-12-{:02}</span><a href='{}'>继续阅读《{}》</a></li>",
            article(i),
            TITLES[i],
            article(i),
            28 - i,
            article(i),
            TITLES[i]
        )
    });
    assert_eq!(rows(&dressed(&format!("<ul>{list}</ul>"))), wanted_rows(7));
}

#[test]
fn short_numbers_in_addresses_are_addresses_of_articles() {
    let list: String =
        (0..7).map(|i| format!("<li><a href='/news/{}'>{}</a></li>", 90 - i, TITLES[i])).collect();
    let found = rows(&format!("<ul>{list}</ul>"));
    assert_eq!((found.len(), found[0].as_str()), (7, "/news/90 全市工商联系统工作会议召开 "));
}

#[test]
fn pinned_rows_and_headlines_stand_before_the_list() {
    let list: String = (2..7).map(|i| row(i, "2025-11-02")).collect();
    let pinned = format!(
        "<ul class=top>{}{}</ul><ul class=l>{list}</ul>",
        row(0, "2025-01-02"),
        row(1, "2025-01-02")
    );
    assert_eq!(rows(&pinned).len(), 7);
    assert!(rows(&pinned)[0].starts_with("/show.php?id=700 "));
    let headline = format!(
        "<div class=head><a href='/show.php?id=700'><img src=a.jpg></a><h2><a href='/show.php?id=700'>{}</a></h2></div><ul>{list}</ul>",
        TITLES[0]
    );
    assert_eq!(rows(&headline).len(), 6);
    let menu = format!(
        "<ul class=m><li><a href='/list.php?id=7'>会员企业之窗口页面</a></li></ul><ul class=l>{list}</ul>"
    );
    assert_eq!(rows(&menu).len(), 5);
}
