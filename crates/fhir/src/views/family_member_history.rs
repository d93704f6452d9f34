//! FamilyMemberHistory: what a relative has or had.

use super::onset::Onset;

resource! {
    /// R4 FamilyMemberHistory.
    FamilyMemberHistory {
        /// `partial`, `completed`, `entered-in-error` or `health-unknown`.
        status: text = "status",
        /// Why nothing is known.
        data_absent_reason: one CodeableConcept = "dataAbsentReason",
        /// Whose relative.
        patient: one Reference = "patient",
        /// When it was told.
        date: date = "date",
        /// The relative's name.
        name: text = "name",
        /// Mother, brother …
        relationship: one CodeableConcept = "relationship",
        /// The relative's sex.
        sex: one CodeableConcept = "sex",
        /// Whether the age is a guess.
        estimated_age: flag = "estimatedAge",
        /// What they have or had.
        conditions: many FamilyCondition = "condition",
        /// Remarks.
        notes: many Annotation = "note",
    }
}

impl<'a> FamilyMemberHistory<'a> {
    /// When they were born.
    #[must_use]
    pub fn born(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "born")
    }

    /// How old they are.
    #[must_use]
    pub fn age(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "age")
    }

    /// Whether, when or at which age they died.
    #[must_use]
    pub fn deceased(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "deceased")
    }
}

view! {
    /// A condition of a relative.
    FamilyCondition {
        /// What.
        code: one CodeableConcept = "code",
        /// How it ended.
        outcome: one CodeableConcept = "outcome",
        /// Whether they died of it.
        contributed_to_death: flag = "contributedToDeath",
        /// Remarks.
        notes: many Annotation = "note",
    }
}

impl<'a> FamilyCondition<'a> {
    /// When or at which age it began.
    #[must_use]
    pub fn onset(self) -> Option<Onset<'a>> {
        Onset::of(self.0, "onset")
    }
}
