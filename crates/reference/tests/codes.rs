//! What ICD-10-CM FY2026 says of codes, against the published tabular list (April 1, 2026).

use jiff::civil::date;
use reference::icd10cm::{Axis, Entry, Icd10cm, Kind, NoteKind, Versions, builtin, pack, read_order};
use std::collections::BTreeSet;
use std::sync::Arc;

fn named(entries: impl Iterator<Item = impl std::borrow::Borrow<Entry<'static>>>) -> Vec<String> {
    entries.map(|entry| entry.borrow().code()).collect()
}

#[test]
fn the_edition_is_whole() {
    let codes = builtin();
    assert_eq!((codes.len(), codes.billable_count()), (98_186, 74_719));
    assert_eq!((codes.edition().name.as_str(), codes.edition().from), ("FY2026, April 2026", date(2026, 4, 1)));
    let chapters: BTreeSet<&str> =
        codes.entries().filter_map(|entry| entry.headings().next()).map(|it| it.title).collect();
    assert_eq!(chapters.len(), 22, "{chapters:?}");
}

#[test]
fn a_code_is_taken_with_and_without_its_dot_in_either_case() {
    let wanted = "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture";
    for typed in ["S52.501A", "S52501A", "s52.501a", " s52501a "] {
        let entry = builtin().get(typed).unwrap();
        assert_eq!((entry.code().as_str(), entry.words().as_str(), entry.billable()), ("S52.501A", wanted, true));
        assert_eq!(entry.short(), "Unsp fracture of the lower end of right radius, init");
    }
    for nothing in ["", "E", "E11.", "E11.99", "E1.19", "flu", "E11.9999999", "Ü11.9", "E11 9"] {
        let found = builtin().get(nothing).map(Entry::code);
        assert!(found.is_none() || nothing == "E11.", "{nothing}: {found:?}");
    }
}

#[test]
fn what_stands_above_and_below_is_known() {
    let entry = |code: &str| builtin().get(code).unwrap();
    assert_eq!(entry("S52.501A").parent().unwrap().code(), "S52.501");
    // Placeholders stand between this one and its parent.
    assert_eq!(entry("T14.90XA").parent().unwrap().code(), "T14.90");
    assert_eq!(entry("E11").parent(), None);
    assert_eq!(named(entry("M17").children()), ["M17.0", "M17.1", "M17.2", "M17.3", "M17.4", "M17.5", "M17.9"]);
    assert_eq!(named(entry("T14.90").children()), ["T14.90XA", "T14.90XD", "T14.90XS"]);
    let headings: Vec<_> = entry("E11.9").headings().map(|it| (it.first, it.last, it.title)).collect();
    let chapter = ("E00", "E89", "Endocrine, nutritional and metabolic diseases");
    assert_eq!(headings, [chapter, ("E08", "E13", "Diabetes mellitus")]);
}

#[test]
fn notes_and_terms_are_those_of_the_tabular_list() {
    let entry = |code: &str| builtin().get(code).unwrap();
    assert_eq!(entry("A00.0").inclusion_terms().collect::<Vec<_>>(), ["Classical cholera"]);
    let has = |code: &str, kind: NoteKind, words: &str| {
        entry(code).notes_with_inherited().iter().any(|note| note.kind == kind && note.words == words)
    };
    assert!(has("E10.22", NoteKind::UseAdditional, "code to identify stage of chronic kidney disease (N18.1-N18.6)"));
    assert!(has("E10.22", NoteKind::Excludes1, "gestational diabetes (O24.4-)"));
    // From the chapter.
    assert!(has("A00.0", NoteKind::Excludes2, "carrier or suspected carrier of infectious disease (Z22.-)"));
    assert!(has("N18.9", NoteKind::CodeFirst, "hypertensive chronic kidney disease (I12.-, I13.-)"));
}

