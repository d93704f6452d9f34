//! Diagnoses and problems: one found by words and recorded, and one problem with what belongs to it.

mod choice;
mod details;
pub mod find;
pub mod new;
pub mod one;
mod parts;

use clinic::diagnosis::DiagnosisForm;

/// What a form sent: its fields by name. The axes of a code are not known before it is chosen, so they have no fields of a struct.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Sent(Vec<(String, String)>);

impl Sent {
    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    fn form(&self) -> DiagnosisForm {
        let text = |name| self.text(name).to_owned();
        DiagnosisForm {
            code: text("code"),
            status: text("status"),
            certainty: text("certainty"),
            severity: text("severity"),
            onset: text("onset"),
            ended: text("ended"),
            note: text("note"),
            on_list: self.text("on_list") == "yes",
        }
    }
}
