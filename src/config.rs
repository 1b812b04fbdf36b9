//! Reads the operator's files and makes them ready: selectors compiled, expressions checked,
//! addresses absolute.
//!
//! In: `config.toml` and the files it includes; out: a [`Config`], or all faults at once with file,
//! line and key. The built-in families and defaults are part of the program. It must not touch
//! the network or the data folder.

mod account;
mod alert;
mod calendar;
mod client;
mod column;
mod custody;
mod digest;
mod editing;
mod family;
mod fault;
mod feed;
mod forms;
mod glimpse;
mod health;
mod include;
mod notes;
mod push;
mod reader;
mod retention;
mod rewrite;
mod rules;
mod serving;
mod settings;
mod site;
mod timing;
mod twins;
mod written;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use url::Url;

pub use account::Account;
pub use alert::Alert;
pub use client::{Api, Client, MOST_ITEMS};
pub use column::Column;
pub use custody::{Custody, Terms};
pub use digest::{Digest, Issues};
pub use editing::{Editing, Withdraw};
pub use family::Family;
pub use fault::{Fault, Faults};
pub use glimpse::Glimpse;
pub use health::{Contract, Health, Mending};
pub use push::Websub;
pub use retention::{Age, Retention};
pub use rewrite::{RewriteError, Rewritten, Setting, Wanted};
pub use serving::{Admin, Public, Serve, Token};
pub use settings::{AUTHORITY_UNSET, Daemon, Fetch, Id, Robots, Schedule};
pub use site::Site;
pub use written::Written;

use crate::model::{Both, ColumnId, FeedSpec, Lang, Notes, Secret, SecretPlace, SiteId, Webhook};
use crate::proof::Tables;
use crate::schedule::{Calendar, Timing};
use reader::{Section, Sink, Source};
use settings::FeedDefaults;

/// Every default, commented: what `lianbo config` prints.
pub const DEFAULTS: &str = include_str!("config/defaults.toml");

/// The families and sites that the program brings; a file of the operator's with a family of the
/// same id replaces it.
static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/feeds");

/// The calendars that the program brings; one of the operator's for the same year replaces it.
static CALENDARS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/calendar");

/// A configuration that can be worked with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The main file.
    pub file: PathBuf,
    /// All files that were read, for the watch.
    pub files: Vec<PathBuf>,
    /// `[daemon]`.
    pub daemon: Daemon,
    /// `[admin]`.
    pub admin: Admin,
    /// `[public]`.
    pub public: Public,
    /// `[serve]`.
    pub serve: Serve,
    /// `[websub]`.
    pub websub: Websub,
    /// `[api]` and every `[[client]]`.
    pub api: Api,
    /// `[id]`.
    pub id: Id,
    /// `[fetch]`.
    pub fetch: Fetch,
    /// `[custody]`.
    pub custody: Custody,
    /// `[retention]`.
    pub retention: Retention,
    /// `[schedule]`.
    pub schedule: Schedule,
    /// Which days are worked on.
    pub calendar: Arc<Calendar>,
    /// All families by id.
    pub families: BTreeMap<String, Family>,
    /// All sites in the order of their ids, disabled ones too.
    pub sites: Vec<Site>,
    /// All published feeds: composite ones first, then each site and its columns.
    pub feeds: Vec<Publication>,
    /// Official Accounts that drafts go to.
    pub accounts: Vec<Account>,
    /// All digests.
    pub digests: Vec<Digest>,
    /// `[issues]`.
    pub issues: Issues,
    /// The tables of `issues.proof`.
    pub proof: Arc<Tables>,
    /// What feeds say of themselves.
    pub notes: Arc<Notes>,
    /// Who is told of changes.
    pub webhooks: Vec<Webhook>,
    /// Who is told when something breaks.
    pub alerts: Vec<Alert>,
    /// What the files say, key by key.
    pub written: Written,
    /// What was set over the files.
    pub overrides: Overrides,
}

/// What the command line or the demo sets over the files; a reload sets it again.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The data folder.
    pub data: Option<PathBuf>,
    /// Further fixed addresses of names.
    pub resolve: BTreeMap<String, SocketAddr>,
    /// Where all accounts are asked instead of the platform, and the secret there.
    pub platform: Option<(Url, Secret)>,
}

