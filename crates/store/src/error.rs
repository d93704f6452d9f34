//! What can go wrong below the practice's rules.

use fhir::Key;

/// The result of every store call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store did not do what it was asked. Texts carry no patient data beyond resource keys.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The permit does not reach this resource type or patient.
    #[error("not permitted")]
    NotPermitted,
    /// The write was based on a version that is no longer current.
    #[error("{key} has changed: its current version is {current}")]
    Stale {
        /// The resource.
        key: Key,
        /// Its current version.
        current: u32,
    },
    /// A create names an id that is in use (deleted resources keep theirs).
    #[error("{0} already exists")]
    Exists(Key),
    /// A write or a checked reference names something that is not stored.
    #[error("{0} does not exist")]
    Missing(Key),
    /// The write would touch another chart than the one it names.
    #[error("{0} belongs to another patient")]
    WrongPatient(Key),
    /// A patient whose chart has entries cannot be deleted.
    #[error("{0} has a chart with entries; nothing was deleted")]
    ChartNotEmpty(Key),
    /// A patient in whose chart a note is being written cannot be deleted.
    #[error("{0} has notes that are not signed yet: sign them, give them up or move them first; nothing was deleted")]
    ChartHasDrafts(Key),
    /// A draft that is not there, or is in another chart.
    #[error("there is no such draft in this chart")]
    DraftElsewhere,
    /// A draft that was signed or given up.
    #[error("this note is no longer a draft")]
    DraftClosed,
    /// A draft changed, or holds texts to be settled, so it cannot be signed as it was read.
    #[error("this draft changed since it was read; nothing was signed")]
    DraftChanged,
    /// A text of the practice was changed since it was read.
    #[error("this text was changed since it was read; nothing was saved")]
    TextChanged,
    /// An idempotency key came again with a different request.
    #[error("this idempotency key was used for a different request")]
    IdempotencyMismatch,
    /// A name that must be unique (a user name, a token name) is taken.
    #[error("{0} is already in use")]
    Taken(&'static str),
    /// The change would leave the practice without an active manager.
    #[error("the last active manager cannot be removed, disabled or given another role")]
    LastManager,
    /// The search would read too much within its time limit.
    #[error("this search would read too much; add a patient, a code or a date")]
    TooCostly,
    /// A page link is damaged, of another search, or too old.
    #[error("this page link is no longer valid; start the search again")]
    BadCursor,
    /// The disk is full: nothing was written.
    #[error("the disk is full; nothing was saved")]
    Full,
    /// The audit entry could not be written, so nothing is shown (the disk is full and its reserve used up).
    #[error("the audit trail cannot be written, so nothing can be shown")]
    Unaudited,
    /// Another process holds the database.
    #[error("{0}")]
    Locked(String),
    /// The database server cannot be reached, or went away before anything of this was stored.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The database server went away while it was saving, and could not be asked since.
    #[error("this may or may not have been saved; ask again with the same Idempotency-Key")]
    Unknown,
    /// The key does not open the database.
    #[error("the key does not open this practice's database")]
    WrongKey,
    /// The database was written by a newer Chartroom.
    #[error("this database was written by a newer Chartroom (schema {found}, this program knows {known})")]
    Newer {
        /// Schema version found.
        found: u32,
        /// Newest schema version known.
        known: u32,
    },
    /// The database is damaged or cannot answer.
    #[error("the database cannot answer: {0}")]
    Broken(String),
}
