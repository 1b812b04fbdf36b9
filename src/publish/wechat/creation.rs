//! Making and renewing drafts so that none is doubled and no editor's work is lost.
//!
//! `draft/add` has no name for what it is asked: an answer that got lost leaves open whether there
//! is a draft. So before it is asked again the box is searched for the titles and the number of the
//! issue.

use crate::model::DraftArticle;

use super::Platform;
use super::again::WAITS;
use super::draft::{MediaId, PAGE, StoredArticle, StoredDraft};
use super::error::{Refusal, WechatError};

/// No more drafts are searched, newest first; nobody keeps so many.
const SEARCHED: usize = 1000;
/// Lengths of summaries that were taken when longer ones were refused, in bytes of UTF-8.
const DIGESTS: [usize; 3] = [120, 54, 0];

/// An issue that is a draft now: to be recorded at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The draft.
    pub media_id: MediaId,
    /// Its `update_time` after we wrote it, in seconds since 1970: whoever moves it is an editor.
    /// `None` where the draft is made but the platform could not be asked for it.
    pub update_time: Option<i64>,
    /// True where the box already held it before this push, from one whose answer we never heard: an
    /// editor may have been at it, and it may be an earlier version.
    pub existed: bool,
    /// What the summary of the first article was shortened to; `None` where it was taken as it is.
    pub digest: Option<String>,
}

impl Platform {
    /// Makes the draft of an issue, once. `mark` is the number of the issue as it stands in its first
    /// title or summary: `第3期（总第12期）`.
    ///
    /// The box is searched first: a push whose answer was lost, or that was killed before it could be
    /// recorded, left its draft there ([`Pushed::existed`]).
    pub async fn create_draft(
        &self,
        articles: &[DraftArticle],
        mark: &str,
    ) -> Result<Pushed, WechatError> {
        if let Some(found) = self.find_draft(articles, mark, None).await? {
            return Ok(Pushed {
                media_id: found.media_id,
                update_time: Some(found.update_time),
                existed: true,
                digest: None,
            });
        }
        self.create(articles, mark, None).await
    }

    /// Replaces what stands in a draft of ours by `articles`.
    ///
    /// `recorded` is its [`Pushed::update_time`]: where it has moved since, or is not known, an editor
    /// may have changed the draft, and nothing is touched ([`WechatError::Edited`]). A draft cannot get
    /// more or fewer articles: then a new one is made and the old one removed, so the name may change.
    /// [`WechatError::Partly`] holds an `update_time` that is to be recorded.
    pub async fn bring_up_to_date(
        &self,
        media_id: &MediaId,
        recorded: Option<i64>,
        articles: &[DraftArticle],
        mark: &str,
    ) -> Result<Pushed, WechatError> {
        let stored = self.unedited(media_id, recorded).await?;
        if stored.articles.len() != articles.len() {
            let pushed = self.create(articles, mark, Some(media_id)).await?;
            if let Err(error) = self.delete_draft(media_id).await {
                let (account, draft) = (&self.account.key, media_id.as_str());
                tracing::warn!(account, draft, "the earlier draft stays in the box: {error}");
            }
            return Ok(pushed);
        }
        let mut digest = None;
        for (index, article) in articles.iter().enumerate() {
            match self.update_shortening(media_id, index, article).await {
                Ok(shortened) if index == 0 => digest = shortened,
                Ok(_) => {}
                Err(why) if index == 0 && !why.is_doubtful() => return Err(why),
                Err(why) => {
                    let update_time = self.update_time(media_id).await;
                    let (done, articles, why) = (index, articles.len(), Box::new(why));
                    return Err(WechatError::Partly { done, articles, update_time, why });
                }
            }
        }
        let update_time = self.update_time(media_id).await;
        Ok(Pushed { media_id: media_id.clone(), update_time, existed: true, digest })
    }

