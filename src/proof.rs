//! stub
use crate::model::{IssueComposition, Layout, Remark};
#[derive(Clone, Debug, Default)]
pub struct Tables;
pub fn remarks(_c: &IssueComposition, _l: &Layout, _t: &Tables) -> Vec<Remark> {
    Vec::new()
}
