//! DocumentReference: a document of the chart, in place or elsewhere.

use super::Attachment;

resource! {
    /// R4 DocumentReference.
    DocumentReference {
        /// `current`, `superseded` or `entered-in-error`.
        status: text = "status",
        /// `preliminary`, `final`, `amended` or `entered-in-error`.
        doc_status: text = "docStatus",
        /// What sort of document.
        type_: one CodeableConcept = "type",
        /// Broad sort.
        categories: many CodeableConcept = "category",
        /// Whom it is about.
        subject: one Reference = "subject",
        /// When it was filed.
        date: date = "date",
        /// Who wrote it.
        authors: many Reference = "author",
        /// Who vouches for it.
        authenticator: one Reference = "authenticator",
        /// Who keeps it.
        custodian: one Reference = "custodian",
        /// What to call it.
        description: text = "description",
        /// Security labels.
        security_labels: many CodeableConcept = "securityLabel",
        /// Its contents, in one or more forms.
        contents: many DocumentContent = "content",
        /// What it was written about.
        context: one DocumentContext = "context",
    }
}

impl<'a> DocumentReference<'a> {
    /// The first form that has an attachment.
    #[must_use]
    pub fn attachment(self) -> Option<Attachment<'a>> {
        self.contents().find_map(DocumentContent::attachment)
    }

    /// What to call it: description, else the attachment's title, else its type.
    #[must_use]
    pub fn words(self) -> Option<&'a str> {
        self.description()
            .or_else(|| self.attachment().and_then(Attachment::title))
            .or_else(|| self.type_().and_then(super::CodeableConcept::words))
    }
}

view! {
    /// One form of a document's content.
    DocumentContent {
        /// The content.
        attachment: one Attachment = "attachment",
        /// Its format.
        format: one Coding = "format",
    }
}

view! {
    /// What a document was written about.
    DocumentContext {
        /// The visits.
        encounters: many Reference = "encounter",
        /// When the care took place.
        period: one Period = "period",
        /// The kind of facility.
        facility_type: one CodeableConcept = "facilityType",
        /// The specialty.
        practice_setting: one CodeableConcept = "practiceSetting",
    }
}
