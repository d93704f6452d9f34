//! Location: a place where care is given.

resource! {
    /// R4 Location.
    Location {
        /// `active`, `suspended` or `inactive`.
        status: text = "status",
        /// What it is called.
        name: text = "name",
        /// Other names.
        aliases: texts = "alias",
        /// In words.
        description: text = "description",
        /// What sort of care is given.
        types: many CodeableConcept = "type",
        /// Phones, e-mail.
        telecom: many ContactPoint = "telecom",
        /// Where it is.
        address: one Address = "address",
        /// Room, building, ward …
        physical_type: one CodeableConcept = "physicalType",
        /// Who runs it.
        managing_organization: one Reference = "managingOrganization",
        /// What it is part of.
        part_of: one Reference = "partOf",
    }
}
