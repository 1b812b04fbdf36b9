use std::fs;
use std::path::{Path, PathBuf};

use tar::{Builder, EntryType, Header};

use super::*;
use crate::model::AssetHash;

fn now() -> DateTime<Utc> {
    "2026-11-20T19:30:00Z".parse().unwrap()
}

/// A folder with an archive of a database, a picture and a configuration file in it.
fn packed() -> (tempfile::TempDir, PathBuf, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("copy.db");
    put(&database, &vec![7; 300_000]);
    let path = folder.path().join("one.tar.zst");
    let out = fs::File::create(&path).unwrap();
    let mut packer = Packer::new(out, &Head::new(12, now(), true, true)).unwrap();
    packer.add_file(DATABASE, &database).unwrap();
    packer.add(&picture(b"picture"), b"picture").unwrap();
    packer.add(&config_place("feeds/sites/苏州.toml").unwrap(), b"[[site]]").unwrap();
    packer.lacks("data/public/assets/x.jpg", "not there");
    let (manifest, _) = packer.finish(Counts { items: 3, ..Counts::default() }).unwrap();
    (folder, path, manifest)
}

fn picture(bytes: &[u8]) -> String {
    format!("{ASSETS}assets/{}.jpg", AssetHash::of(bytes))
}

#[expect(clippy::disallowed_methods, reason = "a test lays out the files it needs")]
fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

/// Unpacks into a folder of its own; gives what stands there.
fn read(path: &Path) -> Result<(Unpacked, Vec<String>), BackupError> {
    let into = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    unpack(path, into.path(), |member| seen.push(member.to_owned())).map(|all| (all, seen))
}

/// An archive of these members, as nobody but an enemy writes it.
fn forged(members: &[(&str, EntryType, &[u8])], with_head: bool) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("forged.tar.zst");
    let encoder = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
    let mut tar = Builder::new(encoder);
    let head = serde_json::to_vec(&Head::new(12, now(), true, true)).unwrap();
    let first = with_head.then_some((HEAD, EntryType::Regular, &head[..]));
    for (name, kind, bytes) in first.into_iter().chain(members.iter().copied()) {
        let mut header = Header::new_ustar();
        // `set_path` would refuse what this is about.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
    (folder, path)
}

#[test]
fn what_was_packed_is_what_comes_out() {
    let (_folder, path, manifest) = packed();
    assert_eq!(head(&path).unwrap().made, now());
    let into = tempfile::tempdir().unwrap();
    let found = unpack(&path, into.path(), |_| {}).unwrap();
    assert_eq!(found.manifest, manifest);
    assert_eq!((manifest.members.len(), manifest.missing.len()), (3, 1));
    assert_eq!(fs::read(into.path().join(DATABASE)).unwrap(), vec![7; 300_000]);
    assert_eq!(fs::read(into.path().join(picture(b"picture"))).unwrap(), b"picture");
    let config = into.path().join("config/feeds/sites/苏州.toml");
    assert_eq!(fs::read(config).unwrap(), b"[[site]]");
}

#[test]
fn a_backup_that_is_cut_short_anywhere_is_refused() {
    let (_folder, path, _) = packed();
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        put(&path, &whole[..length]);
        let error = read(&path).unwrap_err();
        let told = matches!(error, BackupError::Truncated(_) | BackupError::NotOne(_));
        assert!(told, "{length} of {}: {error}", whole.len());
        assert!(length < 4 || matches!(error, BackupError::Truncated(_)), "{length}: {error}");
    }
}

#[test]
fn a_flipped_byte_anywhere_is_noticed() {
    let (_folder, path, manifest) = packed();
    let whole = fs::read(&path).unwrap();
    let mut passed_over = 0;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        put(&path, &bytes);
        match read(&path) {
            Err(error) => assert!(!matches!(error, BackupError::File { .. }), "{at}: {error}"),
            // Bits that decoders pass over (RFC 8878 §3.1.1.1.1.3): the checksum holds.
            Ok((all, _)) => {
                assert!(all.manifest == manifest, "byte {at}");
                passed_over += 1;
            }
        }
    }
    assert!(passed_over * 50 < whole.len(), "{passed_over} of {} say nothing", whole.len());
}

#[test]
fn what_no_backup_has_is_refused() {
    let plain = EntryType::Regular;
    let cases: [(&str, EntryType, &[u8]); 12] = [
        ("/etc/cron.toml", plain, b"x"),
        ("../config.toml", plain, b"x"),
        ("config/../../x.toml", plain, b"x"),
        ("data/lianbo.db-wal", plain, b"x"),
        ("data/lianbo.db", EntryType::Symlink, b""),
        ("config/a.toml", EntryType::Link, b""),
        ("data", EntryType::Directory, b""),
        ("config/null.toml", EntryType::Char, b""),
        ("config/disk.toml", EntryType::Block, b""),
        ("config/pipe.toml", EntryType::Fifo, b""),
        ("././@LongLink", EntryType::GNULongName, b"config/../../x.toml"),
        ("pax", EntryType::XHeader, b"20 path=../x.toml\n"),
    ];
    for (name, kind, bytes) in cases {
        let (folder, path) = forged(&[(name, kind, bytes)], true);
        let error = read(&path).unwrap_err();
        assert!(matches!(error, BackupError::Unsafe(_)), "{name}: {error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{name}");
    }
    let twice = ("config/a.toml", plain, &b"x"[..]);
    let (_folder, path) = forged(&[twice, twice], true);
    assert!(matches!(read(&path), Err(BackupError::Unsafe(_))));
}

