//! The cumulative table: tests down, dates across, grouped by panel. A cell may hold several readings of one day's time.

use super::report::Report;
use super::result::{Observed, Test};
use super::when::When;
use std::collections::{BTreeMap, HashMap};

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    /// Columns, newest first.
    pub columns: Vec<When>,
    /// Groups of rows.
    pub groups: Vec<Group>,
    /// Whether older columns were left for the next page, and from when.
    pub older: Option<When>,
}

/// Tests of one panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The panel's words.
    pub name: String,
    /// Its tests.
    pub rows: Vec<GridRow>,
}

/// One test in one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridRow {
    /// The test's words.
    pub name: String,
    /// The unit of every cell.
    pub unit: String,
    /// The newest reading's range.
    pub range: Option<String>,
    /// One per column; empty where nothing was measured.
    pub cells: Vec<Vec<Observed>>,
}

impl Grid {
    /// Lays readings out. `columns` at most; readings without a date have no column: they are
    /// listed as other results ([`Observed::is_tabled`]).
    #[must_use]
    pub fn of(readings: Vec<Observed>, reports: &[Report], columns: usize) -> Self {
        let panels = panels(reports);
        let mut dated: Vec<(When, Observed)> = readings
            .into_iter()
            .filter(|reading| reading.entry.error.is_none() && reading.has_content())
            .filter_map(|reading| Some((reading.when.clone()?, reading)))
            .collect();
        dated.sort_by_key(|(when, _)| std::cmp::Reverse(when.at));
        let mut grid = Self::default();
        let mut rows: BTreeMap<(usize, usize), GridRow> = BTreeMap::new();
        let mut places: HashMap<(Test, String), (usize, usize)> = HashMap::new();
        let mut groups: Vec<String> = Vec::new();
        for (when, reading) in dated {
            if grid.columns.last().is_none_or(|last| minute(last) != minute(&when)) {
                if grid.columns.len() == columns {
                    grid.older = grid.columns.last().cloned();
                    break;
                }
                grid.columns.push(when);
            }
            let column = grid.columns.len() - 1;
            let unit = reading.main.value.as_ref().map_or_else(String::new, |value| value.unit.clone());
            let place = *places.entry((reading.main.test.clone(), unit.clone())).or_insert_with(|| {
                let panel = panels.get(&reading.entry.key.to_string());
                let (name, index) = panel.map_or(("Other results", 1_000_000), |(name, index)| (name.as_str(), *index));
                let group = groups.iter().position(|known| known == name).unwrap_or_else(|| {
                    groups.push(name.to_owned());
                    groups.len() - 1
                });
                // In the report's own order; a second test at one place stands after the first.
                let taken = rows.keys().filter(|(g, place)| *g == group && *place / 1000 == index).count();
                (group, index * 1000 + taken)
            });
            let row = rows.entry(place).or_insert_with(|| GridRow {
                name: reading.main.name.clone(),
                unit,
                range: reading.main.range.clone(),
                cells: Vec::new(),
            });
            row.cells.resize_with(row.cells.len().max(column + 1), Vec::new);
            if let Some(cell) = row.cells.get_mut(column) {
                cell.push(reading);
            }
        }
        grid.groups = groups.into_iter().map(|name| Group { name, rows: Vec::new() }).collect();
        for ((group, _), mut row) in rows {
            row.cells.resize_with(grid.columns.len(), Vec::new);
            if let Some(group) = grid.groups.get_mut(group) {
                group.rows.push(row);
            }
        }
        // What belongs to no panel comes last.
        grid.groups.sort_by_key(|group| group.name == "Other results");
        grid
    }
}

/// Which report each observation belongs to, and its place in it.
fn panels(reports: &[Report]) -> HashMap<String, (String, usize)> {
    let mut panels = HashMap::new();
    for report in reports {
        for (index, result) in report.results.iter().enumerate() {
            panels.entry(result.to_string()).or_insert_with(|| (report.name.clone(), index));
        }
    }
    panels
}

/// Readings of one minute share a column.
fn minute(when: &When) -> i64 {
    when.at.as_second().div_euclid(60)
}
