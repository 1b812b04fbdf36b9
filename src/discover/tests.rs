mod boxes;

use super::*;
use crate::text::alternative::How;

const HOME: &str = "http://sheng.test/gsldt/index.html";

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

fn read_with(html: &str, rule: &ListRule) -> Result<Listing, Rejection> {
    read(html, &Call::get(HOME.parse().unwrap()), at("2026-01-02T04:00:00Z"), rule)
}

/// `path title date` of each row.
fn rows(html: &str) -> Vec<String> {
    rows_with(html, &ListRule::default())
}

fn rows_with(html: &str, rule: &ListRule) -> Vec<String> {
    let listing = read_with(html, rule).unwrap();
    listing.links.iter().map(said).collect()
}

fn said(link: &Link) -> String {
    let date = link.posted.map(|posted| posted.to_string()).unwrap_or_default();
    let own = link.url.as_str().strip_prefix("http://sheng.test");
    format!("{} {} {date}", own.unwrap_or(link.url.as_str()), link.title)
}

fn css(selectors: &[&str]) -> ListRule {
    let item = selectors.iter().map(|text| Selector::new(text).unwrap()).collect();
    ListRule { item, ..ListRule::default() }
}

/// A page as federations have it: navigation, carousel, side bar with dates, friend links.
fn dressed(list: &str) -> String {
    format!(
        r#"<html><body>
        <div class="nav"><ul><li><a href="/">网站首页</a></li><li><a href="/gsldt/">工商联动态信息</a></li>
        <li><a href="/zcfg/">政策法规文件库</a></li><li><a href="/hyzl/">会员企业之窗口</a></li></ul></div>
        <div class="banner"><ul><li><a href="/zt/t20251201_1.html"><img src="1.jpg" alt="全省工商联系统会议在宁召开"></a></li>
        <li><a href="/zt/t20251201_2.html"><img src="2.jpg" alt="民营企业家座谈会隆重举行了"></a></li></ul></div>
        <div class="position">您现在的位置：<a href="/">首页</a> &gt; <a href="/gsldt/">动态</a></div>
        <div class="main"><div class="list">{list}</div>
        <div class="sidebar"><h3>热点推荐</h3><ul>
        <li><a href="/hot/t20251230_8.html">省工商联召开年度总结会议</a><span>12-30</span></li>
        <li><a href="/hot/t20251229_9.html">市县工商联主席到省学习</a><span>12-29</span></li></ul></div></div>
        <div class="friendlink"><a href="http://guo.test/">全国工商联门户网站</a><a href="http://b.test/">省人民政府门户网站</a>
        <a href="http://c.test/">省委统战部门户网站</a><a href="http://d.test/">中国光彩事业网站</a></div>
        <div class="footer"><a href="/about.html">关于我们的网站</a><a href="http://beian.test/">苏ICP备00000000号</a></div>
        </body></html>"#
    )
}

const TITLES: [&str; 7] = [
    "全市工商联系统工作会议召开",
    "市工商联赴县区调研商会建设情况",
    "民营企业法律服务月活动启动仪式举行",
    "我市三家企业入围全省民营企业百强名单",
    "市总商会开展走访慰问老会员活动",
    "青年企业家商会换届大会顺利举行",
    "市工商联举办税收政策专题培训班",
];

fn article(i: usize) -> String {
    format!("./202512/t202512{:02}_{}.html", 28 - i, 5000 + i)
}

fn wanted_rows(count: usize) -> Vec<String> {
    (0..count)
        .map(|i| {
            let address = article(i);
            format!("/gsldt{} {} 2025-12-{:02}", &address[1..], TITLES[i], 28 - i)
        })
        .collect()
}

fn each(row: impl Fn(usize) -> String) -> String {
    (0..TITLES.len()).map(row).collect()
}

