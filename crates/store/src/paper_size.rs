//! Which sheets a practice's printer holds.

use crate::date_order::DateOrder;

/// A size of sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaperSize {
    /// 8.5 × 11 inches.
    Letter,
    /// 210 × 297 mm.
    A4,
}

impl PaperSize {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Letter, Self::A4];

    /// The word it is kept by.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::A4 => "a4",
        }
    }

    /// The size of a word.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.slug() == slug)
    }

    /// What printers of a time zone usually hold: Letter in the United States, else A4.
    #[must_use]
    pub fn usual_in(time_zone: &str) -> Self {
        match DateOrder::usual_in(time_zone) {
            DateOrder::MonthFirst => Self::Letter,
            DateOrder::DayFirst => Self::A4,
        }
    }
}
