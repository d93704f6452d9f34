//! CareTeam: who looks after the patient.

resource! {
    /// R4 CareTeam.
    CareTeam {
        /// `proposed`, `active`, `suspended`, `inactive` or `entered-in-error`.
        status: text = "status",
        /// What sort of team.
        categories: many CodeableConcept = "category",
        /// What it is called.
        name: text = "name",
        /// Whose team.
        subject: one Reference = "subject",
        /// When it holds.
        period: one Period = "period",
        /// Its members.
        participants: many CareTeamParticipant = "participant",
        /// Phones, e-mail.
        telecom: many ContactPoint = "telecom",
        /// Remarks.
        notes: many Annotation = "note",
    }
}

view! {
    /// A member of a care team.
    CareTeamParticipant {
        /// In which role.
        roles: many CodeableConcept = "role",
        /// Who.
        member: one Reference = "member",
        /// For which organization.
        on_behalf_of: one Reference = "onBehalfOf",
        /// When.
        period: one Period = "period",
    }
}
