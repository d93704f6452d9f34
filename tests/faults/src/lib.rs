//! A disk that fails on demand, below every SQLite connection of this process.
//!
//! [`install`] wraps the system's file layer (SQLite's "VFS"): files are the system's own, only reading, writing, syncing, cutting and
//! opening pass through here. [`arm`] makes the n-th call of a kind fail in a chosen way. What was written but not yet synced is
//! remembered, so that [`cut_power`] can put the files back to what a disk may hold after a power cut: everything synced, and of the
//! rest any part, in any order, torn at any sector. SQLite's own documentation of the layer: "The SQLite OS Interface or VFS" (2024).
//!
//! What it does not do: deleting and creating a file is taken as durable at once.

mod disk;
mod layer;

pub use disk::{Fault, arm, calls, cut_power, disarm, fired};
pub use layer::install;
