//! A small seeded random source: the same seed gives the same practice on every machine.
//!
//! SplitMix64 (Steele, Lea and Flood, 2014): fast, one word of state, good enough to make people; never for keys.

/// A seeded stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

/// Mixes two words into one well-spread word.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b.wrapping_add(0x2545_F491_4F6C_DD1D);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Rng {
    /// A stream for `purpose` number `index` under `seed`; different purposes never share numbers.
    pub(crate) fn new(seed: u64, purpose: u64, index: u64) -> Self {
        Rng(mix(mix(seed, purpose), index))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number in `0..n` (0 when `n` is 0).
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    /// A whole number in `low..=high`.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1).max(1) as usize) as i32
    }

    /// A real number in `low..high`.
    pub(crate) fn real(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// About normal with mean 0 and deviation 1, never beyond ±3.5 (a sum of uniforms: no outlier becomes a typing error).
    pub(crate) fn normal(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.unit()).sum();
        (sum - 6.0).clamp(-3.5, 3.5)
    }

    /// One of `items`, all as likely.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let at = self.below(items.len());
        #[expect(clippy::indexing_slicing, reason = "every table here has rows, and `below` stays under their count")]
        &items[at]
    }

    /// One of `items`, the first far likelier than the last, as with names in a population (close to Zipf's law).
    pub(crate) fn pick_zipf<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let at = self.zipf(items.len());
        #[expect(clippy::indexing_slicing, reason = "every table here has rows, and `zipf` stays under their count")]
        &items[at]
    }

    /// A rank in `0..n` whose likelihood falls as one over the rank, flattened at the head.
    pub(crate) fn zipf(&mut self, n: usize) -> usize {
        let head = 6.0;
        let top = (n as f64 + head) / head;
        let rank = head * top.powf(self.unit()) - head;
        (rank as usize).min(n.saturating_sub(1))
    }
}
