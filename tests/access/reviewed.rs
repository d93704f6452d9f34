//! Tables that a person reviews as a diff: compared with the file beside this one, written anew with `CHARTROOM_BLESS=1`.

use clinic::Action;
use clinic::access::decide;
use fhir::Kind;
use std::path::Path;
use store::Role;

/// Fails when the table differs from the reviewed one.
pub fn same(file: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("access").join(file);
    if std::env::var_os("CHARTROOM_BLESS").is_some() {
        std::fs::write(&path, table).expect("writable");
        return;
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (is, was)) in table.lines().zip(reviewed.lines()).enumerate() {
        assert_eq!(is, was, "{file}, line {}: review the change, then run with CHARTROOM_BLESS=1", line + 1);
    }
    assert_eq!(
        table.lines().count(),
        reviewed.lines().count(),
        "{file} has other lines: review, then run with CHARTROOM_BLESS=1"
    );
}

#[test]
fn permissions_are_as_reviewed() {
    let mut table =
        String::from("# role, action: the resource types it reaches. Reviewed; see tests/access/reviewed.rs\n");
    for role in Role::ALL {
        table.push_str(&format!("\n{role}\n"));
        for action in Action::ALL {
            let kinds = match decide(role, action) {
                None => "no".to_owned(),
                Some(reach) => {
                    let names: Vec<&str> = Kind::all().filter(|kind| reach.contains(*kind)).map(Kind::name).collect();
                    let all = names.len() == Kind::all().count();
                    if all {
                        "every type".to_owned()
                    } else if names.is_empty() {
                        "yes".to_owned()
                    } else {
                        names.join(" ")
                    }
                }
            };
            table.push_str(&format!("  {:<18} {kinds}\n", format!("{action:?}")));
        }
    }
    same("permissions.txt", &table);
}
