//! Whether a practice's people write the month or the day first.

/// Which comes first in a date written in numbers, such as `5/4/1962`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// `5/4/1962` is 4 May.
    MonthFirst,
    /// `5/4/1962` is 5 April.
    DayFirst,
}

/// The zones of the United States (IANA time zone database, `zone.tab`, country US), by city; `Indiana/…` and the like by their state.
const MONTH_FIRST: [&str; 19] = [
    "New_York",
    "Detroit",
    "Kentucky",
    "Indiana",
    "Indianapolis",
    "Louisville",
    "Chicago",
    "Menominee",
    "North_Dakota",
    "Denver",
    "Boise",
    "Phoenix",
    "Los_Angeles",
    "Anchorage",
    "Juneau",
    "Sitka",
    "Metlakatla",
    "Yakutat",
    "Nome",
];

impl DateOrder {
    /// Both, with the word each is kept by.
    pub const ALL: [Self; 2] = [Self::MonthFirst, Self::DayFirst];

    /// The word it is kept by.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::MonthFirst => "month-first",
            Self::DayFirst => "day-first",
        }
    }

    /// The order of a word.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.slug() == slug)
    }

    /// What people of a time zone usually write: the month first in the United States, else the day. A practice may choose otherwise.
    #[must_use]
    pub fn usual_in(time_zone: &str) -> Self {
        let states = match time_zone.split_once('/') {
            Some(("US", _)) => true,
            Some(("America", rest)) => MONTH_FIRST.contains(&rest.split('/').next().unwrap_or(rest)) || rest == "Adak",
            Some(("Pacific", rest)) => matches!(rest, "Honolulu" | "Guam"),
            _ => false,
        };
        if states { Self::MonthFirst } else { Self::DayFirst }
    }
}

#[cfg(test)]
mod tests {
    use super::DateOrder::{self, DayFirst, MonthFirst};

    #[test]
    fn the_zone_suggests_what_is_usual() {
        for (zone, order) in [
            ("America/New_York", MonthFirst),
            ("America/Indiana/Knox", MonthFirst),
            ("Pacific/Honolulu", MonthFirst),
            ("US/Pacific", MonthFirst),
            ("America/Toronto", DayFirst),
            ("America/Sao_Paulo", DayFirst),
            ("Europe/London", DayFirst),
            ("Pacific/Auckland", DayFirst),
            ("UTC", DayFirst),
            ("", DayFirst),
        ] {
            assert_eq!(DateOrder::usual_in(zone), order, "{zone}");
        }
    }

    #[test]
    fn slugs_round_trip() {
        for order in DateOrder::ALL {
            assert_eq!(DateOrder::parse(order.slug()), Some(order));
        }
        assert_eq!(DateOrder::parse("year-first"), None);
    }
}
