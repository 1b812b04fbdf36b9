//! Pages that say that there is none: sites send them with status 200 in the place of articles
//! that were taken away.

use std::sync::LazyLock;

use regex::Regex;

/// Longer texts are articles, whatever words they use (characters).
const LONGEST: usize = 160;

/// True where title and text say that the page asked for does not exist.
pub(super) fn is_told(title: &str, text: &str) -> bool {
    if text.chars().count() > LONGEST {
        return false;
    }
    let said = format!("{title}\n{text}");
    TITLE.is_match(title) || (ABSENT.is_match(&said) && SORRY.is_match(&said))
}

/// A title that is nothing but the message.
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:(?:http\s*)?(?:error\s*)?40[34]\b.{0,24}|(?:page\s+)?not\s+found|(?:该|此|您访问的)?(?:页面|网页|文章|信息|内容)(?:不存在|未找到|找不到|已(?:被)?删除)(?:或.{0,8})?|出错了|错误提示|错误页面)\W*$",
    )
    .expect("the pattern is valid")
});

static ABSENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:页面?|网页|文章|信息|内容|资源|文件|稿件|记录|栏目|地址)[^。！!，,\n]{0,10}(?:不存在|被?删除|找不到|未找到|没有找到|已下线|已过期|未通过审核|无法访问)|(?:找不到|未找到|没有找到)[^。！!，,\n]{0,10}(?:页面?|网页|文章|信息|内容|资源|文件|记录)",
    )
    .expect("the pattern is valid")
});

/// What is said to a reader who came for nothing.
static SORRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"对不起|抱歉|很遗憾|[您你](?:所)?(?:要)?(?:访问|查看|浏览|请求|查找|寻找|打开)|自动跳转|返回首页|\b404\b")
        .expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::is_told;

    #[test]
    fn sorry_pages_are_told_from_short_notices() {
        for (title, text) in [
            ("页面不存在", "系统将在 5 秒后自动跳转到首页。"),
            ("404 Not Found", "nginx"),
            ("404", "页面找不到了"),
            ("某某商会", "对不起，您访问的页面不存在或已被删除！"),
            ("提示信息", "抱歉，您要查看的文章已删除或未通过审核。返回首页"),
            ("出错了！", "很遗憾，没有找到相关的信息。"),
            ("该信息已被删除", ""),
        ] {
            assert!(is_told(title, text), "{title}: {text}");
        }
        let long = "会议通报了有关情况，并部署了下一阶段工作。".repeat(10);
        for (title, text) in [
            (
                "关于开展会员信息核对工作的通知",
                "请各单位于月底前核对，逾期未核对的，信息将被删除。",
            ),
            ("对不起，您访问的页面不存在", long.as_str()),
            ("404工程启动建设", "市商会404工程今日启动。"),
            ("商会网站改版公告", "即日起旧版网站停止更新，欢迎您访问新版网站。"),
            ("抱歉信", "因场地调整，原定会议改期举行，抱歉给各位会员带来不便。"),
        ] {
            assert!(!is_told(title, text), "{title}: {text}");
        }
    }
}
