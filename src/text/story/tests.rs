//! Pairs of articles, and whether they tell the same story.

use super::*;

/// An article: title and text.
type Article = (String, String);

struct Pair {
    what: &'static str,
    one: Article,
    other: Article,
    credited: bool,
    same: bool,
}

/// News of our own making: title, then sentences.
const NEWS: [(&str, &[&str]); 8] = [
    (
        "全省民营企业座谈会在宁召开",
        &[
            "11月16日上午，全省民营企业座谈会在南京召开，来自制造、物流、软件等行业的二十八位企业负责人参加会议。",
            "会上，企业家们结合自身经营，谈到了用工成本上升、订单周期缩短、回款变慢等困难，也提出了十七条具体建议。",
            "省工商联负责人逐条作了回应，表示能够当场答复的当场答复，需要部门协同的列出清单，一周之内交办。",
            "会议要求，各级商会要把走访企业作为日常功课，真正弄清企业想什么、缺什么、盼什么。",
            "会后，与会人员参观了一家专精特新企业的智能车间，了解数字化改造的投入与成效。",
        ],
    ),
    (
        "青年企业家赴西部开展产业对接",
        &[
            "为推动东西部协作走深走实，近日，市青年企业家商会组织三十余名会员赴西部三县开展产业对接活动。",
            "考察团先后走访了特色种养基地、中药材加工园和光伏电站，与当地企业进行了面对面交流。",
            "经过洽谈，双方就冷链仓储、电商直播和劳务协作达成六项合作意向，首批订单将于下月发出。",
            "带队负责人说，产业协作不能只靠一次热闹的签约，后续将建立月度联络机制，逐项跟踪落实。",
        ],
    ),
    (
        "商会调解室三天化解百万元货款纠纷",
        &[
            "一起拖了两年多的货款纠纷，在商会调解室里只用三天就有了结果。",
            "申请人是一家做包装材料的小企业，因为对方迟迟不付尾款，资金链一度十分紧张。",
            "调解员先分别听取双方意见，又请行业里的老会长出面释法说理，最终促成双方签下分期付款协议。",
            "据介绍，调解室成立以来共受理商事案件一百四十六件，调解成功率超过八成，为企业节省了大量诉讼成本。",
            "下一步，调解室还将把服务窗口前移到产业园区，让企业遇到矛盾时多一个说理的地方。",
        ],
    ),
    (
        "行业商会联合采购平台上线",
        &[
            "昨天下午，由五家行业商会共同发起的联合采购平台正式上线运行，首日成交额突破八百万元。",
            "平台把分散的小额订单汇集起来，统一向上游厂家询价，原材料价格平均下降百分之七左右。",
            "一位加入平台的会员企业老板算了一笔账，仅包装纸箱一项，全年就能省下四十多万元。",
            "商会负责人表示，平台不以盈利为目的，所有报价全程公开，接受会员单位监督。",
        ],
    ),
    (
        "民营企业文化建设现场会侧记",
        &[
            "走进会场，首先看到的是一面由员工亲手绘制的文化墙，上面记录着企业二十年来的大小故事。",
            "本次现场会没有安排冗长的讲话，而是由四家企业的车间班组长轮流登台，讲述身边人的坚守与创新。",
            "有人讲到深夜抢修设备的师傅，有人讲到主动返乡带徒的大学生，台下不时响起掌声。",
            "与会的商会代表普遍认为，企业文化不是挂在墙上的口号，而是遇到困难时大家愿意一起扛的那股劲。",
        ],
    ),
    (
        "“万企兴万村”结对项目落户山区",
        &[
            "秋收时节，山区的高标准茶园里一片忙碌，这里是“万企兴万村”行动的结对共建项目。",
            "去年，本地一家食品企业与村里签订协议，由企业提供种苗和技术，村里负责组织农户，产品由企业保底收购。",
            "一年下来，参与项目的农户平均增收六千余元，村集体也有了稳定的分红。",
            "企业负责人说，结对不是捐一笔钱了事，而是要和乡亲们把一个产业慢慢做起来。",
            "目前，全市已有二百一十三家民营企业与一百九十个村签订了共建协议，覆盖种植、加工、旅游等多个领域。",
        ],
    ),
    (
        "银企对接会为小微企业送上及时雨",
        &[
            "利率能不能再低一点、抵押物不够怎么办、审批到底要多久，在昨天举行的银企对接会上，这些问题都得到了直接回答。",
            "活动邀请九家银行现场设台，一百多家小微企业带着经营数据前来咨询，三家企业当场签订授信协议。",
            "商会还推出了融资顾问制度，由退休的信贷专家担任志愿者，帮助企业整理材料、比较方案。",
            "一位开办五金作坊的会员说，以前跑银行总是碰壁，这回有人把政策一句一句讲明白了，心里踏实多了。",
        ],
    ),
    (
        "总商会换届大会选举产生新一届领导班子",
        &[
            "市总商会第九次会员代表大会昨日闭幕，大会审议通过了工作报告和章程修正案，选举产生了新一届领导班子。",
            "新当选的会长在讲话中提出，要用两年时间建成覆盖所有县区的服务网络，让会员办事少跑路。",
            "大会还向服务企业满十年的十二名商会工作者颁发了纪念章，感谢他们默默无闻的付出。",
            "代表们在讨论中建议，商会要多办小而实的活动，少开大而空的会议，把经费用在刀刃上。",
        ],
    ),
];

