//! The tables that follow from current bodies: which rows there should be, and which there are.

use super::check::{Check, resource_row};
use super::each;
use crate::find::class;
use crate::idempotency;
use crate::index::{clean, hash, short, word_list};
use crate::index_rows::term;
use crate::line::Line;
use crate::rows::{get, id, kind};
use fhir::Key;
use fhir::index::{Index, Token};
use fhir::search::parameters::Param;
use std::collections::{BTreeSet, HashMap, HashSet};
use store::Result;
use store::engine::compare::row;
use store::engine::slips::slips;
use store::find::{FindKey, KeyClass};

/// The tables that hold rows of resources, each by chart and number.
const PLACES: [&str; 8] = [
    "SELECT DISTINCT patient, rid FROM resource WHERE rid = ANY($1)",
    "SELECT DISTINCT patient, rid FROM idx_token WHERE rid = ANY($1)",
    "SELECT DISTINCT patient, rid FROM idx_date WHERE rid = ANY($1)",
    "SELECT DISTINCT patient, rid FROM idx_string WHERE rid = ANY($1)",
    "SELECT DISTINCT patient, rid FROM idx_quantity WHERE rid = ANY($1)",
    "SELECT DISTINCT patient, rid FROM idx_reference WHERE rid = ANY($1)",
    "SELECT DISTINCT patient, rid FROM idx_uri WHERE rid = ANY($1)",
    "SELECT DISTINCT patient, rid FROM words WHERE rid = ANY($1)",
];

/// The mark of a patient's key, which is noted if it is a name.
pub(super) fn key_of(check: &mut Check, key: &FindKey) -> u64 {
    let text = short(&key.key);
    if matches!(key.class, KeyClass::Name | KeyClass::FormerName) {
        check.names.insert(text.clone().into_owned());
    }
    row("find_key", (class(key.class), &*text))
}

/// The marks of the rows a current version should have. Each is made of the same columns, in the same order, as those of [`compare`].
pub(super) fn expected(check: &mut Check, patient: i64, date: i64, index: &Index) -> Vec<u64> {
    let mut rows = Vec::with_capacity(index.rows() + 1);
    let at = |param: Param, part: u16| (patient, i16::try_from(param.0).unwrap_or(i16::MAX), i32::from(part));
    for it in &index.tokens {
        let term = term(it);
        check.terms.entry(term).or_insert_with(|| said_of(it));
        rows.push(row("idx_token", (at(it.param, it.part), date, &*short(&it.code), term)));
    }
    let dates = index.dates.iter();
    rows.extend(dates.map(|it| row("idx_date", (at(it.param, it.part), it.period.from, it.period.until))));
    for (n, it) in index.strings.iter().enumerate() {
        let n = i32::try_from(n).unwrap_or(i32::MAX);
        rows.push(row("idx_string", (at(it.param, it.part), n, &*clean(&it.folded), &*clean(&it.exact))));
    }
    for it in &index.quantities {
        let unit = hash(&[&it.system, &it.code, &it.unit]);
        let said = row("unit", (&*clean(&it.system), &*clean(&it.code), &*clean(&it.unit)));
        check.units.entry(unit).or_insert(said);
        rows.push(row("idx_quantity", (at(it.param, it.part), bits(it.low), bits(it.high), unit)));
    }
    for it in &index.references {
        rows.push(row("idx_reference", (at(it.param, it.part), date, check.number(&it.target))));
    }
    rows.extend(index.uris.iter().map(|it| row("idx_uri", (at(it.param, it.part), hash(&[&it.uri])))));
    if !(index.narrative.is_empty() && index.content.is_empty()) {
        rows.push(row("words", (patient, &*word_list(&index.narrative), &*word_list(&index.content))));
    }
    rows
}

/// The mark of what a token's row of `term` says.
fn said_of(token: &Token) -> u64 {
    let code = if token.text.is_empty() { "".into() } else { short(&token.code) };
    said(token.system.as_deref().map(clean).as_deref(), &code, &clean(&token.text))
}

/// An implied system is one term, whatever words came with it first.
fn said(system: Option<&str>, code: &str, text: &str) -> u64 {
    system.map_or_else(|| row("term", ()), |system| row("term", (system, code, text)))
}

