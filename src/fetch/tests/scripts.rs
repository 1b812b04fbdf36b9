//! What scripts of a page do: forms and cookies.

use super::*;

#[tokio::test]
async fn a_script_sends_its_form_with_the_cookie_of_the_page() {
    let site = Site::start(|path, head| {
        let head = head.to_ascii_lowercase();
        let allowed = head.starts_with("post")
            && head.contains("cookie: sid=7")
            && head.contains("x-requested-with: xmlhttprequest")
            && head.contains("referer: http://site.test/list")
            && head.contains("content-type: application/x-www-form-urlencoded")
            && head.contains("content-length: 17");
        match path {
            "/list" => answer("200 OK", "Set-Cookie: sid=7; Path=/\r\n", b"<p>x"),
            _ if allowed => ok("rows"),
            _ => answer("403 Forbidden", "", b""),
        }
    })
    .await;
    site.get("/list").await.unwrap();
    let referer = Url::parse("http://site.test/list").unwrap();
    let form = vec![("n".to_owned(), "1".to_owned()), ("t".to_owned(), "页 x".to_owned())];
    let call = Call::script(referer.join("/rows").unwrap(), form);
    let request = Request::call(&call, &referer);
    let answered = site.fetcher.get(&request, &manners(), now()).await.unwrap();
    assert!(matches!(answered, Answer::Page(page) if page.body == "rows"));
    // Without the form it is another request.
    let bare = Request { form: &[], ..request };
    let refused = site.fetcher.get(&bare, &manners(), now()).await.unwrap_err();
    assert!(refused.to_string().contains("403"), "{refused}");
}

#[tokio::test]
async fn a_cookie_may_be_set_by_the_way() {
    let site = Site::start(|_, head| match head.contains("cookie: seen=1") {
        true => ok("page"),
        false => answer("302 Found", "Location: /a\r\nSet-Cookie: seen=1\r\n", b""),
    })
    .await;
    assert!(site.get("/a").await.is_ok());
    assert_eq!(site.paths(), ["/a", "/a"]);
}