#[test]
fn a_list_beats_everything_round_it() {
    let list = each(|i| {
        format!(
            "<li><a href='{}'>{}</a><span>2025-12-{:02}</span></li>",
            article(i),
            TITLES[i],
            28 - i
        )
    });
    assert_eq!(rows(&dressed(&format!("<ul class='news_list'>{list}</ul>"))), wanted_rows(7));
}

#[test]
fn a_list_may_be_split_over_several_elements() {
    let row = |i: usize| {
        format!("<li><a href='{}'>{}</a> [12-{:02}]</li>", article(i), TITLES[i], 28 - i)
    };
    let parts: Vec<String> = (0..7).map(row).collect();
    let list = format!(
        "<ul class='l'>{}</ul><ul class='l'>{}</ul>",
        parts[..5].concat(),
        parts[5..].concat()
    );
    assert_eq!(rows(&dressed(&list)), wanted_rows(7));
    // The last part has one row only.
    let list = format!("<ul class='l'>{}</ul><ul class='l'>{}</ul>", parts[..6].concat(), parts[6]);
    assert_eq!(rows(&dressed(&list)), wanted_rows(7));
}

#[test]
fn tables_with_a_row_a_link() {
    let list = each(|i| {
        format!(
            "<tr><td><img src=dot.gif></td><td><a class=a1 href='{}' title='{}'>{}…</a><img src=new.gif></td>\
             <td><font color=#666666>[12-{:02}]</font></td></tr>",
            article(i),
            TITLES[i],
            &TITLES[i][..15],
            28 - i
        )
    });
    assert_eq!(rows(&dressed(&format!("<table width=98%>{list}</table>"))), wanted_rows(7));
}

#[test]
fn plain_links_with_the_date_behind_or_before() {
    let behind =
        each(|i| format!("·<a href='{}'>{}</a>　2025/12/{:02}<br>", article(i), TITLES[i], 28 - i));
    assert_eq!(rows(&dressed(&behind)), wanted_rows(7));
    let before = each(|i| {
        format!("<span>2025.12.{:02}</span><a href='{}'>{}</a><br>", 28 - i, article(i), TITLES[i])
    });
    assert_eq!(rows(&dressed(&before)), wanted_rows(7));
    let pairs = each(|i| {
        format!(
            "<dt><a href='{}'>{}</a></dt><dd>2025年12月{:02}日</dd>",
            article(i),
            TITLES[i],
            28 - i
        )
    });
    assert_eq!(rows(&dressed(&format!("<dl>{pairs}</dl>"))), wanted_rows(7));
}

#[test]
fn cards_with_a_split_date_a_picture_and_a_summary() {
    let list = each(|i| {
        format!(
            "<div class='item item{i}'><div class=date><b>{:02}</b><i>2025-12</i></div>\
             <a href='{a}'><img src='x.jpg' alt=''></a><a href='{a}'><h4>{t}</h4>\
             <p>1月5日，会议在市行政中心召开，全市各县区工商联负责人和企业家代表参加会议。</p></a>\
             <a href='{a}'>详情</a></div>",
            28 - i,
            a = article(i),
            t = TITLES[i]
        )
    });
    assert_eq!(rows(&dressed(&list)), wanted_rows(7));
    let whole = each(|i| {
        format!(
            "<li><a href='{}'><span>{}</span><p>会议强调，各县区工商联要加强组织指导。</p><em>2025-12-{:02}</em></a></li>",
            article(i),
            TITLES[i],
            28 - i
        )
    });
    assert_eq!(rows(&dressed(&format!("<ul>{whole}</ul>"))), wanted_rows(7));
}

