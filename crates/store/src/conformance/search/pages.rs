//! Orders, pages, totals, and what changes between two of them.

use super::*;

pub async fn sorts_put_what_has_no_value_last(case: Case) {
    practice(&case).await;
    for (kind, text, expected) in [
        (Kind::OBSERVATION, "patient=a&code=8302-2&_sort=-date", "o3 o1"),
        (Kind::OBSERVATION, "patient=a&code=8302-2&_sort=date", "o1 o3"),
        (Kind::OBSERVATION, "patient=a&_sort=-date", "o3 o2 o1"),
        (Kind::OBSERVATION, "_sort=date", "o4 o1 o2 o3 o5"),
        (Kind::OBSERVATION, "_sort=-date", "o3 o2 o1 o4 o5"),
        (Kind::OBSERVATION, "_sort=value-quantity,-_id", "o1 o3 o4 o5 o2"),
        (Kind::OBSERVATION, "_sort=-value-quantity,_id", "o4 o3 o1 o2 o5"),
        (Kind::PATIENT, "_sort=family", "a b c"),
        (Kind::PATIENT, "_sort=-family", "c b a"),
        (Kind::PATIENT, "_sort=birthdate", "b a c"),
        (Kind::PATIENT, "_sort=-_lastUpdated", "c b a"),
        (Kind::CONDITION, "_sort=-onset-date", "c1 c2"),
        (Kind::CONDITION, "_sort=onset-date", "c1 c2"),
    ] {
        assert_eq!(ids(&case, &reading(), kind, text).await.join(" "), expected, "{kind}?{text}");
    }
}

pub async fn a_new_version_replaces_what_the_old_one_was_found_by(case: Case) {
    practice(&case).await;
    let moved = height("o1", "b", "150", ("effectiveDateTime", json!("2025-01-01")));
    put(&case, moved, Some(1)).await;
    check(
        &case,
        Kind::OBSERVATION,
        &[
            ("value-quantity=170.0", ""),
            ("value-quantity=150", "o1"),
            ("date=2024-03-10", ""),
            ("patient=a&code=8302-2", "o3"),
            ("patient=b&code=8302-2", "o1 o4"),
            ("performer=d1", ""),
            ("_tag=seen", ""),
        ],
    )
    .await;
    let key = Key::new(Kind::OBSERVATION, id("o1"));
    case.commit(vec![Write { key, based_on: Some(2), change: Change::Delete }]).await.expect("deleted");
    check(&case, Kind::OBSERVATION, &[("code=8302-2", "o3 o4"), ("patient=b", "o4 o5"), ("value-quantity=150", "")])
        .await;
}

