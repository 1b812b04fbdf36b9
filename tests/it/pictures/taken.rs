//! Files that go: taken down, withdrawn with their items, cut off by a kill.

use super::*;

#[tokio::test]
async fn what_is_taken_down_is_gone_everywhere_and_does_not_come_back() {
    let ground = ground(&["/p/1.jpg", "/p/2.jpg"]);
    let (first, second) = (picture(ImageFormat::Jpeg, 10), picture(ImageFormat::Jpeg, 20));
    ground.site.set("/p/1.jpg", image(&first));
    ground.site.set("/p/2.jpg", image(&second));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    // The month ends, and with it the archive that holds the pictures.
    ground.later(TimeDelta::days(30));
    once(&pipeline).await;
    drop(pipeline);
    let (one, two) = (place(&first, "jpg"), place(&second, "jpg"));
    let archived =
        |place: &str| text(&ground.public(), "archives/all/2026-11.atom").contains(place);
    assert!(archived(&one) && archived(&two));
    let told = ground.lianbo(&["takedown", &format!("http://feeds.test/{one}")]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains(&one) && told.out.contains("1 item is"), "{told:?}");
    assert!(!ground.public().contains_key(&one));
    assert!(!archived(&one) && archived(&two));
    assert_shown(
        &ground,
        &[&two, "图为会议现场乙"],
        &[&one, "/p/1.jpg\"", "图为会议现场甲</figcaption"],
    );

    // The same bytes elsewhere are refused too.
    ground.site.set("/p/3.jpg", image(&first));
    ground.site.set("/art/2.html", article("市商会举办另一场会议", &["/p/3.jpg"]));
    ground.site.set("/yw/", page(&list_html(&[("/art/2.html", "市商会举办另一场会议")], None)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    drop(pipeline);
    assert!(!ground.public().contains_key(&one));
    let rss = text(&ground.public(), "feeds/all.rss");
    assert!(rss.contains("市商会举办另一场会议") && !rss.contains("/p/3.jpg"), "{rss}");

    // By its original address, and what nobody holds.
    let told = ground.lianbo(&["takedown", "http://xin.test/p/2.jpg"]);
    assert!(told.out.contains(&two), "{told:?}");
    assert!(!ground.public().contains_key(&two));
    assert!(ground.lianbo(&["takedown", "http://xin.test/p/2.jpg"]).out.contains("before"));
    assert_eq!(ground.lianbo(&["takedown", "p/2.jpg"]).code, Some(2));

    // What is known by no such name is barred, and that is all.
    for mistyped in ["http://xin.test/p/8.jpg", "0123456789abcdef0123456789abcdef"] {
        let told = ground.lianbo(&["takedown", mistyped]);
        assert!(told.code == Some(1) && told.out.contains("no such file"), "{told:?}");
        assert_eq!(ground.lianbo(&["takedown", "--undo", mistyped]).code, Some(0));
    }

    // And back.
    assert_eq!(ground.lianbo(&["takedown", "--undo", "http://xin.test/p/9.jpg"]).code, Some(1));
    let told = ground.lianbo(&["takedown", "--undo", "http://xin.test/p/2.jpg"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(ground.public()[&two], second);
    assert!(!ground.public().contains_key(&one));
}

#[tokio::test]
async fn what_only_a_withdrawn_item_showed_goes_with_it_and_comes_back_with_it() {
    let ground = ground(&["/p/1.jpg"]);
    let bytes = picture(ImageFormat::Jpeg, 10);
    ground.site.set("/p/1.jpg", image(&bytes));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (hash, place) = (AssetHash::of(&bytes), place(&bytes, "jpg"));
    let id = items(&pipeline.store).await[0].id.clone();
    let taking = Taking { why: Cause::ByHand, by: None, reason: None };
    pipeline.store.withdraw(vec![id.clone()], taking, (pipeline.clock)()).await.unwrap();
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    assert!(!ground.public().contains_key(&place));
    assert!(pipeline.store.is_gone(&hash).await.unwrap());
    pipeline.store.restore(vec![id]).await.unwrap();
    once(&pipeline).await;
    assert_eq!(ground.public()[&place], bytes);
    assert!(!pipeline.store.is_gone(&hash).await.unwrap());
    assert_shown(&ground, &[&place], &["xin.test/p/"]);
}

#[test]
fn a_daemon_serves_what_is_held_and_hears_of_a_takedown_at_once() {
    let ground = ground(&["/p/1.jpg"]);
    // Protected against other sites' pages: only its own article may show it.
    let bytes = picture(ImageFormat::Jpeg, 10);
    ground.site.set("/p/1.jpg", image(&bytes));
    ground.reconfigure("[schedule]", "[schedule]\nrefresh = \"* * * * * *\"");
    let mut running = Running::start(&ground.config_file());
    let address = running.address();
    let path = format!("/{}", place(&bytes, "jpg"));
    running.wait_for(&["files taken in", "files=1"]);
    let (head, body) = ask(&address, &path, "");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(body, bytes);
    for part in [
        "content-type: image/jpeg",
        "cache-control: max-age=31536000, immutable",
        "x-content-type-options: nosniff",
        "access-control-allow-origin: *",
        &format!("content-length: {}", bytes.len()),
        "sandbox",
    ] {
        assert!(head.contains(part), "`{part}` is not in {head}");
    }
    assert!(!head.contains("content-encoding"), "{head}");
    let tag = head.split("etag: ").nth(1).unwrap().split("\r\n").next().unwrap().to_owned();
    let (head, body) = ask(&address, &path, &format!("If-None-Match: {tag}\r\n"));
    assert!(head.starts_with("http/1.1 304") && body.is_empty(), "{head}");
    let unknown = format!("/{}", place(b"unknown", "jpg"));
    assert!(ask(&address, &unknown, "").0.starts_with("http/1.1 404"));

    let shown = |wanted: bool, running: &mut Running| loop {
        let (_, body) = ask(&address, "/feeds/all.rss", "");
        if String::from_utf8_lossy(&body).contains(&path) == wanted {
            return;
        }
        running.wait_for(&["published", "rendered="]);
    };
    shown(true, &mut running);
    // The daemon has the folder; the order is carried out beside it.
    let told = ground.lianbo(&["takedown", AssetHash::of(&bytes).as_str()]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(ask(&address, &path, "").0.starts_with("http/1.1 410"));
    assert!(!ground.data().join("public").join(&path[1..]).exists());
    shown(false, &mut running);
    assert!(running.end().success());
}

/// A pipeline that was killed after the bytes of a picture were written and before they were
/// recorded.
async fn cut_off(ground: &Ground, pipeline: &Pipeline, bytes: &[u8]) {
    let path = place(bytes, "jpg");
    pipeline.store.expect_documents(vec![(path.clone(), "image/jpeg".to_owned())]).await.unwrap();
    let file = ground.data().join("public").join(&path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_kill_between_a_file_and_its_record_is_made_good() {
    let bytes = picture(ImageFormat::Jpeg, 10);
    let plain = ground(&["/p/1.jpg"]);
    plain.site.set("/p/1.jpg", image(&bytes));
    let pipeline = plain.open().await;
    once(&pipeline).await;
    let wanted = plain.public();

    let killed = ground(&["/p/1.jpg"]);
    killed.site.set("/p/1.jpg", image(&bytes));
    let pipeline = killed.open().await;
    cut_off(&killed, &pipeline, &bytes).await;
    drop(pipeline);
    let pipeline = killed.open().await;
    once(&pipeline).await;
    assert!(killed.public() == wanted, "the bytes differ from those of an undisturbed run");
    assert!(pipeline.store.unsure_documents().await.unwrap().is_empty());
    drop(pipeline);

    // Bytes that somebody removed are fetched again; until then the original stands in.
    std::fs::remove_file(killed.data().join("public").join(place(&bytes, "jpg"))).unwrap();
    killed.site.set("/p/1.jpg", reply("503 Busy", "", b""));
    let pipeline = killed.open().await;
    once(&pipeline).await;
    assert_shown(&killed, &["http://xin.test/p/1.jpg"], &["/assets/"]);
    killed.site.set("/p/1.jpg", image(&bytes));
    killed.later(TimeDelta::hours(2));
    once(&pipeline).await;
    assert_shown(&killed, &[&place(&bytes, "jpg")], &["xin.test/p/"]);
}