/// Both zeros are one number to the table's key.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// Takes every row there is from what was expected, and notes what is left.
pub(super) async fn compare(check: &mut Check, line: &Line) -> Result<()> {
    each(line, "SELECT kind, id, patient, version, seq, date, deleted, rid FROM resource", &[], |it| {
        let (key, place) = (Key::new(kind(it, 0)?, id(it, 1)?), get(it, 2)?);
        let told = (get(it, 3)?, get(it, 4)?, get(it, 5)?, get(it, 6)?);
        check.resources.found(get(it, 7)?, resource_row(&key, place, told));
        Ok(())
    })
    .await?;
    let terms = std::mem::take(&mut check.terms);
    let sql = "SELECT id, system, code, text FROM term";
    let (terms, wrong) = sound(line, sql, terms, |it| Ok(said(get(it, 1)?, get(it, 2)?, get(it, 3)?))).await?;
    name_wrong(check, "term", wrong.len());
    check.to_mend.terms = wrong;
    let units = std::mem::take(&mut check.units);
    let sql = "SELECT id, system, code, unit FROM unit";
    let say = |it: &tokio_postgres::Row| {
        let parts: (&str, &str, &str) = (get(it, 1)?, get(it, 2)?, get(it, 3)?);
        Ok(row("unit", parts))
    };
    let (units, wrong) = sound(line, sql, units, say).await?;
    name_wrong(check, "unit", wrong.len());
    check.to_mend.units = wrong;
    let lacking = rows(check, line, &terms, &units).await?;
    unlike(check, line, &lacking).await?;
    spellings(check, line).await?;
    retries(check, line).await
}

fn name_wrong(check: &mut Check, table: &str, wrong: usize) {
    if wrong > 0 {
        check.survey.possible(format!("{table}: {wrong} rows do not say what their number stands for"));
    }
}

/// Every index row. Answers the resources that use a term or unit that is not there, or says something else.
async fn rows(check: &mut Check, line: &Line, terms: &HashSet<i64>, units: &HashSet<i64>) -> Result<HashSet<i64>> {
    let mut lacking = HashSet::new();
    let rows = &mut check.rows;
    each(line, "SELECT patient, param, part, rid, date, code, term FROM idx_token", &[], |it| {
        let (at, rid, term): ((i64, i16, i32), i64, i64) =
            ((get(it, 0)?, get(it, 1)?, get(it, 2)?), get(it, 3)?, get(it, 6)?);
        if !terms.contains(&term) {
            lacking.insert(rid);
        }
        rows.found(rid, row("idx_token", (at, get::<i64>(it, 4)?, get::<&str>(it, 5)?, term)));
        Ok(())
    })
    .await?;
    each(line, "SELECT patient, param, part, rid, low, high FROM idx_date", &[], |it| {
        let at: (i64, i16, i32) = (get(it, 0)?, get(it, 1)?, get(it, 2)?);
        rows.found(get(it, 3)?, row("idx_date", (at, get::<i64>(it, 4)?, get::<i64>(it, 5)?)));
        Ok(())
    })
    .await?;
    each(line, "SELECT patient, param, part, rid, n, folded, exact FROM idx_string", &[], |it| {
        let at: (i64, i16, i32) = (get(it, 0)?, get(it, 1)?, get(it, 2)?);
        rows.found(get(it, 3)?, row("idx_string", (at, get::<i32>(it, 4)?, get::<&str>(it, 5)?, get::<&str>(it, 6)?)));
        Ok(())
    })
    .await?;
    each(line, "SELECT patient, param, part, rid, low, high, unit FROM idx_quantity", &[], |it| {
        let (at, rid, unit): ((i64, i16, i32), i64, i64) =
            ((get(it, 0)?, get(it, 1)?, get(it, 2)?), get(it, 3)?, get(it, 6)?);
        if !units.contains(&unit) {
            lacking.insert(rid);
        }
        rows.found(rid, row("idx_quantity", (at, bits(get(it, 4)?), bits(get(it, 5)?), unit)));
        Ok(())
    })
    .await?;
    each(line, "SELECT patient, param, part, rid, date, target FROM idx_reference", &[], |it| {
        let at: (i64, i16, i32) = (get(it, 0)?, get(it, 1)?, get(it, 2)?);
        rows.found(get(it, 3)?, row("idx_reference", (at, get::<i64>(it, 4)?, get::<i64>(it, 5)?)));
        Ok(())
    })
    .await?;
    each(line, "SELECT patient, param, part, rid, uri FROM idx_uri", &[], |it| {
        let at: (i64, i16, i32) = (get(it, 0)?, get(it, 1)?, get(it, 2)?);
        rows.found(get(it, 3)?, row("idx_uri", (at, get::<i64>(it, 4)?)));
        Ok(())
    })
    .await?;
    let words = "SELECT patient, rid, array_to_string(tsvector_to_array(narrative), ' '),
        array_to_string(tsvector_to_array(content), ' ') FROM words";
    each(line, words, &[], |it| {
        rows.found(get(it, 1)?, row("words", (get::<i64>(it, 0)?, get::<&str>(it, 2)?, get::<&str>(it, 3)?)));
        Ok(())
    })
    .await?;
    each(line, "SELECT patient, class, key FROM find_key", &[], |it| {
        rows.found(get(it, 0)?, row("find_key", (get::<i16>(it, 1)?, get::<&str>(it, 2)?)));
        Ok(())
    })
    .await?;
    Ok(lacking)
}

