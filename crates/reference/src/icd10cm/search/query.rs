//! How words are compared: without case, accents and plurals, in descriptions and in what is typed alike.

/// Words that say nothing by themselves.
const EMPTY: [&str; 28] = [
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "due",
    "elsewhere",
    "for",
    "from",
    "has",
    "have",
    "in",
    "is",
    "it",
    "my",
    "nec",
    "nos",
    "of",
    "on",
    "or",
    "other",
    "the",
    "to",
    "unspecified",
    "with",
    "unsp",
    "w",
];

/// More words than this are not looked at: nobody types them.
pub(super) const MOST: usize = 12;

/// Whether a word is left out when a name's words are counted.
pub(super) fn is_empty(word: &str) -> bool {
    EMPTY.contains(&word)
}

/// The words of a text, as they are compared.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’').filter_map(|word| {
        let plain: String =
            word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).map(folded).collect();
        (!plain.is_empty()).then(|| singular(plain))
    })
}

/// The words of what somebody typed: those that say something, or all if none does.
pub(super) fn asked(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words(text) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    if all.iter().any(|word| !is_empty(word)) {
        all.retain(|word| !is_empty(word));
    }
    all.truncate(MOST);
    all
}

/// The accents that the tabular list has.
fn folded(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    }
}

/// `fractures` as `fracture`, `Crohn's` as `crohn`. It need not be English: both sides are treated alike.
fn singular(mut word: String) -> String {
    let keeps = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if word.len() >= 4 && word.ends_with('s') && !keeps {
        word.pop();
    }
    word
}