fn news(n: usize) -> Article {
    let (title, sentences) = NEWS[n];
    (title.to_owned(), sentences.join("\n"))
}

/// The sentences of news `n` that `keep` names, with `more` behind them.
fn part(n: usize, keep: &[usize], more: &str) -> Article {
    let (title, sentences) = NEWS[n];
    let kept: Vec<&str> = keep.iter().map(|&at| sentences[at]).collect();
    (title.to_owned(), format!("{}\n{more}", kept.join("\n")))
}

fn titled(title: &str, (_, text): Article) -> Article {
    (title.to_owned(), text)
}

/// With words replaced in title and text.
fn with((title, text): Article, changes: &[(&str, &str)]) -> Article {
    changes.iter().fold((title, text), |(title, text), (from, to)| {
        assert!(title.contains(from) || text.contains(from), "{from}");
        (title.replace(from, to), text.replace(from, to))
    })
}

fn reprint(what: &'static str, one: Article, other: Article) -> Pair {
    Pair { what, one, other, credited: false, same: true }
}

fn credited(what: &'static str, one: Article, other: Article) -> Pair {
    Pair { what, one, other, credited: true, same: true }
}

fn two(what: &'static str, one: Article, other: Article) -> Pair {
    Pair { what, one, other, credited: false, same: false }
}

