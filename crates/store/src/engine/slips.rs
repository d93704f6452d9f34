//! Names one typing slip apart.

/// A word, and the word without each of its letters.
#[must_use]
pub fn slips(word: &str) -> Vec<String> {
    let without = |(at, letter): (usize, char)| {
        let (before, after) =
            (word.get(..at).unwrap_or_default(), word.get(at + letter.len_utf8()..).unwrap_or_default());
        format!("{before}{after}")
    };
    std::iter::once(word.to_owned()).chain(word.char_indices().map(without)).collect()
}

/// Whether one insertion, deletion, replacement or swap of neighbours makes one word the other.
#[must_use]
pub fn within_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    let rest = |word: &[char], from: usize| word.get(from..).map(<[char]>::to_vec).unwrap_or_default();
    if short.len() != long.len() {
        return rest(short, same) == rest(long, same + 1);
    }
    let swapped = short.get(same) == long.get(same + 1) && short.get(same + 1) == long.get(same);
    rest(short, same + 1) == rest(long, same + 1) || (swapped && rest(short, same + 2) == rest(long, same + 2))
}
