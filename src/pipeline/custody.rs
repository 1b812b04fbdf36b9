//! Taking files into custody: store ─► fetch ─► picture ─► publish ─► store.
//!
//! After a run, and apart from it: a file that fails keeps its original address and holds nothing
//! up. Each file is fetched once; a file that failed is tried again a bounded number of times.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use tracing::info;
use url::Url;

use crate::config::Site;
use crate::fetch::{Answer, FetchError, Manners, Request};
use crate::model::{Asset, AssetHash, ColumnId, Document, Page, ProblemCode};
use crate::picture::{self, PictureLimits};
use crate::problem::Fault;
use crate::store::{Files, OriginalState, Role, StoreError, Taken, WantedFile, What};
use crate::text::web;

use super::aside::aside;
use super::{Pipeline, manners, progress, quality};

/// One picture is decoded at a time: together they would take more memory than any of them may.
static DECODING: Mutex<()> = Mutex::new(());

/// When to leave off.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// Cancelled when the site is to be left to somebody else: no further file is begun.
    pub pause: CancellationToken,
    /// Cancelled when the process is to end: a file under way is dropped.
    pub end: CancellationToken,
}

/// What came of looking after the files of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// Files that are held now.
    pub held: usize,
    /// Bytes that were fetched.
    pub bytes: u64,
    /// Columns whose items are shown otherwise now.
    pub columns: BTreeSet<ColumnId>,
    /// What could not be taken in.
    pub faults: Vec<Fault>,
}

/// One round through the files of a site.
struct Round<'a> {
    pipeline: &'a Pipeline,
    site: &'a Site,
    manners: Manners,
    patience: &'a Patience,
    /// Bytes held of each item.
    of_items: HashMap<u64, u64>,
    /// Hosts that are not asked again in this round.
    spared: HashSet<String>,
    /// Nothing more can be written.
    is_full: bool,
    done: TakenIn,
}

/// What became of one file.
enum Fetched {
    Bytes(Box<Page>),
    /// The host is left alone: not the file's fault.
    Later,
    /// The file is not to be had; with `true` nothing else of its host is either.
    Failed(Fault, bool),
}

/// What the bytes of a file are.
enum Look {
    Asset(Asset),
    /// A picture that shows nothing.
    Blank,
    Refused(String),
}

impl Pipeline {
    /// Fetches what the items of `site` name and we do not hold yet, within the limits of one run.
    ///
    /// Faults of the outside world are told as problems of the site; an error means that the store
    /// failed.
    pub async fn take_in(&self, site: &Site, patience: &Patience) -> Result<TakenIn, StoreError> {
        let faults = self.gather_files().await?;
        let mut round = Round {
            pipeline: self,
            site,
            manners: Manners { retries: 0, ..manners(&self.config, site) },
            patience,
            of_items: HashMap::new(),
            spared: HashSet::new(),
            is_full: false,
            done: TakenIn { faults, ..TakenIn::default() },
        };
        let mut still = Vec::new();
        for (role, is_held) in
            [(Role::Picture, site.terms.pictures), (Role::Attachment, site.terms.attachments)]
        {
            if is_held {
                round.go(role).await?;
                let failing = self.store.failing_files(&site.id, role).await?;
                still.extend(failing.iter().filter_map(|code| ProblemCode::from_code(code)));
            }
        }
        let done = round.done;
        self.tell(site.id.as_str(), &done.faults, &still).await?;
        if done.held > 0 {
            let (files, size_bytes) = (done.held, done.bytes);
            info!(site = %site.id, files, size_bytes, "files taken in");
        }
        Ok(done)
    }

    /// Brings up to date which files the items name; what only withdrawn ones do is removed.
    pub(super) async fn gather_files(&self) -> Result<Vec<Fault>, StoreError> {
        let mut faults = Vec::new();
        for asset in self.store.gather_originals().await? {
            faults.extend(self.shelf.remove(&asset.path()).await.err().map(|e| Fault::from(&e)));
        }
        Ok(faults)
    }
}