#[test]
fn codes_that_exclude_one_another_are_told_with_the_notes_words() {
    let words = |one: &str, other: &str| builtin().excludes1(one, other).map(|it| (it.of, it.words));
    let type_2 = Some(("E10.9".to_owned(), "type 2 diabetes mellitus (E11.-)"));
    assert_eq!(words("E10.9", "E11.9"), type_2);
    // Both have a note: the first one asked about is told.
    assert_eq!(words("E11.9", "E10.9"), Some(("E11.9".to_owned(), "type 1 diabetes mellitus (E10.-)")));
    assert_eq!(words("R73.9", "E10.9").map(|it| it.0), Some("R73.9".to_owned()));
    // The note stands on one side only; asking either way tells it.
    assert!(words("O24.419", "E10.9").is_some() && words("E10.9", "O24.419").is_some());
    // A list and a range in one note: "neonatal jaundice (P55, P57-P59)".
    assert!(words("R17", "P58.0").is_some() && words("R17", "P55.1").is_some() && words("R17", "P56.0").is_none());
    // Neighbours, strangers, a code and itself, what is no code.
    for (one, other) in [("E11.9", "E11.65"), ("I10", "E11.9"), ("E11.9", "E11.9"), ("E11.9", "nonsense")] {
        assert_eq!(words(one, other), None, "{one} {other}");
    }
    assert_eq!(builtin().conflicts(&["E10.9", "I10", "E11.9"]).len(), 1);
}

fn choices(code: &str, kind: Kind) -> Vec<String> {
    let axes = builtin().axes(code);
    axes.into_iter().find(|axis| axis.kind == kind).map(|axis| axis.choices).unwrap_or_default()
}

fn picked(code: &str, chosen: &[(Kind, &str)]) -> Option<String> {
    builtin().narrow(code, chosen).code.map(Entry::code)
}

#[test]
fn a_fracture_asks_for_side_encounter_and_then_healing() {
    assert_eq!(choices("S52.5", Kind::Side), ["right", "left", "unspecified side"]);
    assert_eq!(choices("S52.5", Kind::Encounter), ["initial encounter", "subsequent encounter", "sequela"]);
    assert!(choices("S52.5", Kind::Condition).iter().any(|words| words.starts_with("Colles' fracture")));
    assert!(choices("S52.5", Kind::Healing).is_empty());
    let later = builtin().narrow("S52.50", &[(Kind::Side, "left"), (Kind::Encounter, "subsequent encounter")]);
    let healing = later.axes.iter().find(|axis| axis.kind == Kind::Healing).unwrap();
    assert_eq!(healing.choices, ["routine healing", "delayed healing", "nonunion", "malunion"]);
    let initial = [(Kind::Encounter, "initial encounter"), (Kind::Side, "right"), (Kind::Fracture, "closed fracture")];
    assert_eq!(picked("S52.50", &initial).as_deref(), Some("S52.501A"));
    let open = [
        (Kind::Side, "left"),
        (Kind::Encounter, "subsequent encounter"),
        (Kind::Fracture, "open fracture type I or II"),
        (Kind::Healing, "nonunion"),
    ];
    assert_eq!(picked("S52.50", &open).as_deref(), Some("S52.502M"));
}

