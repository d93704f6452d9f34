//! Practitioner: who gives care.

use super::HumanName;

resource! {
    /// R4 Practitioner.
    Practitioner {
        /// Whether they work here now.
        active: flag = "active",
        /// Their names.
        names: many HumanName = "name",
        /// Phones, e-mail.
        telecom: many ContactPoint = "telecom",
        /// Addresses.
        addresses: many Address = "address",
        /// Administrative gender.
        gender: text = "gender",
        /// Day of birth.
        birth_date: date = "birthDate",
        /// Degrees, licences.
        qualifications: many Qualification = "qualification",
    }
}

impl<'a> Practitioner<'a> {
    /// The name to show: official, usual, else the first.
    #[must_use]
    pub fn name(self) -> Option<HumanName<'a>> {
        let used = |use_| self.names().find(|name| name.use_() == Some(use_));
        used("official").or_else(|| used("usual")).or_else(|| self.names().find(|name| !name.is_former()))
    }
}

view! {
    /// A degree or licence.
    Qualification {
        /// What.
        code: one CodeableConcept = "code",
        /// When it holds.
        period: one Period = "period",
        /// Who gave it.
        issuer: one Reference = "issuer",
        /// Its numbers.
        identifiers: many Identifier = "identifier",
    }
}
