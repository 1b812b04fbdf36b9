//! What of the blocks is the article: head lines, buttons, tails and link lists go, bylines are
//! read on the way out.

use std::sync::LazyLock;

use regex::Regex;

use super::ArticleRule;
use super::block::{Block, Kind};
use super::label::{self, Byline};
use super::{breadcrumb, picture, title};
use crate::model::Attachment;

/// The article's blocks, and what the removed ones told.
#[derive(Default)]
pub(super) struct Tidy {
    pub(super) blocks: Vec<Block>,
    pub(super) bylines: Vec<Byline>,
    /// Files offered in removed blocks.
    pub(super) files: Vec<Attachment>,
}

/// A block this long is running text (characters).
const SOLID: u32 = 60;
/// Blocks at the end that are looked at for bylines and buttons.
const TAIL: usize = 12;

/// Blocks behind the end in which bylines are looked for.
const AFTER_CUT: usize = 20;

/// Keeps the blocks that belong to the article called `title`.
pub(super) fn tidy(mut blocks: Vec<Block>, title: &str, rule: &ArticleRule) -> Tidy {
    let unwanted = |text: &str| rule.drop_text.iter().any(|pattern| pattern.is_match(text));
    blocks.retain(|block| {
        let text = block.text.as_str();
        !is_text(block) || !(unwanted(text) || is_tools(text) || is_leaked_name(text))
    });
    drop_head(&mut blocks, title);
    let mut tidy = Tidy::default();
    cut_tail(&mut blocks, rule, &mut tidy);
    drop_link_lists(&mut blocks);
    trim_tail(&mut blocks, &mut tidy);
    tidy.blocks = blocks;
    tidy
}

fn is_text(block: &Block) -> bool {
    !matches!(block.kind, Kind::Picture(_) | Kind::Table | Kind::Files)
}

/// Some editors print the name of an uploaded picture as a paragraph.
fn is_leaked_name(text: &str) -> bool {
    text.contains('.') && !text.contains(['，', '。']) && picture::is_file_name(text)
}

/// True for buttons and counters; three of them may have a name beside them (`某网APP 收藏 微博 分享`).
fn is_tools(text: &str) -> bool {
    if text.chars().count() > 60 || text.contains(['。', '，', '；']) {
        return false;
    }
    TOOLS.is_match(text) || {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let (tools, rest): (Vec<&str>, Vec<&str>) =
            parts.iter().partition(|part| TOOLS.is_match(part));
        tools.len() >= 3 && rest.iter().map(|part| part.chars().count()).sum::<usize>() <= 8
    }
}

/// Texts of buttons and counters, alone on their line.
static TOOLS: LazyLock<Regex> = LazyLock::new(|| {
    let word = "打印(?:本页|此页|文章)?|关闭(?:窗口|本页|此页)?|收藏(?:本页)?|加入收藏|返回(?:顶部|上页|列表|首页)?|我要纠错|纠错|\
                分享(?:到)?|分享到微信|大|中|小|字体|字号|字号变大|字号变小|放大字体|缩小字体|放大|缩小|Qzone|图集|默认|超大|\\+|-|A\\+|A-|下载|附件下载|阅读全文|\
                \\+\\d+|微信|微博|QQ空间|QQ好友|新浪微博|腾讯微博|人人网|扫一扫在手机打开当前页|用微信扫一扫|分享到朋友圈|TOP|Top|评论|点赞";
    let counter = "(?:浏览|点击|阅读|访问|查看|下载)(?:次数|数量|量|数)?\\s*[:：]?\\s*\\d*\\s*次?|已有\\d+人(?:浏览|阅读)";
    Regex::new(&format!(
        "^[\\s\\[【〖〔(（|｜·:：]*(?:(?:{word}|{counter})[\\s\\]】〗〕)）|｜·:：\\[【〖〔(（]*)+$"
    ))
    .expect("the pattern is valid")
});

/// Takes away title, date line and breadcrumb where the container holds them too: only above the
/// first block that speaks, and never a file.
fn drop_head(blocks: &mut Vec<Block>, article: &str) {
    let article = title::fold(article);
    let is_title = |block: &Block| {
        let text = title::fold(&block.text);
        !article.is_empty()
            && (text == article || (text.chars().count() >= 8 && article.contains(&text)))
    };
    drop_pictures_above(blocks, is_title);
    let head = blocks.iter().position(|block| !is_title(block) && speaks(block));
    // Where nothing speaks (a list of names), only what a label or the title proves goes.
    let whole = head.is_none();
    let head = head.unwrap_or(blocks.len()).min(12);
    // Lines above a title that is printed inside the container are navigation; so are short ones
    // above the line with date and source.
    let after_title = blocks[..head].iter().rposition(is_title).map_or(0, |at| at + 1);
    let meta = blocks[..head].iter().rposition(|block| label::is_meta_line(&block.text));
    let above_meta = meta.filter(|_| !whole).unwrap_or(0);
    let mut at = 0;
    blocks.retain(|block| {
        let index = at;
        at += 1;
        let text = block.text.as_str();
        let is_meta = label::is_meta_line(text) && (!whole || label::has_label(text));
        let gone = index < after_title || index < above_meta || is_meta || breadcrumb::is_one(text);
        index >= head || !gone
    });
}

