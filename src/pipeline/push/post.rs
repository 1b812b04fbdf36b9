//! Posting changes to webhooks, one after the other.

use crate::model::{Event, Item, ItemId, Outlet, Seq, Webhook};
use crate::pipeline::{Pipeline, names};
use crate::publish::Courier;
use crate::render;
use crate::store::StoreError;

use super::Sent;

/// Changes looked through at once.
const CHANGES_AT_ONCE: u32 = 100;

impl Pipeline {
    /// Posts the next change that concerns `hook`.
    pub(super) async fn post_next(
        &self,
        courier: &Courier,
        hook: &Webhook,
        outlet: Outlet,
        until: Seq,
    ) -> Result<Sent, StoreError> {
        let items = self.store.changes_after(outlet.cursor, CHANGES_AT_ONCE).await?;
        let shown = items.into_iter().take_while(|item| item.seq <= until);
        let (mut passed, mut next) = (outlet.cursor, None);
        for item in shown {
            if hook.wants(&item) && !self.store.is_only_retold(&item, outlet.cursor).await? {
                next = Some(item);
                break;
            }
            passed = item.seq;
        }
        // The changes in between concern others, or were followed by later ones of the same items.
        let Some(item) = next else {
            let seq = if passed > outlet.cursor { passed } else { until };
            self.store.outlet_passed(&outlet.name, seq).await?;
            return Ok(Sent::Nothing);
        };
        let (id, body) = (message(hook, &item.id, item.seq), self.notice(&item).await);
        let sent = courier.post(hook, &id, self.now().timestamp(), body).await;
        let now = self.now();
        let Err(error) = sent else {
            self.store.outlet_took(&outlet.name, item.id.as_str(), item.seq, now).await?;
            return self.outlet_works(&outlet).await;
        };
        let what = error.to_string();
        let again = self.next_try(outlet.course.attempts + 1, &id, &error);
        let (name, subject) = (&outlet.name, item.id.as_str());
        match again {
            Some(next) => self.store.outlet_failed(name, &what, next, now).await?,
            None => self.store.outlet_gave_up(&outlet, subject, item.seq, &what, now).await?,
        }
        self.complain(name, &outlet.course, &what).await?;
        Ok(if again.is_some() { Sent::Failed } else { Sent::GivenUp })
    }

    /// Posts what an item that was given up on says now, because an operator wants it.
    pub(super) async fn post_again(
        &self,
        courier: &Courier,
        hook: &Webhook,
        outlet: &Outlet,
        subject: &str,
        letter: i64,
    ) -> Result<Sent, StoreError> {
        let id = ItemId::from_tag_uri(subject.to_owned());
        // One that is not public now is told of when it is.
        let item = self.store.public_item(&id).await?.filter(|item| Event::of(item).is_some());
        let Some(item) = item else {
            self.store.drop_letter(letter).await?;
            return Ok(Sent::Nothing);
        };
        let (name, body) = (message(hook, &item.id, item.seq), self.notice(&item).await);
        let sent = courier.post(hook, &name, self.now().timestamp(), body).await;
        match sent {
            Ok(()) => {
                self.store.outlet_took(&outlet.name, subject, 0, self.now()).await?;
                self.outlet_works(outlet).await
            }
            Err(error) => {
                self.store.letter_failed(letter, &error.to_string(), self.now()).await?;
                Ok(Sent::GivenUp)
            }
        }
    }

    async fn notice(&self, item: &Item) -> Vec<u8> {
        // Where what we hold cannot be asked for, the original addresses are true too.
        let custody = self.store.custody(std::slice::from_ref(item)).await.unwrap_or_default();
        render::notice(item, &names(&self.config), &custody, &self.public_site())
    }
}

/// The name of a message (`webhook-id`): the same for every attempt at the same change.
fn message(hook: &Webhook, item: &ItemId, seq: Seq) -> String {
    let hash = blake3::hash(format!("{}\n{}\n{seq}", hook.id, item.as_str()).as_bytes());
    format!("msg_{}", &hash.to_hex()[..32])
}
