//! The look of the documents: page, fonts, styles, lists.

use docx_rs::{
    AbstractNumbering, AlignmentType, Docx, IndentLevel, Level, LevelJc, LevelOverride, LevelText,
    LineSpacing, LineSpacingType, NumberFormat, Numbering, PageMargin, RunFonts, SpecialIndentType,
    Start, Style, StyleType,
};

pub(super) const TITLE: &str = "Title";
pub(super) const BYLINE: &str = "Byline";
pub(super) const TEXT: &str = "BodyText";
pub(super) const HEADINGS: [&str; 3] = ["Heading1", "Heading2", "Heading3"];
pub(super) const QUOTE: &str = "Quote";
pub(super) const LIST: &str = "ListParagraph";
pub(super) const FIGURE: &str = "Figure";
pub(super) const CAPTION: &str = "Caption";
pub(super) const CELL: &str = "TableText";
pub(super) const NOTE: &str = "Note";
pub(super) const LINK: &str = "Hyperlink";

/// Numbers of the two kinds of lists.
pub(super) const BULLETS: usize = 1;
pub(super) const NUMBERS: usize = 2;
/// Lists within lists that are set in further and further.
pub(super) const LEVELS: usize = 4;

/// Twentieths of a point in a millimetre, times 1,000.
const TWIPS_PER_M: i32 = 56_693;
/// Width of the text in twips: 156 mm (GB/T 9704 §5.2).
pub(super) const WIDTH: usize = 8_844;
/// Sizes in half points: 二号, 三号, 小四, 五号.
const SIZE_2: usize = 44;
const SIZE_3: usize = 32;
const SIZE_SMALL_4: usize = 24;
const SIZE_5: usize = 21;
/// Two characters of 三号, in twips; see also `pack`, which says it in characters.
pub(super) const TWO_CHARACTERS: i32 = 640;

const LATIN: &str = "Times New Roman";

fn fonts(east_asia: &str) -> RunFonts {
    RunFonts::new().ascii(LATIN).hi_ansi(LATIN).cs(LATIN).east_asia(east_asia)
}

/// Signs that are in Chinese and in Latin fonts are taken from the Chinese one.
pub(super) fn hint() -> RunFonts {
    RunFonts::new().hint("eastAsia")
}

/// A4 with the margins of official documents, and every style that is used.
pub(super) fn add(docx: Docx) -> Docx {
    let margin = |mm: i32| mm * TWIPS_PER_M / 1_000;
    let margins = PageMargin {
        top: margin(37),
        bottom: margin(35),
        left: margin(28),
        right: margin(26),
        header: margin(15),
        footer: margin(28),
        gutter: 0,
    };
    let docx = docx
        .page_size(11_906, 16_838)
        .page_margin(margins)
        .default_fonts(fonts("仿宋"))
        .default_size(SIZE_3)
        .add_abstract_numbering(list(BULLETS))
        .add_abstract_numbering(list(NUMBERS))
        .add_numbering(Numbering::new(BULLETS, BULLETS))
        .add_numbering(Numbering::new(NUMBERS, NUMBERS));
    styles().into_iter().fold(docx, Docx::add_style)
}

fn styles() -> Vec<Style> {
    let heading = |number: usize, font: &str| {
        paragraph(HEADINGS[number], &format!("heading {}", number + 1), font, SIZE_3)
            .outline_lvl(number)
            .next(TEXT)
            .indent(Some(0), Some(SpecialIndentType::FirstLine(TWO_CHARACTERS)), None, None)
            .line_spacing(lines().before(120))
    };
    vec![
        paragraph(TITLE, "Title", "宋体", SIZE_2)
            .bold()
            .align(AlignmentType::Center)
            .next(BYLINE)
            .line_spacing(LineSpacing::new().before(120).after(240)),
        paragraph(BYLINE, "Byline", "楷体", SIZE_SMALL_4)
            .align(AlignmentType::Center)
            .next(TEXT)
            .line_spacing(LineSpacing::new().after(360)),
        paragraph(TEXT, "Body Text", "仿宋", SIZE_3)
            .align(AlignmentType::Both)
            .indent(Some(0), Some(SpecialIndentType::FirstLine(TWO_CHARACTERS)), None, None)
            .line_spacing(lines()),
        heading(0, "黑体"),
        heading(1, "楷体").bold(),
        heading(2, "仿宋").bold(),
        paragraph(QUOTE, "Quote", "楷体", SIZE_3)
            .indent(Some(TWO_CHARACTERS), None, Some(TWO_CHARACTERS), None)
            .line_spacing(lines()),
        paragraph(LIST, "List Paragraph", "仿宋", SIZE_3).line_spacing(lines()),
        paragraph(FIGURE, "Figure", "仿宋", SIZE_SMALL_4)
            .align(AlignmentType::Center)
            .line_spacing(LineSpacing::new().before(120)),
        paragraph(CAPTION, "caption", "楷体", SIZE_SMALL_4)
            .align(AlignmentType::Center)
            .line_spacing(LineSpacing::new().before(60).after(180)),
        paragraph(CELL, "Table Text", "仿宋", SIZE_5),
        paragraph(NOTE, "Note", "仿宋", SIZE_SMALL_4)
            .line_spacing(LineSpacing::new().before(60).after(60)),
        Style::new(LINK, StyleType::Character)
            .name("Hyperlink")
            .color("0563C1")
            .underline("single"),
    ]
}

fn paragraph(id: &str, name: &str, font: &str, size: usize) -> Style {
    let style = Style::new(id, StyleType::Paragraph).name(name).based_on("Normal");
    style.fonts(fonts(font)).size(size).q_format(true)
}

/// 28 points from line to line, more where a picture or a formula wants it.
fn lines() -> LineSpacing {
    LineSpacing::new().line_rule(LineSpacingType::AtLeast).line(560)
}

fn list(kind: usize) -> AbstractNumbering {
    (0..LEVELS).fold(AbstractNumbering::new(kind), |list, level| {
        let text = match kind {
            BULLETS => "•".to_owned(),
            _ => format!("%{}.", level + 1),
        };
        let format = if kind == BULLETS { "bullet" } else { "decimal" };
        let left = TWO_CHARACTERS * i32::try_from(level + 1).unwrap_or(1);
        list.add_level(
            Level::new(
                level,
                Start::new(1),
                NumberFormat::new(format),
                LevelText::new(text),
                LevelJc::new("left"),
            )
            .indent(Some(left), Some(SpecialIndentType::Hanging(480)), None, None),
        )
    })
}

/// A numbered list that begins with 1 again.
pub(super) fn fresh(number: usize) -> Numbering {
    (0..LEVELS).fold(Numbering::new(number, NUMBERS), |numbering, level| {
        numbering.add_override(LevelOverride::new(level).start(1))
    })
}

/// The level of a list that stands in `depth` others.
pub(super) fn level(depth: usize) -> IndentLevel {
    IndentLevel::new(depth.min(LEVELS - 1))
}