/// Takes logos away that stand above a title with its line of date and source.
fn drop_pictures_above(blocks: &mut Vec<Block>, is_title: impl Fn(&Block) -> bool) {
    let is_picture = |block: &Block| matches!(block.kind, Kind::Picture(_));
    let head = blocks
        .iter()
        .position(|block| !is_title(block) && !is_picture(block) && speaks(block))
        .unwrap_or(blocks.len());
    let Some(title) = blocks[..head].iter().rposition(&is_title) else { return };
    let meta = blocks[title + 1..head].iter().take(3);
    if meta.filter(|block| is_text(block)).any(|block| label::is_meta_line(&block.text)) {
        let mut at = 0;
        blocks.retain(|block| {
            at += 1;
            at > title || !is_picture(block)
        });
    }
}

/// True for the article itself: a sentence, an address to somebody, a picture, a table, a file.
fn speaks(block: &Block) -> bool {
    let text = block.text.as_str();
    let said = text.contains(['。', '，', '；']) || text.ends_with(['：', ':']);
    !is_text(block)
        || !block.files.is_empty()
        || ((said || block.chars >= SOLID)
            && !label::is_meta_line(text)
            && !label::is_empty_label(text))
}

/// What begins the part after the article.
static CUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^[\s【\[（(■◆●>》]*(?:相关(?:阅读|链接|新闻|文章|报道|推荐|信息|资讯|稿件|专题|内容)|延伸阅读|推荐阅读|热门(?:推荐|文章|新闻)|精彩推荐|猜你喜欢|为您推荐|你可能(?:还)?喜欢|更多(?:新闻|精彩|相关)|上一[篇条页]|下一[篇条页]|扫一扫|扫描二维码|扫码(?:关注|阅读|查看)|(?:长按|识别|点击)\S{0,4}二维码|网友评论|我要评论|发表评论|最新评论|分享到|分享文章|版权(?:所有|声明)|免责声明|友情链接|返回列表|(?:特别)?声明[:：]|责任编辑|文章关键词|关键[字词]\s*[:：]|我要反馈|新闻评论|热帖|最热评论|热门(?:评论|跟贴)|网友(?:跟贴|留言)|延伸\s*[·•]\s*推荐|\d+条评论)",
    )
    .expect("the pattern is valid")
});

/// The line of the editor in charge ends an article, however much stands below it.
static EDITOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\s【\[（(]*(?:责任编辑|责\s*编)\s*[:：]").expect("the pattern is valid")
});

fn cut_tail(blocks: &mut Vec<Block>, rule: &ArticleRule, tidy: &mut Tidy) {
    let whole: u32 = blocks.iter().map(|block| block.chars).sum();
    let mut before = 0;
    let cut = blocks.iter().position(|block| {
        let declared = rule.cut_after.iter().any(|pattern| pattern.is_match(&block.text));
        let known = before * 3 >= whole && block.chars <= 200 && CUT.is_match(&block.text);
        let known = known || (before >= SOLID && EDITOR.is_match(&block.text));
        before += block.chars;
        is_text(block) && (declared || known)
    });
    if let Some(cut) = cut.filter(|cut| *cut > 0) {
        let gone = blocks.split_off(cut);
        let own = gone.iter().take(AFTER_CUT).filter(|block| block.linked == 0);
        tidy.bylines.extend(own.flat_map(|block| label::bylines(&block.text)));
        tidy.files.extend(gone.into_iter().flat_map(|block| block.files));
    }
}

fn is_link_only(block: &Block) -> bool {
    is_text(block) && block.files.is_empty() && block.linked * 10 > block.chars * 7
}

/// Three links one below the other are a list of other articles.
fn drop_link_lists(blocks: &mut Vec<Block>) {
    let links: Vec<bool> = blocks.iter().map(is_link_only).collect();
    let in_run = |at: usize| {
        let before = links[..at].iter().rev().take_while(|link| **link).count();
        let after = links[at..].iter().take_while(|link| **link).count();
        links[at] && before + after >= 3
    };
    let gone: Vec<bool> = (0..blocks.len()).map(in_run).collect();
    // A page of links is kept as it is: then they are what it is about.
    if gone.iter().all(|gone| *gone) {
        return;
    }
    let mut at = 0;
    blocks.retain(|_| {
        at += 1;
        !gone[at - 1]
    });
}

