//! The pictures and covers of an issue, fitted once and frozen with it: what was approved is what is
//! pushed, whatever fonts, encoders and websites do in the meantime.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::task::spawn_blocking;
use tracing::info;
use url::Url;

use crate::fetch::{Answer, Request};
use crate::model::{
    AssetHash, Both, CoverSpec, DigestSpec, Holding, Issue, IssueId, IssuePicture, Item,
    ProblemCode, SiteId,
};
use crate::picture::issue::cover::{Fonts, cover as draw};
use crate::picture::issue::{self as fitting, Fitted};
use crate::picture::{self, PictureLimits};
use crate::publish::fonts;

use super::super::manners;
use super::{IssueError, Pipeline, wanted};

/// Under these names the covers are kept beside the pictures.
const WIDE: &str = "cover:wide";
const SQUARE: &str = "cover:square";

/// Pictures at hand by their address, and why others are not.
type AtHand = (BTreeMap<String, IssuePicture>, BTreeMap<String, Both>);

impl Pipeline {
    /// Gets what the issue `id` prints and is not kept with it yet: pictures that we hold, pictures
    /// that are still at their origin, and its covers.
    pub(super) async fn freeze_pictures(&self, id: &IssueId) -> Result<(), IssueError> {
        let record = self.issue(id).await?;
        let composition = self.compose_issue(&record).await?;
        let mut issue = record.issue.clone();
        let mut kept = Vec::new();
        for address in wanted(&composition.digest, &composition.pieces) {
            if composition.pictures.contains_key(&address) {
                continue;
            }
            let Ok(url) = Url::parse(&address) else { continue };
            let of =
                composition.pieces.iter().find(|piece| piece.images.iter().any(|i| i.url == url));
            let item = match of.and_then(|piece| piece.item.as_ref()) {
                Some(item) => self.store.item(item).await?,
                None => None,
            };
            let Some(item) = item else { continue };
            if let Some((bytes, hash)) = self.picture_of(&item, &url).await? {
                kept.push((address.clone(), bytes));
                issue.pictures.extend(hash.map(|hash| (address, hash)));
            }
        }
        let kept = self.fitted(kept).await?;
        info!(issue = %id, pictures = kept.len(), "pictures kept with the issue");
        self.store.keep_issue_pictures(id, kept).await?;
        self.freeze_covers(&composition.digest, &composition.title(), &composition.number(), id)
            .await?;
        if issue.pictures != record.issue.pictures {
            let mut record = record;
            record.issue = issue;
            self.keep(&record, None, false).await?;
        }
        Ok(())
    }

    /// The bytes of the picture of `item` at `url`, and the hash under which we hold it, where we do.
    async fn picture_of(
        &self,
        item: &Item,
        url: &Url,
    ) -> Result<Option<(Bytes, Option<AssetHash>)>, IssueError> {
        let custody = self.store.custody(std::slice::from_ref(item)).await?;
        match custody.of(url.as_str()) {
            Some(Holding::TakenDown) => Ok(None),
            Some(Holding::Held(asset)) => {
                let bytes = self.shelf.get(&asset.path()).await.ok().flatten();
                Ok(bytes.map(|bytes| (bytes, Some(asset.hash.clone()))))
            }
            None => Ok(self.picture_at_origin(&item.site, url, &item.url).await.map(|b| (b, None))),
        }
    }

    async fn picture_at_origin(&self, site: &SiteId, url: &Url, article: &Url) -> Option<Bytes> {
        let site = self.config.site(site)?;
        let mut manners = manners(&self.config, site);
        manners.max_bytes = self.config.custody.picture_max_bytes;
        if !site.home.as_ref().is_some_and(|home| crate::text::web::same_site(home, url)) {
            manners = crate::fetch::Manners {
                headers: Vec::new(),
                allow_private: false,
                obey_robots: true,
                ..manners
            };
        }
        match self.fetcher.get(&Request::file(url, article), &manners, self.now()).await {
            Ok(Answer::Page(page)) => Some(page.body),
            _ => None,
        }
    }

    /// `pictures` as issues may carry them; what is no picture is left out.
    pub(super) async fn fitted(
        &self,
        pictures: Vec<(String, Bytes)>,
    ) -> Result<Vec<(String, Bytes)>, IssueError> {
        let limits = self.picture_limits();
        let work = move || {
            let fit = |(address, bytes): (String, Bytes)| {
                Some((address, fitting::fit(&bytes, limits).ok()?.bytes))
            };
            pictures.into_iter().filter_map(fit).collect()
        };
        spawn_blocking(work).await.map_err(|_| panicked())
    }

