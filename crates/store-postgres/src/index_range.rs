//! Ranges of a chart along one code: the newest results of a test, the problems of a category.

use crate::chart::After;
use crate::index::short;
use crate::line::Line;
use crate::rows::get;
use fhir::Kind;
use fhir::search::parameters::{self, Param as SearchParam};
use store::Result;
use store::record::Slice;

/// The parameter that holds what a resource of a type is about.
fn main_code(kind: Kind) -> Option<SearchParam> {
    ["code", "vaccine-code", "type", "category"]
        .into_iter()
        .find_map(|name| parameters::named(kind, name))
        .map(|definition| definition.param)
}

/// The resources of a chart's slice that names codes or a category: at most `limit` (per code; none: all), newest first.
pub(crate) async fn chart_range(
    line: &Line,
    chart: i64,
    slice: &Slice,
    after: After,
    limit: Option<i64>,
) -> Result<Vec<i64>> {
    let category = parameters::named(slice.kind, "category").map(|definition| definition.param);
    let mut found: Vec<(i64, i64)> = Vec::new();
    match (&slice.category, slice.codes.as_slice()) {
        (Some(wanted), []) => {
            let Some(param) = category else { return Ok(Vec::new()) };
            found = code_range(line, chart, (param, wanted, None), after, limit, None).await?;
        }
        (wanted, codes) => {
            let Some(param) = main_code(slice.kind) else { return Ok(Vec::new()) };
            let also = match wanted {
                None => None,
                Some(wanted) => match category {
                    Some(category) => Some((category, wanted.as_str())),
                    None => return Ok(Vec::new()),
                },
            };
            for (system, code) in codes {
                found.extend(code_range(line, chart, (param, code, Some(system)), after, limit, also).await?);
            }
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    Ok(found.into_iter().map(|(_, rid)| rid).collect())
}

/// One walk along (parameter, code, chart, date): pairs of date and resource, newest first.
async fn code_range(
    line: &Line,
    chart: i64,
    (param, code, system): (SearchParam, &str, Option<&str>),
    after: After,
    limit: Option<i64>,
    also: Option<(SearchParam, &str)>,
) -> Result<Vec<(i64, i64)>> {
    let sql = "SELECT DISTINCT t.date, t.rid FROM idx_token t
        WHERE t.param = $1 AND t.code = $2 AND t.patient = $3 AND (t.date, t.rid) < ($4, $5)
          AND ($6::text IS NULL OR EXISTS(SELECT 1 FROM term WHERE term.id = t.term AND (term.system = $6 OR term.system IS NULL)))
          AND ($7::int2 IS NULL OR EXISTS(SELECT 1 FROM idx_token c
               WHERE c.param = $7 AND c.code = $8 AND c.patient = t.patient AND c.date = t.date AND c.rid = t.rid))
        ORDER BY t.date DESC, t.rid DESC LIMIT $9";
    let of = |param: SearchParam| i16::try_from(param.0).unwrap_or(i16::MAX);
    let code = code.to_lowercase();
    let (category, wanted) =
        also.map_or((None, None), |(param, code)| (Some(of(param)), Some(short(&code.to_lowercase()).into_owned())));
    let rows = line
        .query(sql, &[&of(param), &short(&code), &chart, &after.date, &after.rid, &system, &category, &wanted, &limit])
        .await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}