/// Pages, following links, of `count` each.
async fn paged(case: &Case, kind: Kind, text: &str, count: u32, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let asked = Query { count, ..query(kind, text) };
    let (mut all, mut cursor, mut round) = (Vec::new(), None, 0);
    loop {
        let page = page(case, &reading(), &asked, cursor.as_deref()).await.expect("a page");
        assert!(page.matches.len() <= count as usize);
        all.extend(page.matches.iter().map(|found| found.key.id.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
        between(round).await;
        round += 1;
        assert!(round < 1000, "paging ends");
    }
}

pub async fn pages_join_whatever_the_order_and_while_data_changes(case: Case) {
    practice(&case).await;
    for n in 0..40 {
        let date = if n % 5 == 0 {
            ("note", json!([]))
        } else {
            ("effectiveDateTime", json!(format!("2023-0{}-01", 1 + n % 4)))
        };
        put(&case, height(&format!("x{n:02}"), if n % 2 == 0 { "a" } else { "c" }, "160", date), None).await;
    }
    let orders = [
        "_sort=date",
        "_sort=-date",
        "_sort=-value-quantity",
        "_sort=_id",
        "_sort=-_lastUpdated",
        "_sort=-date,_id",
        "_id:missing",
    ];
    for filter in
        ["code=8302-2", "patient=a", "patient=a&code=8302-2", "status=final", "value-quantity=160", "date=2023"]
    {
        let whole = ids(&case, &reading(), Kind::OBSERVATION, filter).await;
        assert!(whole.len() > 10, "{filter}");
        for order in orders {
            let text = if order == "_id:missing" { filter.to_owned() } else { format!("{filter}&{order}") };
            let at_once = ids(&case, &reading(), Kind::OBSERVATION, &text).await;
            assert_eq!(paged(&case, Kind::OBSERVATION, &text, 3, async |_| {}).await, at_once, "{text}");
        }
    }
    // One that stood on a later page changes, one is new: neither shows; all others do, once.
    let text = "patient=a&code=8302-2&_sort=-date";
    let before = ids(&case, &reading(), Kind::OBSERVATION, text).await;
    let change = async |round: usize| {
        if round == 0 {
            put(&case, height("x20", "a", "161", ("effectiveDateTime", json!("2026-01-01"))), Some(1)).await;
            put(&case, height("new", "a", "161", ("effectiveDateTime", json!("2020-01-01"))), None).await;
        }
    };
    let seen = paged(&case, Kind::OBSERVATION, text, 4, change).await;
    let expected: Vec<String> = before.into_iter().filter(|name| name != "x20").collect();
    assert_eq!(seen, expected);
}

pub async fn page_links_are_opaque_and_bound_to_their_search(case: Case) {
    practice(&case).await;
    let asked = Query { count: 1, ..query(Kind::PATIENT, "family=smith&_sort=family") };
    let first = page(&case, &reading(), &asked, None).await.expect("a page");
    let link = first.next.expect("there is more");
    assert!(
        !link.to_lowercase().contains("smith") && link.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    );
    let other = Query { count: 1, ..query(Kind::PATIENT, "family=nunez&_sort=family") };
    let mut damaged = link.clone();
    damaged.replace_range(20..21, if &link[20..21] == "A" { "B" } else { "A" });
    for (query, link) in [(&other, link.as_str()), (&asked, &damaged), (&asked, "x"), (&asked, "")] {
        let refused = case.store.search(&reading(), query, Some(link)).await;
        assert!(matches!(refused, Err(Error::BadCursor)));
    }
}

pub async fn totals_and_counts(case: Case) {
    practice(&case).await;
    for (text, shown, total) in [
        ("code=8302-2", 3, Some(3)),
        ("code=8302-2&_count=2", 2, None),
        ("code=8302-2&_count=2&_total=accurate", 2, Some(3)),
        ("code=8302-2&_count=0", 0, Some(3)),
        ("_total=accurate&_count=1", 1, Some(5)),
        ("code=8302-2&_count=99999999999999999999", 3, Some(3)),
    ] {
        let page = page(&case, &reading(), &query(Kind::OBSERVATION, text), None).await.expect(text);
        assert_eq!((page.matches.len(), page.total), (shown, total), "{text}");
    }
}

/// Text that means something to a database means nothing here.
pub async fn hostile_text_is_only_text(case: Case) {
    practice(&case).await;
    for text in
        ["'", "\"", "%", "_", "*", "--", "'; DROP TABLE resource; --", "\u{0}", "\u{202e}", "NEAR(a b)", "a OR b", "ﷺ"]
    {
        let escaped = text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$");
        for name in ["name", "name:contains", "name:exact", "identifier", "address", "organization:identifier"] {
            let pairs = [(name.to_owned(), escaped.clone())];
            let now = "2024-03-11T00:00:00Z".parse().expect("a time");
            if let Ok((query, _)) = Query::parse(Kind::PATIENT, &pairs, Handling::Strict, now) {
                let page = page(&case, &reading(), &query, None).await.expect("an answer");
                // O'Brien has an apostrophe.
                assert!(page.matches.is_empty() || text == "'", "{name}={text:?}");
            }
        }
        for name in ["_content", "_text"] {
            let pairs = [(name.to_owned(), escaped.clone())];
            let now = "2024-03-11T00:00:00Z".parse().expect("a time");
            if let Ok((query, _)) = Query::parse(Kind::CONDITION, &pairs, Handling::Strict, now) {
                page(&case, &reading(), &query, None).await.expect("an answer");
            }
        }
    }
}