#[test]
fn categories_short_titles_and_highlights_belong_to_the_list() {
    let mut list = each(|i| {
        let title = if i == 3 {
            format!("<b><font color=red>{}</font></b>", TITLES[i])
        } else {
            TITLES[i].to_owned()
        };
        format!(
            "<li><a href='/gsldt/xw/'>[要闻]</a><a href='{}'>{title}</a><span>2025-12-{:02}</span></li>",
            article(i),
            28 - i
        )
    });
    list.push_str("<li><a href='/gsldt/xw/'>[要闻]</a><a href='./202512/t20251201_9.html'>公示</a><span>2025-12-01</span></li>");
    list.push_str("<li class=more><a href='/gsldt/xw/'>更多&gt;&gt;</a></li>");
    let mut wanted = wanted_rows(7);
    wanted.push("/gsldt/202512/t20251201_9.html 公示 2025-12-01".to_owned());
    assert_eq!(rows(&dressed(&format!("<ul>{list}</ul>"))), wanted);
}

#[test]
fn old_tables_without_classes() {
    let menu = ["网站首页与动态", "政策法规文件库", "会员企业的风采", "联系我们的方式"];
    let menu: String = menu
        .iter()
        .enumerate()
        .map(|(i, t)| format!("<tr><td><a href='list.asp?cid=1{i}'>{t}</a></td></tr>"))
        .collect();
    let list = each(|i| {
        format!(
            "<tr><td><a href='show.asp?id={}'>{}</a></td><td>[12-{:02}]</td></tr>",
            90 - i,
            TITLES[i],
            28 - i
        )
    });
    let page = format!(
        "<table><tr><td><table>{menu}</table></td><td><table>{list}</table></td></tr></table>"
    );
    let wanted: Vec<String> = (0..7)
        .map(|i| format!("/gsldt/show.asp?id={} {} 2025-12-{:02}", 90 - i, TITLES[i], 28 - i))
        .collect();
    assert_eq!(rows(&page), wanted);
    // Unclosed cells and rows, as old ASP pages have them.
    assert_eq!(rows(&page.replace("</td>", "").replace("</tr>", "")), wanted);
    // Two rows side by side.
    let pair = |i: usize| {
        format!("<td><a href='show.asp?id={}'>{}</a>[12-{:02}]</td>", 90 - i, TITLES[i], 28 - i)
    };
    let twins = format!(
        "<table><tr>{}{}</tr><tr>{}{}</tr><tr>{}</tr></table>",
        pair(0),
        pair(1),
        pair(2),
        pair(3),
        pair(4)
    );
    assert_eq!(rows(&dressed(&twins)), wanted[..5]);
}

#[test]
fn a_short_list_is_a_list() {
    let one = "<ul><li><a href='./202512/t20251228_5000.html'>全市工商联系统工作会议召开</a><span>2025-12-28</span></li></ul>";
    let listed = rows(&format!(
        "<body><div class=nav><a href='/a/'>工商联动态信息</a><a href='/b/'>政策法规文件库</a></div>{one}"
    ));
    assert_eq!(listed, wanted_rows(1));
}

#[test]
fn a_young_column_beats_a_longer_box_beside_it() {
    let list: String = (0..3)
        .map(|i| {
            format!(
                "<li><a href='{}'>{}</a><span>2025-12-{:02}</span></li>",
                article(i),
                TITLES[i],
                28 - i
            )
        })
        .collect();
    let beside = each(|i| {
        format!(
            "<li><a href='/tzgg/t202511{:02}_{i}.html'>{}</a><b>2025-11-{:02}</b></li>",
            20 - i,
            TITLES[i],
            20 - i
        )
    });
    let page = format!("<div class=l><ul>{list}</ul></div><div class=r><ul>{beside}</ul></div>");
    assert_eq!(rows(&page), wanted_rows(3));
}

#[test]
fn rows_without_dates_take_them_from_the_address() {
    let list = each(|i| format!("<li><a href='{}'>{}</a></li>", article(i), TITLES[i]));
    assert_eq!(rows(&dressed(&format!("<ul>{list}</ul>"))), wanted_rows(7));
    let undated = each(|i| format!("<li><a href='show-{}.html'>{}</a></li>", 90 - i, TITLES[i]));
    assert_eq!(
        rows(&dressed(&format!("<ul>{undated}</ul>")))[0],
        "/gsldt/show-90.html 全市工商联系统工作会议召开 "
    );
}

