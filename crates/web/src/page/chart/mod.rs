//! The pages of a chart: one file per section, each a handler and a pure function from a model to markup.

pub mod access;
pub mod allergies;
pub mod allergy_form;
pub mod ask;
pub mod changes;
pub mod documents;
pub mod entry;
pub mod filing;
mod gone;
pub mod history;
pub mod immunizations;
pub mod medicines;
pub mod moving;
mod others;
pub mod problems;
pub mod procedures;
pub mod results;
pub mod rooming;
pub mod summary;
pub mod test_page;
pub mod timeline;
pub mod visit_diagnoses;
pub mod visit_start;
pub mod visit_state;
pub mod visits;
pub mod vitals;
pub mod workspace;
