//! CarePlan: what is intended.

resource! {
    /// R4 CarePlan.
    CarePlan {
        /// `draft`, `active`, `on-hold`, `revoked`, `completed`, `entered-in-error` or `unknown`.
        status: text = "status",
        /// `proposal`, `plan`, `order` or `option`.
        intent: text = "intent",
        /// What sort of plan.
        categories: many CodeableConcept = "category",
        /// What it is called.
        title: text = "title",
        /// In words.
        description: text = "description",
        /// For whom.
        subject: one Reference = "subject",
        /// The visit it was made in.
        encounter: one Reference = "encounter",
        /// When it holds.
        period: one Period = "period",
        /// When it was made.
        created: date = "created",
        /// Who made it.
        author: one Reference = "author",
        /// The teams.
        care_teams: many Reference = "careTeam",
        /// The problems it is about.
        addresses: many Reference = "addresses",
        /// The goals.
        goals: many Reference = "goal",
        /// What is to be done.
        activities: many CarePlanActivity = "activity",
        /// Remarks.
        notes: many Annotation = "note",
    }
}

view! {
    /// Something to be done.
    CarePlanActivity {
        /// The order for it.
        reference: one Reference = "reference",
        /// In place of an order.
        detail: one CarePlanDetail = "detail",
        /// What came of it.
        outcomes: many CodeableConcept = "outcomeCodeableConcept",
    }
}

view! {
    /// What an activity is, where it is no order.
    CarePlanDetail {
        /// What.
        code: one CodeableConcept = "code",
        /// `not-started`, `scheduled`, `in-progress`, `completed` …
        status: text = "status",
        /// In words.
        description: text = "description",
        /// When, in words.
        scheduled: text = "scheduledString",
        /// When.
        scheduled_period: one Period = "scheduledPeriod",
        /// How often.
        scheduled_timing: one Timing = "scheduledTiming",
    }
}
