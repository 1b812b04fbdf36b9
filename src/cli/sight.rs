//! How a page comes before an operator's eyes: a file at hand, the kept page, or a visit.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use crate::config::{Column, Config, Site};
use crate::daemon::machine_clock;
use crate::fetch::{Answer, FetchSettings, Fetcher, Request};
use crate::model::{Item, Lang, Page, Rejection, SiteId, Validators};
use crate::net::NetSettings;
use crate::pipeline;
use crate::store::{KeptPages, Listed, SqliteStore, StoreError};
use crate::text::web;

use super::offline::read_file;
use super::{Args, CANNOT_WORK, Failure, SOME_FAILED, USAGE, load, say};

/// Where a page came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Origin {
    File,
    Store,
    Web,
}

/// A page, and whose it is.
pub(super) struct Sight<'g> {
    pub(super) page: Page,
    pub(super) from: Origin,
    pub(super) site: Option<&'g Site>,
    pub(super) column: Option<&'g Column>,
    /// The stored item with its title in the list of `column`.
    pub(super) item: Option<(Item, String)>,
}

/// What is looked at: the configuration, and what was stored under it.
pub(super) struct Ground {
    pub(super) config: Config,
    pub(super) store: Option<SqliteStore>,
    pub(super) pages: KeptPages,
    pub(super) lang: Lang,
    /// One for all visits, which must know of one another.
    fetcher: Fetcher,
}

impl Ground {
    /// The configuration that is named or stands here, else the built-in one; the store, if there
    /// is one, for reading beside a running daemon.
    pub(super) async fn open(args: &Args, lang: Lang) -> Result<Self, Failure> {
        let builtin = args.config.is_none() && !args.config_file().exists();
        let mut config = match builtin.then(Config::builtin).flatten() {
            Some(config) => config,
            None => load(args, lang)?,
        };
        if let Some(data) = args.data.as_ref().filter(|_| builtin) {
            config.daemon.data.clone_from(data);
        }
        let resolve = config.fetch.resolve.clone().into_iter().collect();
        let fetcher = Fetcher::new(FetchSettings { net: NetSettings { resolve } });
        let mut ground = Self { config, store: None, pages: KeptPages::default(), lang, fetcher };
        if ground.config.daemon.data.join("lianbo.db").is_file() {
            let store = ground.fine(SqliteStore::open_read_only(&ground.config.daemon.data))?;
            ground.pages = ground.fine(store.kept_pages().await)?;
            ground.store = Some(store);
        }
        Ok(ground)
    }

    pub(super) fn fine<T>(&self, result: Result<T, StoreError>) -> Result<T, Failure> {
        result.map_err(|error| Failure::of(&error.into(), self.lang))
    }

    /// The site that is named, else the one on whose host `url` lies.
    pub(super) fn site(&self, named: Option<&str>, url: &Url) -> Result<Option<&Site>, Failure> {
        let Some(named) = named else {
            let on = |address: &Url| web::same_site(address, url);
            return Ok(self.config.sites.iter().find(|site| {
                site.home.as_ref().is_some_and(on) || site.columns.iter().any(|c| on(&c.url))
            }));
        };
        let id: Option<SiteId> = named.parse().ok();
        match id.and_then(|id| self.config.site(&id)) {
            Some(site) => Ok(Some(site)),
            None => {
                let sites: Vec<&str> = self.config.sites.iter().map(|s| s.id.as_str()).collect();
                Err(Failure { code: USAGE, message: say::unknown_site(self.lang, named, &sites) })
            }
        }
    }

    /// The saved page `file` as if it had come from `url`.
    pub(super) fn file(
        &self,
        file: &Path,
        url: &Url,
        fetched: DateTime<Utc>,
    ) -> Result<Page, Failure> {
        let body = read_file(file).map_err(|rejection| self.rejected(&rejection))?;
        Ok(Page {
            requested: url.clone(),
            url: url.clone(),
            status: 200,
            content_type: None,
            body: body.into(),
            fetched,
            validators: Validators::default(),
        })
    }

    /// The kept page at `url`.
    pub(super) async fn kept(&self, url: &Url) -> Result<Option<Page>, Failure> {
        let Some(store) = &self.store else { return Ok(None) };
        let address = self.pages.at(url).unwrap_or(url);
        self.fine(store.page(address).await)
    }

    /// The page at `url` from the site itself, asked for as the daemon would.
    pub(super) async fn visit(&self, url: &Url, site: Option<&Site>) -> Result<Page, Failure> {
        self.ask(&Request::to(url), site).await
    }

    /// The answer of the site itself to `request`.
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        site: Option<&Site>,
    ) -> Result<Page, Failure> {
        let manners = pipeline::guest_manners(&self.config, site);
        let message = match self.fetcher.get(request, &manners, machine_clock()()).await {
            Ok(Answer::Page(page)) => return Ok(*page),
            Ok(Answer::NotModified) => format!("304 from {}, unasked", request.url),
            Err(error) => say::problem(self.lang, error.code(), &error.to_string()),
        };
        Err(Failure { code: SOME_FAILED, message })
    }

    /// The kept page at `url`, else a visit, unless that is not wanted.
    pub(super) async fn kept_or_visit(
        &self,
        url: &Url,
        site: Option<&Site>,
        offline: bool,
    ) -> Result<(Page, Origin), Failure> {
        match self.kept(url).await? {
            Some(page) => Ok((page, Origin::Store)),
            None if offline => {
                let message = say::not_kept(self.lang, url.as_str());
                Err(Failure { code: SOME_FAILED, message })
            }
            None => Ok((self.visit(url, site).await?, Origin::Web)),
        }
    }

    /// What lists `item`: site, column and row of the first column that is still configured.
    pub(super) async fn listing_of(
        &self,
        item: &Item,
    ) -> Result<Option<(&Site, &Column, Listed)>, Failure> {
        let Some(store) = &self.store else { return Ok(None) };
        for (site, column) in item.columns.iter().filter_map(|id| self.config.column(id)) {
            let listed = self.fine(store.listed(&column.id).await)?;
            if let Some(listed) = listed.into_iter().find(|listed| listed.id == item.id) {
                return Ok(Some((site, column, listed)));
            }
        }
        Ok(None)
    }

    pub(super) fn rejected(&self, rejection: &Rejection) -> Failure {
        let message = say::rejected(self.lang, &rejection.to_string()).trim_end().to_owned();
        Failure { code: CANNOT_WORK, message }
    }
}

/// `text` as an http(s) address.
pub(super) fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host().is_some()).then_some(url)
}
