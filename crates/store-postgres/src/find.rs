//! The search box: the keys patients are found by, and the matching of them.

/// The key table: (class, key) names patients by their number in the directory. `find_slip` holds every name in use, now or once, under
/// each spelling it has with one letter lost, so that a typing slip finds it: the practice's vocabulary, in no chart.
pub(crate) const TABLES: &str = r#"
CREATE TABLE find_key(
    class smallint NOT NULL, key text COLLATE "C" NOT NULL, patient bigint NOT NULL, PRIMARY KEY(class, key, patient)
);
CREATE INDEX find_key_patient ON find_key(patient);
CREATE TABLE find_slip(slip text COLLATE "C" NOT NULL, word text COLLATE "C" NOT NULL, PRIMARY KEY(slip, word));
"#;
