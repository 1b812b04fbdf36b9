//! Readable ids from hosts, folders and names.

use url::Url;

use crate::text::web;

/// The ends of hosts that say nothing of whose they are.
const ENDINGS: &[&str] =
    &["com", "org", "gov", "net", "edu", "ac", "cn", "test", "example", "info", "biz"];
/// First labels that name a department rather than a place.
const DEPARTMENTS: &[&str] = &["gsl", "gcc", "tzb", "sgsl", "gslsh", "zsh", "gsj", "sh"];
/// Folders and files that every site has.
const COMMON: &[&str] = &[
    "index", "list", "lists", "default", "news", "col", "column", "channel", "content", "html",
    "article", "articles", "web", "site", "category", "class", "node", "portal", "main", "home",
    "info", "more", "show", "page", "cms", "www", "sy", "api", "ajax", "json", "all",
];
/// The longest id.
const LONGEST: usize = 40;

/// An id for the site at `home`: `jssh` of `www.jssh.org.cn`, `lyg-gsl` of `gsl.lyg.gov.cn`.
pub fn site_id(home: &Url) -> String {
    let host = web::bare_host(home);
    if home.host().is_some_and(|host| !matches!(host, url::Host::Domain(_))) {
        return name_of(&format!("site-{host}"));
    }
    let mut labels: Vec<&str> = host.split('.').collect();
    while labels.len() > 1 && labels.last().is_some_and(|last| ENDINGS.contains(last)) {
        labels.pop();
    }
    // Province letters under .cn: `bbgsl.bb.ah.cn`.
    if let [first, .., _] = labels.as_slice()
        && DEPARTMENTS.contains(first)
    {
        let department = labels.remove(0);
        labels.push(department);
    }
    name_of(&labels.join("-"))
}

/// An id for the column `name` at `url` that is not among `taken`: its folder, else the initials of
/// its name in pinyin, else what numbers its address has.
pub fn column_id(name: &str, url: &Url, taken: &[String]) -> String {
    let base = folder(url).or_else(|| initials(name)).unwrap_or_else(|| numbered(url));
    let free = |id: &String| !taken.contains(id);
    let mut candidates = std::iter::once(base.clone())
        .chain(initials(name).filter(|_| folder(url).is_some()))
        .chain(
            (2..).map(|n| format!("{}-{n}", base.chars().take(LONGEST - 4).collect::<String>())),
        );
    candidates.find(free).unwrap_or(base)
}

/// The last folder that is a word: `gsldt` of `/sgsl/gsldt/index.html`.
fn folder(url: &Url) -> Option<String> {
    let words = url.path().split('/').map(|part| part.split('.').next().unwrap_or_default());
    let is_word = |part: &&str| {
        (2..=20).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_')
            && !COMMON.contains(&part.to_ascii_lowercase().as_str())
    };
    // What a script is called says nothing of the column that a parameter chooses.
    let last = url.path().rsplit('/').next().unwrap_or_default();
    let script = last.contains('.') && url.query().is_some();
    words.filter(is_word).rfind(|word| !script || !last.starts_with(word)).map(name_of)
}

/// `lm-12` of `lists&catid=12`, `col1201` of `/col/col1201/index.html`.
fn numbered(url: &Url) -> String {
    let part = url
        .path()
        .split('/')
        .rfind(|part| part.bytes().any(|b| b.is_ascii_digit()) && !part.starts_with("index"));
    let number = url
        .query_pairs()
        .filter(|(key, _)| !key.to_lowercase().contains("page"))
        .find(|(_, value)| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()))
        .map(|(_, value)| format!("lm-{value}"));
    let part = part.map(|part| part.split('.').next().unwrap_or_default().to_owned());
    let name = name_of(&number.or(part).unwrap_or_default());
    if name == "x" { "lanmu".to_owned() } else { name }
}

/// `text` as an id: lower case, `-` for everything else.
fn name_of(text: &str) -> String {
    let mut id = String::new();
    for c in text.chars().take(LONGEST) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => id.push(c),
            _ if !id.ends_with('-') => id.push('-'),
            _ => {}
        }
    }
    let id = id.trim_matches('-');
    if id.is_empty() { "x".to_owned() } else { id.to_owned() }
}

