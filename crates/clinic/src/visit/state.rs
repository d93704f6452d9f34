//! The states of a visit and the ways between them.

use crate::access::Action;

/// R4 encounter-status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// To come.
    Planned,
    /// The patient is here.
    Arrived,
    /// Seen by a nurse for urgency (comes from elsewhere only).
    Triaged,
    /// Care has begun.
    InProgress,
    /// Away for a while (comes from elsewhere only).
    OnLeave,
    /// Over.
    Finished,
    /// Did not take place.
    Cancelled,
    /// Never was.
    Error,
    /// Not known (comes from elsewhere only).
    Unknown,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Planned,
        Self::Arrived,
        Self::Triaged,
        Self::InProgress,
        Self::OnLeave,
        Self::Finished,
        Self::Cancelled,
        Self::Error,
        Self::Unknown,
    ];

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Arrived => "arrived",
            Self::Triaged => "triaged",
            Self::InProgress => "in-progress",
            Self::OnLeave => "onleave",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Error => "entered-in-error",
            Self::Unknown => "unknown",
        }
    }

    /// The state of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Where a visit in this state may go. A step made by mistake is taken back by the step that mends it: a cancelled visit is planned
    /// anew, a finished one goes on.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        use State::{Arrived, Cancelled, Error, Finished, InProgress, Planned};
        match self {
            Self::Planned => &[Arrived, InProgress, Cancelled, Error],
            Self::Arrived => &[InProgress, Planned, Cancelled, Error],
            Self::Triaged => &[InProgress, Finished, Cancelled, Error],
            Self::InProgress => &[Finished, Arrived, Error],
            Self::OnLeave => &[InProgress, Finished, Error],
            Self::Finished => &[InProgress, Error],
            Self::Cancelled => &[Planned, Error],
            Self::Unknown => &[InProgress, Finished, Error],
            // Its own page takes such a mark back.
            Self::Error => &[],
        }
    }

    /// What it takes to bring a visit from this state into another: the front desk checks in and cancels; care begins and ends, and is
    /// found to be no visit at all, by those who treat; a finished one is a clinician's to
    /// call an error.
    #[must_use]
    pub fn needs(self, to: Self) -> Action {
        if (self, to) == (Self::Finished, Self::Error) {
            return Action::WriteClinical;
        }
        let desk = [Self::Planned, Self::Arrived, Self::Cancelled];
        if desk.contains(&self) && desk.contains(&to) { Action::CheckIn } else { Action::WriteObservations }
    }

    /// The words of the step into this state, on a button.
    #[must_use]
    pub fn step(self, from: Self) -> &'static str {
        match (from, self) {
            (Self::Finished, Self::InProgress) => "Reopen",
            (Self::Cancelled, Self::Planned) => "Plan again",
            (Self::Arrived, Self::Planned) => "Not arrived after all",
            (Self::InProgress, Self::Arrived) => "Not begun after all",
            (_, Self::Planned) => "Plan",
            (_, Self::Arrived) => "Arrived",
            (_, Self::InProgress) => "Begin",
            (_, Self::Finished) => "Finish",
            (_, Self::Cancelled) => "Cancel visit",
            (_, Self::Error) => "Entered in error",
            (_, Self::Triaged | Self::OnLeave | Self::Unknown) => "",
        }
    }

    /// Whether nothing more happens in a visit in this state, unless it is taken back.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each state with where it leads, and whether the front desk takes it there (*).
    const TABLE: [(&str, &str); 9] = [
        ("planned", "arrived* in-progress cancelled* entered-in-error"),
        ("arrived", "in-progress planned* cancelled* entered-in-error"),
        ("triaged", "in-progress finished cancelled entered-in-error"),
        ("in-progress", "finished arrived entered-in-error"),
        ("onleave", "in-progress finished entered-in-error"),
        ("finished", "in-progress entered-in-error"),
        ("cancelled", "planned* entered-in-error"),
        ("entered-in-error", ""),
        ("unknown", "in-progress finished entered-in-error"),
    ];

    #[test]
    fn the_ways_between_states() {
        for (from, ways) in TABLE {
            let state = State::parse(from).expect(from);
            let way = |to: &State| {
                assert!(!to.step(state).is_empty(), "{from} to {to:?}: the button has words");
                let desk = if state.needs(*to) == Action::CheckIn { "*" } else { "" };
                format!("{}{desk}", to.code())
            };
            assert_eq!(state.next().iter().map(way).collect::<Vec<_>>().join(" "), ways, "{from}");
        }
        assert_eq!(State::parse("done"), None);
    }
}
