//! Pictures and covers.

use bytes::Bytes;
use lianbo::model::AssetKind;
use lianbo::publish::wechat::{MediaId, Refusal};

use super::{Stand, jpeg};

#[tokio::test]
async fn a_picture_is_sent_with_name_and_type_and_stands_at_https() {
    let stand = Stand::start().await;
    let url = stand.platform.upload_picture(&jpeg(1), "会场 1.png", AssetKind::Jpeg).await.unwrap();
    assert_eq!((url.scheme(), url.host_str()), ("https", Some("mmbiz.qpic.cn")));
    let requests = stand.fake.requests();
    assert_eq!(requests.last().unwrap().body, "1.jpg image/jpeg 7");
}

#[tokio::test]
async fn every_byte_of_a_picture_arrives() {
    let stand = Stand::start().await;
    let mut bytes = jpeg(1).to_vec();
    bytes.extend(b"\r\n--lianbo-\r\n--\r\n\0\xff".iter().cycle().take(900_000));
    let bytes = Bytes::from(bytes);
    let url = stand.platform.upload_picture(&bytes, "a.jpg", AssetKind::Jpeg).await.unwrap();
    let seen = stand.fake.base().join(&format!("mmbiz{}", url.path())).unwrap();
    assert_eq!(super::page::read(&seen).await.1, bytes);
}

/// 40005: WebP, whatever it is called; a GIF in a body too.
#[tokio::test]
async fn code_40005_asks_for_another_type() {
    let stand = Stand::start().await;
    let webp = Bytes::from_static(b"RIFF\x08\0\0\0WEBPVP8 ");
    for (bytes, kind) in [(webp, AssetKind::Jpeg), (Bytes::from_static(b"GIF89a"), AssetKind::Gif)]
    {
        let refused = stand.platform.upload_picture(&bytes, "a", kind).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::FileType));
        assert_eq!(refused.told().unwrap().code, 40005);
    }
    assert_eq!(stand.fake.count("media/uploadimg"), 2, "the same bytes are not sent again");
}

/// 40113: no picture at all.
#[tokio::test]
async fn code_40113_asks_for_another_type() {
    let stand = Stand::start().await;
    let text = Bytes::from_static(b"<html>404</html>");
    let refused = stand.platform.upload_picture(&text, "a.jpg", AssetKind::Jpeg).await.unwrap_err();
    assert_eq!((refused.refusal(), refused.code()), (Some(Refusal::FileType), "file-type"));
    assert_eq!(refused.told().unwrap().code, 40113);
}

/// 40009: a million bytes are too many, one less is not.
#[tokio::test]
async fn code_40009_asks_for_a_smaller_one() {
    let stand = Stand::start().await;
    let mut bytes = jpeg(1).to_vec();
    bytes.resize(1_000_000, 0);
    let large = Bytes::from(bytes);
    let refused =
        stand.platform.upload_picture(&large, "a.jpg", AssetKind::Jpeg).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::FileSize));
    let fits = large.slice(..999_999);
    stand.platform.upload_picture(&fits, "a.jpg", AssetKind::Jpeg).await.unwrap();
    stand.platform.add_cover(&large, "a.jpg", AssetKind::Jpeg).await.unwrap();
}

#[tokio::test]
async fn a_cover_can_be_removed_once() {
    let stand = Stand::start().await;
    let cover = stand.platform.add_cover(&jpeg(1), "cover.jpg", AssetKind::Jpeg).await.unwrap();
    stand.platform.delete_material(&cover).await.unwrap();
    let refused = stand.platform.delete_material(&cover).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::Media));
    let nobody = MediaId::new("\"\\\n");
    assert!(stand.platform.delete_material(&nobody).await.is_err());
}

#[tokio::test]
async fn a_second_push_uploads_nothing() {
    let stand = Stand::start().await;
    let picture = stand.platform.upload_picture(&jpeg(2), "a.jpg", AssetKind::Jpeg).await.unwrap();
    let mut issue = stand.issue().await;
    issue[0].content = format!("<p><img src=\"{picture}\"></p>");
    let pushed = stand.platform.create_draft(&issue, super::MARK).await.unwrap();
    let recorded = pushed.update_time;
    stand.platform.bring_up_to_date(&pushed.media_id, recorded, &issue, super::MARK).await.unwrap();
    assert_eq!(stand.fake.count("media/uploadimg"), 1);
    assert_eq!(stand.fake.count("material/add_material"), 1);
    let stored = stand.platform.draft(&pushed.media_id).await.unwrap();
    assert!(stored.articles[0].content.contains(picture.as_str()), "the picture survives");
}

#[tokio::test]
async fn a_lost_answer_to_an_upload_is_asked_for_again_but_a_cover_is_not_doubled() {
    let stand = Stand::start().await;
    stand.fake.faults().next("media/uploadimg", lianbo::demo::Fault::Cut);
    stand.platform.upload_picture(&jpeg(1), "a.jpg", AssetKind::Jpeg).await.unwrap();
    stand.fake.faults().next("material/add_material", lianbo::demo::Fault::Cut);
    let lost = stand.platform.add_cover(&jpeg(1), "a.jpg", AssetKind::Jpeg).await.unwrap_err();
    assert_eq!(lost.code(), "unreached");
    assert_eq!(stand.fake.count("material/add_material"), 1);
}
