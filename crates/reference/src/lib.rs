//! Code systems and clinical knowledge, without I/O: what is built in is embedded, what is imported is handed in as bytes.
//!
//! ```
//! use reference::icd10cm::{self, Kind};
//!
//! let codes = icd10cm::builtin();
//! let hit = codes.search("sugar diabetes", &[], 5).remove(0);
//! assert_eq!(hit.entry.code(), "E11.9");
//! assert!(hit.entry.billable());
//!
//! // Side, encounter and the like are picked in words, in any order, until one billable code is left.
//! let narrowed = codes.narrow("M17.1", &[(Kind::Side, "left")]);
//! assert_eq!(narrowed.code.map(|entry| entry.code()), Some("M17.12".to_owned()));
//!
//! // What must not stand together, in the note's own words.
//! let conflict = codes.excludes1("E10.9", "E11.9").unwrap();
//! assert_eq!(conflict.words, "type 2 diabetes mellitus (E11.-)");
//! ```

pub mod icd10cm;
