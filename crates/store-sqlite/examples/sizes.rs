//! Where the bytes of a practice go: `cargo run -p store-sqlite --example sizes -- DIR KEY_FILE`.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a measurement that fails must stop and say so")]

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, key_file] = arguments.as_slice() else { return println!("DIR KEY_FILE") };
    let secret = store_sqlite::key::read_key_file(Path::new(key_file)).expect("the key file");
    let key = store_sqlite::key::unlock(Path::new(dir), &secret).expect("unlocked");
    for (name, entries, bytes) in store_sqlite::sizes(Path::new(dir), &key).expect("measured") {
        println!("{bytes:>14} {entries:>10} {:>8} {name}", bytes.checked_div(entries).unwrap_or(0));
    }
}
