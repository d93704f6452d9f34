//! Task: something somebody is to do.

resource! {
    /// R4 Task.
    Task {
        /// `draft`, `requested`, `accepted`, `in-progress`, `completed`, `cancelled` …
        status: text = "status",
        /// Why it has that status.
        status_reason: one CodeableConcept = "statusReason",
        /// The practice's own status.
        business_status: one CodeableConcept = "businessStatus",
        /// `order`, `proposal`, `plan` …
        intent: text = "intent",
        /// Urgency.
        priority: text = "priority",
        /// What.
        code: one CodeableConcept = "code",
        /// In words.
        description: text = "description",
        /// What it is about.
        focus: one Reference = "focus",
        /// Whom it is for.
        for_: one Reference = "for",
        /// The visit.
        encounter: one Reference = "encounter",
        /// When it is to be done.
        execution: one Period = "executionPeriod",
        /// When it was made.
        authored_on: date = "authoredOn",
        /// When it last changed.
        last_modified: date = "lastModified",
        /// Who asked.
        requester: one Reference = "requester",
        /// Who is to do it.
        owner: one Reference = "owner",
        /// Why.
        reason: one CodeableConcept = "reasonCode",
        /// Remarks.
        notes: many Annotation = "note",
        /// By when at the latest.
        restriction: one TaskRestriction = "restriction",
    }
}

view! {
    /// Bounds of a task.
    TaskRestriction {
        /// How many times.
        repetitions: number = "repetitions",
        /// From when to when.
        period: one Period = "period",
    }
}