#[expect(clippy::too_many_lines, reason = "a list of pairs")]
fn reprints() -> Vec<Pair> {
    let wide = |text: &str| text.replace("，", ",").replace(['“', '”'], "\"");
    let (title, text) = news(5);
    vec![
        reprint("to the letter", news(0), news(0)),
        reprint(
            "a mark before the title",
            news(1),
            titled("【转载】青年企业家赴西部开展产业对接", news(1)),
        ),
        reprint(
            "a word before the title",
            news(2),
            titled("转载：商会调解室三天化解百万元货款纠纷", news(2)),
        ),
        reprint(
            "a mark behind the title",
            news(3),
            titled("行业商会联合采购平台上线（组图）", news(3)),
        ),
        reprint("cut lead", news(0), part(0, &[1, 2, 3, 4], "")),
        reprint("cut end", news(2), part(2, &[0, 1, 2], "")),
        reprint("lead alone", news(0), part(0, &[0, 1], "")),
        reprint("cut lead and end", news(5), part(5, &[1, 2, 3], "")),
        reprint(
            "an editor's line more",
            news(1),
            part(1, &[0, 1, 2, 3], "（责任编辑：某某　2026年11月20日）"),
        ),
        reprint(
            "a note of the reprinting site",
            news(4),
            part(
                4,
                &[0, 1, 2, 3],
                "本文转自省工商联网站，版权归原作者所有，如有异议请与我们联系。",
            ),
        ),
        reprint(
            "captions in between",
            news(2),
            with(
                news(2),
                &[("资金链", "图为调解现场。\n资金链"), ("据介绍", "图二：双方签署协议。\n据介绍")],
            ),
        ),
        reprint(
            "another width of punctuation",
            (title.clone(), text.clone()),
            (wide(&title), wide(&text)),
        ),
        reprint("paragraphs run together", news(6), with(news(6), &[("\n", "")])),
        reprint("indented by spaces", news(7), with(news(7), &[("\n", "\n\u{3000}\u{3000}")])),
        reprint(
            "the province before the title",
            news(0),
            titled("江苏：全省民营企业座谈会在宁召开", news(0)),
        ),
        reprint(
            "a shortened title",
            titled("秋收时节看共建：“万企兴万村”结对项目落户山区", news(5)),
            news(5),
        ),
        reprint(
            "another title",
            news(2),
            titled("一间小屋里的“老娘舅”：三天讲清一笔糊涂账", news(2)),
        ),
        reprint(
            "a title in part, and half the text",
            news(0),
            titled(
                "【各地动态】民营企业座谈会在宁召开，企业家提出建议十七条",
                part(0, &[0, 1, 2], ""),
            ),
        ),
        reprint(
            "another title and a line more",
            news(4),
            titled("把故事讲到车间里", part(4, &[0, 1, 2, 3], "（市工商联宣教部）")),
        ),
        reprint("the city named in full", news(7), with(news(7), &[("市总商会", "南京市总商会")])),
        reprint(
            "我市 for the city",
            with(news(5), &[("全市已有", "南京市已有")]),
            with(news(5), &[("全市已有", "我市已有")]),
        ),
        reprint("a date for yesterday", news(3), with(news(3), &[("昨天下午", "11月18日下午")])),
        reprint("a figure corrected", news(0), with(news(0), &[("二十八位", "二十九位")])),
        reprint(
            "figures in digits",
            news(5),
            with(news(5), &[("二百一十三家", "213家"), ("一百九十个", "190个")]),
        ),
        reprint(
            "two sentences edited",
            news(6),
            with(
                news(6),
                &[("都得到了直接回答", "一一得到了解答"), ("心里踏实多了", "这下放心了")],
            ),
        ),
        reprint("sentences in another order", news(1), part(1, &[0, 2, 1, 3], "")),
        credited(
            "half of it, with the source",
            news(4),
            part(4, &[0, 1], "上述做法值得各地借鉴，欢迎踊跃投稿。"),
        ),
        credited(
            "another title, cut, with the source",
            news(5),
            titled("茶园里的好日子", part(5, &[1, 2, 3, 4], "")),
        ),
        reprint(
            "a short photo story",
            (
                "送温暖活动走进社区".into(),
                "近日，商会志愿者走进社区，为困难家庭送去米面油等慰问品。".into(),
            ),
            (
                "【图片新闻】送温暖活动走进社区".into(),
                "近日,商会志愿者走进社区,为困难家庭送去米面油等慰问品。".into(),
            ),
        ),
    ]
}

fn notice(name: &str, text: &str) -> Article {
    (name.to_owned(), text.to_owned())
}

const FEES: &str = "各会员单位：\n根据章程规定，会员应当按年度缴纳会费。现将2026年度会费收缴有关事项通知如下。\n一、缴纳标准：会长单位每年三万元，副会长单位每年一万元，理事单位每年五千元，会员单位每年一千元。\n二、缴纳时间：请于2026年3月31日前完成缴纳。\n三、缴纳方式：请通过单位账户转账，并注明单位名称与会费年度，秘书处收到后开具专用票据。\n特此通知。";
const JOINING: &str = "经本人申请、会员推荐、秘书处考察，拟接收江苏华兴机械制造有限公司为本会理事单位，现予以公示。\n公示期为五个工作日，自公示之日起计算。公示期内，任何单位和个人对公示对象有异议的，均可以来信、来电等形式向秘书处反映，反映情况应当实事求是，并署真实姓名和联系方式。\n特此公示。";
const HOLIDAY: &str = "根据上级有关通知精神，结合工作实际，现将国庆节放假安排通知如下：10月1日至7日放假调休，共7天。\n放假期间，请各部门妥善安排好值班和安全保卫工作，遇有突发情况，要按规定及时报告并妥善处置，确保节日平安祥和。\n值班电话：83210001。\n苏州市工商联办公室";
const MEETING: &str = "各部门、各直属商会：\n经研究，定于11月8日上午9时在三楼会议室召开第十期会员企业沙龙，请各商会组织会员企业负责人参加，并于会前两天将回执报送秘书处。\n参会人员请提前十分钟入场，将手机调至静音，会议期间不得随意走动。无特殊情况不得请假。\n特此通知。";
const HONOUR: &str = "为表彰先进，树立典型，经各地推荐、专家评审、社会公示，决定授予南京金陵新材料集团“履行社会责任先进企业”称号。\n希望受到表彰的企业珍惜荣誉，再接再厉。广大民营企业要以南京金陵新材料集团为榜样，自觉履行社会责任，在推动高质量发展中作出新的更大贡献。";
const TRAINING: &str = "为帮助会员企业了解最新税收政策，提高财务管理水平，秘书处将举办财税实务培训班，由市内资深税务师主讲，内容包括研发费用加计扣除、发票管理和常见风险防范。培训不收取任何费用，每家企业限报两人，报满为止。请有意参加的企业将报名表发送至秘书处邮箱。培训时间：6月12日下午两点。";
const STATISTICS: &str = "前三季度，全市民营经济增加值同比增长5.2%，占地区生产总值的比重为58.1%，民间投资同比增长3.4%，新登记民营企业二万一千户。从行业看，制造业增势平稳，服务业持续恢复，消费品市场进一步活跃。总的看，民营经济延续了稳中有进的发展态势，但仍面临需求不足、成本偏高等困难，持续向好的基础还需巩固。";