#[test]
fn links_that_lead_nowhere_are_no_rows() {
    let list = "<ul><li><a href='javascript:void(0)'>切换到无障碍浏览模式</a></li><li><a href='mailto:a@b.test'>给我们发送电子邮件</a></li>\
                <li><a href='#top'>返回到页面的顶部</a></li><li><a href='index.html#a'>本页面中的一个位置</a></li></ul>";
    let fault = read_with(list, &ListRule::default()).unwrap_err();
    assert_eq!(fault.code, "list-empty");
    assert!(fault.detail.contains("0 links in 0 groups"), "{fault}");
}

#[test]
fn navigation_alone_is_no_list() {
    let fault = read_with(
        &dressed("<p>栏目建设中</p>")
            .replace("sidebar", "x")
            .split("<div class=\"x\">")
            .next()
            .unwrap()
            .replace("banner", "nav")
            .replace("t20251201_", "x"),
        &ListRule::default(),
    )
    .unwrap_err();
    assert_eq!(fault.code, "list-empty");
    assert!(fault.detail.contains("links in"), "{fault}");
    assert_eq!(read_with("  \n ", &ListRule::default()).unwrap_err().code, "page-empty");
}

#[test]
fn declared_rows_are_taken_and_never_guessed() {
    let list = each(|i| {
        format!(
            "<li><a href='{}'>{}</a><span>2025-12-{:02}</span></li>",
            article(i),
            TITLES[i],
            28 - i
        )
    });
    let page = dressed(&format!("<ul class='news_list'>{list}</ul>"));
    assert_eq!(rows_with(&page, &css(&["table.old tr", "ul.news_list > li"])), wanted_rows(7));
    assert_eq!(rows_with(&page, &css(&[".news_list a"])), wanted_rows(7));
    assert_eq!(rows_with(&page, &css(&[".sidebar li"])).len(), 2);
    let fault = read_with(&page, &css(&["ul.gone > li", ".list h9"])).unwrap_err();
    assert_eq!(fault.code, "list-empty");
    assert!(fault.detail.contains("`ul.gone > li` matched 0 elements"), "{fault}");
}

#[test]
fn declared_fields_of_a_row_come_first() {
    let list = each(|i| {
        format!(
            "<li data-day='2025/12/{:02}'><a href='/pic/1{i}.html'>配图以及较长的说明文字</a>\
             <a class=t href='{}' onclick=\"open('{}')\"><b>{}</b></a><i>2024-01-01</i></li>",
            28 - i,
            article(i),
            i,
            TITLES[i]
        )
    });
    let css = |text: &str| How::Css(Selector::new(text).unwrap());
    let rule = ListRule {
        item: vec![Selector::new("ul.rows > li").unwrap()],
        link: vec![Alternative::new(css("a.none")), Alternative::new(css("a.t"))],
        title: vec![Alternative::new(css("a.t > b"))],
        date: vec![Alternative {
            attr: Some("data-day".to_owned()),
            ..Alternative::new(css(":scope"))
        }],
        ..ListRule::default()
    };
    assert_eq!(rows_with(&dressed(&format!("<ul class=rows>{list}</ul>")), &rule), wanted_rows(7));
}

