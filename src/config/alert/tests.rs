use super::*;
use crate::config::Config;
use crate::model::Encryption;

/// What is wrong with a configuration of `text`, and what it says of alerts.
fn read(text: &str) -> Result<Vec<Alert>, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let site = "[[site]]\nid = \"a\"\nname = \"A\"\nhome = \"http://a.test/\"\n\
        [[site.column]]\nid = \"b\"\nname = \"B\"\nurl = \"/b/\"\n";
    #[expect(clippy::disallowed_methods, reason = "tests lay out the files that they need")]
    std::fs::write(folder.path().join("robot"), "https://robot.example/send?key=hunter2\n")
        .unwrap();
    #[expect(clippy::disallowed_methods, reason = "tests lay out the files that they need")]
    std::fs::write(&file, format!("{text}\n{site}")).unwrap();
    Config::load(&file)
        .map(|config| config.alerts)
        .map_err(|faults| faults.0.iter().map(|fault| fault.text(Lang::En)).collect())
}

fn robot(more: &str) -> String {
    format!(
        "[[alert]]\nid = \"x\"\nkind = \"dingtalk\"\nurl = \"https://r.example/s?t=hunter2\"\n{more}"
    )
}

fn mail(more: &str) -> String {
    format!(
        "[[alert]]\nid = \"x\"\nkind = \"mail\"\nhost = \"smtp.example\"\nfrom = \"a@b.example\"\n\
         to = [\"c@d.example\"]\n{more}"
    )
}

#[test]
fn what_an_alert_does_not_say_the_alerts_say() {
    let alert = read(&robot("")).unwrap().remove(0);
    let seconds = |length: Duration| length.as_secs();
    assert_eq!((seconds(alert.manner.settle), seconds(alert.manner.pause)), (60, 600));
    assert!(alert.manner.urgent.contains(&ProblemCode::StoreFull) && alert.quiet.is_empty());
    assert_eq!(alert.lang, Lang::Zh);
    let shared = "[alerts]\nquiet_hours = \"22:00-07:00\"\nsettle = \"5s\"\n";
    let alert = read(&format!("{shared}{}", robot("settle = \"2m\"\nlang = \"en\"\n"))).unwrap();
    assert_eq!((seconds(alert[0].manner.settle), alert[0].lang), (120, Lang::En));
    let night = "2026-11-20T16:00:00Z".parse().unwrap();
    assert_eq!(alert[0].quiet_until(night), "2026-11-20T23:00:00Z".parse().ok());
    let loud = read(&format!("{shared}{}", robot("quiet_hours = []\n"))).unwrap();
    assert_eq!(loud[0].quiet_until(night), None);
}

#[test]
fn an_address_may_stand_in_a_file_and_is_never_shown() {
    let text = "[[alert]]\nid = \"x\"\nkind = \"wecom\"\nurl_file = \"robot\"\n";
    let alerts = read(text).unwrap();
    let Outpost::Robot(Robot::Wecom, bell) = &alerts[0].outpost else { panic!("{alerts:?}") };
    assert_eq!(bell.url.query(), Some("key=hunter2"));
    assert!(!format!("{alerts:?}").contains("hunter2"));
    for wrong in [
        "[[alert]]\nid = \"x\"\nkind = \"feishu\"\nurl = \"robot.example/hook/hunter2\"\n",
        "[[alert]]\nid = \"x\"\nkind = \"feishu\"\nurl = \"ftp://r.example/hunter2\"\n",
        "[[alert]]\nid = \"x\"\nkind = \"feishu\"\nurl_env = \"LIANBO_NO_SUCH_VARIABLE\"\n",
        "[[alert]]\nid = \"x\"\nkind = \"feishu\"\nurl_file = \"none\"\n",
        "[[alert]]\nid = \"x\"\nkind = \"feishu\"\n",
        "[[alert]]\nid = \"x\"\nkind = \"webhook\"\nurl = \"https://r.example/\"\nsecret = \"hunter2\"\n",
        "[[alert]]\nid = \"x\"\nkind = \"telegram\"\nurl = \"https://r.example/hunter2\"\n",
        "[[alert]]\nid = \"x\"\nurl = \"https://r.example/hunter2\"\n",
    ] {
        let faults = read(wrong).unwrap_err();
        assert_eq!(faults.len(), 1, "{wrong}: {faults:?}");
        assert!(!faults[0].contains("hunter2"), "{faults:?}");
        assert!(faults[0].contains("config.toml:"), "{faults:?}");
    }
}

