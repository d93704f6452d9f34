//! Goal: what the patient and team want to reach.

resource! {
    /// R4 Goal.
    Goal {
        /// `proposed`, `active`, `on-hold`, `completed`, `cancelled` …
        lifecycle_status: text = "lifecycleStatus",
        /// How it goes: improving, achieved …
        achievement_status: one CodeableConcept = "achievementStatus",
        /// What sort of goal.
        categories: many CodeableConcept = "category",
        /// Urgency.
        priority: one CodeableConcept = "priority",
        /// The goal in words or coded.
        description: one CodeableConcept = "description",
        /// Whose goal.
        subject: one Reference = "subject",
        /// From when.
        start: date = "startDate",
        /// What to measure.
        targets: many GoalTarget = "target",
        /// Since when its status holds.
        status_date: date = "statusDate",
        /// Who set it.
        expressed_by: one Reference = "expressedBy",
        /// The problems it is about.
        addresses: many Reference = "addresses",
        /// Remarks.
        notes: many Annotation = "note",
    }
}

view! {
    /// What to measure, and what value to reach by when.
    GoalTarget {
        /// What is measured.
        measure: one CodeableConcept = "measure",
        /// The value to reach.
        quantity: one Quantity = "detailQuantity",
        /// The range to be in.
        range: one Range = "detailRange",
        /// The coded result to reach.
        concept: one CodeableConcept = "detailCodeableConcept",
        /// In words.
        text: text = "detailString",
        /// By when.
        due: date = "dueDate",
        /// Within how long.
        due_in: one Quantity = "dueDuration",
    }
}
