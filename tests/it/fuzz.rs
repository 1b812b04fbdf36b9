//! The targets of the fuzzer as property tests with a bounded number of cases.

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};

use super::targets::{charset, date, discover, extract, soup};

proptest::proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_page_or_none(bytes in vec(any::<u8>(), 0..400)) {
        extract(&bytes);
        discover(&bytes);
        date(&bytes);
        charset(&bytes);
    }

    #[test]
    fn any_soup_is_an_article_or_none(recipe in vec(0..=130_u8, 0..120)) {
        extract(&soup(&recipe));
    }

    #[test]
    fn any_soup_is_a_list_or_none(recipe in vec(0..=130_u8, 0..120)) {
        discover(&soup(&recipe));
    }

    #[test]
    fn any_soup_is_a_text(recipe in vec(0..=255_u8, 0..60)) {
        charset(&soup(&recipe));
        date(&soup(&recipe));
    }

    #[test]
    fn any_figures_are_dates_or_none(text in "[0-9０-９年月日时分秒上下午星期一:：./T Z+前天小今昨刚\\[\\]()~至-]{0,60}") {
        date(text.as_bytes());
    }
}
