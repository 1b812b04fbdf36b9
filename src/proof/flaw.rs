//! The one table of what can be wrong with an issue: codes, gravity, sentences.

macro_rules! flaws {
    ($($variant:ident $code:literal $severe:literal $zh:literal $en:literal,)*) => {
        /// What can be wrong with an issue. `{}` in a sentence is filled with the detail.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Flaw { $($variant,)* }

        impl Flaw {
            /// All of them.
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its stable code.
            pub(super) fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Whether the issue must not go out so.
            pub(super) fn is_severe(self) -> bool {
                match self { $(Self::$variant => $severe,)* }
            }

            /// What was found and what to do, in Chinese and in English, as `detail` is.
            pub(super) fn sentences(self, detail: [&str; 2]) -> (String, String) {
                let (zh, en) = match self { $(Self::$variant => ($zh, $en),)* };
                (zh.replace("{}", detail[0]), en.replace("{}", detail[1]))
            }
        }
    };
}

flaws! {
    IssueEmpty "issue-empty" true "本期没有任何内容：请选入文章" "the issue prints nothing: choose something",
    SectionEmpty "section-empty" false "栏目“{}”没有文章：请选入文章，或确认本期不设此栏目" "section “{}” has no items: choose some, or leave it out of this issue",
    ArticlesMany "articles-many" true "共 {} 篇图文，平台最多 8 篇：请减少篇数" "{} articles; the platform takes eight: choose fewer",
    TitleLong "title-long" false "标题 {} 字，超过 32 字的部分在部分位置显示不全：建议缩短" "the title has {} characters; beyond 32 it is cut in places: shorten it",
    TitleTooLong "title-too-long" true "标题 {} 字，超过平台上限 64 字：请缩短" "the title has {} characters; the platform takes 64: shorten it",
    AuthorLong "author-long" true "作者署名 {} 字，平台最多 16 字：请缩短" "the author has {} characters; the platform takes 16: shorten it",
    DigestLong "digest-long" true "摘要 {} 字，平台最多 120 字：请缩短" "the digest has {} characters; the platform takes 120: shorten it",
    ContentLong "content-long" false "正文代码共 {} 字符，接近平台上限 20000：请减少文章或图片" "the content has {} characters; the platform takes 20,000: leave something out",
    ContentTooLong "content-too-long" true "正文代码共 {} 字符，超过平台上限（20000 字符、1 MB）：请减少文章，或拆成两期" "the content has {} characters, beyond the platform's limits (20,000 characters, 1 MB): leave something out, or split it",
    LinkLong "link-long" true "“阅读原文”链接 {} 字节，平台最多 1024：请改用较短的网址" "the address of the original has {} bytes; the platform takes 1,024: use a shorter one",
    CoverMissing "cover-missing" false "没有封面，可以粘贴使用，但不能推送：请安装中文字体（fonts-noto-cjk 或 fonts-wqy-microhei）、写明 issues.font，或在文摘中用 cover 指定图片，再重新生成" "there is no cover: the bundle can be pasted but not pushed; install a Chinese font (fonts-noto-cjk or fonts-wqy-microhei), set `issues.font`, or name a picture in the digest's `cover`, and build again",
    TitleMissing "title-missing" true "这篇文章没有标题：请补上" "the piece has no title: give it one",
    TitleDouble "title-double" false "与另一篇文章标题相同：请核对是否重复选入" "another piece has the same title: check whether it was chosen twice",
    SummaryMissing "summary-missing" false "没有摘要，速览中只显示标题：请补写" "there is no summary, and the overview shows the title alone: write one",
    SummaryCut "summary-cut" false "摘要结尾不是完整的句子：请改写" "the summary ends in the middle of a sentence: rewrite it",
    DateMissing "date-missing" false "没有发布日期：请核对原文" "there is no date: look at the original",
    SourceMissing "source-missing" true "没有注明来源：请补上" "no source is named: name it",
    AddressMissing "address-missing" false "没有原文网址：请核对" "there is no address of the original: look for it",
    ThirdParty "third-party" false "文章来自第三方（{}），转载可能须经授权：请确认已获许可" "the text is by others ({}), and reprinting it may need their permission: make sure of it",
    Revised "revised" false "选入之后原文已有修订：请核对并更新" "the original was revised since it was chosen: compare and update it",
    Withdrawn "withdrawn" false "原文已撤下，本期不再刊出：请另选文章" "the original was withdrawn and does not print: choose another",
    PictureMissing "picture-missing" false "图片无法取得（{}）：请换一张，或确认不用图片" "a picture could not be had ({}): replace it, or go without",
    IdCard "id-card" true "出现身份证号码：请删去或遮盖" "there is the number of an identity card: remove or mask it",
    BankCard "bank-card" true "出现银行卡号：请删去或遮盖" "there is the number of a bank card: remove or mask it",
    PhoneNumber "phone-number" false "出现电话号码：请确认可以公开" "there is a telephone number: make sure that it may be published",
    BracketOpen "bracket-open" false "标点“{}”没有配对：请补上或删去" "the mark “{}” has no counterpart: add or remove one",
    PunctuationHalf "punctuation-half" false "汉字之间用了半角标点“{}”：请改为全角" "there is a half-width “{}” between Chinese characters: use the full-width mark",
    PunctuationDouble "punctuation-double" false "标点“{}”重复：请删去多余的" "the marks “{}” stand doubled: remove what is too many",
    WordDouble "word-double" false "“{}”重复，可能多写一字：请核对" "“{}” may have one character too many: check it",
    OwnVoice "own-voice" false "“{}”是原网站的自称，在本号刊出会引起误解：请改写或注明来源" "“{}” is how the original calls itself, which is misleading here: reword it or name the source",
    PageRemains "page-remains" false "“{}”是原网页的残留文字：请删去" "“{}” is left over from the original page: remove it",
    LinkDead "link-dead" false "正文里有打不开的链接：请删去链接或改为文字" "there is a link that leads nowhere: remove it or make it text",
    LinkWords "link-words" false "“{}”指向链接，而公众号正文中的外部链接无法打开：请改写" "“{}” speaks of a link, and links do not work within an article: reword it",
    RosterPost "roster-post" true "职务与名录不符，名录为“{}”：请核对" "the post is not the one in the roster, “{}”: check it",
    RosterOutdated "roster-outdated" true "该职务在本期日期已不再担任（名录：{}）：请核对" "the post is not held any more as of the issue's date (roster: {}): check it",
    RosterOrder "roster-order" false "人名排列与名录次序不符，应为“{}”：请核对" "persons do not stand in the order of the roster, “{}”: check it",
    PhraseBroken "phrase-broken" true "固定表述不完整，应为“{}”：请改正" "a fixed phrase is not whole; it reads “{}”: correct it",
    WordPair "word-pair" false "可能是误用，应为“{}”：请核对" "this may be a slip for “{}”: check it",
    WordUnwanted "word-unwanted" false "不宜使用的词语（{}）：请改写" "this word is not wanted ({}): reword it",
}
