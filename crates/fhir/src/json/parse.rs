//! The reader: one pass over UTF-8 text into a value.

use super::{JsonError, JsonProblem, MAX_DEPTH};
use serde_json::{Map, Number, Value};

/// Reads one JSON value. A leading byte-order mark is skipped.
///
/// # Errors
/// Text that is not UTF-8 or not JSON, a member given twice in one object, nesting beyond [`MAX_DEPTH`], half of a
/// surrogate pair, or anything after the value; with line, column and path.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            return Err(locate(valid, &Failure::new(JsonProblem::NotUtf8, valid.len())));
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, members: Vec::with_capacity(32) };
    parser.document().map_err(|failure| locate(parser.bytes, &failure))
}

/// A problem at an offset, collecting its path (innermost first) on the way out, so that success costs nothing.
struct Failure {
    problem: JsonProblem,
    at: usize,
    path: Vec<Step>,
}

enum Step {
    Member(String),
    Item(usize),
}

impl Failure {
    fn new(problem: JsonProblem, at: usize) -> Box<Self> {
        Box::new(Self { problem, at, path: Vec::new() })
    }
}

type Parsed<T> = Result<T, Box<Failure>>;

fn locate(bytes: &[u8], failure: &Failure) -> JsonError {
    let before = bytes.get(..failure.at).unwrap_or(bytes);
    let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let on_line = before.get(line_start..).unwrap_or_default();
    let mut path = String::new();
    for step in failure.path.iter().rev() {
        match step {
            Step::Item(index) => path.push_str(&format!("[{index}]")),
            Step::Member(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(if is_element_name(name) { name } else { "?" });
            }
        }
    }
    JsonError {
        line: 1 + before.iter().filter(|&&b| b == b'\n').count(),
        // Continuation bytes are not characters.
        column: 1 + on_line.iter().filter(|&&b| b & 0xC0 != 0x80).count(),
        path,
        problem: failure.problem,
    }
}

/// A name that could be FHIR's, and so may be repeated to the sender and to logs.
pub(crate) fn is_element_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    members: Vec<Waiting>,
}

/// A member of an object not yet closed, and where its name began.
struct Waiting {
    name: String,
    value: Value,
    start: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Parsed<Value> {
        self.skip_space();
        if self.peek().is_none() {
            return Err(self.fail(JsonProblem::Empty));
        }
        let value = self.value(0)?;
        self.skip_space();
        if self.peek().is_some() { Err(self.fail(JsonProblem::TrailingData)) } else { Ok(value) }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[cold]
    fn fail(&self, problem: JsonProblem) -> Box<Failure> {
        let problem = if self.peek().is_none() && problem != JsonProblem::Empty && problem != JsonProblem::TooDeep {
            JsonProblem::UnexpectedEnd
        } else {
            problem
        };
        Failure::new(problem, self.at)
    }

    fn value(&mut self, depth: usize) -> Parsed<Value> {
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => Err(self.fail(JsonProblem::ExpectedValue)),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Parsed<Value> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.fail(JsonProblem::ExpectedValue))
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<Value> {
        if depth > MAX_DEPTH {
            return Err(self.fail(JsonProblem::TooDeep));
        }
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Map::new()));
        }
        // Members wait on one shared stack until their number is known, so that each map is allocated once.
        let first = self.members.len();
        loop {
            self.skip_space();
            let start = self.at;
            let name = self.name()?;
            match self.value(depth) {
                Ok(value) => self.members.push(Waiting { name, value, start }),
                Err(mut failure) => {
                    failure.path.push(Step::Member(name));
                    return Err(failure);
                }
            }
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return self.map(first);
                }
                _ => return Err(self.fail(JsonProblem::ExpectedCommaOrBrace)),
            }
        }
    }

    /// A member's name and the colon after it.
    fn name(&mut self) -> Parsed<String> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.fail(JsonProblem::ExpectedName));
        }
        let name = self.string()?;
        // serde_json marks numbers and raw text with such members; one in a body would be read back as something else.
        if name.starts_with("$serde_json::") {
            return Err(Failure::new(JsonProblem::ReservedName, start));
        }
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.fail(JsonProblem::ExpectedColon));
        }
        self.at += 1;
        self.skip_space();
        Ok(name)
    }

    /// The members that wait from `first` on, as an object.
    fn map(&mut self, first: usize) -> Parsed<Value> {
        let mut map = Map::with_capacity(self.members.len() - first);
        for Waiting { name, value, start } in self.members.drain(first..) {
            match map.entry(name) {
                serde_json::map::Entry::Vacant(slot) => {
                    slot.insert(value);
                }
                serde_json::map::Entry::Occupied(slot) => {
                    let mut failure = Failure::new(JsonProblem::DuplicateName, start);
                    failure.path.push(Step::Member(slot.key().clone()));
                    return Err(failure);
                }
            }
        }
        Ok(Value::Object(map))
    }

    fn array(&mut self, depth: usize) -> Parsed<Value> {
        if depth > MAX_DEPTH {
            return Err(self.fail(JsonProblem::TooDeep));
        }
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            self.skip_space();
            match self.value(depth) {
                Ok(value) => items.push(value),
                Err(mut failure) => {
                    failure.path.push(Step::Item(items.len()));
                    return Err(failure);
                }
            }
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.fail(JsonProblem::ExpectedCommaOrBracket)),
            }
        }
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`, kept as written but for `E`.
    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.fail(JsonProblem::InvalidNumber));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let mut capital = false;
        if let Some(e @ (b'e' | b'E')) = self.peek() {
            capital = e == b'E';
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let text = if capital { text.replace('E', "e") } else { text.to_owned() };
        // The public way, `Number::from_str`, would add a plus sign to the exponent; the text has been checked above.
        Ok(Value::Number(Number::from_string_unchecked(text)))
    }

    fn digits(&mut self) -> Parsed<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.fail(JsonProblem::InvalidNumber)) } else { Ok(()) }
    }

    fn string(&mut self) -> Parsed<String> {
        self.at += 1;
        let mut start = self.at;
        let mut out = String::new();
        loop {
            while self.bytes.get(self.at).is_some_and(|&b| b != b'"' && b != b'\\' && b >= 0x20) {
                self.at += 1;
            }
            let plain = self.text.get(start..self.at).unwrap_or_default();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    if out.is_empty() {
                        return Ok(plain.to_owned());
                    }
                    out.push_str(plain);
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(plain);
                    out.push(self.escape()?);
                    start = self.at;
                }
                _ => return Err(self.fail(JsonProblem::ControlCharacter)),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'u') => return self.unicode_escape(),
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(self.fail(JsonProblem::InvalidEscape)),
        };
        self.at += 1;
        Ok(plain)
    }

    /// After the backslash, at the `u`.
    fn unicode_escape(&mut self) -> Parsed<char> {
        let start = self.at - 1;
        let lone = || Failure::new(JsonProblem::LoneSurrogate, start);
        let first = self.hex4()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                    return Err(lone());
                }
                self.at += 1;
                match self.hex4()? {
                    low @ 0xDC00..=0xDFFF => 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00),
                    _ => return Err(lone()),
                }
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(lone)
    }

    fn hex4(&mut self) -> Parsed<u32> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.fail(JsonProblem::InvalidEscape))?;
            self.at += 1;
        }
        Ok(code)
    }
}