    /// The draft, where nobody wrote it after us: its `update_time` is still `recorded`.
    pub async fn unedited(
        &self,
        media_id: &MediaId,
        recorded: Option<i64>,
    ) -> Result<StoredDraft, WechatError> {
        let stored = self.draft(media_id).await?;
        if recorded == Some(stored.update_time) {
            return Ok(stored);
        }
        let (media_id, found) = (media_id.clone(), stored.update_time);
        Err(WechatError::Edited { media_id, recorded, found })
    }

    async fn create(
        &self,
        articles: &[DraftArticle],
        mark: &str,
        earlier: Option<&MediaId>,
    ) -> Result<Pushed, WechatError> {
        let mut tries = 0;
        loop {
            let error = match self.add_shortening(articles).await {
                Ok((media_id, digest)) => {
                    let update_time = self.update_time(&media_id).await;
                    return Ok(Pushed { media_id, update_time, existed: false, digest });
                }
                Err(error) => error,
            };
            // A busy platform is not asked again unseen either: it has been known to do it all the same.
            let is_busy = error.refusal() == Some(Refusal::Busy);
            if !is_busy && !error.is_doubtful() {
                return Err(error);
            }
            self.time.wait(WAITS[tries.min(WAITS.len() - 1)]).await;
            match self.find_draft(articles, mark, earlier).await {
                Ok(Some(found)) => {
                    let (media_id, update_time) = (found.media_id, Some(found.update_time));
                    return Ok(Pushed { media_id, update_time, existed: false, digest: None });
                }
                Ok(None) if tries < WAITS.len() => tries += 1,
                Ok(None) => return Err(error),
                Err(then) => {
                    let (first, then) = (Box::new(error), Box::new(then));
                    return Err(WechatError::Unclear { first, then });
                }
            }
        }
    }

