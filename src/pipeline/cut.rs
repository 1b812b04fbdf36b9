//! Whether half a page came: what a page of the column ends with is learned from those that are
//! kept, since many sites never close theirs.

use std::collections::HashSet;

use url::Url;

use crate::model::{Draft, ItemId, Link, Page, ProblemCode};
use crate::problem::Fault;
use crate::store::{BrokenOff, StoreError};
use crate::text::web;
use crate::trust::{self, Ending};

use super::refresh::Visit;

/// So many pages of other articles are held against one, besides what was kept of itself.
const WITNESSES: usize = 2;
/// Among so many other articles they are looked for.
const ASKED: usize = 8;

impl Visit<'_> {
    /// Why `page` is not taken for the article of `link`: it ends in the middle, though the page
    /// `kept` of it and those of other articles do not, be they of this run (`read`) or of earlier
    /// ones. One that comes like that again later is as its site made it.
    pub(super) async fn cut_off(
        &self,
        link: &Link,
        page: &Page,
        kept: Option<&Page>,
        read: &[Draft],
    ) -> Result<Option<Fault>, StoreError> {
        // Where it leads to another site it is not read.
        if Ending::of(&page.body) != Ending::Open || !web::same_site(&page.url, &link.url) {
            return Ok(None);
        }
        let own = kept.map(|page| Ending::of(&page.body));
        let others = self.endings_of_others(link, read).await?;
        let endings: Vec<Ending> =
            own.into_iter().chain(others).filter(|ending| *ending != Ending::Unmarked).collect();
        if endings.is_empty() || endings.contains(&Ending::Open) {
            return Ok(None);
        }
        let size_bytes = page.body.len();
        let end = BrokenOff { size_bytes, ending: trust::tail(&page.body) };
        let (store, now) = (&self.pipeline.store, self.pipeline.now());
        if store.broke_off_before(&link.url, end, now).await? {
            return Ok(None);
        }
        let detail = format!(
            "the page ends after {size_bytes} bytes without the `</body>` or `</html>` that other \
             pages of `{}` have",
            self.column.id
        );
        Ok(Some(Fault::new(ProblemCode::Truncated, detail)))
    }

    /// How the last kept pages of other articles end, the latest first.
    async fn endings_of_others(
        &self,
        link: &Link,
        read: &[Draft],
    ) -> Result<Vec<Ending>, StoreError> {
        let store = &self.pipeline.store;
        let own = self.id_of(&link.url);
        let mut others: Vec<(ItemId, Url)> = Vec::new();
        for draft in read.iter().rev().take(ASKED) {
            others.push((draft.id.clone(), draft.url.clone()));
            others.extend(draft.aliases.iter().map(|url| (draft.id.clone(), url.clone())));
        }
        let stored = store.other_looks(&self.column.id, ASKED).await?;
        others.extend(stored.into_iter().map(|look| (look.id, look.url)));
        let mut seen = HashSet::from([link.url.clone()]);
        let mut endings = Vec::new();
        for (id, url) in others {
            if id == own || !web::same_site(&url, &link.url) || !seen.insert(url.clone()) {
                continue;
            }
            let Some(page) = store.page(&url).await? else { continue };
            endings.push(Ending::of(&page.body));
            if endings.len() == WITNESSES {
                break;
            }
        }
        Ok(endings)
    }
}
