//! Which item is meant by a name: its id, `SITE/KEY`, its page here, or an address of its article.

use url::Url;

use crate::config::Config;
use crate::model::ItemId;
use crate::store::{SqliteStore, StoreError};

/// The id of the item that `name` names.
pub(super) async fn id(
    store: &SqliteStore,
    config: &Config,
    name: &str,
) -> Result<Option<ItemId>, StoreError> {
    if name.starts_with("tag:") {
        return Ok(Some(ItemId::from_tag_uri(name.to_owned())));
    }
    let own = config.daemon.base_url.as_str();
    let page = name.strip_prefix(own).and_then(|path| path.strip_prefix("items/"));
    let is_address = name.starts_with("http://") || name.starts_with("https://");
    if let (None, true) = (page, is_address) {
        return match Url::parse(name) {
            Ok(url) => store.item_at(&url).await,
            Err(_) => Ok(None),
        };
    }
    let Some((site, key)) = page.unwrap_or(name).split_once('/') else { return Ok(None) };
    let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
    store.item_named(site, key.trim_end_matches(".html")).await
}