/// A feed and when it is published.
#[derive(Clone, Debug)]
pub struct Publication {
    /// What is published.
    pub spec: FeedSpec,
    /// Slugs it had before.
    pub former: Vec<String>,
    /// The heading it stands under: its site's name, or empty.
    pub group: String,
    /// At times of its own rather than on change.
    pub timing: Option<Timing>,
}

impl Publication {
    /// Its slug and those it had before.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.spec.slug).chain(&self.former).map(String::as_str)
    }
}

impl Config {
    /// Reads `file` and all it includes.
    pub fn load(file: &Path) -> Result<Self, Faults> {
        Self::load_with(file, None)
    }

    /// Like [`Config::load`], with the data folder given on the command line.
    pub fn load_with(file: &Path, data: Option<&Path>) -> Result<Self, Faults> {
        let data = data.map(Path::to_owned);
        Self::load_under(file, Overrides { data, ..Overrides::default() })
    }

    /// Like [`Config::load`], with `overrides` in place of what the files say.
    pub fn load_under(file: &Path, overrides: Overrides) -> Result<Self, Faults> {
        Self::load_from(file, overrides, None)
    }

    /// Reads `file` and all it includes; of the file `edited` its text in place of what it says.
    fn load_from(
        file: &Path,
        overrides: Overrides,
        edited: Option<(&Path, &str)>,
    ) -> Result<Self, Faults> {
        let sink = Sink::default();
        let instead = |path: &Path, source: Source| match edited {
            Some((edited, text)) if edited == path => Source { text: text.to_owned(), ..source },
            _ => source,
        };
        let main = include::source(file, &sink).map(|main| instead(file, main));
        let config = main.and_then(|main| {
            let files = include::included(file, &main, &sink);
            let files = files.into_iter().map(|(path, source)| {
                let source = instead(&path, source);
                (path, source)
            });
            build(file, main, files.collect(), &sink)
        });
        let faults = sink.into_vec();
        match config {
            Some(config) if faults.is_empty() => Ok(config.under(overrides)),
            _ => Err(Faults(faults)),
        }
    }

    /// This configuration with `overrides` in place of what the files say.
    pub fn under(mut self, overrides: Overrides) -> Self {
        if let Some(data) = &overrides.data {
            self.daemon.data.clone_from(data);
        }
        self.fetch.resolve.extend(overrides.resolve.clone());
        if let Some((base, secret)) = &overrides.platform {
            for account in &mut self.accounts {
                account.base.clone_from(base);
                account.secret = SecretPlace::Known(secret.clone());
            }
        }
        self.overrides = overrides;
        self
    }

    /// The folders in which a change of a TOML file can be a change of the configuration `file`;
    /// true where the folders below count too.
    pub fn folders(file: &Path) -> BTreeMap<PathBuf, bool> {
        include::folders(file)
    }

    /// The configuration file and those that it includes, whatever is wrong in them.
    pub fn files_of(file: &Path) -> Vec<PathBuf> {
        let quiet = Sink::default();
        let Some(main) = include::source(file, &quiet) else { return vec![file.to_owned()] };
        let others = include::included(file, &main, &quiet).into_iter().map(|(path, _)| path);
        std::iter::once(file.to_owned()).chain(others).collect()
    }

