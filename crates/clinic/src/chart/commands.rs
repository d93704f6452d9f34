//! Loading a chart: permit, slices, names, model. What is read stays sealed until its audit entry is durable.

use super::allergy::Allergies;
use super::bands::Who;
use super::banner::Banner;
use super::care::team;
use super::care::{Shot, Visit};
use super::contact::Contact;
use super::corrected;
use super::document::Document;
use super::left::Left;
use super::medicine::Medicines;
use super::past::Past;
use super::plan::Plan;
use super::problem::Problems;
use super::result::Observed;
use super::row::{Names, Reading, Row};
use super::summary::{self, Summary, place};
use super::when::Clock;
use crate::access::{Action, Caller};
use crate::error::{Error, Result};
use crate::patient::commands::has_namesake;
use fhir::edit::document::is_administrative;
use fhir::{Identity, Key, Kind, PatientId};
use futures_util::future::try_join3;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::audit::{Entry, Outcome};
use store::record::{Slice, SliceRows, Stored};
use store::{Permit, Sealed, Store};

/// What is asked of a chart.
pub struct Ask<'a> {
    /// The practice.
    pub store: &'a dyn Store,
    /// Who asks.
    pub caller: &'a Caller,
    /// Whose chart.
    pub patient: PatientId,
    /// The practice's zone.
    pub zone: TimeZone,
    /// Tells our record number from others' numbers.
    pub record_number_system: String,
    /// The chart as it stood at the end of this day; now when none.
    pub as_of: Option<Date>,
}

/// One slice, parsed.
pub struct Part {
    /// Newest first.
    pub rows: Vec<Row>,
    /// How many the whole type has in the chart.
    pub total: u64,
    /// How many were read but left unparsed, as the page only counts them.
    pub counted: usize,
}

/// What was read of a chart, with the means to make models of it.
pub struct Loaded {
    /// Who this is.
    pub banner: Banner,
    /// The Patient.
    pub patient: Row,
    /// Its allergies, where the reader may see them.
    pub allergies: Option<Allergies>,
    /// The slices asked for, in their order.
    pub parts: Vec<Part>,
    /// What was moved out of this chart.
    pub left: Vec<Left>,
    /// What models are made with.
    pub reading: Reading,
}

impl Loaded {
    /// The rows of a slice.
    #[must_use]
    pub fn rows(&self, index: usize) -> &[Row] {
        self.parts.get(index).map_or(&[], |part| part.rows.as_slice())
    }

    /// Whether this is a child so young that a gestation at birth matters.
    #[must_use]
    pub fn is_young(&self) -> bool {
        corrected::is_young(born(&self.patient), self.reading.clock.today)
    }

    /// How many the whole type of a slice has.
    #[must_use]
    pub fn total(&self, index: usize) -> u64 {
        self.parts.get(index).map_or(0, |part| part.total)
    }
}

