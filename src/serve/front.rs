//! What the configuration of the moment says to readers, and what is made of that and remembered.

use std::sync::{Arc, Mutex, Weak};

use axum::http::HeaderValue;
use chrono::{DateTime, Utc};

use crate::render::PublicSite;

use super::places::Places;

/// Seconds from a moment until the document at a path is likely to change; `None` where none is
/// configured.
pub type Lasts = Box<dyn Fn(&str, DateTime<Utc>) -> Option<u32> + Send + Sync>;

/// What one configuration says to readers, for as long as it runs.
pub struct Front {
    /// For pages made on the spot, and for addresses.
    pub site: Arc<PublicSite>,
    /// What became of addresses, and who asks.
    pub places: Places,
    /// How long documents last.
    pub lasts: Lasts,
}

/// The value of a header that stays as it is for some time, whoever asks.
#[derive(Default)]
pub(super) struct Remembered {
    known: Mutex<Option<Known>>,
}

struct Known {
    moment: u64,
    /// It keeps the place in memory, so that no other one is taken for it.
    front: Weak<Front>,
    value: HeaderValue,
}

impl Remembered {
    /// The value at `moment` under `front`, made anew where that is another one than the last.
    pub(super) fn at(
        &self,
        moment: u64,
        front: &Arc<Front>,
        make: impl FnOnce() -> Option<HeaderValue>,
    ) -> Option<HeaderValue> {
        let mut known = self.known.lock().expect("no holder panics");
        if let Some(known) = &*known
            && known.moment == moment
            && known.front.as_ptr() == Arc::as_ptr(front)
        {
            return Some(known.value.clone());
        }
        let value = make()?;
        *known = Some(Known { moment, front: Arc::downgrade(front), value: value.clone() });
        Some(value)
    }
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Remembered").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Lang;

    use super::*;

    fn front() -> Arc<Front> {
        let site = PublicSite {
            base_url: "https://x.test/".parse().unwrap(),
            title: String::new(),
            operator: String::new(),
            contact: None,
            corrections: None,
            icp: None,
            police: None,
            site_id_code: None,
            hubs: Vec::new(),
            lang: Lang::En,
            terms: Arc::default(),
            notes: Arc::default(),
        };
        Arc::new(Front {
            site: Arc::new(site),
            places: Places::default(),
            lasts: Box::new(|_, _| None),
        })
    }

    #[test]
    fn a_value_is_made_anew_with_another_moment_or_configuration() {
        let (remembered, first) = (Remembered::default(), front());
        let given = |moment, front: &Arc<Front>, value| {
            let given = remembered.at(moment, front, || Some(HeaderValue::from_static(value)));
            given.unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(given(1, &first, "a"), "a");
        assert_eq!(given(1, &first, "b"), "a");
        assert_eq!(given(2, &first, "c"), "c");
        // One that is gone is not taken for its successor, wherever that lies.
        drop(first);
        let second = front();
        assert_eq!(given(2, &second, "d"), "d");
        assert_eq!(given(2, &second, "e"), "d");
        assert_eq!(remembered.at(3, &second, || None), None);
    }
}