/// Names the resources whose rows are not what their bodies say, and finds where such rows are.
async fn unlike(check: &mut Check, line: &Line, lacking: &HashSet<i64>) -> Result<()> {
    let (astray, mut unlike) = (check.resources.unlike(), check.rows.unlike());
    unlike.extend(lacking);
    let rids: Vec<i64> = astray.union(&unlike).copied().collect();
    let mut keys = HashMap::new();
    each(line, "SELECT rid, kind, id FROM directory WHERE rid = ANY($1)", &[&rids], |it| {
        keys.insert(get::<i64>(it, 0)?, Key::new(kind(it, 1)?, id(it, 2)?));
        Ok(())
    })
    .await?;
    for rid in astray {
        match keys.get(&rid) {
            Some(key) => check.astray(rid, key),
            None if check.unreadable.contains(&rid) => {}
            None => check.mend(rid, format!("resource: the directory lacks resource number {rid}")),
        }
    }
    for rid in unlike {
        if check.unreadable.contains(&rid) {
            continue;
        }
        let what = match keys.get(&rid) {
            Some(key) => format!("{key}: the indexes do not agree with its content"),
            None => format!("the indexes name resource number {rid}, which the directory lacks"),
        };
        check.mend(rid, what);
    }
    let rids: Vec<i64> = check.to_mend.rids.iter().copied().collect();
    if !rids.is_empty() {
        for sql in PLACES {
            each(line, sql, &[&rids], |it| {
                check.to_mend.places.insert((get(it, 0)?, get(it, 1)?));
                Ok(())
            })
            .await?;
        }
    }
    Ok(())
}

/// Every name in use has its spellings.
async fn spellings(check: &mut Check, line: &Line) -> Result<()> {
    let mark = |slip: &str, word: &str| row("find_slip", (slip, word));
    let names = std::mem::take(&mut check.names);
    let spelled = names.iter().flat_map(|name| slips(name).into_iter().map(move |slip| (mark(&slip, name), name)));
    let mut missing: HashMap<u64, &String> = spelled.collect();
    each(line, "SELECT slip, word FROM find_slip", &[], |it| {
        missing.remove(&mark(get(it, 0)?, get(it, 1)?));
        Ok(())
    })
    .await?;
    if !missing.is_empty() {
        check.survey.possible(format!("find_slip: {} spellings of names in use are missing", missing.len()));
        check.to_mend.names = missing.into_values().cloned().collect::<BTreeSet<_>>();
    }
    Ok(())
}

/// What a retry is told it did is there.
async fn retries(check: &mut Check, line: &Line) -> Result<()> {
    let mut lost = 0;
    each(line, "SELECT versions FROM idempotency", &[], |it| {
        let answered = idempotency::parse(get(it, 0)?);
        lost += answered.iter().filter(|(key, version, _)| !check.survey.told.is_there(key, *version)).count();
        Ok(())
    })
    .await?;
    if lost > 0 {
        check.survey.never(format!("idempotency: {lost} versions that were answered are not there"));
    }
    Ok(())
}

/// The rows of a table, of those in use, that say what they must; and those that say something else.
async fn sound(
    line: &Line,
    sql: &str,
    expected: HashMap<i64, u64>,
    mut said: impl FnMut(&tokio_postgres::Row) -> Result<u64> + Send,
) -> Result<(HashSet<i64>, Vec<i64>)> {
    let (mut sound, mut wrong) = (HashSet::new(), Vec::new());
    each(line, sql, &[], |it| {
        let id: i64 = get(it, 0)?;
        let says = said(it)?;
        // One that no current version uses may be a version's of before: nothing is found by it.
        match expected.get(&id) {
            Some(expected) if *expected != says => wrong.push(id),
            _ => {
                sound.insert(id);
            }
        }
        Ok(())
    })
    .await?;
    Ok((sound, wrong))
}
