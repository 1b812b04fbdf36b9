//! The command `alert`: whether those who are told of problems can be told.
//!
//! Works beside a running daemon, which is told that a place works again.

use std::sync::Arc;

use crate::config::{Alert, Config};
use crate::daemon::{self, machine_clock};
use crate::model::{AlertMessage, Lang};
use crate::pipeline::deliver;
use crate::publish::{Courier, NotTold};
use crate::text::sentence;

use super::args::AlertAction;
use super::operate::block_on;
use super::{Args, FINE, Failure, SOME_FAILED, USAGE, load, print, say};

/// Does what `action` says.
pub(super) fn alert(args: &Args, lang: Lang, action: &AlertAction) -> Result<u8, Failure> {
    let AlertAction::Test { ids } = action;
    let config = Arc::new(load(args, lang)?);
    if config.alerts.is_empty() {
        eprintln!("{}", say::no_alerts(lang));
        return Ok(SOME_FAILED);
    }
    let known: Vec<&str> = config.alerts.iter().map(|alert| alert.id.as_str()).collect();
    if let Some(unknown) = ids.iter().find(|id| !known.contains(&id.as_str())) {
        return Err(Failure { code: USAGE, message: say::no_alert(lang, unknown, &known) });
    }
    let wanted = config.alerts.iter().filter(|alert| ids.is_empty() || ids.contains(&alert.id));
    block_on(async {
        let courier = courier(&config);
        let mut code = FINE;
        for alert in wanted {
            match test(&courier, &config, alert).await {
                Ok(()) => {
                    print(&format!("{}\n", say::alert_arrived(lang, &alert.id)))?;
                    works(&config, &alert.id, lang).await?;
                }
                Err(error) => {
                    code = SOME_FAILED;
                    let hint = sentence::alert::hint(error.hindrance(), lang);
                    let answer = error.told();
                    let told = say::alert_failed(lang, &alert.id, answer.text(lang), hint);
                    eprintln!("{told}");
                }
            }
        }
        Ok(code)
    })
}

async fn test(courier: &Courier, config: &Config, alert: &Alert) -> Result<(), NotTold> {
    let now = machine_clock()();
    let message = AlertMessage {
        // Another one each time, or a receiver takes the second for the first.
        id: format!("test_{}", now.timestamp_millis()),
        alert: alert.id.clone(),
        opened: Vec::new(),
        healed: Vec::new(),
    };
    deliver(courier, config, alert, &message, now).await
}

fn courier(config: &Config) -> Courier {
    let resolve = config.fetch.resolve.clone().into_iter().collect();
    Courier::new(resolve, crate::fetch::agent(config.fetch.contact.as_deref()))
}

/// Where there is a database, what waited for this alert goes out, and its failing is over.
async fn works(config: &Arc<Config>, id: &str, lang: Lang) -> Result<(), Failure> {
    if !config.daemon.data.join("lianbo.db").is_file() {
        return Ok(());
    }
    let fault = |error: anyhow::Error| Failure::of(&error, lang);
    let pipeline = daemon::open_beside(Arc::clone(config), machine_clock()).map_err(fault)?;
    pipeline.alert_works(id).await.map_err(|error| Failure::of(&error.into(), lang))
}
