//! Coverage: insurance.

resource! {
    /// R4 Coverage.
    Coverage {
        /// `active`, `cancelled`, `draft` or `entered-in-error`.
        status: text = "status",
        /// What sort.
        type_: one CodeableConcept = "type",
        /// Whose policy it is.
        policy_holder: one Reference = "policyHolder",
        /// Who signed up.
        subscriber: one Reference = "subscriber",
        /// The subscriber's number.
        subscriber_id: text = "subscriberId",
        /// Who is covered.
        beneficiary: one Reference = "beneficiary",
        /// Which dependent.
        dependent: text = "dependent",
        /// How the covered is related to the subscriber.
        relationship: one CodeableConcept = "relationship",
        /// When it holds.
        period: one Period = "period",
        /// Who pays.
        payors: many Reference = "payor",
        /// Group, plan and other classes.
        classes: many CoverageClass = "class",
        /// 1 is asked first.
        order: number = "order",
        /// The network.
        network: text = "network",
    }
}

view! {
    /// Group, plan or another class of a coverage.
    CoverageClass {
        /// Which class.
        type_: one CodeableConcept = "type",
        /// Its number.
        value: text = "value",
        /// What it is called.
        name: text = "name",
    }
}
