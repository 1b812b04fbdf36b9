//! Where the `AppSecret` is: in the environment, or in a file that nobody else may read.

use std::path::Path;

use crate::model::{Both, Secret, SecretPlace};

/// Reads the secret of the account that people call `name`, when it is needed; what is wrong is told
/// without a word of it.
pub fn secret(name: &str, place: &SecretPlace) -> Result<Secret, Both> {
    let text = match place {
        SecretPlace::Variable(variable) => std::env::var(variable).map_err(|_| {
            Both::new(
                format!("公众号“{name}”的 AppSecret 应在环境变量 {variable} 中，而它没有设置"),
                format!(
                    "the AppSecret of `{name}` is wanted in the variable `{variable}`, which is not set"
                ),
            )
        })?,
        SecretPlace::File(path) => from_file(path, name)?,
        SecretPlace::Known(secret) => return Ok(secret.clone()),
    };
    match text.trim() {
        "" => Err(Both::new(
            format!("公众号“{name}”的 AppSecret 是空的"),
            format!("the AppSecret of `{name}` is empty"),
        )),
        text => Ok(Secret::new(text)),
    }
}

fn from_file(path: &Path, name: &str) -> Result<String, Both> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Both::new(
            format!("公众号“{name}”的 AppSecret 文件 {shown} 无法读取：{error}"),
            format!("the AppSecret of `{name}` cannot be read from `{shown}`: {error}"),
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

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let place = SecretPlace::Variable("LIANBO_NO_SUCH_VARIABLE".to_owned());
        let error = secret("示例号", &place).unwrap_err().to_string();
        assert!(error.contains("LIANBO_NO_SUCH_VARIABLE") && error.contains("示例号"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_read_where_it_is_private_and_has_something_in_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let place = SecretPlace::File(path.clone());
        assert!(secret("a", &place).unwrap_err().to_string().contains("cannot be read"));
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
            match (secret("a", &place), wanted) {
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
