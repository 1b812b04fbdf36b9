//! Secrets that stand in no file of ours: read when they are needed.

use std::path::Path;

use crate::model::{Both, Lang, Secret, SecretPlace};

/// Reads the secret that people call `name` in both languages; what is wrong is told without a word
/// of it.
pub(super) fn secret(name: &Both, place: &SecretPlace) -> Result<Secret, Both> {
    let (zh, en) = (name.text(Lang::Zh), name.text(Lang::En));
    let text = match place {
        SecretPlace::Variable(variable) => std::env::var(variable).map_err(|_| {
            Both::new(
                format!("{zh}应在环境变量 {variable} 中，而它没有设置"),
                format!("{en} is wanted in the variable `{variable}`, which is not set"),
            )
        })?,
        SecretPlace::File(path) => from_file(path, name)?,
        SecretPlace::Known(secret) => return Ok(secret.clone()),
    };
    match text.trim() {
        "" => Err(Both::new(format!("{zh}是空的"), format!("{en} is empty"))),
        text => Ok(Secret::new(text)),
    }
}

fn from_file(path: &Path, name: &Both) -> Result<String, Both> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Both::new(
            format!("{}的文件 {shown} 无法读取：{error}", name.text(Lang::Zh)),
            format!("{} cannot be read from `{shown}`: {error}", name.text(Lang::En)),
        )
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Both::new(
                format!("{shown} 其他用户也能读取；请先 chmod 600 {shown}"),
                format!("others can read `{shown}`; `chmod 600` it first"),
            ));
        }
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> Both {
        Both::new("“a”的口令", "the password of `a`")
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let place = SecretPlace::Variable("LIANBO_NO_SUCH_VARIABLE".to_owned());
        let error = secret(&name(), &place).unwrap_err().to_string();
        assert!(error.contains("LIANBO_NO_SUCH_VARIABLE") && error.contains("`a`"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_read_where_it_is_private_and_has_something_in_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let place = SecretPlace::File(path.clone());
        assert!(secret(&name(), &place).unwrap_err().to_string().contains("cannot be read"));
        for (text, mode, wanted) in [
            ("abc\n", 0o600, Ok("abc")),
            ("abc", 0o640, Err("chmod 600")),
            (" \n", 0o600, Err("is empty")),
        ] {
            #[expect(
                clippy::disallowed_methods,
                reason = "tests lay out the files that they need"
            )]
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            match (secret(&name(), &place), wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found.reveal(), wanted.as_bytes()),
                (Err(found), Err(wanted)) => {
                    let found = found.to_string();
                    assert!(found.contains(wanted) && !found.contains("abc"), "{found}");
                }
                (found, wanted) => panic!("{found:?}, wanted {wanted:?}"),
            }
        }
    }
}