    /// The commented defaults.
    pub fn defaults() -> &'static str {
        DEFAULTS
    }

    /// The configuration of a folder that has none: the defaults and the built-in families.
    pub fn bare() -> Result<Self, Faults> {
        let sink = Sink::default();
        let main = Source { name: "defaults".to_owned(), text: String::new() };
        let config = build(Path::new("config.toml"), main, Vec::new(), &sink);
        config.ok_or_else(|| Faults(sink.into_vec()))
    }

    /// The sites that the program brings, for reading pages at hand.
    pub fn builtin_sites() -> Vec<Site> {
        Self::builtin().map(|config| config.sites).unwrap_or_default()
    }

    /// All defaults, and the sites that the program brings; for looking at pages without a file.
    pub fn builtin() -> Option<Self> {
        let sink = Sink::default();
        let main = Source { name: "builtin".to_owned(), text: String::new() };
        let sites = builtin_sources("sites")
            .into_iter()
            .map(|source| (PathBuf::from(&source.name), source))
            .collect();
        build(Path::new("config.toml"), main, sites, &sink)
    }

    /// Where the bundles of issues are written.
    pub fn issues_folder(&self) -> PathBuf {
        self.issues.folder.clone().unwrap_or_else(|| self.daemon.data.join("issues"))
    }

    /// The digest `slug`.
    pub fn digest(&self, slug: &str) -> Option<&Digest> {
        self.digests.iter().find(|digest| digest.spec.slug == slug)
    }

    /// The account `id`.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The site `id`.
    pub fn site(&self, id: &SiteId) -> Option<&Site> {
        self.sites.iter().find(|site| site.id == *id)
    }

    /// The column `id` with its site.
    pub fn column(&self, id: &ColumnId) -> Option<(&Site, &Column)> {
        let site = self.site(id.site())?;
        site.columns.iter().find(|column| column.id == *id).map(|column| (site, column))
    }

    /// Every column that is read, with its site.
    pub fn columns(&self) -> impl Iterator<Item = (&Site, &Column)> {
        self.sites
            .iter()
            .filter(|site| site.enabled)
            .flat_map(|site| site.columns.iter().map(move |column| (site, column)))
    }

    /// What an operator should still set: the key and what to do about it.
    pub fn warnings(&self) -> Vec<(&'static str, Both)> {
        let mut warnings = Vec::new();
        if self.fetch.contact.is_none() {
            warnings.push((
                "fetch.contact",
                Both::new(
                    "尚未设置：请填写运营者的邮箱或网页，各网站据此知道来访者是谁",
                    "not set: give your e-mail or page, so that the sites know who visits",
                ),
            ));
        }
        if self.id.authority == AUTHORITY_UNSET {
            warnings.push((
                "id.authority",
                Both::new(
                    "尚未设置：请在首次对外发布前填写自己的域名，之后不可更改",
                    "not set: give a domain of your own before the first publication; it is frozen then",
                ),
            ));
        }
        if self.admin.token.as_ref().is_some_and(|token| !token.is_long()) {
            warnings.push((
                "admin.token",
                Both::new(
                    "过短，容易被猜中：请改用 16 个字符以上的随机口令",
                    "too short to be safe: take a random one of 16 characters or more",
                ),
            ));
        }
        warnings
    }
}

/// The built-in files of `folder`, in the order of their names.
fn builtin_sources(folder: &str) -> Vec<Source> {
    BUILTIN.get_dir(folder).map(|dir| embedded(dir, "builtin")).unwrap_or_default()
}

/// The files that are part of the program under `dir`, in the order of their names.
fn embedded(dir: &Dir<'_>, place: &str) -> Vec<Source> {
    let source = |file: &include_dir::File<'_>| {
        let name = format!("{place}/{}", file.path().display());
        Some(Source { name, text: file.contents_utf8()?.to_owned() })
    };
    let mut sources: Vec<Source> = dir.files().filter_map(source).collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// The working days of the years that come along, and of those that the operator adds.