fn templates() -> Vec<Pair> {
    let on = |title: &str, text: &str| notice(title, text);
    let fees = on("关于收缴2026年度会费的通知", FEES);
    let joining = on("关于拟接收江苏华兴机械制造有限公司为理事单位的公示", JOINING);
    let bare = on("拟接收新会员公示公告", JOINING);
    vec![
        two("another year", fees.clone(), with(fees.clone(), &[("2026", "2025")])),
        two("another year, in the text alone", on("关于收缴会费的通知书", FEES), on("关于收缴会费的通知书", &FEES.replace("2026", "2025"))),
        two("another day, in the text alone", on("会员沙龙会议通知", MEETING), on("会员沙龙会议通知", &MEETING.replace("11月8日", "12月6日"))),
        two("another issue", on("第十期会员企业沙龙会议通知", MEETING), with(on("第十期会员企业沙龙会议通知", MEETING), &[("第十期", "第十一期")])),
        two("another issue in digits", on("商会通讯第12期", NEWS[0].1[1]), on("商会通讯第13期", NEWS[0].1[1])),
        two("another firm", joining.clone(), with(joining, &[("江苏华兴机械制造有限公司", "常州恒力化纤有限公司")])),
        two("another firm, in the text alone", bare.clone(), with(bare.clone(), &[("江苏华兴机械制造有限公司", "江苏宏图电子科技有限公司")])),
        two("a person", bare.clone(), with(bare, &[("江苏华兴机械制造有限公司", "陈某某同志")])),
        two("another office", on("关于国庆节放假安排的通知", HOLIDAY), on("关于国庆节放假安排的通知", &HOLIDAY.replace("苏州市", "无锡市"))),
        two("another telephone", on("关于国庆节放假安排的通知", HOLIDAY), on("关于国庆节放假安排的通知", &HOLIDAY.replace("83210001", "85620077"))),
        two("another honour", on("关于表彰先进企业的决定", HONOUR), on("关于表彰先进企业的决定", &HONOUR.replace("南京金陵新材料集团", "徐州云龙重工集团"))),
        two("another honour by its title", on("关于授予南京金陵新材料集团先进称号的决定", HONOUR), on("关于授予徐州云龙重工集团先进称号的决定", &HONOUR.replace("南京金陵新材料集团", "徐州云龙重工集团"))),
        two("another training", on("财税实务培训班报名通知", TRAINING), on("财税实务培训班报名通知", &TRAINING.replace("6月12日", "9月18日"))),
        two("another quarter", on("全市民营经济运行情况", STATISTICS), on("全市民营经济运行情况", &STATISTICS.replace("5.2%", "4.9%").replace("58.1%", "57.6%").replace("3.4%", "2.8%"))),
        two("two parts of a series", titled("民营企业文化建设现场会侧记（上）", news(4)), titled("民营企业文化建设现场会侧记（下）", news(4))),
        two("lists under one title", on("会员企业名单公布", "一、南京星河科技有限公司\n二、南京远望物流有限公司\n三、南京德馨餐饮管理有限公司\n四、南京蓝天环保工程有限公司\n五、南京汇通金属材料有限公司"), on("会员企业名单公布", "一、南京云帆科技有限公司\n二、南京飞度物流有限公司\n三、南京和悦餐饮管理有限公司\n四、南京青山环保工程有限公司\n五、南京鼎盛金属材料有限公司")),
        two("an attachment's cover", on("关于申报商会服务项目的通知", "各会员单位：请按要求组织申报，详见附件。"), on("关于申报商会服务项目的通知", "各商会：请认真组织申报，具体见附件。")),
        two("no text", on("关于申报商会服务项目的通知", ""), on("关于申报商会服务项目的通知", "")),
        two("other news", news(0), news(1)),
        two("other news under one title", titled("商会工作动态信息", news(2)), titled("商会工作动态信息", news(3))),
        two("a bare heading", titled("图片新闻", part(2, &[0], "")), titled("图片新闻", part(6, &[0], ""))),
        two("a round-up that has it", news(3), titled("一周要闻回顾", (String::new(), [news(1).1, news(3).1, news(6).1, news(7).1].join("\n")))),
        two("a round-up that begins with it", news(1), titled("本周各地商会动态", (String::new(), [1, 3, 6, 7].map(|n| news(n).1).join("\n")))),
        two("the same meeting, told by another", news(0), titled("全省民营企业座谈会在宁召开", (String::new(), "昨天，省里在南京开了一场民营企业座谈会，我市有三家企业受邀参加。会议开了将近三个小时，谈得最多的是融资和用工。参会的企业负责人回来后说，提的问题都有人记，有人答。市工商联随后召开会议传达精神，要求抓紧梳理企业诉求，形成台账，逐项销号。".into()))),
    ]
}

