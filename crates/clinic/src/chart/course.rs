//! A result with the course of its test, and a report with its results.

use super::commands::{Ask, Loaded};
use super::file::Content;
use super::report::Report;
use super::result::Observed;
use super::row::{Names, Row};
use crate::access::Action;
use crate::error::{Error, Result};
use fhir::{Id, Key, Kind};
use std::collections::HashMap;
use store::record::{Slice, Stored};

/// How many values of one test are read for its course.
const VALUES: u32 = 500;

/// A report with its results and files.
pub struct ReportPage {
    /// The report.
    pub report: Report,
    /// Its results that are in this chart, by key.
    pub results: HashMap<String, Observed>,
    /// What each of its files holds.
    pub files: Vec<Content>,
}

impl Ask<'_> {
    /// One observation and the others of its test, newest first. An uncoded test is followed by its words among the newest results.
    ///
    /// # Errors
    /// As [`Ask::load`].
    pub async fn course(&self, observation: &str) -> Result<(Loaded, Observed, Vec<Observed>)> {
        let key = Key::new(Kind::OBSERVATION, Id::parse(observation).map_err(|_| Error::NotFound)?);
        let permit = self.caller.read_chart(Action::ReadClinical, &self.patient)?;
        let stored = self.store.read(&permit, &key).await?.ok_or(Error::NotFound)?;
        let row = Row::read(stored.for_decision());
        let code = row.and_then(|row| {
            let coding = row.root().each("code.coding").into_iter().find(|coding| coding.text("code").is_some())?;
            Some((
                coding.text("system").unwrap_or_default().to_owned(),
                coding.text("code").unwrap_or_default().to_owned(),
            ))
        });
        let slice = Slice { codes: code.into_iter().collect(), ..Slice::newest(Kind::OBSERVATION, VALUES) };
        let (loaded, row) = self.entry_of(&key, &[slice], "result").await?;
        let one = Observed::of(&row, &loaded.reading);
        let mut all = Observed::all(loaded.rows(0), &loaded.reading);
        all.retain(|reading| reading.main.test == one.main.test);
        if all.is_empty() {
            all.push(one.clone());
        }
        Ok((loaded, one, all))
    }

    /// One report and its results by their keys; those of another chart are left out.
    ///
    /// # Errors
    /// As [`Ask::load`].
    pub async fn report(&self, report: &str) -> Result<(Loaded, ReportPage)> {
        let key = Key::new(Kind::DIAGNOSTIC_REPORT, Id::parse(report).map_err(|_| Error::NotFound)?);
        let found = self.find_entry(&key, &[]).await?;
        let (loaded, row) = found.for_decision();
        let Report { results: wanted, forms, .. } = Report::of(row, &loaded.reading);
        let files = self.contents(row, "presentedForm", &forms).await?;
        let permit = self.caller.read_chart(Action::ReadClinical, &self.patient)?;
        let sealed = self.store.read_many(&permit, &wanted).await?;
        let mine = |stored: &Stored| stored.patient.as_ref() == Some(&self.patient);
        let results =
            sealed.map(|all| all.iter().filter(|stored| mine(stored)).filter_map(Row::read).collect::<Vec<_>>());
        let named = self.store.read_many(&permit, &Names::wanted(results.for_decision())).await?;
        let (((mut loaded, row), results), named) = self.release(found.zip(results).zip(named), "report").await?;
        loaded.reading.names.extend(Names::of(&Row::read_all(&named)));
        let report = Report::of(&row, &loaded.reading);
        let results = results.iter().map(|row| (row.key.to_string(), Observed::of(row, &loaded.reading))).collect();
        Ok((loaded, ReportPage { report, results, files }))
    }
}
