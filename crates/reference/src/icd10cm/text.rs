//! Descriptions, kept as numbers of words: 98,000 descriptions are made of 14,000 words, so that 11 MB of text take 4.

use std::collections::HashMap;

/// Words by number.
#[derive(Default)]
pub(crate) struct Words {
    text: String,
    ends: Vec<u32>,
}

impl Words {
    pub fn get(&self, number: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = if number == 0 { 0 } else { end(number - 1) };
        self.text.get(start..end(number)).unwrap_or_default()
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn push(&mut self, word: &str) {
        self.text.push_str(word);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }
}

/// Lines of word numbers.
#[derive(Default)]
pub(crate) struct Lines {
    pub words: Vec<u16>,
    /// Where each line ends.
    pub ends: Vec<u32>,
}

impl Lines {
    pub fn get(&self, line: usize) -> &[u16] {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = if line == 0 { 0 } else { end(line - 1) };
        self.words.get(start..end(line)).unwrap_or_default()
    }
}

/// Long and short descriptions by row.
#[derive(Default)]
pub(crate) struct Texts {
    pub words: Words,
    pub long: Lines,
    /// Empty where it says what the long one says.
    pub short: Lines,
}

impl Texts {
    pub fn long(&self, row: usize) -> String {
        self.join(self.long.get(row))
    }

    pub fn short(&self, row: usize) -> String {
        match self.short.get(row) {
            [] => self.long(row),
            short => self.join(short),
        }
    }

    fn join(&self, numbers: &[u16]) -> String {
        let words: Vec<&str> = numbers.iter().map(|number| self.words.get(usize::from(*number))).collect();
        words.join(" ")
    }
}

/// Gathers descriptions. Numbers are given in the order in which words are first met: the same input makes the same bytes.
#[derive(Default)]
pub(crate) struct Gathering {
    texts: Texts,
    numbers: HashMap<String, u16>,
}

impl Gathering {
    /// The next row; `false` when there are more different words than numbers.
    #[must_use]
    pub fn push(&mut self, long: &str, short: &str) -> bool {
        let done = self.line(long, false);
        done && self.line(if short == long { "" } else { short }, true)
    }

    fn line(&mut self, line: &str, short: bool) -> bool {
        for word in line.split_whitespace() {
            let number = match self.numbers.get(word) {
                Some(number) => *number,
                None => {
                    let Ok(number) = u16::try_from(self.texts.words.len()) else { return false };
                    self.texts.words.push(word);
                    self.numbers.insert(word.to_owned(), number);
                    number
                }
            };
            if short { &mut self.texts.short } else { &mut self.texts.long }.words.push(number);
        }
        let lines = if short { &mut self.texts.short } else { &mut self.texts.long };
        let Ok(end) = u32::try_from(lines.words.len()) else { return false };
        lines.ends.push(end);
        true
    }

    pub fn done(mut self) -> Texts {
        self.texts.words.text.shrink_to_fit();
        self.texts
    }
}
