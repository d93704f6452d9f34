//! Chartroom
fn main() {}