#[test]
fn filters_and_the_policy_for_rows_elsewhere() {
    let list = format!(
        "<ul>{}<li><a href='https://mp.weixin.qq.com/s/AbC'>公众号发布的民营企业文章</a><span>2025-12-01</span></li>\
         <li><a href='./P020251201.pdf'>关于开展评选活动的通知原件</a><span>2025-12-02</span></li>\
         <li><a href='http://guo.test/t20251203_1.html'>全国工商联网站发布的文章</a><span>2025-12-03</span></li></ul>",
        each(|i| format!(
            "<li><a href='{}'>{}</a><span>2025-12-{:02}</span></li>",
            article(i),
            TITLES[i],
            28 - i
        ))
    );
    let page = dressed(&list);
    let all = read_with(&page, &ListRule::default()).unwrap().links;
    let home: Url = HOME.parse().unwrap();
    assert_eq!(
        all.iter().map(|link| is_external(link, &home)).filter(|&external| external).count(),
        3
    );
    let skip = ListRule { external: External::Skip, ..ListRule::default() };
    assert_eq!(rows_with(&page, &skip), wanted_rows(7));
    let regex = |text: &str| vec![Regex::new(text).unwrap()];
    let some = ListRule {
        external: External::Skip,
        exclude_url: regex("_5000"),
        title_include: regex("工商联"),
        title_exclude: regex("培训"),
        ..ListRule::default()
    };
    assert_eq!(rows_with(&page, &some), wanted_rows(7)[1..2]);
    let nothing = ListRule { title_include: regex("无此标题"), ..ListRule::default() };
    assert_eq!(rows_with(&page, &nothing), [""; 0]);
    let excluded =
        ListRule { exclude: vec![Selector::new(".list").unwrap()], ..ListRule::default() };
    // What is left are boxes beside it.
    assert_eq!(read_with(&page, &excluded).unwrap_err().code, "list-empty");
}

#[test]
fn one_row_an_address_and_base_counts() {
    let list = each(|i| {
        let same = if i > 4 { 4 } else { i };
        format!(
            "<li><a href='{}?from=list{i}'>{}</a><span>2025-12-{:02}</span></li>",
            &article(same)[2..],
            TITLES[same],
            28 - same
        )
    });
    let page = dressed(&format!("<ul>{list}</ul>"))
        .replace("<body>", "<head><base href='/neu/'></head><body>");
    let listed = rows(&page);
    assert_eq!(listed.len(), 5);
    assert_eq!(
        listed[0],
        "/neu/202512/t20251228_5000.html?from=list0 全市工商联系统工作会议召开 2025-12-28"
    );
}

#[test]
fn records_of_an_inline_datastore() {
    let records = each(|i| {
        format!(
            "<record><![CDATA[<li><a href='/art/2025/12/{d}/art_7_{i}.html' title='{t}'>{t}</a><b>2025-12-{d:02}</b></li>]]></record>",
            d = 28 - i,
            t = TITLES[i]
        )
    });
    let page = dressed(&format!(
        "<div id=1><script type=\"text/xml\"><datastore><nextgroup><![CDATA[<a href=\"/module/jpage/dataproxy.jsp?page=2\"></a>]]></nextgroup>\
         <recordset>{records}</recordset></datastore></script></div>"
    ));
    let jcms = ListRule { kind: Some(ListKind::HanwebJcms), ..ListRule::default() };
    let wanted: Vec<String> = (0..7)
        .map(|i| {
            format!("/art/2025/12/{d}/art_7_{i}.html {} 2025-12-{d:02}", TITLES[i], d = 28 - i)
        })
        .collect();
    assert_eq!(rows_with(&page, &jcms), wanted);
    assert_eq!(rows(&page), wanted);
    let fault = read_with(&dressed(""), &jcms).unwrap_err();
    assert_eq!((fault.code, fault.detail.starts_with("no `<datastore>`")), ("list-empty", true));
    let bare =
        "<script><datastore><record><![CDATA[<li>无链接</li>]]></record></datastore></script>";
    assert!(read_with(bare, &jcms).unwrap_err().detail.contains("1 records"));
}

proptest::proptest! {
    #[test]
    fn any_page_is_read_without_a_panic(
        html in "(<(ul|li|a href='[a-z0-9/.?#:]{0,9}'|td|tr|table|b|/a|/li|/ul|script|datastore|record)>|[0-9-]{0,11}|\\PC{0,5}|<!\\[CDATA\\[|\\]\\]>){0,40}"
    ) {
        if let Ok(listing) = read_with(&html, &ListRule::default()) {
            for link in listing.links {
                assert!(!link.title.is_empty() && link.url.scheme().starts_with("http"));
            }
        }
    }
}
