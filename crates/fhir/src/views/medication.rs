//! Medication: a product or substance.

resource! {
    /// R4 Medication.
    Medication {
        /// What it is.
        code: one CodeableConcept = "code",
        /// `active`, `inactive` or `entered-in-error`.
        status: text = "status",
        /// Who makes it.
        manufacturer: one Reference = "manufacturer",
        /// Tablet, solution …
        form: one CodeableConcept = "form",
        /// How much is in a package.
        amount: one Ratio = "amount",
        /// What is in it.
        ingredients: many MedicationIngredient = "ingredient",
    }
}

view! {
    /// What is in a medicine.
    MedicationIngredient {
        /// The substance.
        item: one CodeableConcept = "itemCodeableConcept",
        /// Whether it acts.
        is_active: flag = "isActive",
        /// How much of it.
        strength: one Ratio = "strength",
    }
}
