//! What is expected of a site and its columns, and what becomes of a column that breaks it.

use crate::model::Both;
use crate::text::registration;
use crate::trust::{Expected, Identity};

use super::forms::{none_of, not_empty};
use super::reader::Section;

/// What becomes of a reading that breaks with what is normal of its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contract {
    /// Nothing of it is taken in, and the operator is told.
    #[default]
    Hold,
    /// It is taken in, and the operator is told.
    Tell,
    /// Nothing is compared.
    Off,
}

/// Who puts rules right that a redesign has broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mending {
    /// A person, who asks for a proposal.
    #[default]
    ByHand,
    /// The daemon, where a proposal leaves no doubt.
    Auto,
}

/// What is expected of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What its list shows.
    pub expected: Expected,
    /// Calendar days without a new article that are as they should be; learned where it is not said.
    pub max_silence_days: Option<u32>,
    /// What becomes of a breach.
    pub contract: Contract,
    /// Who changes its rules after a redesign.
    pub repair: Mending,
}

impl Health {
    /// Reads the table `health` of a site or column; what it lacks is as in `beneath`.
    pub(super) fn read(section: &Section<'_>, beneath: Self) -> Self {
        let health = section.section("health");
        health.not_yet(&["fixture"]);
        let number = |key, range| health.number(key, range);
        let rows = number("expect_items_min", 0..1001).and_then(|n| usize::try_from(n).ok());
        let days = number("max_silence_days", 1..3651).and_then(|n| u32::try_from(n).ok());
        let dates = health.boolean("expect_dates");
        let contract = health.parsed("contract", contract);
        let repair = health.parsed("repair", mending);
        health.finish();
        Self {
            expected: Expected {
                items_min: rows.unwrap_or(beneath.expected.items_min),
                dates: dates.or(beneath.expected.dates),
            },
            max_silence_days: days.or(beneath.max_silence_days),
            contract: contract.unwrap_or(beneath.contract),
            repair: repair.unwrap_or(beneath.repair),
        }
    }
}

/// Reads what proves that a page is the site's: `icp`, `site_id_code` and the table `identity`.
pub(super) fn identity(section: &Section<'_>) -> Identity {
    let icp =
        section.value("icp").map(|value| if value.is_text() { vec![value] } else { value.items() });
    let icp = icp.into_iter().flatten().filter_map(|value| value.parsed(icp_number)).collect();
    let code = section.parsed("site_id_code", site_id_code);
    let table = section.section("identity");
    let must_contain = table.parsed_list("must_contain", not_empty);
    let forbid = table.parsed_list("forbid", not_empty);
    table.finish();
    Identity { icp, code, must_contain, forbid }
}

fn icp_number(text: &str) -> Result<String, Both> {
    registration::whole_icp(text).ok_or_else(|| {
        Both::new(
            format!("“{text}”不是 ICP 备案号，应如 苏ICP备07010100号"),
            format!("`{text}` is no ICP number, such as 苏ICP备07010100号"),
        )
    })
}

fn site_id_code(text: &str) -> Result<String, Both> {
    let code = text.trim().to_lowercase();
    if registration::is_code(&code) {
        return Ok(code);
    }
    Err(Both::new(
        format!("“{text}”不是网站标识码，应为 10 位数字，或 bm 加 8 位数字"),
        format!("`{text}` is no site code: ten digits, or `bm` and eight"),
    ))
}

fn contract(text: &str) -> Result<Contract, Both> {
    match text {
        "hold" => Ok(Contract::Hold),
        "tell" => Ok(Contract::Tell),
        "off" => Ok(Contract::Off),
        _ => Err(none_of(text, &["hold", "tell", "off"])),
    }
}

fn mending(text: &str) -> Result<Mending, Both> {
    match text {
        "by-hand" => Ok(Mending::ByHand),
        "auto" => Ok(Mending::Auto),
        _ => Err(none_of(text, &["by-hand", "auto"])),
    }
}
