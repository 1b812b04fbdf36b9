//! Sentences of challenge pages: whose it is, and where its operators let an address through.

use crate::model::ProblemCode;

use super::Texts;

/// What is said of one product: whose page it is and what its operators are to do, in both languages.
macro_rules! challenge {
    ($zh:literal, $zh_ask:literal, $en:literal, $en_ask:literal) => {
        (
            concat!("网站前设有", $zh, "，无法读取"),
            concat!(
                "请网站管理员",
                $zh_ask,
                "；放行后至多一天自动再读，运行 lianbo trust 站点编号 则下次刷新就读；程序绝不绕过验证"
            ),
            $en,
            concat!(
                "ask the site to ",
                $en_ask,
                "; then it is read by itself within a day, or at the next refresh after \
                 `lianbo trust SITE`; challenges are never bypassed"
            ),
        )
    };
}

/// The texts of a code of which [`ProblemCode::is_challenge`] holds.
pub(super) fn texts(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::BlockedRuishu => challenge!(
            "瑞数动态安全的验证页面",
            "在瑞数控制台把本机出口地址列入白名单",
            "a challenge page of 瑞数 (River Security) stands in front of the site",
            "put this machine's outgoing address on the whitelist of 瑞数"
        ),
        ProblemCode::BlockedJiasule => challenge!(
            "加速乐（知道创宇）的验证页面",
            "在加速乐的防护设置里把本机出口地址列入白名单",
            "a challenge page of 加速乐 (Knownsec) stands in front of the site",
            "put this machine's outgoing address on the whitelist of 加速乐"
        ),
        ProblemCode::BlockedAliyun => challenge!(
            "阿里云 WAF 的验证页面",
            "在阿里云 Web 应用防火墙的白名单里加入本机出口地址",
            "a challenge page of 阿里云 WAF (Alibaba Cloud) stands in front of the site",
            "put this machine's outgoing address on the whitelist of its Alibaba Cloud WAF"
        ),
        ProblemCode::BlockedWangsu => challenge!(
            "网宿的验证页面",
            "在网宿的防护策略里把本机出口地址列入白名单",
            "a challenge page of 网宿 (Wangsu) stands in front of the site",
            "put this machine's outgoing address on the whitelist of 网宿"
        ),
        ProblemCode::BlockedTst => challenge!(
            "腾讯云 EdgeOne 的验证页面（__tst_status）",
            "在 EdgeOne 的 Bot 管理里为本机出口地址设例外规则",
            "a challenge page of 腾讯云 EdgeOne (`__tst_status`) stands in front of the site",
            "make an exception for this machine's outgoing address in the bot management of EdgeOne"
        ),
        ProblemCode::BlockedSafeline => challenge!(
            "长亭雷池（SafeLine）的验证页面",
            "在雷池的自定义规则里把本机出口地址列入白名单",
            "a challenge page of 长亭雷池 (SafeLine) stands in front of the site",
            "put this machine's outgoing address on the whitelist of SafeLine"
        ),
        _ => challenge!(
            "验证页面",
            "在其防护设置里把本机出口地址列入白名单",
            "a challenge page stands in front of the site",
            "let this machine's outgoing address through"
        ),
    }
}
