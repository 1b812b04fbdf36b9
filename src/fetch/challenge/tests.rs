use bytes::Bytes;

use super::*;

fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Reply {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    Reply { status, headers: map, body: Bytes::from(body.to_owned()) }
}

fn told(status: u16, body: &str) -> Option<Product> {
    product(&reply(status, &[], body))
}

/// Pages as the products send them, in little.
fn challenges() -> Vec<(u16, &'static str, Product)> {
    vec![
        (
            412,
            "<!DOCTYPE html><html><head><meta id=\"9DhefwqGPrzGxEp9hPaoag\" content=\"x\" r=\"m\">\
             <script r=\"m\">$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script>\
             <script src=\"/4QbVtADbnLVIc/d.FxJzG50F.dfe1675.js\" r=\"m\"></script></head>\
             <body><noscript>请启用脚本</noscript></body></html>",
            Product::Ruishu,
        ),
        (202, "<html><script>$_ts = window['$_ts'];</script><body></body></html>", Product::Ruishu),
        (
            521,
            "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+'_';\
             location.href=location.pathname+location.search</script>",
            Product::Jiasule,
        ),
        (
            200,
            "<html><head><script>go({\"bts\":[\"1\"],\"tn\":\"__jsl_clearance_s\",\"vt\":\"3600\"})\
             </script></head></html>",
            Product::Jiasule,
        ),
        (
            200,
            "<html><script>\nvar arg1='4B3F6C0D2A';\nfunction setCookie(n,v){}</script></html>",
            Product::Aliyun,
        ),
        (
            200,
            "<!doctypehtml><html><meta charset=\"utf-8\"><meta name=\"aliyun_waf_aa\" content=\"1\">\
             <script>0</script><body><p>Please enable JavaScript</p></body></html>",
            Product::Aliyun,
        ),
        (
            200,
            "<html><body><script>var s='HOY_TR=A,B,C';document.cookie=s;window.location.reload()\
             </script></body></html>",
            Product::Wangsu,
        ),
        (
            200,
            "<script>document.cookie=\"__tst_status=\"+(1+2)+\"#;\";setTimeout(function(){\
             location.href=location.href.replace(/tads/,'')},1200)</script>",
            Product::EdgeOne,
        ),
        (
            468,
            "<html><head><title>安全检测</title></head><body><p>正在进行安全检测，请稍候…</p>\
             <script>var c='safeline_bot_challenge';</script>\
             <a href=\"https://waf.test/\">由雷池提供</a></body></html>",
            Product::Safeline,
        ),
        (
            403,
            "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
            Product::Unknown,
        ),
        (
            200,
            "<html><script>document.cookie = 'tick=' + 1;window.location.reload();</script></html>",
            Product::Unknown,
        ),
    ]
}

#[test]
fn every_product_is_named() {
    for (status, body, product) in challenges() {
        assert_eq!(told(status, body), Some(product), "{body}");
    }
    let mitigated = reply(403, &[("cf-mitigated", "challenge")], "");
    assert_eq!(product(&mitigated), Some(Product::Unknown));
}

#[test]
fn an_article_that_speaks_of_them_is_an_article() {
    let words = "网站安全讲座：主讲人介绍了加速乐的 __jsl_clearance_s、阿里云的 acw_sc__v2、\
                 网宿的 HOY_TR、__tst_status 与 safeline_bot_challenge 等几种验证方式，并说明了\
                 document.cookie=与 location.reload 的用法。三十余家会员企业参加。";
    let paragraphs = format!("{words}<br>{words}");
    for page in [
        // Three lines in a template with statistics and a counter.
        format!(
            "<html><head><title>讲座</title><script>var _hmt=[];</script></head><body>\
             <a href=/>首页</a><a href=/yw/>要闻</a><a href=/gg/>公告</a><h1>讲座</h1>{words}\
             <script src=/hits.asp></script></body></html>"
        ),
        // Nothing but its text.
        format!("<script>var a=1</script>{paragraphs}"),
        // The code itself, shown to readers.
        format!(
            "<script>var a=1</script><pre>&lt;script&gt;{words}&lt;/script&gt;</pre><p>{words}"
        ),
        // A short one, whose words stand where readers see them and not in a script.
        "<script>var a=1</script><p>关于 acw_sc__v2 的说明".to_owned(),
        // Words by which it is described.
        "<meta name=\"description\" content=\"acw_sc__v2 与 HOY_TR\"><script>var a=1</script><p>附件".to_owned(),
        // Words in an attribute, or in a comment.
        "<script>var a=1</script><!-- HOY_TR --><img alt='__tst_status'><p>图片".to_owned(),
    ] {
        for status in [200, 404, 500] {
            assert_eq!(told(status, &page), None, "{page}");
        }
    }
}

#[test]
fn a_page_behind_a_guard_is_a_page() {
    // A guard's script stands in pages that it lets through, too.
    let text = "市工商联组织召开民营企业座谈会，听取企业家的意见建议。".repeat(12);
    let page = format!(
        "<html><script>var s='HOY_TR';document.cookie=s;location.reload()</script><p>{text}</html>"
    );
    assert_eq!(told(200, &page), None);
    // A list of a few short rows has links.
    let list = "<script>document.cookie='a=1';function go(){location.href='/'}</script>\
                <a href=1>座谈会</a><a href=2>公告</a><a href=3>培训</a>";
    assert_eq!(told(200, list), None);
    // A shell that a script fills sets no cookie to come back with.
    assert_eq!(told(200, "<div id=app></div><script src=/app.js></script>"), None);
    // An alert is a sorry page.
    assert_eq!(told(200, "<script>alert('该信息不存在');history.back();</script>"), None);
}

#[test]
fn errors_of_servers_are_errors() {
    assert_eq!(told(412, "<h1>412 Precondition Failed</h1>"), None);
    assert_eq!(told(403, "<h1>403 Forbidden</h1><hr>nginx"), None);
    let away = reply(521, &[("server", "cloudflare")], "<h1>Web server is down</h1>");
    assert_eq!(product(&away), None);
}

#[test]
fn hostile_pages_are_looked_through_and_no_more() {
    for page in [
        "",
        "<",
        "<script",
        "<script>$_ts=",
        "<!--",
        "<a",
        "镕<İ>中",
        &"<".repeat(100_000),
        &"<script>".repeat(20_000),
        &"<a href=x>".repeat(50_000),
        &"中".repeat(200_000),
    ] {
        let _ = told(200, page);
    }
    let large = format!("<script>__tst_status</script>{}", " ".repeat(LONGEST));
    assert_eq!(told(200, &large), None, "what is larger than any challenge is not looked into");
}
