//! Slips of typing: a letter too many, missing, wrong, or two that changed places.

/// How many slips a word of this length may have.
pub(super) fn allowed(word: &str) -> usize {
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// Longer words than this are compared by their beginnings.
const LONGEST: usize = 40;

/// How many slips lie between a typed word and a known one, if at most `most`. With `begun` the typed word may be the beginning of it.
pub(super) fn between(typed: &[u8], known: &[u8], most: usize, begun: bool) -> Option<usize> {
    let typed = typed.get(..LONGEST).unwrap_or(typed);
    let reach = if begun { typed.len() + most } else { known.len() };
    let known = known.get(..reach.min(LONGEST)).unwrap_or(known);
    if known.len() + most < typed.len() || (!begun && typed.len() + most < known.len()) {
        return None;
    }
    // The usual table, a row for each typed letter: this one, the one above, and the one above that (for letters that changed places).
    let mut above = [0usize; LONGEST + 1];
    for (slips, cell) in (0..).zip(&mut above) {
        *cell = slips;
    }
    let mut before = above;
    let cell = |row: &[usize; LONGEST + 1], at: usize| row.get(at).copied().unwrap_or(LONGEST);
    for (at, letter) in typed.iter().enumerate() {
        let mut row = [LONGEST; LONGEST + 1];
        let mut left = at + 1;
        let mut fewest = left;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (column, other) in known.iter().enumerate() {
            let mut least =
                (cell(&above, column) + usize::from(letter != other)).min(cell(&above, column + 1) + 1).min(left + 1);
            if at > 0 && column > 0 && typed.get(at - 1) == Some(other) && known.get(column - 1) == Some(letter) {
                least = least.min(cell(&before, column - 1) + 1);
            }
            if let Some(place) = row.get_mut(column + 1) {
                *place = least;
            }
            left = least;
            fewest = fewest.min(least);
        }
        if fewest > most {
            return None;
        }
        before = above;
        above = row;
    }
    let ends = above.get(if begun { 0 } else { known.len() }..=known.len())?;
    ends.iter().min().copied().filter(|slips| *slips <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted_as_people_make_them() {
        let slips = |typed: &str, known: &str, begun| between(typed.as_bytes(), known.as_bytes(), 2, begun);
        assert_eq!(slips("diabtes", "diabetes", false), Some(1));
        assert_eq!(slips("hart", "heart", false), Some(1));
        assert_eq!(slips("pnuemonia", "pneumonia", false), Some(1));
        assert_eq!(slips("hypertenshun", "hypertension", false), Some(2));
        assert_eq!(slips("pnuem", "pneumonia", true), Some(1));
        assert_eq!(slips("asthma", "asthma", false), Some(0));
        assert_eq!(slips("gout", "asthma", false), None);
        assert_eq!((allowed("flu"), allowed("hart"), allowed("diabetis")), (0, 1, 2));
    }
}
