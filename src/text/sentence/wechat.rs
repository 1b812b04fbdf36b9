//! What goes wrong between us and the WeChat platform.

use crate::model::ProblemCode;

use super::Texts;

pub(super) fn texts(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::WechatAddress => (
            "微信公众平台不接受从本机地址发来的请求",
            "请把详情中的地址加入公众平台“设置与开发 → 基本配置 → IP白名单”，几分钟后再推送",
            "the WeChat platform takes no calls from this machine's address",
            "add the address in the detail to the account's whitelist (设置与开发 → 基本配置 → IP白名单), and push again a few minutes later",
        ),
        ProblemCode::WechatAccount => (
            "微信公众平台不认可 AppID、AppSecret 或访问凭证",
            "请核对 [[account]] 的 app_id 与密钥；AppSecret 重置过的，旧的即失效",
            "the WeChat platform does not accept AppID, AppSecret or token",
            "check `app_id` and secret of `[[account]]`; a reset AppSecret voids the old one",
        ),
        ProblemCode::WechatNotAllowed => (
            "该公众号没有接口权限，无法自动推送草稿",
            "改用粘贴：打开成品包里的 review.html，复制正文，粘贴到公众平台的编辑器；认证过期的，续期后恢复",
            "the account may not make drafts through the interface",
            "paste instead: open review.html of the bundle, copy, and paste into the platform's editor; where the verification lapsed, renew it",
        ),
        ProblemCode::WechatQuota => (
            "公众号今天的接口次数或群发次数已用完",
            "明天零点以后再推送，或改用粘贴",
            "the account's calls or mass messages are used up",
            "push again after midnight in Beijing, or paste instead",
        ),
        ProblemCode::WechatEdited => (
            "草稿推送之后在公众平台上被改过或移走，没有覆盖",
            "请在公众平台上继续手工修改；要用新内容的，先在那里删除草稿，再用 lianbo issue push --anew 推送",
            "a draft was changed or removed on the platform after it was pushed; nothing was overwritten",
            "go on editing there; to have the new content, delete the draft there and `lianbo issue push --anew`",
        ),
        ProblemCode::WechatUnclear => (
            "草稿可能已经建好，但没有收到回应",
            "请先看一看公众平台的草稿箱；再次推送会先按标题和期号查找，不会重复",
            "a draft may have been made, but no answer came",
            "look into the draft box; pushing again searches for title and number first and doubles nothing",
        ),
        _ => (
            "微信公众平台没有完成请求",
            "详情里有错误码、说明和 rid；稍后再推送，急用可改用粘贴",
            "the WeChat platform did not do what it was asked",
            "the detail has code, message and rid; push again later, or paste meanwhile",
        ),
    }
}
