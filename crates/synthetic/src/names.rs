//! The pools people are named from.

use crate::name_table::{CULTURES, Culture, GIVEN_HEADS, GIVEN_TAILS, SURNAME_HEADS, SURNAME_TAILS};
use crate::rng::Rng;

/// One culture's names, split into words.
pub(crate) struct Pool {
    pub(crate) culture: &'static Culture,
    women: Vec<String>,
    men: Vec<String>,
    surnames: Vec<String>,
}

/// Every name the practice knows.
pub(crate) struct Names {
    pools: Vec<Pool>,
    made_up: Vec<String>,
    made_up_given: [Vec<String>; 2],
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(|word| word.replace('_', " ")).collect()
}

fn joined(heads: &str, tails: &str) -> Vec<String> {
    let join = |head: &str| tails.split_whitespace().map(|tail| format!("{head}{tail}")).collect::<Vec<_>>();
    heads.split_whitespace().flat_map(join).collect()
}

impl Names {
    pub(crate) fn new() -> Self {
        let pools = CULTURES
            .iter()
            .map(|culture| Pool {
                culture,
                women: words(culture.women),
                men: words(culture.men),
                surnames: words(culture.surnames),
            })
            .collect();
        let made_up_given = GIVEN_TAILS.map(|tails| joined(GIVEN_HEADS, tails));
        Names { pools, made_up: joined(SURNAME_HEADS, SURNAME_TAILS), made_up_given }
    }

    /// A culture, by its share of the practice.
    pub(crate) fn pool(&self, rng: &mut Rng) -> &Pool {
        let total: u32 = self.pools.iter().map(|p| p.culture.share).sum();
        let mut left = rng.below(total as usize) as u32;
        for pool in &self.pools {
            if left < pool.culture.share {
                return pool;
            }
            left -= pool.culture.share;
        }
        rng.pick(&self.pools)
    }

    /// A surname; one in three of the English ones is made up of syllables.
    pub(crate) fn surname(&self, pool: &Pool, rng: &mut Rng) -> String {
        if pool.culture.language.is_none() && rng.chance(0.33) {
            return rng.pick(&self.made_up).clone();
        }
        rng.pick_zipf(&pool.surnames).clone()
    }

    /// A given name for a woman or a man.
    pub(crate) fn given(&self, pool: &Pool, woman: bool, rng: &mut Rng) -> String {
        let [women, men] = &self.made_up_given;
        if rng.chance(0.06) {
            return rng.pick(if woman { women } else { men }).clone();
        }
        rng.pick_zipf(if woman { &pool.women } else { &pool.men }).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_pools_are_wide_enough_for_search_benchmarks() {
        let names = Names::new();
        let surnames: BTreeSet<_> = names.pools.iter().flat_map(|p| &p.surnames).chain(&names.made_up).collect();
        let listed = names.pools.iter().flat_map(|p| p.women.iter().chain(&p.men));
        let given: BTreeSet<_> = listed.chain(names.made_up_given.iter().flatten()).collect();
        assert!(surnames.len() >= 1500, "{} surnames", surnames.len());
        assert!(given.len() >= 800, "{} given names", given.len());
        assert_eq!(CULTURES.iter().map(|c| c.share).sum::<u32>(), 1100);
    }
}