    /// The newest draft that is this issue, but not `earlier`.
    async fn find_draft(
        &self,
        articles: &[DraftArticle],
        mark: &str,
        earlier: Option<&MediaId>,
    ) -> Result<Option<StoredDraft>, WechatError> {
        for offset in (0..SEARCHED).step_by(PAGE) {
            let page = self.drafts(offset, PAGE, true).await?;
            let seen = offset + page.drafts.len();
            let is_last = page.drafts.is_empty() || seen >= page.total;
            let found = page.drafts.into_iter().find(|draft| {
                earlier != Some(&draft.media_id) && is_same(&draft.articles, articles, mark)
            });
            if found.is_some() || is_last {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Adds a draft, with a shorter summary where a longer one is refused (45004).
    async fn add_shortening(
        &self,
        articles: &[DraftArticle],
    ) -> Result<(MediaId, Option<String>), WechatError> {
        let mut articles = articles.to_vec();
        let mut shortened = None;
        loop {
            match self.add_draft(&articles).await {
                Ok(media_id) => return Ok((media_id, shortened)),
                Err(error) if error.refusal() == Some(Refusal::DigestLong) => {
                    let longest = articles.iter().map(|article| article.digest.len()).max();
                    let Some(limit) = longest.and_then(next_limit) else { return Err(error) };
                    for article in &mut articles {
                        article.digest = cut(&article.digest, limit).to_owned();
                    }
                    shortened = articles.first().map(|article| article.digest.clone());
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn update_shortening(
        &self,
        media_id: &MediaId,
        index: usize,
        article: &DraftArticle,
    ) -> Result<Option<String>, WechatError> {
        let mut article = article.clone();
        let mut shortened = None;
        loop {
            match self.update_draft(media_id, index, &article).await {
                Ok(()) => return Ok(shortened),
                Err(error) if error.refusal() == Some(Refusal::DigestLong) => {
                    let Some(limit) = next_limit(article.digest.len()) else { return Err(error) };
                    article.digest = cut(&article.digest, limit).to_owned();
                    shortened = Some(article.digest.clone());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// When the draft was written last; it is there even where this cannot be had.
    async fn update_time(&self, media_id: &MediaId) -> Option<i64> {
        self.draft(media_id).await.ok().map(|draft| draft.update_time)
    }
}

/// Whether a draft in the box is the issue that is being pushed: the same titles in the same order,
/// and the number of the issue where our first article has it.
fn is_same(stored: &[StoredArticle], articles: &[DraftArticle], mark: &str) -> bool {
    let titles = |title: &str| title.split_whitespace().collect::<String>();
    let same_titles = stored.len() == articles.len()
        && stored.iter().zip(articles).all(|(a, b)| titles(&a.title) == titles(&b.title));
    let (Some(found), Some(first)) = (stored.first(), articles.first()) else { return false };
    let in_title = mark.is_empty() || first.title.contains(mark);
    // Where the title does not name the issue its summary must, unless the platform made us shorten it.
    let in_digest =
        || !first.digest.contains(mark) || found.digest.contains(mark) || is_cut(first, found);
    same_titles && (in_title || in_digest())
}

/// Whether the summary found is the beginning of ours.
fn is_cut(first: &DraftArticle, found: &StoredArticle) -> bool {
    !found.digest.is_empty() && first.digest.starts_with(&found.digest)
}

/// The next limit for a summary of `length` bytes that was refused.
fn next_limit(length: usize) -> Option<usize> {
    DIGESTS.into_iter().find(|limit| *limit < length)
}

/// The beginning of `text`, at most `limit` bytes, whole characters only.
fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(title: &str, digest: &str) -> DraftArticle {
        DraftArticle {
            article_type: "news".to_owned(),
            title: title.to_owned(),
            author: String::new(),
            digest: digest.to_owned(),
            content: String::new(),
            content_source_url: String::new(),
            thumb_media_id: String::new(),
            need_open_comment: 0,
            only_fans_can_comment: 0,
            pic_crop_235_1: String::new(),
            pic_crop_1_1: String::new(),
        }
    }

    fn stored(title: &str, digest: &str) -> StoredArticle {
        StoredArticle {
            title: title.to_owned(),
            digest: digest.to_owned(),
            ..StoredArticle::default()
        }
    }

    #[test]
    fn an_issue_is_known_by_titles_and_number() {
        let mark = "第3期（总第12期）";
        let ours = [article("苏商一周第3期（总第12期）", "要闻"), article("会议", "")];
        assert!(is_same(
            &[stored("苏商一周 第3期（总第12期）", "别的"), stored("会议", "")],
            &ours,
            mark
        ));
        assert!(!is_same(
            &[stored("苏商一周第2期（总第11期）", ""), stored("会议", "")],
            &ours,
            mark
        ));
        assert!(!is_same(&[stored("苏商一周第3期（总第12期）", "")], &ours, mark));
        assert!(!is_same(&[], &[], mark));
    }

    #[test]
    fn the_number_in_the_summary_counts_where_the_title_has_none() {
        let mark = "第3期";
        let ours = [article("一周要闻", "第3期：会议三则")];
        assert!(is_same(&[stored("一周要闻", "第3期：会议三则")], &ours, mark));
        assert!(!is_same(&[stored("一周要闻", "第2期：会议四则")], &ours, mark));
        assert!(
            is_same(&[stored("一周要闻", "第3")], &ours, mark),
            "shortened by the platform's rule"
        );
        assert!(!is_same(&[stored("一周要闻", "")], &ours, mark));
    }

    #[test]
    fn summaries_are_cut_at_characters() {
        let steps = |text: &str| {
            let mut text = text.to_owned();
            let mut lengths = Vec::new();
            while let Some(limit) = next_limit(text.len()) {
                text = cut(&text, limit).to_owned();
                lengths.push(text.len());
            }
            lengths
        };
        assert_eq!(steps(&"工".repeat(120)), [120, 54, 0]);
        assert_eq!(steps(&"😀".repeat(20)), [52, 0]);
        assert_eq!(steps("短"), [0]);
        assert_eq!(steps(""), Vec::<usize>::new());
    }
}