fn calendar(own: &[Section<'_>], sink: &Sink) -> Arc<Calendar> {
    let sources = embedded(&CALENDARS, "builtin/calendar");
    let tables: Vec<_> = sources.iter().map(|source| source.parse(sink)).collect();
    let roots = sources.iter().zip(&tables);
    let roots: Vec<Section<'_>> =
        roots.map(|(source, table)| Section::root(source, table, sink)).collect();
    Arc::new(calendar::calendar(&roots, own))
}

fn build(
    file: &Path,
    main: Source,
    included: Vec<(PathBuf, Source)>,
    sink: &Sink,
) -> Option<Config> {
    let defaults = Source { name: "defaults".to_owned(), text: DEFAULTS.to_owned() };
    let builtin = builtin_sources("families");
    let (paths, others): (Vec<PathBuf>, Vec<Source>) = included.into_iter().unzip();
    let own: Vec<Source> = std::iter::once(main).chain(others).collect();
    let default_table = defaults.parse(sink);
    let builtin_tables: Vec<_> = builtin.iter().map(|source| source.parse(sink)).collect();
    let tables: Vec<_> = own.iter().map(|source| source.parse(sink)).collect();

    let beneath = Section::root(&defaults, &default_table, sink);
    let roots = builtin.iter().zip(&builtin_tables).chain(own.iter().zip(&tables));
    let roots: Vec<_> = roots.map(|(source, table)| Section::root(source, table, sink)).collect();
    let own_roots = &roots[builtin.len()..];
    let calendar = calendar(own_roots, sink);

    let top = Section::root(own.first()?, tables.first()?, sink).over(&beneath);
    let daemon = Daemon::read(&top.section("daemon"), include::folder_of(file));
    let admin = Admin::read(&top.section("admin"), daemon.as_ref().map(|daemon| daemon.listen));
    let public = Public::read(&top.section("public"));
    let websub = Websub::read(&top.section("websub"));
    let (id, fetch_section) = (Id::read(&top.section("id")), top.section("fetch"));
    let fetch = Fetch::read(&fetch_section);
    let custody = Custody::read(&top.section("custody"));
    let schedule = Schedule::read(&top.section("schedule"), &calendar);
    let retention = Retention::read(&top.section("retention"), &schedule);
    let feed_defaults = FeedDefaults::read(&top.section("feeds"));
    let families = family::families(&roots[..builtin.len()], own_roots);

    let (mask, withdraw) = (top.section("mask"), top.section("withdraw"));
    editing::mask(&mask);
    Withdraw::read(&withdraw);
    let ground = site::Ground {
        families: &families,
        fetch: &fetch_section,
        custody: &custody.terms,
        schedule: &schedule,
        mask: &mask,
        withdraw: &withdraw,
    };
    let sites = site::sites(own_roots, &ground);
    let feeds = feed::publications(own_roots, &sites, &schedule, &feed_defaults);
    let serve = Serve::read(&top.section("serve"), &feeds);
    let webhooks = push::webhooks(own_roots, &sites, &feeds, include::folder_of(file));
    let api = Api::read(&top.section("api"), own_roots, &feeds, include::folder_of(file));
    let folder = include::folder_of(file);
    let issues = Issues::read(&top.section("issues"), folder);
    let proof = digest::proof_tables(&issues.proof, sink);
    let accounts = account::accounts(own_roots, folder);
    let digests = digest::digests(own_roots, &sites, &feeds, &accounts, (&schedule, folder));
    let lang = daemon.as_ref().map_or(Lang::Zh, |daemon| daemon.lang);
    let ground = alert::Ground { sites: &sites, folder, zone: schedule.own.zone, lang };
    let alerts = alert::alerts(own_roots, &top.section("alerts"), &ground);
    let notes = notes::notes(&sites, &feeds, public.emblems.clone());
    own_roots.iter().enumerate().for_each(|(place, root)| finish_root(root, place == 0));
    let read = paths.into_iter().chain(issues.proof.iter().cloned());
    let files = std::iter::once(file.to_owned()).chain(read).collect();
    Some(Config {
        file: file.to_owned(),
        files,
        daemon: daemon?,
        admin: admin?,
        public,
        serve,
        websub,
        api,
        id,
        fetch,
        custody,
        retention,
        schedule,
        calendar,
        families: families.into_iter().map(|(id, (family, _))| (id, family)).collect(),
        sites,
        feeds,
        accounts,
        digests,
        proof: Arc::new(proof),
        issues,
        notes: Arc::new(notes),
        webhooks,
        alerts,
        written: Written::of(&default_table, &tables),
        overrides: Overrides::default(),
    })
}

/// The tables of the daemon's own settings.
const SETTINGS: [&str; 16] = [
    "daemon",
    "admin",
    "alerts",
    "public",
    "serve",
    "api",
    "websub",
    "id",
    "fetch",
    "custody",
    "schedule",
    "feeds",
    "mask",
    "withdraw",
    "issues",
    "retention",
];

/// Names tables that nobody knows; the daemon's own settings stand in the main file only.
fn finish_root(root: &Section<'_>, main: bool) {
    for key in
        ["family", "site", "feed", "webhook", "client", "digest", "account", "alert", "calendar"]
    {
        root.has(key);
    }
    root.not_yet(&["store"]);
    for key in SETTINGS {
        if root.has(key) && !main {
            let zh = format!("[{key}] 只能写在主配置文件中");
            let en = format!("`[{key}]` belongs into the main file");
            root.fault_at(key, Both::new(zh, en));
        }
    }
    root.finish();
}
