//! MedicationRequest: one for each medicine over the time it was taken.

use crate::chart::Chart;
use crate::course::Medicine;
use crate::drug_table::Drug;
use crate::json::{RXNORM, UCUM, concept, decimal, link, set};
use serde_json::{Value, json};

impl Chart<'_> {
    pub(crate) fn write_medicines(&mut self) {
        let course = self.course;
        // The scaled practice keeps what is taken now and the latest that was stopped.
        let skip = if self.demo() { 0 } else { course.medicines.len().saturating_sub(4) };
        for medicine in course.medicines.iter().skip(skip) {
            let resource = self.request(medicine);
            self.out.push(resource);
        }
    }

    fn request(&mut self, medicine: &Medicine) -> Value {
        let course = self.course;
        let id = self.id();
        let status = match (medicine.stop, medicine.why_stopped) {
            (Some(_), "Course completed") => "completed",
            (Some(_), _) => "stopped",
            (None, _) => "active",
        };
        let mut request = json!({ "resourceType": "MedicationRequest", "id": id, "status": status });
        if status == "stopped" {
            set(&mut request, "statusReason", json!({ "text": medicine.why_stopped }));
        }
        set(&mut request, "intent", json!("order"));
        set(&mut request, "medicationCodeableConcept", concept(RXNORM, medicine.drug.code, medicine.drug.name));
        set(&mut request, "subject", self.subject());
        set(&mut request, "encounter", self.encounter(medicine.visit));
        if let Some(visit) = course.visits.get(medicine.visit) {
            set(&mut request, "authoredOn", json!(medicine.start.at(visit.minute + 14)));
            set(&mut request, "requester", self.clinician(visit));
        }
        if let Some(condition) = medicine.problem.and_then(|p| self.conditions.get(p)) {
            set(&mut request, "reasonReference", json!([link("Condition", condition)]));
        }
        set(&mut request, "dosageInstruction", json!([dosage(medicine)]));
        set(&mut request, "dispenseRequest", dispense(medicine.drug));
        set(&mut request, "substitution", json!({ "allowedBoolean": true }));
        request
    }
}

fn dosage(medicine: &Medicine) -> Value {
    let drug = medicine.drug;
    let mut period = json!({ "start": medicine.start.text() });
    if let Some(stop) = medicine.stop {
        set(&mut period, "end", json!(stop.text()));
    }
    let (frequency, every, unit) = drug.timing;
    let repeat = json!({ "boundsPeriod": period, "frequency": frequency, "period": every, "periodUnit": unit });
    let mut dosage = json!({ "text": drug.sig, "timing": { "repeat": repeat } });
    if let Some(reason) = drug.as_needed {
        set(&mut dosage, "asNeededCodeableConcept", json!({ "text": reason }));
    }
    let mut route = json!({ "text": drug.route.1 });
    if !drug.route.0.is_empty() {
        let system = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration";
        set(&mut route, "coding", json!([{ "system": system, "code": drug.route.0 }]));
    }
    set(&mut dosage, "route", route);
    let (amount, unit) = drug.dose;
    let places = usize::from(amount.fract() != 0.0);
    let code = if unit == "mg" { "mg".to_owned() } else { format!("{{{unit}}}") };
    let dose = json!({ "value": decimal(amount, places), "unit": unit, "system": UCUM, "code": code });
    set(&mut dosage, "doseAndRate", json!([{ "doseQuantity": dose }]));
    dosage
}

fn dispense(drug: &Drug) -> Value {
    let (quantity, days, refills) = drug.supply;
    let supply = json!({ "value": days, "unit": "days", "system": UCUM, "code": "d" });
    json!({ "numberOfRepeatsAllowed": refills, "quantity": { "value": quantity }, "expectedSupplyDuration": supply })
}
