//! `probe --links`: a portal's links to its sister sites, and a file for each that answers.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use crate::cli::args::ProbeArgs;
use crate::cli::progress::Progress;
use crate::cli::{FINE, Failure, SOME_FAILED, print};
use crate::model::Lang;
use crate::pipeline::{Probed, Prober};
use crate::probe::Sister;
use crate::problem::Fault;

use super::place::Place;
use super::{unread, words};

/// Sites probed at a time; each host has one connection in any case.
const AT_ONCE: usize = 6;
/// Sites probed at most.
const MAX_SITES: usize = 100;

type Answer = (usize, Result<Probed, Fault>);

pub(super) async fn links(
    prober: Prober,
    url: Url,
    place: Place,
    asked: &ProbeArgs,
    lang: Lang,
) -> Result<u8, Failure> {
    let groups = match prober.sisters(&url).await {
        Ok(groups) => groups,
        Err(fault) => {
            eprintln!("{}", unread(&fault, lang));
            return Ok(SOME_FAILED);
        }
    };
    eprint!("{}", words::groups(&groups, lang));
    let mut sites: Vec<Sister> = groups.into_iter().flat_map(|group| group.sites).collect();
    if sites.iter().any(|site| site.kin) {
        sites.retain(|site| site.kin);
    }
    if sites.len() > MAX_SITES {
        eprintln!("{}", words::too_many(lang, sites.len(), MAX_SITES));
        sites.truncate(MAX_SITES);
    }
    let progress = Progress::new(sites.len());
    let mut answers = all(prober, &sites, |site, result| {
        progress.step(&words::answered(site, result, lang));
    })
    .await;
    progress.finish();
    answers.sort_by_key(|(place, _)| *place);
    write(&answers, &sites, &place, asked.json, lang)
}

/// Probes all of `sites`, some at a time.
async fn all(
    prober: Prober,
    sites: &[Sister],
    told: impl Fn(&Sister, &Result<Probed, Fault>),
) -> Vec<Answer> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks: JoinSet<Answer> = JoinSet::new();
    for (place, site) in sites.iter().enumerate() {
        let (prober, turns, url) = (prober.clone(), Arc::clone(&turns), site.url.clone());
        tasks.spawn(async move {
            let _turn = turns.acquire().await;
            (place, prober.probe(&url, None, &|_| {}).await)
        });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        if let Ok((place, result)) = answer {
            told(&sites[place], &result);
            answers.push((place, result));
        }
    }
    answers
}

/// Writes a file for each that answered; those that did not were told of.
///
/// What cannot be written goes to stdout, so that nothing read is lost.
fn write(
    answers: &[Answer],
    sites: &[Sister],
    place: &Place,
    json: bool,
    lang: Lang,
) -> Result<u8, Failure> {
    let mut ids: HashSet<String> = HashSet::new();
    let mut code = SOME_FAILED;
    let (mut whole, mut data) = (String::new(), Vec::new());
    let mut bare: Vec<&Sister> = Vec::new();
    for (number, result) in answers {
        let Ok(probed) = result else { continue };
        let complete = !probed.proposal.columns.is_empty();
        if complete {
            code = FINE;
        } else {
            bare.push(&sites[*number]);
        }
        let mut proposal = probed.proposal.clone();
        let printed = &sites[*number].name;
        proposal.notes.insert(0, words::printed(printed));
        let base = proposal.id.clone();
        for n in 2.. {
            if ids.insert(proposal.id.clone()) {
                break;
            }
            proposal.id = format!("{base}-{n}");
        }
        let text = proposal.toml();
        if json {
            data.push(super::data(probed, &text));
        }
        if place.is_wanted() && !place.is_one_file() {
            match place.write(&proposal.id, &text, complete, lang) {
                Ok(told) => {
                    eprintln!("{told}");
                    continue;
                }
                // One that is there already is no reason to stop.
                Err(failure) => eprintln!("{}", failure.message),
            }
        }
        whole.push_str(&text);
        whole.push('\n');
    }
    if !bare.is_empty() {
        eprint!("{}", words::bare(&bare, lang));
    }
    let written = if place.is_one_file() && !whole.is_empty() {
        let first = ids.into_iter().min().unwrap_or_default();
        Some(place.write(&first, &whole, true, lang))
    } else {
        None
    };
    if json {
        print(&format!("{:#}\n", serde_json::Value::Array(data)))?;
    } else if !matches!(written, Some(Ok(_))) {
        print(&whole)?;
    }
    if let Some(told) = written {
        eprintln!("{}", told?);
    }
    Ok(code)
}
