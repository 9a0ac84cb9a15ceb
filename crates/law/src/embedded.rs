//! The packs inside the binary: a table of path and text, so that a program without its source folder still knows the law.

use std::collections::BTreeMap;

macro_rules! law_files {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../law/", $path)))),+]
    };
}

const FILES: &[(&str, &str)] = law_files![
    "overlays.toml",
    "refusals.toml",
    "schema.cedarschema",
    "liaoning/ordinance-2015/pack.toml",
    "liaoning/ordinance-2015/text.md",
    "liaoning/ordinance-2015/clauses.toml",
    "liaoning/ordinance-2015/policies.cedar",
    "liaoning/ordinance-2015/cases.toml",
    "liaoning/special-trades-2020/pack.toml",
    "liaoning/special-trades-2020/text.md",
    "liaoning/special-trades-2020/clauses.toml",
    "liaoning/special-trades-2020/policies.cedar",
    "liaoning/special-trades-2020/cases.toml",
    "heilongjiang/ordinance-2012/pack.toml",
    "heilongjiang/ordinance-2012/text.md",
    "heilongjiang/ordinance-2012/clauses.toml",
    "heilongjiang/ordinance-2012/policies.cedar",
    "heilongjiang/ordinance-2012/cases.toml",
    "national/order-799/pack.toml",
    "national/order-799/text.md",
    "national/order-799/clauses.toml",
    "national/order-799/policies.cedar",
    "national/order-799/cases.toml",
    "national/counter-terrorism-law/pack.toml",
    "national/counter-terrorism-law/text.md",
    "national/counter-terrorism-law/clauses.toml",
    "national/counter-terrorism-law/policies.cedar",
    "national/counter-terrorism-law/cases.toml",
];

/// Path below `law/` to text.
pub(crate) fn files() -> BTreeMap<String, String> {
    FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}