/// The first letters of the pinyin of a name whose characters are all common in names of columns.
fn initials(name: &str) -> Option<String> {
    let initial = |c: char| match c {
        'a'..='z' => Some(c),
        _ => INITIALS.iter().find(|(_, all)| all.contains(c)).map(|(first, _)| *first),
    };
    // Characters that are read in two ways.
    let name = name.replace("行业", "hy").replace("银行", "yh");
    let letters: Option<String> = name.chars().filter(|c| c.is_alphabetic()).map(initial).collect();
    letters.filter(|letters| (2..=12).contains(&letters.len()))
}

/// Characters in names of columns by the first letter of their pinyin.
const INITIALS: &[(char, &str)] = &[
    ('a', "案安爱"),
    ('b', "报部办百帮保本标表宾博榜版播布帮便"),
    ('c', "措采参才财彩策产成城创慈促村传存厂春厅常窗察词"),
    ('d', "党动导地代单电大调队读对带点典东定独德督"),
    ('e', "二"),
    ('f', "法发风非分服扶府辅防访方范负复妇"),
    ('g', "工公告光各广高革管关干改股规国感贡岗"),
    ('h', "会行合和化活汇惠湖华环红获好海荣互"),
    ('j', "举经建基讲家教景解聚交济界件监纪家集结间届简进技机局京江捐检介见精机"),
    ('k', "快开口库科看抗课控"),
    ('l', "栏联领理论律料两流旅乐廉力例览历令路"),
    ('m', "民企媒贸美门名目模面明"),
    ('n', "内年能农宁南"),
    ('p', "培品评牌普频平拍"),
    ('q', "区青情企求权群全清前强期球"),
    ('r', "人入荣融热日任"),
    ('s', "商事社市史思省示实视赛书审守身设色双帅随所数时树苏生术首手"),
    ('t', "态通统图特推投提题体条团台铁探头拓"),
    ('w', "闻文务网微委外万维为问物稳位"),
    ('x', "县新讯学息习信巡乡宣协项下想效训线行县现享先香兴型雄须选"),
    ('y', "要业营员育议意言与用院银引优研映英云友月缘源益预运养援"),
    ('z', "政作专组知资展在中宗战助主织众执质制走站子招值智州治追总浙责正直找重章"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ColumnId, SiteId};

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn hosts_become_ids() {
        for (home, wanted) in [
            ("http://www.jssh.org.cn/", "jssh"),
            ("http://gsl.lyg.gov.cn/", "lyg-gsl"),
            ("https://tzb.nantong.gov.cn/", "nantong-tzb"),
            ("http://sheng.test/", "sheng"),
            ("http://127.0.0.1:8000/", "site-127-0-0-1"),
            ("http://gsl.test/", "gsl"),
            ("http://例子.test/", "xn-fsqu00a"),
        ] {
            let id = site_id(&url(home));
            assert_eq!(id, wanted, "{home}");
            assert!(id.parse::<SiteId>().is_ok());
        }
    }

    #[test]
    fn columns_get_readable_ids() {
        for (name, address, wanted) in [
            ("要闻", "http://a.test/yw/", "yw"),
            ("工商联举措", "http://a.test/zt/SSJL/GSLJC/", "gsljc"),
            ("工作动态", "http://a.test/col/col1201/index.html", "gzdt"),
            ("通知公告", "http://a.test/index.php?m=content&c=index&a=lists&catid=12", "tzgg"),
            ("商会动态", "http://a.test/list.asp?page=1", "shdt"),
            ("行业资讯", "http://a.test/api/article/list?cid=5", "hyzx"),
            ("龘靐", "http://a.test/list.asp?id=12", "lm-12"),
            ("龘靐", "http://a.test/col/col1201/index.html", "col1201"),
            ("龘靐", "http://a.test/list.asp", "lanmu"),
        ] {
            let id = column_id(name, &url(address), &[]);
            assert_eq!(id, wanted, "{name} {address}");
            assert!(ColumnId::new("a".parse().unwrap(), &id).is_ok());
        }
    }

    #[test]
    fn ids_are_given_once() {
        let address = url("http://a.test/yw/");
        let mut taken = Vec::new();
        for wanted in ["yw", "qlyw", "yw-2", "yw-3"] {
            let id = column_id("全联要闻", &address, &taken);
            assert_eq!(id, wanted);
            taken.push(id);
        }
    }
}
