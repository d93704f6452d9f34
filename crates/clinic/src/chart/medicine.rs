//! Medicines: prescriptions and reported medicines, active and stopped never mixed.

use super::quantity::dose;
use super::row::{Code, Handle, Reading, Row, notes, spoken};
use super::sig::directions;
use super::tall_man::tall_man;
use super::when::{Clock, When};
use fhir::{Element, Kind};
use std::cmp::Reverse;

/// One medicine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medicine {
    /// Its entry.
    pub entry: Handle,
    /// Its name and strength, in Tall Man letters.
    pub name: String,
    /// Its code.
    pub code: Option<Code>,
    /// How to take it.
    pub sig: Option<String>,
    /// `Active`, `On hold`, `Stopped` …
    pub status: String,
    /// When it was written or first taken.
    pub since: Option<When>,
    /// When it ended, where said.
    pub ended: Option<When>,
    /// Why it was stopped or held.
    pub status_reason: Option<String>,
    /// What it is for.
    pub reason: Option<String>,
    /// Who prescribed it, or who said it is taken.
    pub by: Option<String>,
    /// Quantity and refills: `30 tablets, 2 refills`.
    pub supply: Option<String>,
    /// Whether it is only reported, not prescribed here.
    pub reported: bool,
    /// Notes.
    pub note: Option<String>,
}

impl Medicine {
    /// Whether the last day of its course is past.
    fn is_over(&self, reading: &Reading) -> bool {
        self.ended.as_ref().and_then(When::last_day).is_some_and(|last| last < reading.clock.today)
    }
}

/// A chart's medicines, each in exactly one list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Medicines {
    /// Being taken, by name.
    pub active: Vec<Medicine>,
    /// Recorded as active, but the course they were to be taken for has ended.
    pub ended: Vec<Medicine>,
    /// On hold.
    pub held: Vec<Medicine>,
    /// Drafts, proposals and plans; nobody takes them yet.
    pub proposed: Vec<Medicine>,
    /// Stopped, completed, cancelled; newest first.
    pub stopped: Vec<Medicine>,
    /// Orders that it must not be given, still standing: nobody takes these.
    pub withheld: Vec<Medicine>,
    /// Sent with the status "unknown".
    pub unclear: Vec<Medicine>,
    /// Entered in error.
    pub errors: Vec<Medicine>,
}

impl Medicines {
    /// Reads prescriptions (MedicationRequest) and reported medicines (MedicationStatement).
    #[must_use]
    pub fn of(rows: &[Row], reading: &Reading) -> Self {
        let mut all = Self::default();
        for row in rows {
            let mut medicine = read(row, reading);
            let root = row.root();
            let only_proposed = matches!(root.text("intent"), Some("proposal" | "plan" | "option"));
            let list = match root.text("status") {
                Some("entered-in-error") => &mut all.errors,
                Some("stopped" | "completed" | "cancelled" | "not-taken") => &mut all.stopped,
                // An order not to give stands until it is ended, whatever else its status says; it is never a medicine taken.
                _ if withheld(root) => &mut all.withheld,
                Some("active") if only_proposed => {
                    medicine.status = root.text("intent").map_or(medicine.status, spoken);
                    &mut all.proposed
                }
                Some("active") if medicine.is_over(reading) => {
                    medicine.status = "Course ended".to_owned();
                    &mut all.ended
                }
                Some("active") => &mut all.active,
                Some("on-hold") => &mut all.held,
                Some("draft" | "intended") => &mut all.proposed,
                _ => &mut all.unclear,
            };
            list.push(medicine);
        }
        all.sort();
        all
    }

    /// Adds those of another reading.
    pub fn add(&mut self, more: Self) {
        self.active.extend(more.active);
        self.ended.extend(more.ended);
        self.held.extend(more.held);
        self.proposed.extend(more.proposed);
        self.withheld.extend(more.withheld);
        self.stopped.extend(more.stopped);
        self.unclear.extend(more.unclear);
        self.errors.extend(more.errors);
        self.sort();
    }

    fn sort(&mut self) {
        let by_name = [&mut self.active, &mut self.ended, &mut self.held, &mut self.proposed, &mut self.withheld];
        for list in by_name.into_iter().chain([&mut self.unclear]) {
            list.sort_by_key(|medicine| medicine.name.to_lowercase());
        }
        self.stopped.sort_by_key(|medicine| Reverse(medicine.since.as_ref().map(|since| since.at)));
    }
}

/// Whether an order says that something must not be given.
#[must_use]
pub fn withheld(root: Element<'_>) -> bool {
    root.flag("doNotPerform") == Some(true)
}

fn read(row: &Row, reading: &Reading) -> Medicine {
    let root = row.root();
    let clock = &reading.clock;
    let reported = row.key.kind == Kind::MEDICATION_STATEMENT;
    let dosages = root.each(if reported { "dosage" } else { "dosageInstruction" });
    let first = if reported {
        When::choice(root, "effective", clock).or_else(|| When::get(root, "dateAsserted", clock))
    } else {
        When::get(root, "authoredOn", clock)
    };
    let mut status = root.text("status").map_or_else(|| "Status not recorded".to_owned(), spoken);
    if withheld(root) {
        status = format!("Do not give ({})", status.to_lowercase());
    }
    Medicine {
        entry: row.handle(clock),
        name: name(root, reading).map_or_else(|| "Medicine without a name".to_owned(), |name| tall_man(&name)),
        code: Code::of(root, "medicationCodeableConcept"),
        sig: directions(&dosages, clock).map(|sig| tall_man(&sig)),
        status,
        since: first,
        ended: When::get(root, "effectivePeriod.end", clock).or_else(|| last_end(&dosages, clock)),
        status_reason: root.words("statusReason"),
        reason: root.words("reasonCode").or_else(|| reading.names.get(root, "reasonReference")),
        by: ["requester", "informationSource"].iter().find_map(|path| reading.names.get(root, path)),
        supply: root.get("dispenseRequest").and_then(supply),
        reported: reported || root.flag("reportedBoolean") == Some(true),
        note: notes(root),
    }
}

/// When the last of all dosages ends; none when one of them goes on.
fn last_end(dosages: &[Element<'_>], clock: &Clock) -> Option<When> {
    let end = |dosage: &Element<'_>| When::get(*dosage, "timing.repeat.boundsPeriod.end", clock);
    let ends: Option<Vec<_>> = dosages.iter().map(end).collect();
    ends?.into_iter().max_by_key(When::last_day)
}

/// The medicine's words, wherever the resource keeps them.
fn name(root: Element<'_>, reading: &Reading) -> Option<String> {
    if let Some(words) = root.words("medicationCodeableConcept") {
        return Some(words);
    }
    let reference = root.get("medicationReference")?;
    let contained = reference
        .text("reference")
        .and_then(|local| root.contained(local))
        .and_then(|medication| medication.words("code"));
    contained.or_else(|| reading.names.name(reference))
}

fn supply(request: Element<'_>) -> Option<String> {
    let quantity = request.get("quantity").and_then(dose);
    let refills = request.number("numberOfRepeatsAllowed").map(|count| match count {
        "0" => "no refills".to_owned(),
        "1" => "1 refill".to_owned(),
        many => format!("{many} refills"),
    });
    let parts: Vec<_> = [quantity, refills].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
