//! Of which level a site is, and its short name, by its own name and its area code.

/// Cities that are provinces.
const MUNICIPALITIES: &[&str] = &["北京", "上海", "天津", "重庆"];
/// Words of federations, as against single chambers.
const FEDERATION: &[&str] = &["工商联", "工商业联合会", "总商会", "统战"];

/// A guess at the level: `national`, `province`, `city`, `county`, `chamber`.
pub fn level(name: &str, region: Option<&str>) -> &'static str {
    let federation = FEDERATION.iter().filter_map(|word| name.find(word)).min();
    let government = ["委员会", "政府"].iter().any(|word| name.contains(word));
    let Some(end) = federation.or_else(|| government.then_some(name.len())) else {
        let chamber = ["商会", "协会", "联合会", "联谊会", "促进会"];
        let is_chamber = chamber.iter().any(|word| name.contains(word));
        return if is_chamber { "chamber" } else { by_region(region).unwrap_or("city") };
    };
    // `某市总商会` is a federation, `某市工商联服装业商会` and `某市某某商会` are chambers.
    let rest = FEDERATION.iter().fold(name[end..].to_owned(), |rest, word| rest.replace(word, ""));
    if rest.contains("商会") || rest.contains("协会") {
        return "chamber";
    }
    by_region(region).or_else(|| by_name(&name[..end])).unwrap_or("city")
}

fn by_region(region: Option<&str>) -> Option<&'static str> {
    let region = region.filter(|region| region.len() == 6)?;
    Some(match region {
        "000000" | "100000" => "national",
        region if region.ends_with("0000") => "province",
        region if region.ends_with("00") => "city",
        _ => "county",
    })
}

fn by_name(name: &str) -> Option<&'static str> {
    if name.contains("全国") || name.contains("中华") {
        return Some("national");
    }
    if MUNICIPALITIES.iter().any(|city| name.trim_end_matches('市').ends_with(city)) {
        return Some("province");
    }
    match name.chars().rfind(|c| "省市县区旗团".contains(*c))? {
        '省' | '团' => Some("province"),
        '区' if name.ends_with("自治区") => Some("province"),
        '市' => Some("city"),
        _ => Some("county"),
    }
}

/// `江苏` of `江苏省工商业联合会`; the whole name where nothing can go.
pub fn short_name(name: &str) -> String {
    let mut short = name;
    let tails = ["门户网站", "网站", "网", "总商会", "工商业联合会", "工商联"];
    for tail in tails {
        short = short.strip_suffix(tail).unwrap_or(short);
    }
    let bare = short.trim_end_matches(['省', '市', '县', '区']);
    let short = if bare.chars().count() >= 2 { bare } else { short };
    if short.is_empty() { name.to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        for (name, region, wanted) in [
            ("中华全国工商业联合会", None, "national"),
            ("甲省工商业联合会", None, "province"),
            ("北京市工商联", None, "province"),
            ("某某自治区工商联", None, "province"),
            ("甲市总商会", None, "city"),
            ("甲市乙区工商联", None, "county"),
            ("某县工商业联合会", None, "county"),
            ("甲工商联", Some("320000"), "province"),
            ("甲工商联", Some("320400"), "city"),
            ("甲工商联", Some("320411"), "county"),
            ("甲省工商联服装业商会", None, "chamber"),
            ("甲省乙市商会", None, "chamber"),
            ("某行业协会", Some("320100"), "chamber"),
            ("某某网", None, "city"),
        ] {
            assert_eq!(level(name, region), wanted, "{name} {region:?}");
        }
    }

    #[test]
    fn short_names() {
        for (name, wanted) in [
            ("甲乙省工商业联合会", "甲乙"),
            ("甲乙市工商联", "甲乙"),
            ("某县工商联", "某县"),
            ("甲乙商会", "甲乙商会"),
            ("工商联", "工商联"),
        ] {
            assert_eq!(short_name(name), wanted);
        }
    }
}
