//! The `AppSecret` of an account: in a variable of the environment, or in a file that nobody else may
//! read. It is read when it is needed and stands in no file of ours.

use crate::model::{Both, Secret, SecretPlace};
use crate::publish::secret;

/// Reads the secret of the account that people call `name`, when it is needed; what is wrong is told
/// without a word of it.
pub fn secret(name: &str, place: &SecretPlace) -> Result<Secret, Both> {
    let what =
        Both::new(format!("公众号“{name}”的 AppSecret "), format!("the AppSecret of `{name}`"));
    secret::secret(&what, place)
}