#[test]
fn reprints_are_told_from_notices_that_are_made_alike() {
    let pairs: Vec<Pair> = reprints().into_iter().chain(templates()).collect();
    assert!(pairs.len() >= 50, "{}", pairs.len());
    let (mut right, mut wrong, mut missed) = (0, Vec::new(), Vec::new());
    for pair in &pairs {
        let telling = |article| {
            let (title, text): &Article = article;
            (title.clone(), text.clone())
        };
        let (one, other) = (telling(&pair.one), telling(&pair.other));
        let one = Telling { title: &one.0, text: &one.1 };
        let other = Telling { title: &other.0, text: &other.1 };
        let like = likeness(&one, &other);
        let back = likeness(&other, &one);
        let found = like.is_same_story(pair.credited);
        assert_eq!(found, back.is_same_story(pair.credited), "{}: {like:?} {back:?}", pair.what);
        match (pair.same, found) {
            (true, true) => right += 1,
            (false, true) => wrong.push((pair.what, like)),
            (true, false) => missed.push((pair.what, like)),
            (false, false) => {}
        }
    }
    let wanted = pairs.iter().filter(|pair| pair.same).count();
    assert!(wrong.is_empty(), "precision {right} of {}: {wrong:#?}", right + wrong.len());
    assert!(missed.is_empty(), "recall {right} of {wanted}: {missed:#?}");
}

#[test]
fn an_index_finds_what_the_comparison_would() {
    let mut lost = Vec::new();
    for pair in reprints() {
        let (a, b) =
            (Sketch::of(&pair.one.0, &pair.one.1), Sketch::of(&pair.other.0, &pair.other.1));
        if a.title != b.title && !a.marks.iter().any(|mark| b.marks.contains(mark)) {
            lost.push(pair.what);
        }
    }
    assert_eq!(lost, [""; 0]);
    for a in 0..NEWS.len() {
        for b in 0..a {
            let (a, b) = (news(a), news(b));
            let (a, b) = (Sketch::of(&a.0, &a.1), Sketch::of(&b.0, &b.1));
            assert!(a.title != b.title && !a.marks.iter().any(|mark| b.marks.contains(mark)));
        }
    }
}

#[test]
fn texts_without_end_are_compared_in_bounded_time() {
    let long: String = (0..40_000_u32).map(|n| format!("甲{n}乙，")).collect();
    let other: String = (0..40_000_u32).map(|n| format!("甲{}乙，", n * 2)).collect();
    let title = "关于一件没有尽头的事";
    let like = likeness(&Telling { title, text: &long }, &Telling { title, text: &other });
    assert!(like.of_shorter < 1.0);
    Sketch::of(title, &long);
}
