//! Which members a backup has. Pure: names are never looked up on a disk here.

use crate::model::AssetHash;

/// The database.
pub const DATABASE: &str = "data/lianbo.db";
/// Held files stand below this, as below the folder of what is published.
pub const ASSETS: &str = "data/public/";
/// Configuration files stand below this, as they stand below the folder of the main one.
pub const CONFIG: &str = "config/";

/// What the header of a plain (ustar) archive has room for.
const LONGEST: usize = 200;
/// Folders within folders.
const DEEPEST: usize = 16;

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Database,
    Asset(AssetHash),
    Config,
}

/// What the member at `path` is; `None` where no backup has such a member.
///
/// The path is safe to be joined to a folder: nothing but plain names.
pub(super) fn place(path: &str) -> Option<Place> {
    if path == DATABASE {
        return Some(Place::Database);
    }
    if let Some(asset) = path.strip_prefix(ASSETS) {
        // A hash and an ending, nothing else.
        return AssetHash::in_path(asset).map(Place::Asset);
    }
    let config = path.strip_prefix(CONFIG)?;
    (is_plain(config) && config.ends_with(".toml")).then_some(Place::Config)
}

/// The member for the configuration file that stands at `path` below the main one's folder; `None`
/// where it cannot have one.
pub fn config_place(path: &str) -> Option<String> {
    let member = format!("{CONFIG}{path}");
    place(&member).map(|_| member)
}

fn is_plain(path: &str) -> bool {
    let named = |name: &str| {
        !name.is_empty()
            && name != "."
            && name != ".."
            && !name.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
    };
    path.len() <= LONGEST && path.split('/').count() <= DEEPEST && path.split('/').all(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_that_a_backup_has_have_a_place() {
        let hash = AssetHash::of(b"x");
        let asset = format!("data/public/assets/{hash}.jpg");
        assert_eq!(place(&asset), Some(Place::Asset(hash)));
        assert_eq!(place("data/lianbo.db"), Some(Place::Database));
        for fine in ["config/config.toml", "config/feeds/sites/苏 州.toml", "config/a/b/c.toml"] {
            assert_eq!(place(fine), Some(Place::Config), "{fine}");
        }
        let (deep, long) = ("a/".repeat(20), "长".repeat(90));
        for bad in [
            "",
            "/etc/passwd",
            "config/../../etc/cron.toml",
            "config//a.toml",
            "config/./a.toml",
            "config/a\\..\\b.toml",
            "config/c:/a.toml",
            "config/a\n.toml",
            "config/key.pem",
            "config/",
            ".toml",
            "data/lianbo.db-wal",
            "data/../lianbo.db",
            "data/public/index.html",
            "data/public/assets/../../lianbo.db",
            "data/public/assets/0123.jpg",
            "data/public/assets/0123456789abcdef0123456789abcdef.exe",
            &format!("config/{deep}x.toml"),
            &format!("config/{long}.toml"),
        ] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }
}
