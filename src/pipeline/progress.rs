//! Progress at the points where a process may be watched, or die: events of the target
//! `lianbo::progress`, seen with `LIANBO_LOG=lianbo::progress=trace`.

use tracing::trace;
use url::Url;

use crate::model::ColumnId;

const TARGET: &str = "lianbo::progress";

pub(super) fn run_began(column: &ColumnId) {
    trace!(target: TARGET, %column, "run began");
}

pub(super) fn page_fetched(url: &Url) {
    trace!(target: TARGET, %url, "page fetched");
}

pub(super) fn page_kept(url: &Url) {
    trace!(target: TARGET, %url, "page kept");
}

pub(super) fn items_stored(column: &ColumnId, items: usize) {
    trace!(target: TARGET, %column, items, "items stored");
}

pub(super) fn file_fetched(url: &Url) {
    trace!(target: TARGET, %url, "file fetched");
}

pub(super) fn file_taken_in(path: &str) {
    trace!(target: TARGET, path, "file taken in");
}

pub(super) fn run_ended(column: &ColumnId) {
    trace!(target: TARGET, %column, "run ended");
}

pub(super) fn publication_began() {
    trace!(target: TARGET, "publication began");
}

pub(super) fn document_written(path: &str) {
    trace!(target: TARGET, path, "document written");
}

pub(super) fn documents_recorded(documents: usize) {
    trace!(target: TARGET, documents, "documents recorded");
}

pub(super) fn pruned(kind: &str, count: usize) {
    trace!(target: TARGET, kind, count, "pruned");
}

pub(super) fn publication_ended() {
    trace!(target: TARGET, "publication ended");
}