#[test]
fn sides_trimesters_and_stages_are_picked_in_words() {
    assert_eq!(picked("M17.1", &[(Kind::Side, "left")]).as_deref(), Some("M17.12"));
    assert_eq!(choices("M17", Kind::Side), ["bilateral", "right", "left", "unspecified side", Axis::NOT_STATED]);
    let primary = choices("M17", Kind::Condition).into_iter().find(|words| words.starts_with("Primary")).unwrap();
    assert_eq!(picked("M17", &[(Kind::Condition, &primary), (Kind::Side, "bilateral")]).as_deref(), Some("M17.0"));
    assert_eq!(picked("M17", &[(Kind::Side, "right"), (Kind::Condition, &primary)]).as_deref(), Some("M17.11"));

    assert_eq!(choices("H65.0", Kind::Side), ["right", "left", "bilateral", "unspecified side"]);
    let fresh = &choices("H65.0", Kind::Condition)[0];
    assert_eq!(fresh, "Acute serous otitis media");
    assert_eq!(picked("H65.0", &[(Kind::Side, "bilateral"), (Kind::Condition, fresh)]).as_deref(), Some("H65.03"));

    let edema = [(Kind::MacularEdema, "with"), (Kind::Side, "right")];
    assert_eq!(picked("E11.32", &edema).as_deref(), Some("E11.3211"));
    assert_eq!(choices("E11.32", Kind::Side), ["right", "left", "bilateral", "unspecified side"]);

    assert_eq!(choices("O09.51", Kind::Trimester), ["first", "second", "third", "unspecified"]);
    assert_eq!(picked("O09.51", &[(Kind::Trimester, "second")]).as_deref(), Some("O09.512"));
    assert_eq!(picked("H40.111", &[(Kind::Stage, "mild stage")]).as_deref(), Some("H40.1111"));
    assert_eq!(picked("L89.0", &[(Kind::Stage, "3"), (Kind::Side, "left")]).as_deref(), Some("L89.023"));
    assert_eq!(picked("O31.8X1", &[(Kind::Fetus, "fetus 1")]).as_deref(), Some("O31.8X11"));
}

#[test]
fn a_billable_code_needs_nothing_and_a_choice_that_does_not_fit_leaves_none() {
    assert_eq!((builtin().axes("E11.9"), picked("E11.9", &[])), (vec![], Some("E11.9".to_owned())));
    let none = builtin().narrow("M17.1", &[(Kind::Side, "upwards")]);
    assert_eq!((none.left, none.code, none.axes.len()), (0, None, 0));
    assert!(builtin().axes("nonsense").is_empty());
}

/// Every billable code can be picked: from its category, one offered choice after another leads to it and to nothing else.
#[test]
fn every_code_is_reached_by_its_choices() {
    for category in [
        "S52.50", "M17", "H65", "E11.3", "O09.5", "H40.11", "T14", "C44.10", "S06.0", "M80.01", "R10", "H54", "L89.0",
        "O31.0",
    ] {
        let mut reached = BTreeSet::new();
        let mut open = vec![Vec::<(Kind, String)>::new()];
        while let Some(chosen) = open.pop() {
            let chosen_words: Vec<(Kind, &str)> = chosen.iter().map(|(kind, words)| (*kind, words.as_str())).collect();
            let narrowed = builtin().narrow(category, &chosen_words);
            assert!(narrowed.left > 0, "{category} {chosen:?}");
            if let Some(code) = narrowed.code {
                assert!(reached.insert(code.code()), "{category} {chosen:?} twice");
                continue;
            }
            let axis = narrowed.axes.first().unwrap_or_else(|| panic!("{category} {chosen:?}: {} left", narrowed.left));
            open.extend(axis.choices.iter().map(|words| [chosen.as_slice(), &[(axis.kind, words.clone())]].concat()));
        }
        let below = builtin().get(category).unwrap().descendants().filter(|entry| entry.billable());
        assert_eq!(reached, named(below).into_iter().collect(), "{category}");
    }
}

/// Lines as CMS lays them out.
fn order_file(lines: &[(&str, &str, &str, &str)]) -> String {
    let each = (1..).zip(lines);
    each.map(|(number, (code, flag, short, long))| format!("{number:05} {code:<7} {flag} {short:<60} {long}\r\n"))
        .collect()
}

fn next_year() -> reference::icd10cm::Edition {
    let name = "FY2027".to_owned();
    reference::icd10cm::Edition { name, from: date(2026, 10, 1), to: date(2027, 9, 30), source: "CMS".to_owned() }
}

