//! Coding, CodeableConcept and Identifier.

view! {
    /// A code from a code system.
    Coding {
        /// Address of the code system, such as `http://loinc.org`.
        system: text = "system",
        /// Version of the code system.
        version: text = "version",
        /// The code.
        code: text = "code",
        /// The system's own words for the code.
        display: text = "display",
        /// Whether a person picked this very coding.
        user_selected: flag = "userSelected",
    }
}

impl<'a> Coding<'a> {
    /// The best words there are: display, else the bare code.
    #[must_use]
    pub fn words(self) -> Option<&'a str> {
        self.display().or(self.code())
    }

    /// Whether this is that code of that system.
    #[must_use]
    pub fn is(self, system: &str, code: &str) -> bool {
        self.system() == Some(system) && self.code() == Some(code)
    }
}

view! {
    /// A concept: words, and codes for them from any number of systems.
    CodeableConcept {
        /// The codes.
        codings: many Coding = "coding",
        /// The words as entered.
        text: text = "text",
    }
}

impl<'a> CodeableConcept<'a> {
    /// The best words there are: the text, else the display a person picked, else the first display, else the first code.
    #[must_use]
    pub fn words(self) -> Option<&'a str> {
        self.text()
            .or_else(|| self.codings().filter(|c| c.user_selected() == Some(true)).find_map(Coding::display))
            .or_else(|| self.codings().find_map(Coding::display))
            .or_else(|| self.codings().find_map(Coding::code))
    }

    /// The code in this system.
    #[must_use]
    pub fn code_in(self, system: &str) -> Option<&'a str> {
        self.codings().find(|c| c.system() == Some(system)).and_then(Coding::code)
    }

    /// Whether it carries that code of that system.
    #[must_use]
    pub fn has(self, system: &str, code: &str) -> bool {
        self.codings().any(|c| c.is(system, code))
    }

    /// The first code, whatever its system.
    #[must_use]
    pub fn code(self) -> Option<&'a str> {
        self.codings().find_map(Coding::code)
    }
}

/// HL7 v2 table 0203, identifier types: `MR` is a medical record number.
pub const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";

view! {
    /// A number or code that some authority gave.
    Identifier {
        /// `usual`, `official`, `temp`, `secondary` or `old`.
        use_: text = "use",
        /// What sort of number, such as medical record number.
        type_: one CodeableConcept = "type",
        /// Address that makes the value unique.
        system: text = "system",
        /// The number.
        value: text = "value",
        /// When it was in use.
        period: one Period = "period",
        /// Who gave it.
        assigner: one Reference = "assigner",
    }
}

impl Identifier<'_> {
    /// Whether it is a medical record number (type `MR`).
    #[must_use]
    pub fn is_record_number(self) -> bool {
        self.type_().is_some_and(|t| t.has(IDENTIFIER_TYPE, "MR"))
    }
}
