//! A code as it is kept: up to seven characters without the dot, filled with spaces, so that codes sort as in the tabular list.

/// A code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Code(pub [u8; 7]);

impl Default for Code {
    fn default() -> Self {
        Self([b' '; 7])
    }
}

impl Code {
    /// Reads `S52.501A`, `s52501a`; `None` for what cannot be a code: a letter, two characters with a digit among them
    /// (`E11`, `C7A`, `QA0`), then at most four more.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.chars().enumerate().any(|(at, c)| c == '.' && at != 3) {
            return None;
        }
        let mut code = Self::default();
        let mut length = 0;
        for byte in text.bytes().filter(|byte| *byte != b'.') {
            if !byte.is_ascii_alphanumeric() {
                return None;
            }
            *code.0.get_mut(length)? = byte.to_ascii_uppercase();
            length += 1;
        }
        let [first, second, third, ..] = code.0;
        let digit = second.is_ascii_digit() || third.is_ascii_digit();
        (length >= 3 && first.is_ascii_uppercase() && digit).then_some(code)
    }

    /// How many characters it has.
    pub fn length(self) -> usize {
        self.0.iter().take_while(|byte| **byte != b' ').count()
    }

    fn bytes(&self) -> &[u8] {
        self.0.get(..self.length()).unwrap_or_default()
    }

    /// Without the dot.
    pub fn bare(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// With the dot.
    pub fn dotted(self) -> String {
        with_dot(self.bare())
    }

    /// Whether it is `above` or stands below it.
    pub fn starts_with(self, above: Self) -> bool {
        self.bytes().starts_with(above.bytes())
    }

    /// One character less; `None` for a category.
    pub fn shorter(self) -> Option<Self> {
        let length = self.length();
        let mut shorter = self;
        *shorter.0.get_mut(length.checked_sub(1)?)? = b' ';
        (length > 3).then_some(shorter)
    }
}

/// `S52501A` as it is written: `S52.501A`.
#[must_use]
pub fn with_dot(bare: &str) -> String {
    match bare.split_at_checked(3) {
        Some((category, rest)) if !rest.is_empty() && !bare.contains('.') => format!("{category}.{rest}"),
        _ => bare.to_owned(),
    }
}