impl Round<'_> {
    async fn go(&mut self, role: Role) -> Result<(), StoreError> {
        let limits = &self.pipeline.config.custody;
        let files = Files { role, per_item: limits.files_per_item, limit: limits.files_per_run };
        let now = self.pipeline.now();
        for file in self.pipeline.store.wanted_files(&self.site.id, files, now).await? {
            let ended = self.patience.pause.is_cancelled() || self.patience.end.is_cancelled();
            if ended || self.is_full || self.done.bytes >= limits.run_max_bytes {
                return Ok(());
            }
            self.file(&file).await?;
        }
        Ok(())
    }

    async fn file(&mut self, file: &WantedFile) -> Result<(), StoreError> {
        let host = web::bare_host(&file.url);
        if self.spared.contains(&host) {
            return Ok(());
        }
        let page = match self.fetch(file).await {
            Fetched::Bytes(page) => page,
            Fetched::Later => {
                self.spared.insert(host);
                return Ok(());
            }
            Fetched::Failed(fault, of_host) => {
                if of_host {
                    self.spared.insert(host);
                }
                return self.failed(file, fault).await;
            }
        };
        progress::file_fetched(&file.url);
        self.done.bytes += page.body.len() as u64;
        match self.looked_at(file, &page).await {
            Look::Asset(asset) => self.take(file, asset, *page).await,
            Look::Blank => {
                // A spacer, or a pixel that counts readers: nobody is to fetch it.
                let what = What::Address(file.url.clone());
                self.pipeline.store.take_down(what, self.pipeline.now()).await.map(|_| ())
            }
            Look::Refused(detail) => {
                let fault = Fault::new(ProblemCode::CustodyRefused, detail);
                self.failed(file, fault).await
            }
        }
    }

    /// How many bytes the file may have: by its own limit, and by what its item has left.
    fn most(&self, file: &WantedFile) -> u64 {
        let limits = &self.pipeline.config.custody;
        let held = self.of_items.get(&file.ordinal).copied().unwrap_or(file.held_bytes);
        let own = match file.role {
            Role::Picture => limits.picture_max_bytes,
            Role::Attachment => limits.attachment_max_bytes,
        };
        own.min(limits.item_max_bytes.saturating_sub(held))
    }

    async fn fetch(&self, file: &WantedFile) -> Fetched {
        let manners = Manners { max_bytes: self.most(file), ..self.manners_for(&file.url) };
        let request = Request::file(&file.url, &file.article);
        let now = self.pipeline.now();
        let answer = tokio::select! {
            biased;
            () = self.patience.end.cancelled() => return Fetched::Later,
            answer = self.pipeline.fetcher.get(&request, &manners, now) => answer,
        };
        match answer {
            Ok(Answer::Page(page)) => Fetched::Bytes(page),
            // Nobody asked on a condition.
            Ok(Answer::NotModified) => Fetched::Later,
            Err(FetchError::RateLimited { .. } | FetchError::BudgetUsed { .. }) => Fetched::Later,
            Err(error) => {
                let code = match error.code() {
                    ProblemCode::TooLarge | ProblemCode::AddressRefused => {
                        ProblemCode::CustodyRefused
                    }
                    _ => ProblemCode::CustodyFailed,
                };
                let fault = Fault::new(code, format!("{}: {error}", error.code().as_str()));
                Fetched::Failed(fault, concerns_the_host(error.code()))
            }
        }
    }

    /// Headers, consent to a private network and to more than robots.txt allows were given for the
    /// site's own hosts.
    fn manners_for(&self, url: &Url) -> Manners {
        let own = self.site.home.as_ref().is_some_and(|home| web::same_site(home, url));
        if own {
            return self.manners.clone();
        }
        let headers = Vec::new();
        Manners { headers, allow_private: false, obey_robots: true, ..self.manners.clone() }
    }

    /// What the bytes are, or why they are not held.
    async fn looked_at(&self, file: &WantedFile, page: &Page) -> Look {
        let limits = &self.pipeline.config.custody;
        let allowed = PictureLimits {
            max_side_px: limits.picture_max_side_px,
            max_pixels: u64::from(limits.picture_max_megapixels) * 1_000_000,
        };
        let (bytes, url, role) = (page.body.clone(), file.url.clone(), file.role);
        // Who has the same bytes need not look at them again.
        let known = self.pipeline.store.asset(&AssetHash::of(&bytes)).await.ok().flatten();
        if let Some(asset) =
            known.filter(|asset| asset.kind.is_picture() == (role == Role::Picture))
        {
            return Look::Asset(asset);
        }
        let look = aside(move || {
            let _turn = DECODING.lock().unwrap_or_else(PoisonError::into_inner);
            let size_bytes = bytes.len() as u64;
            let asset =
                |kind, size_px| Asset { hash: AssetHash::of(&bytes), kind, size_bytes, size_px };
            match role {
                Role::Picture => match picture::check(&bytes, allowed) {
                    Ok(seen) if seen.is_blank() => Look::Blank,
                    Ok(seen) => Look::Asset(asset(seen.kind, Some((seen.width, seen.height)))),
                    Err(error) => Look::Refused(error.to_string()),
                },
                Role::Attachment => match picture::file(&bytes, &url) {
                    Ok(kind) => Look::Asset(asset(kind, None)),
                    Err(error) => Look::Refused(error.to_string()),
                },
            }
        });
        look.await.unwrap_or_else(|_| Look::Refused("looking at it ended in a panic".to_owned()))
    }

    /// Publishes the bytes and notes that we hold them: announced before, recorded after, so that a
    /// kill in between leaves nothing that somebody trusts.
    async fn take(
        &mut self,
        file: &WantedFile,
        asset: Asset,
        page: Page,
    ) -> Result<(), StoreError> {
        let store = &self.pipeline.store;
        let path = asset.path();
        let known = store.asset(&asset.hash).await?.is_some();
        if !known && !store.is_banned(&asset.hash).await? {
            let media_type = asset.kind.media_type();
            store.expect_documents(vec![(path.clone(), media_type.to_owned())]).await?;
            let document = Document { path: path.clone(), media_type, bytes: page.body };
            if let Err(error) = self.pipeline.shelf.put(&document).await {
                self.done.faults.push(Fault::from(&error));
                self.is_full = true;
                return Ok(());
            }
            progress::document_written(&path);
        }
        let held = self.of_items.entry(file.ordinal).or_insert(file.held_bytes);
        *held += asset.size_bytes;
        let taken = Taken { url: file.url.clone(), asset };
        let (columns, is_held) = store.take_into_custody(taken, self.pipeline.now()).await?;
        self.done.columns.extend(columns);
        if is_held {
            self.done.held += 1;
        } else if let Err(error) = self.pipeline.shelf.remove(&path).await {
            // Taken down while it was on its way.
            self.done.faults.push(Fault::from(&error));
        }
        progress::file_taken_in(&path);
        Ok(())
    }

    async fn failed(&mut self, file: &WantedFile, fault: Fault) -> Result<(), StoreError> {
        let now = self.pipeline.now();
        let code = fault.code.as_str();
        let blemish = quality::of_file(&file.url, &file.article, &fault);
        let state = self.pipeline.store.file_failed(&file.url, code, Some(blemish), now).await?;
        // Nobody needs to hear for ever of what is not tried again.
        let tries = if state == OriginalState::GivenUp { " (given up)" } else { "" };
        let detail = format!("{}: {}{tries}", file.url, fault.detail);
        self.done.faults.push(Fault::new(fault.code, detail));
        Ok(())
    }
}

/// Faults that every further file of the host would meet too.
fn concerns_the_host(code: ProblemCode) -> bool {
    code.is_challenge()
        || matches!(code, ProblemCode::Unreachable | ProblemCode::TlsFailed | ProblemCode::Timeout)
}