    /// What is kept of the pictures at `wanted`, and why others are missing.
    pub(super) async fn issue_pictures(
        &self,
        issue: &Issue,
        wanted: &[String],
    ) -> Result<AtHand, IssueError> {
        let (mut at_hand, mut missing) = (BTreeMap::new(), BTreeMap::new());
        for address in wanted {
            if let Some(hash) = issue.pictures.get(address)
                && self.store.is_gone(hash).await?
            {
                missing.insert(address.clone(), Both::new("已撤下", "taken down"));
                continue;
            }
            let kept = self.store.issue_picture(&issue.id, address).await?;
            match kept.and_then(|bytes| self.as_picture(bytes)) {
                Some(picture) => drop(at_hand.insert(address.clone(), picture)),
                None => {
                    let why = Both::new("取不到，或不是图片", "not to be had, or no picture");
                    missing.insert(address.clone(), why);
                }
            }
        }
        Ok((at_hand, missing))
    }

    /// The covers that are kept with the issue.
    pub(super) async fn covers(
        &self,
        issue: &Issue,
        digest: &DigestSpec,
    ) -> Result<(Option<IssuePicture>, Option<IssuePicture>), IssueError> {
        if !digest.kind.is_for_wechat() {
            return Ok((None, None));
        }
        let mut covers = [None, None];
        for (cover, name) in covers.iter_mut().zip([WIDE, SQUARE]) {
            let bytes = self.store.issue_picture(&issue.id, name).await?;
            *cover = bytes.and_then(|bytes| self.as_picture(bytes));
        }
        let [wide, square] = covers;
        Ok((wide, square))
    }

    /// Draws the covers of the issue, or takes them from the operator's picture.
    async fn freeze_covers(
        &self,
        digest: &DigestSpec,
        title: &str,
        number: &str,
        id: &IssueId,
    ) -> Result<(), IssueError> {
        if !digest.kind.is_for_wechat() {
            return Ok(());
        }
        let (limits, cover, brand) = (self.picture_limits(), digest.cover.clone(), digest.brand);
        let (title, number) = (cover_title(title, number, digest), number.to_owned());
        let own = self.config.issues.font.clone();
        let drawn = move || -> Result<(Fitted, Fitted), String> {
            match cover {
                CoverSpec::File(path) => {
                    let bytes = std::fs::read(&path).map_err(|error| {
                        format!("the picture `{}` cannot be read: {error}", path.display())
                    })?;
                    let wide = fitting::wide(&bytes, limits).map_err(|error| error.to_string())?;
                    let square =
                        fitting::square(&bytes, limits).map_err(|error| error.to_string())?;
                    Ok((wide, square))
                }
                CoverSpec::Drawn => {
                    let home = std::env::home_dir();
                    let files = fonts::fonts(own.as_deref(), home.as_deref());
                    let fonts = Fonts::load(files.map_err(|error| error.to_string())?);
                    let covers = draw(&title, &number, brand, &fonts);
                    let covers = covers.map_err(|error| error.to_string())?;
                    Ok((covers.wide, covers.square))
                }
            }
        };
        let (subject, failed) = (super::acts::subject(id), ProblemCode::CoverFailed);
        match spawn_blocking(drawn).await.map_err(|_| panicked())? {
            Ok((wide, square)) => {
                let covers = vec![(WIDE.to_owned(), wide.bytes), (SQUARE.to_owned(), square.bytes)];
                self.store.keep_issue_pictures(id, covers).await?;
                let others: Vec<ProblemCode> =
                    ProblemCode::ALL.iter().copied().filter(|code| *code != failed).collect();
                self.store.heal(&subject, &others, self.now()).await?;
            }
            Err(detail) => {
                self.store.raise(failed, &subject, &detail, self.now()).await?;
            }
        }
        Ok(())
    }

    /// A kept picture with its size and hash.
    fn as_picture(&self, bytes: Bytes) -> Option<IssuePicture> {
        let (kind, width, height) = picture::size(&bytes)?;
        let sha256 = crate::text::digest::sha256(&bytes);
        let name = format!("{}.{}", &sha256[..16], kind.extension());
        Some(IssuePicture { sha256, name, bytes, width, height })
    }

    pub(super) fn picture_limits(&self) -> PictureLimits {
        let limits = &self.config.custody;
        PictureLimits {
            max_side_px: limits.picture_max_side_px,
            max_pixels: u64::from(limits.picture_max_megapixels) * 1_000_000,
        }
    }
}

/// What the cover says: the title without the number, which stands below it.
fn cover_title(title: &str, number: &str, digest: &DigestSpec) -> String {
    let bare = title.strip_suffix(number).unwrap_or(title).trim();
    if bare.is_empty() { digest.title.clone() } else { bare.to_owned() }
}

fn panicked() -> IssueError {
    IssueError::refused("处理图片时出错", "looking at pictures ended in a panic")
}