const SOME: &[(&str, &str, &str, &str)] = &[
    ("A00", "0", "Cholera", "Cholera"),
    (
        "A000",
        "1",
        "Cholera due to Vibrio cholerae 01, biovar cholerae",
        "Cholera due to Vibrio cholerae 01, biovar cholerae",
    ),
    ("A001", "1", "Cholera, new", "Cholera of a new kind"),
    ("T14", "0", "Injury of unspecified body region", "Injury of unspecified body region"),
    ("T1490", "0", "Injury, unspecified", "Injury, unspecified"),
    ("T1490XA", "1", "Injury, unspecified, initial encounter", "Injury, unspecified, initial encounter"),
    ("T1490XD", "1", "Injury, unspecified, subs", "Injury, unspecified, subsequent encounter"),
];

#[test]
fn another_years_order_file_is_read_kept_and_searched() {
    let made = read_order(next_year(), order_file(SOME).as_bytes()).unwrap();
    let again: Icd10cm = pack::read(&made.pack().unwrap()).unwrap();
    for codes in [made, again] {
        assert_eq!((codes.edition(), codes.len(), codes.billable_count()), (&next_year(), 7, 4));
        assert_eq!(codes.search("new cholera", &[], 1)[0].entry.code(), "A00.1");
        let pick = codes.narrow("T14.90", &[(Kind::Encounter, "subsequent encounter")]);
        assert_eq!(pick.code.unwrap().code(), "T14.90XD");
        // Terms come from the built-in edition where a code says the same: A00.0 does, A00.1 (Cholera eltor) does not.
        assert_eq!(codes.get("A00.0").unwrap().inclusion_terms().count(), 1);
        assert_eq!(codes.get("A00.1").unwrap().inclusion_terms().count(), 0);
    }
}

#[test]
fn every_bad_line_is_named_and_nothing_is_made() {
    let mut lines: Vec<String> = order_file(SOME).lines().map(str::to_owned).collect();
    lines[1].replace_range(14..15, "7");
    lines[2] = "garbage".to_owned();
    lines.push(lines[0].clone());
    lines.push(format!("{:05} {:<7} 1 {:<60} {}", 9, "B0000", "Short", "Below nothing"));
    lines.push(format!("{:05} {:<7} 1 {:<60} {}", 10, "A0 0", "Short", "Not a code"));
    lines.push(format!("{:05} {:<7} 1 Short", 11, "A009"));
    let faults = read_order(next_year(), lines.join("\n").as_bytes()).err().unwrap();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let numbers: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(numbers, [2, 3, 8, 9, 10, 11], "{said:?}");
    assert_eq!(said[0], "line 2: column 15 is neither 0 nor 1");
    let bytes = [order_file(SOME).as_bytes(), b"\xff\xfe\n"].concat();
    assert_eq!(read_order(next_year(), &bytes).err().unwrap()[0].to_string(), "line 8: it is not UTF-8 text");
    assert_eq!(read_order(next_year(), b"\n\n").err().unwrap().len(), 1);
}

#[test]
fn the_edition_of_the_visits_day_answers_and_says_whether_it_is_in_effect() {
    let next = Arc::new(read_order(next_year(), order_file(SOME).as_bytes()).unwrap());
    let versions = Versions::new(vec![next]);
    let answered = |day| {
        let answer = versions.on(day);
        (answer.codes.edition().name.clone(), answer.in_effect)
    };
    assert_eq!(answered(date(2026, 4, 1)), ("FY2026, April 2026".to_owned(), true));
    assert_eq!(answered(date(2026, 9, 30)), ("FY2026, April 2026".to_owned(), true));
    assert_eq!(answered(date(2026, 10, 1)), ("FY2027".to_owned(), true));
    assert_eq!(answered(date(2027, 10, 1)), ("FY2027".to_owned(), false));
    assert_eq!(answered(date(2025, 12, 31)), ("FY2026, April 2026".to_owned(), false));
    assert_eq!(Versions::default().all().len(), 1);
}

#[test]
fn a_damaged_pack_is_refused() {
    let whole = include_bytes!("../data/icd10cm/icd10cm.bin.gz");
    assert!(pack::read(whole).is_ok());
    assert!(pack::read(&whole[..whole.len() - 9]).is_err());
    assert!(pack::read(b"").is_err() && pack::read(b"not gzip").is_err());
}
