//! Finding ICD-10-CM codes, against expectations that were written apart from the search.

use reference::icd10cm::{Hit, builtin};

fn codes(hits: &[Hit<'_>]) -> Vec<String> {
    hits.iter().map(|hit| hit.entry.code()).collect()
}

#[test]
fn what_a_clinician_means_stands_among_the_first_five() {
    let list = include_str!("expected.tsv");
    let mut missed = Vec::new();
    let mut asked = 0;
    for (query, expected) in list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
    {
        asked += 1;
        let found = codes(&builtin().search(query, &[], 5));
        if !expected.split(' ').any(|code| found.iter().any(|it| it == code)) {
            missed.push(format!("{query}: expected {expected}, found {found:?}"));
        }
    }
    assert!(asked >= 100, "{asked}");
    assert!(missed.is_empty(), "{} of {asked}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn the_order_of_words_their_case_and_accents_do_not_matter() {
    let first = codes(&builtin().search("Ménière's disease LEFT ear", &[], 3));
    assert_eq!(first, codes(&builtin().search("ear left meniere disease", &[], 3)));
    assert_eq!(first[0], "H81.02");
}

#[test]
fn a_hit_by_another_name_says_which() {
    let hits = builtin().search("heart attack", &[], 5);
    assert_eq!((hits[0].entry.code().as_str(), hits[0].by.as_deref()), ("I21.9", Some("heart attack")));
    let hits = builtin().search("Bamberger-Marie disease", &[], 1);
    assert!(hits[0].entry.words().contains("hypertrophic osteoarthropathy"), "{hits:?}");
    assert_eq!(builtin().search("Essential (primary) hypertension", &[], 1)[0].by, None);
}

#[test]
fn what_a_user_often_takes_comes_first() {
    let usual = codes(&builtin().search("otitis media", &[], 5));
    assert!(!usual.contains(&"H65.21".to_owned()));
    assert_eq!(codes(&builtin().search("otitis media", &[("H65.21", 100), ("nonsense", 100)], 5))[0], "H65.21");
    // But it does not come where it does not fit.
    assert!(!codes(&builtin().search("gout", &[("H65.21", 100)], 20)).contains(&"H65.21".to_owned()));
}

#[test]
fn codes_are_found_by_their_beginning() {
    let hits = codes(&builtin().search("s52.50", &[], 40));
    assert_eq!(hits[0], "S52.50");
    assert!(hits.iter().all(|code| code.starts_with("S52.50")), "{hits:?}");
    assert_eq!(codes(&builtin().search("J4", &[], 3)).len(), 3);
    // What looks like a code and is none is words.
    assert_eq!(codes(&builtin().search("b12 deficiency", &[], 5))[0], "E53.8");
}

#[test]
fn no_words_find_nothing_and_hostile_ones_do_no_harm() {
    for nothing in ["", "   ", "—", "zzzzzzzzzz qqqqqqq", "\u{202e}\0"] {
        assert!(builtin().search(nothing, &[], 10).is_empty(), "{nothing:?}");
    }
    let long = "fracture of the ".repeat(10_000);
    assert!(builtin().search(&long, &[], 10).len() <= 10);
    assert!(builtin().search(&"x".repeat(100_000), &[], 10).is_empty());
    assert!(builtin().search("asthma", &[], 0).is_empty());
}

#[test]
fn our_lists_name_codes_of_the_edition_and_are_large_enough() {
    let lay = include_str!("../data/icd10cm/lay-terms.tsv");
    let common = include_str!("../data/icd10cm/common.tsv");
    let rows = |file: &'static str| {
        file.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
    };
    let terms: Vec<_> = rows(lay).filter(|(_, codes)| !codes.starts_with('=')).collect();
    assert!(terms.len() >= 300, "{}", terms.len());
    let named = terms.iter().flat_map(|(_, codes)| codes.split(' ')).chain(rows(common).map(|(code, _)| code));
    let unknown: Vec<_> = named.filter(|code| builtin().get(code).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let groups: Vec<_> = lay.lines().filter(|line| line.starts_with("# Group")).collect();
    assert!(groups.len() >= 10 && groups.iter().all(|group| group.contains("Source: ")), "{groups:?}");
}
