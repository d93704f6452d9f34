//! Provenance: who made or changed something.

resource! {
    /// R4 Provenance.
    Provenance {
        /// What it is about.
        targets: many Reference = "target",
        /// When it happened, as a period.
        occurred_period: one Period = "occurredPeriod",
        /// When it happened.
        occurred: date = "occurredDateTime",
        /// When it was recorded.
        recorded: date = "recorded",
        /// Why.
        reasons: many CodeableConcept = "reason",
        /// What was done.
        activity: one CodeableConcept = "activity",
        /// Who did it.
        agents: many ProvenanceAgent = "agent",
        /// What it was made from.
        entities: many ProvenanceEntity = "entity",
    }
}

view! {
    /// Who took part.
    ProvenanceAgent {
        /// How.
        type_: one CodeableConcept = "type",
        /// In which roles.
        roles: many CodeableConcept = "role",
        /// Who.
        who: one Reference = "who",
        /// For whom.
        on_behalf_of: one Reference = "onBehalfOf",
    }
}

view! {
    /// What something was made from.
    ProvenanceEntity {
        /// `derivation`, `revision`, `quotation`, `source` or `removal`.
        role: text = "role",
        /// What.
        what: one Reference = "what",
    }
}
