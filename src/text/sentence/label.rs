//! The words on pages, Chinese and English side by side.

use crate::model::Lang;

macro_rules! labels {
    ($($variant:ident $zh:literal $en:literal,)*) => {
        /// Words on pages, for readers and for operators.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is its English word")]
        pub enum Label { $($variant,)* }

        impl Label {
            /// All of them with their names, for templates.
            pub const ALL: &[(&'static str, Self)] = &[$((stringify!($variant), Self::$variant)),*];

            /// The word in `lang`.
            pub fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$variant, Lang::Zh) => $zh, (Self::$variant, Lang::En) => $en,)*
                }
            }
        }
    };
}

labels! {
    Slogan "各级工商联与商会的最新文章，一处订阅" "The latest from federations and chambers, in one place",
    Intro "汇集各级工商联与商会网站的文章，供阅读器订阅，也供各地工商联网站与公众号转载。" "Articles from the websites of federations and chambers, for feed readers and for other federations' sites.",
    SkipToContent "跳到正文" "Skip to content",
    Latest "最新文章" "Latest",
    Feeds "全部订阅" "All feeds",
    Composite "综合" "Composite",
    WholeSite "全站" "Whole site",
    HowTo "如何订阅" "How to subscribe",
    ByReader "个人阅读" "In a feed reader",
    ByReaderHow "选一个订阅，复制它的 RSS 地址，粘贴到任一阅读器的“添加订阅”中。想一次订阅全部，请导入：" "Choose a feed, copy its RSS address, and paste it into any reader's “add feed”. To take everything at once, import:",
    BySite "各地网站转载" "On a federation's site",
    BySiteHow "请网站技术人员定时读取 JSON 或 RSS 地址：每篇文章的编号永不改变，修订会更新时间，撤下的文章会从订阅中消失，请同步处理。文章页带有政府网站规定的 meta 标签，可直接入库。转载请注明来源。" "Have your CMS read the JSON or RSS address on schedule. An article's id never changes, a revision moves its date, a withdrawn article leaves the feed: please follow. Item pages carry the government meta tags. Keep the credit line.",
    ByEditor "公众号编辑" "For WeChat editors",
    ByEditorHow "打开文章页，选中正文，复制到公众号编辑器，图片说明与来源一并保留；发布前请核对原文并取得原发布单位同意。" "Open an article, select its body and paste it into the editor: captions and credit come along. Check the original and ask its publisher before you publish.",
    Subscribe "订阅地址" "Addresses",
    SubscribeHow "复制其中一个地址，粘贴到阅读器或网站程序；各格式内容相同。" "Copy one of these into a reader or your CMS; all formats carry the same items.",
    ForReaders "多数阅读器" "most readers",
    ForAnyReader "阅读器" "readers",
    ForPrograms "网站程序" "programs",
    Search "搜索" "Search",
    SearchHow "多个词用空格隔开，须同时出现；“引号”内为整句；词前加 - 表示不含。" "All words must be there; “quoted” words stay together; -word must not be there.",
    SearchWords "要找的词" "Words",
    SearchSite "全部网站" "All sites",
    SearchNone "没有找到。请减少词语，或换一种说法。" "Nothing found. Try fewer or other words.",
    SearchMore "更早的结果" "Older results",
    SearchFeed "订阅此搜索（JSON Feed）" "Subscribe to this search (JSON Feed)",
    SearchCut "搜索时间过长，只列出已找到的；请加上更多词语。" "The search took too long and shows only what it found; add a word.",
    Status "运行状态" "Status",
    DataFolder "数据目录" "Data folder",
    UsedInAll "共用" "Used",
    DiskBudget "上限" "Budget",
    DiskFree "磁盘剩余" "Left on the disk",
    UsedFor "用途" "What for",
    HowMany "数量" "Count",
    Size "大小" "Size",
    Home "首页" "Home",
    Original "查看原文" "Original",
    OriginalAt "原文" "Original",
    AlsoAt "另载于" "Also at",
    AtOrigin "原网页" "Original page",
    Attachments "附件" "Attachments",
    Author "作者" "Author",
    Editor "编辑" "Editor",
    Date "日期" "Date",
    Items "篇" "items",
    Empty "暂无文章" "No items yet",
    Revised "本文有修订，最近修订于" "Revised, last on",
    ColumnFeed "订阅本栏目" "Feed of this column",
    Held "等待放行" "Waiting for release",
    SummaryOnly "本站只提供摘要，全文请见原网站。" "Only the summary is given here; read the article where it was published.",
    Withdrawn "本文已撤下" "This article was withdrawn",
    WithdrawnHow "本文已由原发布单位或本站撤下，转载方请同步撤下。" "Its publisher or this site withdrew it; whoever reprinted it should do the same.",
    Gone "本文件已撤下。" "This file was taken down.",
    NotFound "没有这个页面" "No such page",
    NotFoundHow "地址可能有误，或内容已撤下。" "The address may be wrong, or the item was withdrawn.",
    Retired "此订阅已停办" "This feed has ended",
    RetiredHow "不再更新；请在阅读器中删除它，其他订阅见首页。" "It is no longer updated; remove it from your reader. The front page lists the others.",
    NotYet "尚未发布" "Not published yet",
    NotYetHow "正在读取各网站，请稍后再来。" "The sites are being read; please come back soon.",
    Digests "文摘" "Digests",
    LastIssue "最近一期" "Last issue",
    IssueState "进度" "State",
    NothingNew "没有新内容，未出刊" "nothing new, no issue",
    SitesOff "未启用的站点" "Sites not enabled",
    Column "栏目" "Column",
    LastRun "上次刷新" "Last refresh",
    NextRun "下次刷新" "Next refresh",
    Outcome "结果" "Outcome",
    Rows "列表" "Listed",
    New "新" "New",
    Changed "修订" "Revised",
    Left "待读" "Left",
    Problems "未解决的问题" "Open problems",
    NoProblems "一切正常，没有未解决的问题。" "All is well: no open problems.",
    Fine "正常" "fine",
    Unchanged "无变化" "unchanged",
    Partly "部分失败" "partly failed",
    Failed "失败" "failed",
    Waiting "尚未刷新" "not yet",
    RowOnly "仅有标题，请查看原文。" "Only the title could be read; see the original.",
    Operator "主办单位" "Operated by",
    Corrections "纠错" "Corrections",
    Rights "文章版权归原发布单位所有，转载请注明来源。" "The articles belong to their publishers; name the source when you reprint.",
    Since "始于" "since",
    Hint "建议" "Hint",
    Times "次" "times",
    AsOf "截至" "As of",
    Started "启动于" "Started",
    Version "版本" "Version",
    Stored "已存文章" "Items stored",
    Documents "已发布文件" "Documents published",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_says_something_in_both_languages() {
        for (name, label) in Label::ALL {
            for lang in [Lang::Zh, Lang::En] {
                assert!(!label.text(lang).trim().is_empty(), "{name}");
            }
            assert_ne!(label.text(Lang::Zh), label.text(Lang::En), "{name}");
        }
    }
}
