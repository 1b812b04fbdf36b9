//! The pictures and covers of an issue in an account: each is uploaded once.

use std::collections::HashMap;

use bytes::Bytes;
use tokio::task::spawn_blocking;

use crate::config::Account;
use crate::model::{AssetKind, DraftArticle, IssuePicture};
use crate::picture::issue as fitting;
use crate::publish::wechat::{Platform, Refusal, WechatError};
use crate::render;

use super::{IssueError, Pipeline, Printed};

/// For which use an account has a picture.
const BODY: &str = "body";
const COVER: &str = "cover";

impl Pipeline {
    /// The articles with all their pictures in the account; `plainly` gives each the cover of the
    /// issue.
    pub(super) async fn uploaded(
        &self,
        platform: &Platform,
        printed: &Printed,
        account: &Account,
        plainly: bool,
    ) -> Result<Vec<DraftArticle>, IssueError> {
        let composition = &printed.composition;
        let by_hash: HashMap<&str, &IssuePicture> = composition
            .pictures
            .values()
            .chain(composition.cover.iter().chain(&composition.cover_square))
            .map(|picture| (picture.sha256.as_str(), picture))
            .collect();
        let Some(cover) = &composition.cover else {
            return Err(IssueError::refused(
                "没有封面，不能推送；请按提示安装字体或在文摘中写明 cover",
                "there is no cover; install a font, or name a picture in `cover`",
            ));
        };
        let mut addresses: HashMap<String, String> = HashMap::new();
        let pictures = printed.layout.articles.iter().flat_map(|laid| &laid.pictures);
        for sha256 in pictures {
            if let (Some(picture), false) =
                (by_hash.get(sha256.as_str()), addresses.contains_key(sha256))
            {
                let address = self.upload(platform, account, picture, BODY).await?;
                addresses.insert(sha256.clone(), address);
            }
        }
        let mut articles = Vec::new();
        for laid in &printed.layout.articles {
            let mut article = laid.draft.clone();
            let named = article.thumb_media_id.strip_prefix("{{cover:");
            let named = named.and_then(|rest| rest.strip_suffix("}}"));
            let of_its_own = named.and_then(|sha256| by_hash.get(sha256).copied());
            let picture = of_its_own.filter(|_| !plainly).unwrap_or(cover);
            article.thumb_media_id = self.upload(platform, account, picture, COVER).await?;
            let filled = render::wechat::fill(&article.content, |name| {
                addresses.get(name.strip_prefix("asset:")?).cloned()
            });
            if let Some(left) = filled.left.first() {
                return Err(IssueError::refused(
                    format!(
                        "图片 {left} 没有上传，不能推送；请重新生成（lianbo issue build）后再试"
                    ),
                    format!("picture {left} was not uploaded; build the issue anew and try again"),
                ));
            }
            article.content = filled.content;
            articles.push(article);
        }
        Ok(articles)
    }

    /// Covers of the issue are to be uploaded again.
    pub(super) async fn forget_covers(
        &self,
        printed: &Printed,
        account: &Account,
    ) -> Result<(), IssueError> {
        let composition = &printed.composition;
        let covers = composition.cover.iter().chain(&composition.cover_square);
        for picture in composition.pictures.values().chain(covers) {
            let (app, sha256) = (&account.app_id, &picture.sha256);
            self.store.note_upload(app, sha256, COVER, None, self.now()).await?;
        }
        Ok(())
    }

    /// Where the account has the picture; it is uploaded once.
    async fn upload(
        &self,
        platform: &Platform,
        account: &Account,
        picture: &IssuePicture,
        place: &'static str,
    ) -> Result<String, IssueError> {
        let (app, sha256) = (&account.app_id, &picture.sha256);
        if let Some(known) = self.store.upload(app, sha256, place).await? {
            return Ok(known);
        }
        let kind = match picture.name.ends_with(".png") {
            true => AssetKind::Png,
            false => AssetKind::Jpeg,
        };
        let mut address = given(platform, &picture.bytes, &picture.name, kind, place).await;
        if let Err(error) = &address
            && let Some(Refusal::FileType | Refusal::FileSize) = error.refusal()
        {
            // Once more in the plainest form.
            let (bytes, limits) = (picture.bytes.clone(), self.picture_limits());
            let plainer = spawn_blocking(move || fitting::plainer(&bytes, limits)).await;
            if let Ok(Ok(plain)) = plainer {
                let name = format!("{}.jpg", &sha256[..16]);
                address = given(platform, &plain.bytes, &name, AssetKind::Jpeg, place).await;
            }
        }
        let address = address?;
        self.store.note_upload(app, sha256, place, Some(address.clone()), self.now()).await?;
        Ok(address)
    }
}

/// Gives the account a picture; where it is then.
async fn given(
    platform: &Platform,
    bytes: &Bytes,
    name: &str,
    kind: AssetKind,
    place: &'static str,
) -> Result<String, WechatError> {
    match place {
        COVER => platform.add_cover(bytes, name, kind).await.map(|id| id.as_str().to_owned()),
        _ => platform.upload_picture(bytes, name, kind).await.map(|url| url.to_string()),
    }
}