impl Ask<'_> {
    /// The clock of this reading: ages and "today" are as they were on an as-of day.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let now = Clock::at(self.caller.at, self.zone.clone());
        Clock { today: self.as_of.unwrap_or(now.today), ..now }
    }

    /// Whether the caller may see clinical content.
    #[must_use]
    pub fn clinical(&self) -> bool {
        self.caller.may(Action::ReadClinical)
    }

    pub(crate) fn permit(&self) -> Result<Permit> {
        let action = match self.clinical() {
            true => Action::ReadClinical,
            false if self.caller.may(Action::ReadDocuments) => Action::ReadDocuments,
            false => Action::ReadIdentity,
        };
        self.caller.read_chart(action, &self.patient)
    }

    /// Whether this reader may see an entry of a type they reach: of documents, those who see no clinical content see the office's
    /// only, and those only as they are now, since what was once filed wrongly as one stays hidden when that is mended.
    fn may_see(&self, row: &Row) -> bool {
        let office = || self.as_of.is_none() && is_administrative(row.root());
        self.clinical() || row.key.kind != Kind::DOCUMENT_REFERENCE || office()
    }

    /// The moment an as-of reading stands for.
    pub(super) fn moment(&self) -> Option<Timestamp> {
        super::when::end_of_day(self.as_of?, &self.zone)
    }

    /// Reads the banner and these slices of the chart.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such patient, or none as of that day, or not for this caller; what the store says.
    pub async fn load(&self, slices: &[Slice]) -> Result<Sealed<Loaded>> {
        self.load_only(slices, |_| true).await
    }

    /// As [`Self::load`], parsing only what `shown` says the page shows: the rest is counted.
    async fn load_only(&self, slices: &[Slice], shown: impl Fn(&Stored) -> bool + Send) -> Result<Sealed<Loaded>> {
        let permit = self.permit()?;
        let mut wanted = vec![Slice::all(Kind::ALLERGY_INTOLERANCE)];
        wanted.extend_from_slice(slices);
        if !self.clinical() {
            wanted.retain(|slice| permit.kinds().contains(slice.kind));
        }
        let sealed = match self.moment() {
            None => self.current(&permit, &wanted).await?,
            Some(moment) => self.past(&permit, &wanted, moment).await?,
        };
        let parsed = sealed.try_map(|(patient, mut slices)| {
            let patient = Row::read(&patient).ok_or(Error::Gone)?;
            let gestation = (slices.len() > wanted.len()).then(|| slices.pop()).flatten();
            let gestation = Row::read_all(&gestation.map(|slice| slice.rows).unwrap_or_default());
            let today = self.clock().today;
            let corrected = corrected::of(born(&patient), &gestation, today);
            let part = |slice: &SliceRows| {
                let rows: Vec<_> = slice.rows.iter().filter(|stored| shown(stored)).filter_map(Row::read).collect();
                let read = rows.len();
                let rows: Vec<_> = rows.into_iter().filter(|row| self.may_see(row)).collect();
                // How many there are that may not be seen is not told either.
                let hidden = read - rows.len();
                Part { counted: slice.rows.len() - read, total: slice.total - hidden as u64, rows }
            };
            let parts: Vec<_> = slices.iter().map(part).collect();
            Ok::<_, Error>((patient, parts, corrected))
        })?;
        let (patient, parts, _) = parsed.for_decision();
        let keys = Names::wanted(parts.iter().flat_map(|part| &part.rows).chain([patient]));
        let clinical = self.clinical();
        // None of these needs another's answer: together they take as long as the longest.
        let named = async { Ok(self.store.read_many(&permit, &keys).await?) };
        let left = async { if clinical { self.left().await } else { Ok(Sealed::empty(Vec::new())) } };
        let (named, similar_name, left) = try_join3(named, self.has_namesake(patient), left).await?;
        parsed.zip(named).zip(left).try_map(|(((patient, mut parts, corrected), named), left)| {
            let names = Names::of(&Row::read_all(&named));
            let reading = Reading { clock: self.clock(), names, who: Who::of(patient.root()) };
            let allergies = (clinical && !parts.is_empty()).then(|| Allergies::of(&parts.remove(0).rows, &reading));
            let identity = Identity::of(patient.root().value(), &self.record_number_system);
            let banner = Banner::of(patient.root(), &identity, allergies.as_ref(), &reading).ok_or(Error::NotFound)?;
            let corrected = corrected.map(|corrected| corrected.words());
            let banner = Banner { version: patient.version, similar_name, corrected, ..banner };
            Ok(Loaded { banner, patient, allergies, parts, left, reading })
        })
    }

    /// For those who may find every patient.
    async fn has_namesake(&self, patient: &Row) -> Result<bool> {
        let Ok(permit) = self.caller.read_practice(Action::ReadIdentity) else { return Ok(false) };
        let identity = Identity::of(patient.root().value(), &self.record_number_system);
        has_namesake(self.store, &permit, &self.record_number_system, &identity).await
    }

    /// Of a young child, one slice more for those who may see it: how long the gestation was.
    fn gestation(&self, patient: &Stored) -> Option<Slice> {
        let young = || corrected::is_young(Row::read(patient).as_ref().and_then(born), self.clock().today);
        (self.clinical() && young()).then(corrected::slice)
    }

    async fn current(&self, permit: &Permit, slices: &[Slice]) -> Result<Sealed<(Stored, Vec<SliceRows>)>> {
        let patient = self.store.read(permit, &self.patient.key()).await?.ok_or(Error::NotFound)?;
        if patient.for_decision().deleted {
            return Err(Error::Gone);
        }
        let mut slices = slices.to_vec();
        slices.extend(self.gestation(patient.for_decision()));
        let rows = self.store.chart(permit, &self.patient, &slices).await?;
        Ok(patient.zip(rows))
    }

    async fn past(
        &self,
        permit: &Permit,
        slices: &[Slice],
        moment: Timestamp,
    ) -> Result<Sealed<(Stored, Vec<SliceRows>)>> {
        let all = self.store.chart_as_of(permit, &self.patient, moment).await?;
        let key = self.patient.key();
        let mut slices = slices.to_vec();
        let patient = all.for_decision().iter().find(|stored| stored.key == key);
        slices.extend(patient.and_then(|patient| self.gestation(patient)));
        let first = self.store.read_version(permit, &key, 1).await?.ok_or(Error::NotFound)?;
        let began = first.for_decision().recorded_at.to_zoned(self.zone.clone()).date();
        all.try_map(|all| {
            let patient = all
                .iter()
                .find(|stored| stored.key == key)
                .cloned()
                .ok_or_else(|| Error::NotYet(self.patient.clone(), began))?;
            let past = Past::of(all, &self.clock());
            Ok((patient, slices.iter().map(|slice| past.slice(slice)).collect()))
        })
    }

    /// The audit entry of reading a section.
    #[must_use]
    pub fn entry(&self, section: &str) -> Entry {
        let detail = match self.as_of {
            Some(date) => format!("{section} as of {date}"),
            None => section.to_owned(),
        };
        Entry { detail, patients: vec![self.patient.clone()], ..self.caller.entry("chart.read") }
    }

    /// Opens what was read once its audit entry is durable.
    ///
    /// # Errors
    /// When the entry cannot be written.
    pub async fn release<T: Send>(&self, sealed: Sealed<T>, section: &str) -> Result<T> {
        Ok(self.store.release(sealed, self.entry(section)).await?)
    }

    /// The Summary.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn summary(&self) -> Result<(Loaded, Summary)> {
        self.release(self.find_summary().await?, "summary").await
    }

    /// As [`Self::summary`], still sealed: to be released with what is shown beside it.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn find_summary(&self) -> Result<Sealed<(Loaded, Summary)>> {
        let mut slices = summary::slices();
        if !self.clinical() {
            slices = vec![Slice::all(Kind::COVERAGE), Slice::newest(Kind::APPOINTMENT, summary::APPOINTMENTS)];
        }
        let loaded = self.load_only(&slices, summary::shows).await?;
        Ok(loaded.map(|loaded| {
            let summary = summarize(&loaded);
            (loaded, summary)
        }))
    }

    /// One entry of this chart, whatever its type, with the rows of further slices.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in this chart.
    pub async fn entry_of(&self, key: &Key, slices: &[Slice], section: &str) -> Result<(Loaded, Row)> {
        self.release(self.find_entry(key, slices).await?, section).await
    }

    /// What is hidden from this reader, in another chart or nowhere is answered alike: as absent. The asking is in the trail.
    async fn absent<T>(&self, key: &Key, outcome: Outcome) -> Result<T> {
        let entry = Entry { outcome, what: vec![(key.clone(), 0)], ..self.entry("entry") };
        self.store.append(entry).await?;
        Err(Error::NotFound)
    }

    /// As [`Self::entry_of`], still sealed.
    pub(crate) async fn find_entry(&self, key: &Key, slices: &[Slice]) -> Result<Sealed<(Loaded, Row)>> {
        self.find_entry_only(key, slices, |_| true).await
    }

    /// As [`Self::find_entry`], parsing of the slices only what `shown` says the page shows.
    pub(super) async fn find_entry_only(
        &self,
        key: &Key,
        slices: &[Slice],
        shown: impl Fn(&Stored) -> bool + Send,
    ) -> Result<Sealed<(Loaded, Row)>> {
        let permit = self.permit()?;
        if !permit.kinds().contains(key.kind) {
            return self.absent(key, Outcome::Refused).await;
        }
        let stored = match self.moment() {
            None => match self.store.read(&permit, key).await? {
                Some(stored) => stored,
                None => return self.absent(key, Outcome::Failed).await,
            },
            Some(moment) => {
                let all = self.store.chart_as_of(&permit, &self.patient, moment).await?;
                all.try_map(|all| all.into_iter().find(|stored| stored.key == *key).ok_or(Error::NotFound))?
            }
        };
        if stored.for_decision().patient.as_ref() != Some(&self.patient) {
            return self.absent(key, Outcome::Refused).await;
        }
        let stored = stored.try_map(|stored| Row::read(&stored).ok_or(Error::Gone))?;
        if !self.may_see(stored.for_decision()) {
            return self.absent(key, Outcome::Refused).await;
        }
        let keys = Names::wanted([stored.for_decision()]);
        let named = self.store.read_many(&permit, &keys).await?;
        let loaded = self.load_only(slices, shown).await?;
        Ok(loaded.zip(stored).zip(named).map(|((mut loaded, row), named)| {
            loaded.reading.names.extend(Names::of(&Row::read_all(&named)));
            (loaded, row)
        }))
    }
}

