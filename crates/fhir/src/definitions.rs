//! The structure of R4: which elements every resource and data type has, from the pack in `data/`.
//!
//! The pack is read once, on first use, into tables linked by number, so that validation never looks a type up by name.

mod load;

use crate::Kind;
use std::sync::OnceLock;

/// The tables.
pub(crate) struct Definitions {
    /// Every resource, data type and part.
    pub shapes: Vec<Shape>,
    /// By kind number: its shape.
    resources: Vec<Option<u16>>,
    /// What `_field` members hold.
    pub element: u16,
    /// Codes that required bindings list.
    pub lists: Vec<CodeList>,
    /// By kind number: search parameters that put a resource into a patient's compartment.
    compartment: Vec<Vec<&'static str>>,
}

/// One resource, data type or part.
pub(crate) struct Shape {
    /// Such as `Observation`, `Quantity` or `Observation.component`.
    pub name: &'static str,
    /// Whether objects of it carry `resourceType`.
    pub is_resource: bool,
    /// Its elements in R4's order.
    pub elements: Vec<Element>,
    /// JSON member names, sorted: `valueQuantity` and `valueString` are members of one element.
    pub members: Vec<Member>,
    /// Bit by element: must be there.
    pub required: u128,
    /// Bit by element: part of a summary.
    pub summary: u128,
    /// Bit by element: may change what the rest means.
    pub modifiers: u128,
    /// The rule across elements that holds for it, if we check any.
    pub rule: Option<crate::validate::Rule>,
}

/// One element.
pub(crate) struct Element {
    /// Without `[x]`.
    pub name: &'static str,
    /// Whether it has a choice of types.
    pub choice: bool,
    /// Most repetitions; `u16::MAX` is any number.
    pub max: u16,
}

/// One way to write an element in JSON.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    /// The member name.
    pub name: &'static str,
    /// The same with an underscore: where a primitive's id and extensions go.
    pub companion: &'static str,
    /// Index of its element.
    pub element: u8,
    /// What stands there.
    pub value: ValueType,
    /// Index of the codes it is bound to.
    pub list: Option<u16>,
    /// For references: the types they may point to. Empty set for all others.
    pub targets: KindSet,
}

/// What a member holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ValueType {
    /// A text, number or boolean.
    Primitive(Primitive),
    /// An object of this shape.
    Object(u16),
    /// Any whole resource.
    Resource,
}

/// The R4 primitive types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub(crate) enum Primitive {
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
    Xhtml,
}

/// The codes of one value set, by system.
pub(crate) struct CodeList {
    /// Its address, for messages.
    pub url: &'static str,
    /// System and its codes, sorted.
    pub systems: Vec<(&'static str, Vec<&'static str>)>,
}

impl CodeList {
    /// Whether the code is listed, whichever system it is of.
    pub fn has_code(&self, code: &str) -> bool {
        self.systems.iter().any(|(_, codes)| codes.binary_search(&code).is_ok())
    }

    /// Whether that code of that system is listed.
    pub fn has(&self, system: &str, code: &str) -> bool {
        self.systems.iter().any(|(of, codes)| *of == system && codes.binary_search(&code).is_ok())
    }

    /// The codes for a message: all when they are few.
    pub fn words(&self) -> String {
        let codes: Vec<_> = self.systems.iter().flat_map(|(_, codes)| codes).copied().collect();
        if codes.len() <= 24 { codes.join(", ") } else { format!("{} codes of {}", codes.len(), self.url) }
    }
}

/// A set of resource types.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct KindSet([u64; 3]);

impl KindSet {
    pub fn insert(&mut self, kind: Kind) {
        let number = usize::from(kind.number());
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub fn is_empty(self) -> bool {
        self.0 == [0; 3]
    }

    pub fn contains(self, kind: Kind) -> bool {
        let number = usize::from(kind.number());
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// The names for a message.
    pub fn words(self) -> String {
        Kind::all().filter(|kind| self.contains(*kind)).map(Kind::name).collect::<Vec<_>>().join(", ")
    }
}

impl Shape {
    /// The member of this JSON name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.binary_search_by(|m| m.name.cmp(name)).ok().and_then(|i| self.members.get(i))
    }
}

impl Definitions {
    /// The tables, read on first use.
    pub fn get() -> &'static Self {
        static TABLES: OnceLock<Definitions> = OnceLock::new();
        TABLES.get_or_init(load::load)
    }

    /// The shape of this number.
    pub fn shape(&self, number: u16) -> Option<&Shape> {
        self.shapes.get(usize::from(number))
    }

    /// The shape of a resource type.
    pub fn resource(&self, kind: Kind) -> Option<&Shape> {
        let number = self.resources.get(usize::from(kind.number())).copied().flatten()?;
        self.shape(number)
    }
}

/// Reads the pack now rather than on the first validation.
pub fn warm_up() {
    let _ = Definitions::get();
}

/// The search parameters by which a resource type belongs to patients' compartments (R4 CompartmentDefinition `patient`);
/// empty when it never does.
#[must_use]
pub fn patient_compartment(kind: Kind) -> &'static [&'static str] {
    Definitions::get().compartment.get(usize::from(kind.number())).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_definition() {
        let definitions = Definitions::get();
        let without: Vec<_> = Kind::all().filter(|kind| definitions.resource(*kind).is_none()).collect();
        assert!(without.is_empty(), "{without:?}");
        assert!(definitions.shapes.iter().all(|shape| shape.elements.len() <= 128 && !shape.elements.is_empty()));
    }

    #[test]
    fn an_observation_is_as_r4_defines_it() {
        let shape = Definitions::get().resource(Kind::OBSERVATION).unwrap();
        let status = shape.member("status").unwrap();
        let codes = &Definitions::get().lists[usize::from(status.list.unwrap())];
        assert_eq!(
            codes.words(),
            "amended, cancelled, corrected, entered-in-error, final, preliminary, registered, unknown"
        );
        assert!(shape.member("valueQuantity").is_some() && shape.member("value").is_none());
        assert!(shape.member("subject").unwrap().targets.contains(Kind::PATIENT));
        let required: Vec<_> = shape
            .elements
            .iter()
            .enumerate()
            .filter(|(i, _)| shape.required & (1 << i) != 0)
            .map(|(_, e)| e.name)
            .collect();
        assert_eq!(required, ["status", "code"]);
    }

    #[test]
    fn the_patient_compartment_is_r4s() {
        assert_eq!(patient_compartment(Kind::OBSERVATION), ["subject", "performer"]);
        assert_eq!(patient_compartment(Kind::PRACTITIONER), [""; 0]);
    }
}
