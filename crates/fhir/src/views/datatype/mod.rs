//! Views of the R4 data types that resources are made of.

mod amount;
mod attachment;
mod coded;
mod common;
mod dosage;
mod person;

pub use amount::*;
pub use attachment::*;
pub use coded::*;
pub use common::*;
pub use dosage::*;
pub use person::*;