/// Takes bylines, buttons and single links off the end.
fn trim_tail(blocks: &mut Vec<Block>, tidy: &mut Tidy) {
    for _ in 0..TAIL {
        let Some(last) = blocks.last().filter(|last| is_text(last)) else { break };
        if blocks.len() < 2 {
            break;
        }
        let said = label::bylines(&last.text);
        if !said.is_empty() {
            tidy.bylines.extend(said);
        } else if !is_leftover(last) {
            break;
        }
        if let Some(gone) = blocks.pop() {
            tidy.files.extend(gone.files);
        }
    }
}

static LEFTOVER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\d{1,5}|(?:标签|关键词|点击进入专题)\s*[:：]?)$")
        .expect("the pattern is valid")
});

/// A single link, a bare number, or a label that nothing follows.
fn is_leftover(block: &Block) -> bool {
    (is_link_only(block) && block.chars <= 40)
        || label::is_empty_label(&block.text)
        || LEFTOVER.is_match(&block.text)
}

#[cfg(test)]
mod tests {
    use super::super::block;
    use super::*;
    use crate::text::dom;

    fn kept(html: &str, title: &str) -> (Vec<String>, Vec<String>) {
        let doc = dom::parse(html).unwrap();
        let url = "http://a.test/x/y.html".parse().unwrap();
        let dropped = Default::default();
        let ground = block::Ground { base: &url, dropped: &dropped, endings: &[] };
        let blocks = block::read(&[doc.body().unwrap()], ground);
        let tidy = tidy(blocks, title, &ArticleRule::default());
        let texts = tidy.blocks.into_iter().map(|block| block.text).collect();
        (texts, tidy.bylines.into_iter().map(|byline| byline.name).collect())
    }

    #[test]
    fn what_is_not_the_article_goes() {
        let long = "正文里的一句话，它说明了会议的情况。".repeat(5);
        let html = format!(
            "<div>首页 > 要闻</div><h1>市工商联召开会议</h1><div>来源：本站 日期：2026-01-02</div>\
             <div>【<a href='javascript:x'>打印</a>】【关闭】</div><p>{long}</p><p>小标题</p><p>{long}</p>\
             <p>IMG_20260102.jpg</p><p>（责任编辑：张三）</p><p>（市机械行业商会）</p>\
             <p>上一篇：<a href=a>别的</a></p><p>下一篇：没有了</p>"
        );
        let (texts, bylines) = kept(&html, "市工商联召开会议");
        assert_eq!(texts, [long.as_str(), "小标题", long.as_str()]);
        assert_eq!(bylines, ["张三", "市机械行业商会"]);
    }

    #[test]
    fn a_short_notice_keeps_all_its_lines() {
        for body in [
            "<p>经研究，聘任下列同志为副会长。</p><p>张 三</p><p>李 四</p><p>市工商业联合会</p><p>2026年11月22日</p>",
            "<p>各会员单位：</p><p>附件：</p><p><a href=a.doc>申报表</a></p><p>秘书处</p><p>2026年11月22日</p>",
            "各会员单位：<br>请互相转告。<br>秘书处<br>2026年11月22日",
            "<p>张 三</p><p>李 四</p><p>2026年11月22日</p>",
            "<p>名单如下</p><p><img src=a.jpg></p><p>2026年11月22日</p>",
            "<p>现公布名单。</p><p>张 三</p><p>2026年11月22日</p><p>以上人员自公布之日起任职，任期五年，其所在单位应当支持其履行职责，\
             并按照章程的规定缴纳会费、参加会议、反映会员诉求，共同推动行业健康发展。</p>",
        ] {
            let doc = dom::parse(body).unwrap();
            let wanted = dom::visible_text(&doc.body().unwrap());
            let (texts, _) = kept(body, "关于聘任的通知");
            let texts: Vec<&str> =
                texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            assert_eq!(texts.join("\n"), wanted, "in {body}");
        }
        let (texts, _) = kept(
            "<h2>关于聘任的通知</h2><p>来源：办公室 日期：2026-11-22</p><p>张 三</p><p>2026年11月22日</p>",
            "关于聘任的通知",
        );
        assert_eq!(texts, ["张 三", "2026年11月22日"]);
    }

    #[test]
    fn lists_of_other_articles_go_but_files_stay() {
        let html = "<p>通知如下，请各单位遵照执行。</p><ul><li><a href=1>一条新闻的标题</a><li><a href=2>二条新闻的标题</a>\
                    <li><a href=3>三条新闻的标题</a></ul><p>正文又来了一句，到此为止。</p>\
                    <p><a href=a.pdf>附件1</a></p><p><a href=b.doc>附件2</a></p><p><a href=c.xls>附件3</a></p>";
        let (texts, _) = kept(html, "");
        assert_eq!(
            texts,
            [
                "通知如下，请各单位遵照执行。",
                "正文又来了一句，到此为止。",
                "附件1",
                "附件2",
                "附件3"
            ]
        );
    }
}