/// The whole birth date of a Patient.
fn born(patient: &Row) -> Option<Date> {
    patient.root().text("birthDate")?.parse().ok()
}

/// Makes the Summary of what [`summary::slices`] read.
pub(super) fn summarize(loaded: &Loaded) -> Summary {
    let reading = &loaded.reading;
    let Some(allergies) = loaded.allergies.clone() else { return Summary::default() };
    let mut medicines = Medicines::of(loaded.rows(place::PRESCRIPTIONS), reading);
    medicines.add(Medicines::of(loaded.rows(place::STATEMENTS), reading));
    let stopped = [place::PRESCRIPTIONS, place::STATEMENTS];
    let counted = stopped.iter().filter_map(|place| loaded.parts.get(*place)).map(|part| part.counted).sum::<usize>();
    // What was entered in error is neither shown here nor counted.
    let mut shots: Vec<_> = loaded.rows(place::SHOTS).iter().map(|row| Shot::of(row, reading)).collect();
    shots.retain(|shot| shot.entry.error.is_none());
    let mut visits: Vec<_> = loaded.rows(place::VISITS).iter().map(|row| Visit::of(row, reading)).collect();
    visits.retain(|visit| visit.entry.error.is_none());
    let mut documents: Vec<_> = loaded.rows(place::DOCUMENTS).iter().map(|row| Document::of(row, reading)).collect();
    documents.retain(|document| document.entry.error.is_none());
    let all_read = |place| loaded.rows(place).len() as u64 >= loaded.total(place);
    Summary {
        stopped: counted + medicines.stopped.len(),
        problems: Problems::of(loaded.rows(place::CONDITIONS), reading),
        medicines,
        allergies,
        measures: summary::measures(
            Observed::all(loaded.rows(place::MEASURES), reading),
            Observed::all(loaded.rows(place::RESULTS), reading),
        ),
        shots_given: shots.iter().filter(|shot| shot.given).count(),
        shots_declined: shots.iter().filter(|shot| !shot.given).count(),
        shots: newest(shots),
        visits_total: all_read(place::VISITS).then_some(visits.len()),
        visits: newest(visits),
        documents_total: all_read(place::DOCUMENTS).then_some(documents.len()),
        documents: newest(documents),
        team: team(loaded.rows(place::TEAMS), Some(loaded.patient.root()), reading),
        plans: [place::GOALS, place::PLANS]
            .iter()
            .flat_map(|place| Plan::in_force(loaded.rows(*place), reading))
            .collect(),
        contact: Contact::of(loaded),
    }
}

fn newest<T>(mut all: Vec<T>) -> Vec<T> {
    all.truncate(summary::SHOWN as usize);
    all
}
