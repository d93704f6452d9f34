//! Composition: a signed note.

resource! {
    /// R4 Composition.
    Composition {
        /// `preliminary`, `final`, `amended` or `entered-in-error`.
        status: text = "status",
        /// What sort of note.
        type_: one CodeableConcept = "type",
        /// Broad sort.
        categories: many CodeableConcept = "category",
        /// Whom it is about.
        subject: one Reference = "subject",
        /// The visit.
        encounter: one Reference = "encounter",
        /// When it was written.
        date: date = "date",
        /// Who wrote it.
        authors: many Reference = "author",
        /// What it is called.
        title: text = "title",
        /// How confidential.
        confidentiality: text = "confidentiality",
        /// Who signed, and when.
        attesters: many Attester = "attester",
        /// Who keeps it.
        custodian: one Reference = "custodian",
        /// Its parts.
        sections: many CompositionSection = "section",
    }
}

view! {
    /// A signature.
    Attester {
        /// `personal`, `professional`, `legal` or `official`.
        mode: text = "mode",
        /// When.
        time: date = "time",
        /// Who.
        party: one Reference = "party",
    }
}

view! {
    /// A part of a note.
    CompositionSection {
        /// Its heading.
        title: text = "title",
        /// What sort of part.
        code: one CodeableConcept = "code",
        /// Who wrote it, where not the note's author.
        authors: many Reference = "author",
        /// Its text.
        narrative: one Narrative = "text",
        /// The entries it is about.
        entries: many Reference = "entry",
        /// Why it is empty.
        empty_reason: one CodeableConcept = "emptyReason",
        /// Parts of the part.
        sections: many CompositionSection = "section",
    }
}
