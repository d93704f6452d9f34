//! Reference, Period, Meta and Extension.

use super::super::get;
use crate::Key;
use crate::date::FhirDate;
use serde_json::Value;

view! {
    /// A pointer to another resource.
    Reference {
        /// As written: `Patient/1`, `urn:uuid:…`, `#contained`, or an absolute address.
        reference: text = "reference",
        /// The type it points to, where said.
        type_: text = "type",
        /// A business identifier in place of an address.
        identifier: one Identifier = "identifier",
        /// Words to show.
        display: text = "display",
    }
}

impl Reference<'_> {
    /// The resource of ours it names, for relative references.
    #[must_use]
    pub fn key(self) -> Option<Key> {
        self.reference().and_then(Key::parse)
    }
}

view! {
    /// From a start to an end, either open.
    Period {
        /// The first moment.
        start: date = "start",
        /// The last moment.
        end: date = "end",
    }
}

view! {
    /// What the server knows about a resource.
    Meta {
        /// Version number.
        version_id: text = "versionId",
        /// When this version was recorded.
        last_updated: date = "lastUpdated",
        /// Where it came from.
        source: text = "source",
        /// Profiles it claims to follow.
        profiles: texts = "profile",
        /// Labels that restrict who may see it.
        security: many Coding = "security",
        /// Other labels.
        tags: many Coding = "tag",
    }
}

view! {
    /// Something R4 itself has no element for.
    Extension {
        /// What it means.
        url: text = "url",
        /// Extensions inside this one.
        extensions: many Extension = "extension",
        /// The value, if a text (string, code, uri, markdown, id).
        value_string: text = "valueString",
        /// The value, if a code.
        value_code: text = "valueCode",
        /// The value, if yes or no.
        value_flag: flag = "valueBoolean",
        /// The value, if a coding.
        value_coding: one Coding = "valueCoding",
        /// The value, if a concept.
        value_concept: one CodeableConcept = "valueCodeableConcept",
        /// The value, if an amount.
        value_quantity: one Quantity = "valueQuantity",
        /// The value, if a period.
        value_period: one Period = "valuePeriod",
        /// The value, if a reference.
        value_reference: one Reference = "valueReference",
        /// The value, if an address.
        value_address: one Address = "valueAddress",
        /// The value, if a decimal.
        value_decimal: number = "valueDecimal",
        /// The value, if a whole number.
        value_integer: number = "valueInteger",
    }
}

impl<'a> Extension<'a> {
    /// The extension of this address in an element.
    #[must_use]
    pub fn find(element: &'a Value, url: &str) -> Option<Self> {
        get::objects(element, "extension").map(Self::new).find(|e| e.url() == Some(url))
    }

    /// Every extension of this address in an element.
    pub fn all(element: &'a Value, url: &'a str) -> impl Iterator<Item = Self> + Clone {
        get::objects(element, "extension").map(Self::new).filter(move |e| e.url() == Some(url))
    }

    /// The value, if a date or a moment.
    #[must_use]
    pub fn value_date(self) -> Option<FhirDate<'a>> {
        get::date(self.0, "valueDate").or_else(|| get::date(self.0, "valueDateTime"))
    }

    /// The value in words, whatever simple or coded type it has.
    #[must_use]
    pub fn words(self) -> Option<&'a str> {
        self.value_string()
            .or_else(|| self.value_concept().and_then(super::CodeableConcept::words))
            .or_else(|| self.value_coding().and_then(super::Coding::words))
            .or(self.value_code())
            .or_else(|| get::text(self.0, "valueMarkdown"))
    }
}
