//! Fields that readers do not see, or see without a label: names of elements, metas and scripts.

use std::cell::OnceCell;
use std::iter;

use dom_query::NodeId;

use super::label::{self, Kind};
use super::marked::{self, Marked};
use super::reading::Reading;
use super::script::{self, Scripts};
use super::title::{self, Title};
use crate::model::Found;

/// Metas that hold the author.
const AUTHOR_METAS: &[&str] = &["docauthor", "article:author"];

/// What readers do not see, or see without a label; looked at only where the rest told nothing.
pub(super) struct Hidden<'r, 'a> {
    page: &'r Reading<'a>,
    pub(super) title: &'r Title,
    marked: OnceCell<Marked>,
    scripts: OnceCell<Scripts>,
    around: (Option<NodeId>, Option<NodeId>),
}

impl<'r, 'a> Hidden<'r, 'a> {
    /// Of `page`; the running text begins with line `end`.
    pub(super) fn new(page: &'r Reading<'a>, title: &'r Title, end: usize) -> Self {
        let block = |at: usize| page.lines.get(at).map(|line| line.block.id);
        let around = (title.line.and_then(block), block(end));
        Self { page, title, marked: OnceCell::new(), scripts: OnceCell::new(), around }
    }

    /// What elements are called.
    pub(super) fn marked(&self) -> &Marked {
        let (title, end) = self.around;
        self.marked.get_or_init(|| marked::read(&self.page.root, title, end))
    }

    /// What scripts say.
    pub(super) fn scripts(&self) -> &Scripts {
        self.scripts.get_or_init(|| Scripts::of(&self.page.scene))
    }

    /// The authors by metas, names of elements and scripts; never the site, and never `credit` again.
    pub(super) fn authors(&self, credit: Option<String>) -> impl Iterator<Item = Found<String>> {
        let read = |text: &str| {
            let name = label::named(text, Kind::Author)?;
            (!label::is_organ(&name)).then_some(name)
        };
        let person = move |text: &str| read(text).filter(|name| label::are_persons(name));
        let marked = iter::once_with(|| self.marked().author.clone()).flatten();
        let linked = iter::once_with(|| script::linked_author(&self.page.scene)).flatten();
        let script = iter::once_with(|| self.scripts().name(Kind::Author)).flatten();
        self.page
            .metas(AUTHOR_METAS, read)
            .chain(marked)
            .chain(self.page.metas(&["author"], person))
            .chain(linked)
            .chain(script)
            .filter(move |found| {
                credit.as_deref() != Some(&found.value) && !self.is_site(&found.value)
            })
    }

    /// Names of the site, which templates write into every page as its author.
    fn is_site(&self, name: &str) -> bool {
        let metas = ["SiteName", "og:site_name", "copyright", "application-name"];
        let page_title = title::of_page(&self.page.scene);
        let rest = page_title.replace(&self.title.found.value, "");
        rest.contains(name)
            || metas
                .iter()
                .any(|key| self.page.scene.meta(key).is_some_and(|said| said.contains(name)))
    }
}
