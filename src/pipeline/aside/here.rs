//! No second thread: in a test whose runtime has a paused clock and one thread, work that takes long
//! is a task among the others, so that their order is the same each time.

use std::cell::Cell;

thread_local! {
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, what this thread would have done aside is done here.
pub(crate) struct Here(());

impl Here {
    pub(crate) fn begin() -> Self {
        HERE.set(true);
        Self(())
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        HERE.set(false);
    }
}

pub(super) fn is_here() -> bool {
    HERE.get()
}
