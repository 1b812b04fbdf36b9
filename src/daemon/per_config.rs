//! What is made of the configuration once, for as long as it runs.

use std::sync::{Arc, Mutex};

use crate::config::Config;

/// Makes a thing of the running configuration, and keeps it until another one runs.
#[derive(Debug)]
pub(super) struct PerConfig<T> {
    make: fn(&Arc<Config>) -> T,
    known: Mutex<Option<(Arc<Config>, Arc<T>)>>,
}

impl<T> PerConfig<T> {
    /// Nothing is made yet.
    pub(super) fn new(make: fn(&Arc<Config>) -> T) -> Self {
        Self { make, known: Mutex::default() }
    }

    /// What is made of `config`.
    pub(super) fn of(&self, config: &Arc<Config>) -> Arc<T> {
        let mut known = self.known.lock().expect("no holder panics");
        if let Some((of, made)) = &*known
            && Arc::ptr_eq(of, config)
        {
            return Arc::clone(made);
        }
        let made = Arc::new((self.make)(config));
        *known = Some((Arc::clone(config), Arc::clone(&made)));
        made
    }
}
