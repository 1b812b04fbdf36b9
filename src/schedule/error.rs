//! Why an expression, quiet hours or a calendar were refused, in both languages.

use chrono::NaiveDate;

use crate::model::Both;

/// Why an expression was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Wrong number of fields.
    #[error(
        "`{0}` has {1} fields; wanted 5 (minute hour day month weekday), 6 (seconds first) or 7 (year last), or such as `@daily`"
    )]
    Fields(String, usize),
    /// An unknown macro.
    #[error("`{0}` is no macro; known: @yearly, @monthly, @weekly, @daily, @midnight, @hourly")]
    Macro(String),
    /// A field that cannot be read.
    #[error("{name} `{field}` cannot be read; wanted {wanted}")]
    Field {
        /// Which field.
        name: &'static str,
        /// As written.
        field: String,
        /// What may stand there.
        wanted: &'static str,
        /// Both in Chinese.
        zh: (&'static str, &'static str),
    },
    /// An expression that names no day at all.
    #[error("`{0}` never fires")]
    Never(String),
    /// Quiet hours that cannot be read.
    #[error("`{0}` are no quiet hours; wanted such as `23:00-06:30`")]
    Quiet(String),
    /// Quiet hours that leave no time of the day.
    #[error("quiet hours leave no time of the day")]
    AlwaysQuiet,
    /// Something that is no day and no range of days.
    #[error("`{0}` is no day and no range of days; wanted such as `2026-10-01..2026-10-07`")]
    Range(String),
    /// A day that stands in the calendar of another year.
    #[error("{0} does not belong into the calendar of {1}")]
    OtherYear(NaiveDate, i32),
    /// A working day that is one anyhow.
    #[error("{0} is no Saturday and no Sunday, and so works anyhow")]
    WorksAnyhow(NaiveDate),
    /// A day that is off and worked on.
    #[error("{0} stands under `off` and under `working`")]
    OffAndWorking(NaiveDate),
}

impl ScheduleError {
    /// What was refused, in both languages.
    pub fn both(&self) -> Both {
        let zh = match self {
            Self::Fields(text, count) => format!(
                "“{text}”有 {count} 段；应为 5 段（分 时 日 月 星期）、6 段（前加秒）或 7 段（后加年），或如 @daily"
            ),
            Self::Macro(text) => {
                format!(
                    "没有“{text}”；可用：@yearly、@monthly、@weekly、@daily、@midnight、@hourly"
                )
            }
            Self::Field { field, zh: (name, wanted), .. } => {
                format!("{name}“{field}”无法读取；应为 {wanted}")
            }
            Self::Never(text) => format!("“{text}”永远不会到来"),
            Self::Quiet(text) => format!("“{text}”不是安静时段；应如 23:00-06:30"),
            Self::AlwaysQuiet => "安静时段占满了全天，任务没有时间可以运行".to_owned(),
            Self::Range(text) => {
                format!("“{text}”不是日期，也不是起止日期；应如 2026-10-01..2026-10-07")
            }
            Self::OtherYear(day, year) => format!("{day} 不属于 {year} 年的日历"),
            Self::WorksAnyhow(day) => format!("{day} 不是周六或周日，本来就上班"),
            Self::OffAndWorking(day) => format!("{day} 既写在 off 又写在 working 中"),
        };
        Both::new(zh, self.to_string())
    }
}

/// Name and content of the fields, in English and in Chinese.
pub(super) const FIELDS: [[&str; 4]; 7] = [
    ["second", "0-59, `*`, `*/n`, ranges and lists", "秒", "0-59、*、*/n、范围或列表"],
    ["minute", "0-59, `*`, `*/n`, ranges and lists", "分", "0-59、*、*/n、范围或列表"],
    ["hour", "0-23, `*`, `*/n`, ranges and lists", "时", "0-23、*、*/n、范围或列表"],
    ["day of month", "1-31, `*`, `*/n`, ranges and lists", "日", "1-31、*、*/n、范围或列表"],
    [
        "month",
        "1-12 or jan-dec, `*`, `*/n`, ranges and lists",
        "月",
        "1-12 或 jan-dec、*、*/n、范围或列表",
    ],
    [
        "weekday",
        "0-7 (1 = Monday, 0 and 7 = Sunday) or mon-sun, `*`, `*/n`, ranges and lists",
        "星期",
        "0-7（1 为周一，0 和 7 为周日）或 mon-sun、*、*/n、范围或列表",
    ],
    ["year", "1970-2100, `*`, ranges and lists", "年", "1970-2100、*、范围或列表"],
];