#[test]
fn members_and_manifest_must_agree() {
    let member = |path: &str, bytes: &[u8]| Member {
        path: path.to_owned(),
        size_bytes: bytes.len() as u64,
        blake3: blake3::hash(bytes).to_hex().to_string(),
    };
    let plain = EntryType::Regular;
    let manifest = |members: Vec<Member>| {
        serde_json::to_vec(&Manifest { members, ..Manifest::default() }).unwrap()
    };
    let one = ("config/a.toml", plain, &b"one"[..]);
    for members in [
        vec![],
        vec![member("config/a.toml", b"two")],
        vec![member("config/a.toml", b"one"), member("config/b.toml", b"one")],
    ] {
        let last = manifest(members);
        let (_folder, path) = forged(&[one, (MANIFEST, plain, &last)], true);
        let error = read(&path).unwrap_err();
        assert!(matches!(error, BackupError::Damaged(_)), "{error}");
    }
    let last = manifest(vec![member("config/a.toml", b"one")]);
    let (_folder, path) = forged(&[one, (MANIFEST, plain, &last)], true);
    assert!(read(&path).is_ok());
    let (_folder, path) = forged(&[(MANIFEST, plain, &last), one], true);
    assert!(matches!(read(&path), Err(BackupError::Damaged(_) | BackupError::Unsafe(_))));
    // A picture whose bytes are others than its name says is no picture of ours.
    let name = picture(b"one");
    let (_folder, path) = forged(&[(&name, plain, b"two")], true);
    assert!(matches!(read(&path), Err(BackupError::Damaged(_))));
}

#[test]
fn other_files_and_later_layouts_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for bytes in [&b""[..], b"PK", b"not at all a backup", &MAGIC_ALONE] {
        put(&path, bytes);
        let error = read(&path).unwrap_err();
        let told = matches!(error, BackupError::NotOne(_) | BackupError::Truncated(_));
        assert!(told, "{bytes:?}: {error}");
    }
    let (_folder, path) = forged(&[("a.txt", EntryType::Regular, b"x")], false);
    assert!(matches!(read(&path), Err(BackupError::NotOne(_))));
    let later = br#"{"backup":"lianbo","format":9,"version":"7.0.0","all":"new"}"#;
    let (_folder, path) = forged(&[(HEAD, EntryType::Regular, later)], false);
    match read(&path).unwrap_err() {
        BackupError::NewerLayout { version, found, .. } => {
            assert_eq!((&*version, found), ("7.0.0", 9))
        }
        error => panic!("{error}"),
    }
    let (_folder, path) = forged(&[(HEAD, EntryType::Regular, br#"{"backup":"other"}"#)], false);
    assert!(matches!(read(&path), Err(BackupError::NotOne(_))));
}

const MAGIC_ALONE: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

#[test]
fn a_size_beyond_all_disks_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.tar.zst");
    let mut out = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
    {
        let mut tar = Builder::new(&mut out);
        let head = serde_json::to_vec(&Head::new(12, now(), true, true)).unwrap();
        let mut header = Header::new_ustar();
        header.set_path(HEAD).unwrap();
        header.set_size(head.len() as u64);
        header.set_entry_type(EntryType::Regular);
        header.set_cksum();
        tar.append(&header, &head[..]).unwrap();
    }
    let mut header = Header::new_ustar();
    header.set_path(DATABASE).unwrap();
    header.set_size(u64::MAX / 2);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    std::io::Write::write_all(&mut out, header.as_bytes()).unwrap();
    out.finish().unwrap();
    let error = read(&path).unwrap_err();
    let told = matches!(
        error,
        BackupError::NoRoom { .. } | BackupError::Damaged(_) | BackupError::Truncated(_)
    );
    assert!(told, "{error}");
}

#[test]
fn two_do_not_work_at_one_place_and_what_a_kill_left_goes() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("data");
    let first = Staging::beside(&place).unwrap();
    put(&first.folder().join("half"), b"x");
    assert!(matches!(Staging::beside(&place), Err(BackupError::Busy(_))));
    // As a kill leaves things: the folder is there, nobody holds its lock.
    let left = first.folder().to_owned();
    drop(first);
    assert!(!left.exists(), "nothing stays");
    fs::create_dir(&left).unwrap();
    put(&left.join("half"), b"x");
    let second = Staging::beside(&place).unwrap();
    assert!(!second.folder().join("half").exists());
    fs::create_dir(second.folder().join("data")).unwrap();
    put(&second.folder().join("data/x"), b"whole");
    let lock = second.put_folder("data", &place).unwrap();
    assert_eq!(fs::read(place.join("x")).unwrap(), b"whole");
    drop((lock, second));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