#[test]
fn codes_sites_and_lengths_are_known_ones() {
    let alert = read(&robot("codes = [\"timeout\"]\nexcept = [\"timeout\"]\nsites = [\"a\"]\n"));
    assert_eq!(alert.unwrap()[0].manner.codes, [ProblemCode::Timeout]);
    for (wrong, wanted) in [
        ("codes = [\"timeouts\"]\n", "did you mean `timeout`?"),
        ("urgent = [\"全部\"]\n", "no problem code"),
        ("sites = [\"b\"]\n", "no site `b`"),
        ("pause = \"48h\"\n", "24h at most"),
        ("quiet_hours = \"00:00-24:00\"\n", "quiet"),
        ("setle = \"1m\"\n", "did you mean `settle`?"),
        ("host = \"smtp.example\"\n", "unknown key"),
    ] {
        let faults = read(&robot(wrong)).unwrap_err();
        assert_eq!(faults.len(), 1, "{wrong}: {faults:?}");
        assert!(faults[0].contains(wanted), "{faults:?}");
    }
    assert!(read(&(robot("") + &robot(""))).unwrap_err()[0].contains("is taken, see "));
    assert_eq!(read("[alerts]\ncodes = [\"x\"]\nfoo = 1\n").unwrap_err().len(), 2);
}

#[test]
fn mail_is_encrypted_unless_it_stays_here() {
    let one = |text: &str| match read(text).map(|mut alerts| alerts.remove(0).outpost) {
        Ok(Outpost::Mail(mailing)) => Ok((mailing.port, mailing.encryption)),
        other => Err(format!("{other:?}")),
    };
    assert_eq!(one(&mail("")), Ok((465, Encryption::Tls)));
    assert_eq!(one(&mail("port = 587\n")), Ok((587, Encryption::StartTls)));
    assert_eq!(one(&mail("tls = \"starttls\"\n")), Ok((587, Encryption::StartTls)));
    assert_eq!(one(&mail("tls = \"insecure\"\n")), Ok((25, Encryption::None)));
    let here = mail("tls = \"none\"\n").replace("smtp.example", "127.0.0.1");
    assert_eq!(one(&here), Ok((25, Encryption::None)));
    let login = "user = \"u\"\npassword_env = \"P\"\n";
    assert!(one(&mail(login)).is_ok(), "the password is read when it is needed");
    for (wrong, wanted) in [
        ("tls = \"none\"\n", "`insecure`"),
        ("tls = \"ssl\"\n", "none of tls"),
        ("user = \"u\"\n", "wanted `user` and a password"),
        ("password_file = \"p\"\n", "wanted `user` and a password"),
        ("user = \"u\"\npassword_env = \"P\"\npassword = \"hunter2\"\n", "must not stand here"),
        ("port = 0\n", "port"),
        ("url = \"https://r.example\"\n", "unknown key"),
    ] {
        let faults = read(&mail(wrong)).unwrap_err();
        assert_eq!(faults.len(), 1, "{wrong}: {faults:?}");
        assert!(faults[0].contains(wanted) && !faults[0].contains("hunter2"), "{faults:?}");
    }
    let nobody = mail("").replace("[\"c@d.example\"]", "[]").replace("a@b.example", "a");
    assert_eq!(read(&nobody).unwrap_err().len(), 2);
}
