//! Drafts as people look at them.

use bytes::Bytes;
use http::HeaderMap;
use lianbo::model::AssetKind;
use lianbo::net::{Client, Exchange, NetSettings};
use url::Url;

use super::{MARK, Stand, jpeg};

/// The answer at `url`.
pub(super) async fn read(url: &Url) -> (u16, Bytes) {
    let exchange = Exchange {
        url,
        form: &[],
        body: None,
        headers: HeaderMap::new(),
        timeout: crate::running::DEADLINE,
        max_bytes: 4 << 20,
        allow_private: true,
    };
    let reply = Client::new(NetSettings::default()).exchange(&exchange).await.unwrap();
    (reply.status, reply.body)
}

async fn text(url: &Url) -> (u16, String) {
    let (status, body) = read(url).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_box_lists_drafts_and_leads_to_them() {
    let stand = Stand::start().await;
    let (status, page) = text(&stand.fake.base()).await;
    assert_eq!(status, 200);
    assert!(page.contains("还没有草稿"));

    let mut issue = stand.articles(2).await;
    issue[1].title = "<script>alert(1)</script>&".to_owned();
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    let (_, page) = text(&stand.fake.base()).await;
    assert!(
        page.contains(&issue[0].title) && page.contains("2 篇 · 2026年11月25日 09:00"),
        "{page}"
    );
    assert!(page.contains(&format!("href=\"/draft/{}\"", pushed.media_id)), "{page}");
    let url = stand.fake.base().join(&format!("draft/{}/2", pushed.media_id)).unwrap();
    let (status, page) = text(&url).await;
    assert_eq!(status, 200);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
}

#[tokio::test]
async fn a_draft_is_shown_with_its_own_pictures_at_this_address() {
    let stand = Stand::start().await;
    let picture = stand.platform.upload_picture(&jpeg(7), "a.jpg", AssetKind::Jpeg).await.unwrap();
    let mut issue = stand.issue().await;
    issue[0].content = format!("<p>正文</p><img src=\"{picture}\">");
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    let stored = stand.platform.draft(&pushed.media_id).await.unwrap();
    let url = stored.articles[0].url.parse().unwrap();
    let (_, page) = text(&url).await;
    assert!(page.contains("<p>正文</p>") && page.contains("省工商联"), "{page}");
    assert!(!page.contains("qpic.cn"), "nothing is loaded from elsewhere");
    let own = page.split("src=\"").nth(2).unwrap().split('"').next().unwrap();
    let (status, bytes) = read(&url.join(own).unwrap()).await;
    assert_eq!((status, bytes), (200, jpeg(7)));
}

#[tokio::test]
async fn a_sent_draft_can_still_be_seen() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.platform.send_all(&pushed.media_id, "a").await.unwrap();
    let (_, page) = text(&stand.fake.base()).await;
    assert!(page.contains("已群发"), "{page}");
    let url = stand.fake.base().join(&format!("draft/{}", pushed.media_id)).unwrap();
    assert_eq!(text(&url).await.0, 200);
}

#[tokio::test]
async fn there_is_no_page_for_nonsense() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    for path in [
        "nothing".to_owned(),
        "draft/nobody".to_owned(),
        format!("draft/{}/0", pushed.media_id),
        format!("draft/{}/2", pushed.media_id),
        format!("draft/{}/99999999999999999999", pushed.media_id),
        "mmbiz/%2e%2e/x".to_owned(),
    ] {
        let (status, page) = text(&stand.fake.base().join(&path).unwrap()).await;
        assert_eq!(status, 404, "{path}");
        assert!(page.contains("没有这一页"));
    }
}
