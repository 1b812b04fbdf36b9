//! The bundle of an issue: a folder that works without any account.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::info;

use crate::model::{Both, Issue, IssueId};
use crate::proof::Tables;
use crate::render::issue::{BundleFile, Given, bundle};
use crate::render::wechat;
use crate::text::dark;

use super::{IssueError, Pipeline, Printed};

impl Pipeline {
    /// Where the bundle of an issue is written: `issues/weekly/2026-11-23-no012`.
    pub fn bundle_folder(&self, issue: &Issue) -> PathBuf {
        let name = format!("{}-no{:03}", issue.date, issue.id.total);
        self.config.issues_folder().join(&issue.id.digest).join(name)
    }

    /// The files of the bundle of an issue.
    pub async fn bundle(&self, printed: &Printed) -> Result<Vec<BundleFile>, IssueError> {
        let digest = self.digest_of(&printed.record.issue.id)?;
        let account = digest.account.as_deref().and_then(|id| self.config.account(id));
        let account = account.map(|account| account.name.clone());
        let printed = printed.clone();
        let work = move || {
            let composition = &printed.composition;
            let (text, markdown) = (wechat::text(composition), wechat::markdown(composition));
            bundle(&Given {
                composition,
                layout: &printed.layout,
                remarks: &printed.own_remarks(),
                account: account.as_deref(),
                pushed: printed.record.pushed.as_ref(),
                text: &text,
                markdown: &markdown,
                dark: &dark::dark_html,
            })
        };
        let files = tokio::task::spawn_blocking(work).await;
        files.map_err(|_| {
            IssueError::refused("生成成品时出错", "making the bundle ended in a panic")
        })
    }

    /// Writes the bundle of the issue `id` and its ZIP: whole, or the earlier one stays.
    pub async fn write_bundle(
        &self,
        id: &IssueId,
        folder: Option<&Path>,
    ) -> Result<(PathBuf, Printed), IssueError> {
        let printed = self.print_issue(id).await?;
        let files = self.bundle(&printed).await?;
        let folder =
            folder.map_or_else(|| self.bundle_folder(&printed.composition.issue), Path::to_owned);
        let (to, name) = (folder.clone(), id.to_string());
        let write = move || {
            let files = files.iter().map(|file| (file.path.as_str(), &file.bytes[..]));
            crate::publish::folder::write(&to, files)
        };
        let written = tokio::task::spawn_blocking(write).await;
        let failed = |error: String| {
            IssueError::Refused(Both::new(
                format!("{name} 的成品无法写入：{error}"),
                format!("the bundle of {name} cannot be written: {error}"),
            ))
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(failed(error.to_string())),
            Err(_) => return Err(failed("panic".to_owned())),
        }
        info!(issue = %id, folder = %folder.display(), "bundle written");
        Ok((folder, printed))
    }

    /// Notes which issues were overtaken, and writes their bundles anew: what was withdrawn must not
    /// lie there any longer.
    pub async fn follow_issues(&self) -> Result<(), IssueError> {
        let overtaken = self.overtake_issues().await?;
        let issues: Vec<IssueId> = overtaken.into_iter().map(|overtaken| overtaken.id).collect();
        self.rewrite_bundles(&issues).await
    }

    /// Writes those bundles of `issues` anew that are there.
    pub async fn rewrite_bundles(&self, issues: &[IssueId]) -> Result<(), IssueError> {
        for id in issues {
            let record = self.issue(id).await?;
            if self.bundle_folder(&record.issue).exists() {
                self.write_bundle(id, None).await?;
            }
        }
        Ok(())
    }

    /// The operator's tables for proofreading.
    pub(super) fn proof_tables(&self) -> Arc<Tables> {
        Arc::clone(&self.config.proof)
    }
}

impl Printed {
    /// The remarks that the layout did not make itself.
    fn own_remarks(&self) -> Vec<crate::model::Remark> {
        let of_layout = |remark: &&crate::model::Remark| !self.layout.remarks.contains(remark);
        self.remarks.iter().filter(of_layout).cloned().collect()
    }
}
