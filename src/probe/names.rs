//! What the names of columns tell: whether it is one, how much subscribers care for it, its tags.

use crate::text::plain;

/// What subscribers ask for first, by words in a column's name.
const WEIGHTS: &[(u32, &[&str])] = &[
    (100, &["要闻", "动态", "新闻", "资讯", "快讯", "工作信息", "头条"]),
    (90, &["通知", "公告", "公示", "通告"]),
    (80, &["市县", "区县", "县区", "县市", "基层", "地方", "各地"]),
    (75, &["商会", "工商联", "协会"]),
    (65, &["会员", "企业", "民企", "民营", "民企之窗"]),
    (60, &["政策", "法规", "法律", "解读", "惠企"]),
    (55, &["党建", "统战", "思想", "学习"]),
    (50, &["专题", "专栏", "聚焦", "活动"]),
    (
        45,
        &[
            "调研", "参政", "议政", "理论", "建言", "经济", "服务", "光彩", "公益", "培训", "报道",
            "媒体",
        ],
    ),
];

/// Names that lead to no list of articles.
const NO_COLUMN: &[&str] = &[
    "首页",
    "主页",
    "登录",
    "登陆",
    "注册",
    "邮箱",
    "邮件",
    "网上办事",
    "在线办事",
    "办事大厅",
    "办事指南",
    "联系",
    "关于我们",
    "关于本会",
    "机构",
    "组织架构",
    "组织机构",
    "领导介绍",
    "领导成员",
    "领导班子",
    "本会简介",
    "简介",
    "概况",
    "章程",
    "地图",
    "设为",
    "收藏",
    "无障碍",
    "长者",
    "适老",
    "english",
    "繁体",
    "简体",
    "搜索",
    "检索",
    "查询",
    "留言",
    "投诉",
    "信箱",
    "调查",
    "下载",
    "申请",
    "友情链接",
    "友链",
    "微信",
    "微博",
    "客户端",
    "公众号",
    "抖音",
    "手机版",
    "移动版",
    "rss",
    "订阅",
    "oa",
    "版权",
    "隐私",
    "免责",
    "声明",
    "打印",
    "关闭",
    "返回",
    "上一",
    "下一",
    "尾页",
    "末页",
    "举报",
    "客服",
    "会员中心",
    "二维码",
    "在线入会",
    "入会",
    "网站群",
    "职能",
    "内设",
    "值班",
    "电话",
];

/// Tags by words in a column's name, as the shipped feeds select by them.
const TAGS: &[(&str, &[&str])] = &[
    ("要闻", &["要闻", "头条"]),
    ("通知", &["通知", "公告", "公示", "通告"]),
    ("市县", &["市县", "区县", "县区", "县市", "基层", "地方", "各地"]),
    ("商会", &["商会"]),
    ("会员", &["会员", "企业", "民企"]),
    ("政策", &["政策", "法规", "法律"]),
    ("党建", &["党建"]),
    ("专题", &["专题", "专栏"]),
];

/// How much a column of this name is wanted; 20 where the name says nothing.
pub fn weight(name: &str) -> u32 {
    let found = WEIGHTS.iter().find(|(_, words)| words.iter().any(|word| name.contains(word)));
    found.map_or(20, |(weight, _)| *weight)
}

/// The tags of a column of this name.
pub fn tags(name: &str) -> Vec<String> {
    let found = TAGS.iter().filter(|(_, words)| words.iter().any(|word| name.contains(word)));
    found.map(|(tag, _)| (*tag).to_owned()).collect()
}

/// True for names that lead to no list of articles: 登录, 联系我们, a number.
pub(super) fn is_no_column(name: &str) -> bool {
    let lower = name.to_lowercase();
    NO_COLUMN.iter().any(|word| match *word {
        // Two letters stand in other words too.
        word if word.len() <= 3 && word.is_ascii() => lower == word,
        word => lower.contains(word),
    }) || !name.chars().any(|c| c.is_alphabetic())
}

/// True for texts that invite to see more of a block and name nothing.
pub(super) fn is_more(text: &str) -> bool {
    let bare = bare(text);
    !text.is_empty()
        && (bare.is_empty()
            || [
                "更多",
                "more",
                "查看更多",
                "更多内容",
                "更多信息",
                "查看全部",
                "全部",
                "进入",
                "点击更多",
            ]
            .contains(&bare.as_str()))
}

/// The name in `更多要闻` or `要闻 更多>>`; the whole text where it does not say 更多.
pub(super) fn without_more(text: &str) -> String {
    let bare = plain::one_line(text);
    let bare = bare.trim_matches(|c: char| !c.is_alphanumeric() && !"“”《》（）()".contains(c));
    for word in ["查看更多", "更多", "more"] {
        let (head, tail) =
            (bare.get(..word.len()), bare.get(bare.len().saturating_sub(word.len())..));
        let is_word = |part: Option<&str>| part.is_some_and(|part| part.eq_ignore_ascii_case(word));
        let rest = match (is_word(head), is_word(tail)) {
            (true, _) => bare.get(word.len()..),
            (_, true) => bare.get(..bare.len() - word.len()),
            _ => None,
        };
        if let Some(rest) = rest {
            return rest.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        }
    }
    bare.to_owned()
}

fn bare(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_no_name() {
        for text in ["更多", "更多>>", "MORE+", ">>", "[ 查看更多 ]", "…"] {
            assert!(is_more(text), "{text}");
        }
        assert!(!is_more("") && !is_more("更多要闻"));
        for (text, name) in [
            ("更多要闻", "要闻"),
            ("要闻 更多>>", "要闻"),
            ("· 通知公告", "通知公告"),
            ("More", ""),
        ] {
            assert_eq!(without_more(text), name);
        }
    }

    #[test]
    fn what_subscribers_want_comes_first() {
        let names =
            ["工作动态", "通知公告", "市县工商联", "商会", "政策法规", "党建", "专题", "其他"];
        let weights: Vec<u32> = names.iter().map(|name| weight(name)).collect();
        let mut sorted = weights.clone();
        sorted.sort_by_key(|weight| std::cmp::Reverse(*weight));
        assert_eq!(weights, sorted);
        assert!(is_no_column("联系我们") && is_no_column("OA") && is_no_column("12"));
        assert!(!is_no_column("要闻") && !is_no_column("ROAD SHOW"));
        assert_eq!(tags("商会通知"), ["通知", "商会"]);
    }
}
