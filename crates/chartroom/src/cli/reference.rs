//! `chartroom reference …`

use super::{At, Place, PostgresArgs};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;

/// `reference`
#[derive(Debug, Args)]
pub struct ReferenceArgs {
    /// What to do.
    #[command(subcommand)]
    pub act: ReferenceAct,
}

/// `reference …`
#[derive(Debug, Subcommand)]
pub enum ReferenceAct {
    /// List every data set with its version, dates, count and source.
    List {
        /// The practice whose imported ones are listed too.
        #[command(flatten)]
        place: MaybePlace,
    },
    /// Find codes by words, best first.
    Search {
        /// Where to look.
        #[arg(value_enum)]
        set: DataSet,
        /// Words in any order, begun, misspelled, in lay terms; or the beginning of a code.
        #[arg(required = true, value_name = "WORDS")]
        words: Vec<String>,
        /// The day of the visit (default: today).
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 10)]
        limit: usize,
        /// The practice whose imported editions are looked through too.
        #[command(flatten)]
        place: MaybePlace,
    },
    /// Take in another year's edition; nothing is kept unless every line can be read.
    Import {
        /// What it is.
        #[arg(value_enum)]
        set: DataSet,
        /// The publisher's file: for icd10cm the order file of CMS, `icd10cm_order_YYYY.txt`.
        file: PathBuf,
        /// The first day of the visits it is for, such as 2026-10-01.
        #[arg(long, value_name = "DATE")]
        from: Date,
        /// The last day (default: the next September 30).
        #[arg(long, value_name = "DATE")]
        to: Option<Date>,
        /// What to call it (default: `FY` and the year of that September).
        #[arg(long)]
        name: Option<String>,
        /// Take it although it has far fewer codes than the built-in edition, as a file that was cut off has.
        #[arg(long)]
        smaller: bool,
        /// The practice; a folder's must be stopped.
        #[command(flatten)]
        place: Place,
    },
}

/// A data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DataSet {
    /// Diagnoses: ICD-10-CM.
    #[value(name = "icd10cm")]
    Icd10cm,
}

/// A practice, or none.
#[derive(Debug, Clone, Args)]
pub struct MaybePlace {
    /// The practice's folder (stopped).
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Or its PostgreSQL database.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub database: Option<String>,
    /// How the database is reached.
    #[command(flatten)]
    pub postgres: PostgresArgs,
    /// The file with its key (default: `chartroom/key` in your configuration folder).
    #[arg(long, value_name = "FILE", env = "CHARTROOM_KEY_FILE", conflicts_with = "passphrase_stdin")]
    pub key_file: Option<PathBuf>,
    /// Read a passphrase from standard input instead of a key file.
    #[arg(long)]
    pub passphrase_stdin: bool,
}

impl MaybePlace {
    /// The practice, if one is named.
    #[must_use]
    pub fn named(self) -> Option<Place> {
        let Self { data, database, postgres, key_file, passphrase_stdin } = self;
        (data.is_some() || database.is_some()).then_some(Place {
            at: At { data, database, postgres },
            key_file,
            passphrase_stdin,
            recovery_key_stdin: false,
        })
    }
}
