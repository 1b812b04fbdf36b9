//! The account that an issue goes to, and the platform as it sees it.

use std::sync::Arc;

use crate::config::Account;
use crate::model::IssueId;
use crate::publish::wechat::{self, Platform, Time, secret};

use super::{IssueError, Pipeline};

impl Pipeline {
    /// The account that the issue `id` goes to: that of its digest, or the only one.
    pub(super) fn account_of(&self, id: &IssueId) -> Result<&Account, IssueError> {
        let digest = self.digest_of(id)?;
        if !digest.spec.kind.is_for_wechat() {
            return Err(IssueError::refused(
                format!("{id} 是印发的刊物，不推送公众号；终审后用 lianbo issue close 结束"),
                format!("{id} is a printed bulletin; close it once it is printed"),
            ));
        }
        let account = digest.account.as_deref().or_else(|| match &self.config.accounts[..] {
            [only] => Some(only.id.as_str()),
            _ => None,
        });
        account.and_then(|account| self.config.account(account)).ok_or_else(|| {
            IssueError::refused(
                format!("文摘“{}”没有写明公众号（account），成品目录可照常粘贴使用", id.digest),
                format!(
                    "digest `{}` names no `account`; the bundle can be pasted without one",
                    id.digest
                ),
            )
        })
    }

    /// The platform as `account` sees it.
    pub(super) fn platform(&self, account: &Account) -> Result<Platform, IssueError> {
        let data = &self.config.daemon.data;
        let resolve = self.config.fetch.resolve.clone().into_iter().collect();
        let of_platform = wechat::Account {
            key: account.id.clone(),
            app_id: account.app_id.clone(),
            secret: secret(&account.name, &account.secret).map_err(IssueError::Refused)?,
            base: account.base.clone(),
            allow_private: account.allow_private,
            token_file: data.join(format!("wechat-{}.token", account.id)),
        };
        let clock = Arc::clone(&self.clock);
        Ok(Platform::reaching(of_platform, resolve, Time::new(clock)))
    }
}
