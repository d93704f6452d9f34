//! Organization: practices, hospitals, insurers, laboratories.

resource! {
    /// R4 Organization.
    Organization {
        /// Whether it is in use.
        active: flag = "active",
        /// What sort.
        types: many CodeableConcept = "type",
        /// What it is called.
        name: text = "name",
        /// Other names.
        aliases: texts = "alias",
        /// Phones, e-mail.
        telecom: many ContactPoint = "telecom",
        /// Addresses.
        addresses: many Address = "address",
        /// What it is part of.
        part_of: one Reference = "partOf",
    }
}
