//! Marked-up text as the text it holds: never rendered, and no word of it lost.

use super::entity;

/// Elements that end a line.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "br",
    "hr",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "pre",
    "section",
    "article",
    "header",
    "footer",
    "blockquote",
];
/// Elements whose content is not text of the document.
const UNSEEN: [&str; 3] = ["style", "script", "head"];

/// The text of markup. Tags become line breaks where they end a block, and are dropped elsewhere; what was struck out says so, and a
/// raised figure keeps its place (`10^9`).
#[must_use]
pub fn plain(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    // The element that strikes its content out, and how many of its name stand open.
    let mut struck: Option<(String, usize)> = None;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(&entity::decoded(before));
        let (seen, next) = special(after);
        if let Some(next) = next {
            text.push_str(seen);
            rest = next;
            continue;
        }
        let Some((tag, after)) = tag(after) else {
            text.push('<');
            rest = after;
            continue;
        };
        let closes = tag.starts_with('/');
        let name = name(tag);
        rest = match UNSEEN.contains(&name.as_str()) && !closes {
            true => past(after, &name).unwrap_or(after),
            false => after,
        };
        let ends = name == "br" && !closes || BLOCKS.contains(&name.as_str()) && !text.ends_with('\n');
        if ends && !text.is_empty() {
            text.push('\n');
        } else if ["td", "th"].contains(&name.as_str()) && closes {
            text.push(' ');
        } else if name == "sup" && !closes {
            text.push('^');
        }
        strike(&mut text, &mut struck, tag, &name);
    }
    text.push_str(&entity::decoded(rest));
    if struck.is_some() {
        text.push(')');
    }
    text.trim().to_owned()
}

/// What is no element after a `<`: the text to show of it, and what follows. A comment is not shown, a CDATA section is text.
fn special(after: &str) -> (&str, Option<&str>) {
    let cut = |rest: &'static str, end: &str| after.strip_prefix(rest).and_then(|inner| inner.split_once(end));
    if let Some((_, next)) = cut("!--", "-->") {
        return ("", Some(next));
    }
    match cut("![CDATA[", "]]>") {
        Some((inner, next)) => (inner, Some(next)),
        None => ("", None),
    }
}

/// The tag that begins here and what follows it; none where the `<` is only a sign, as in `K <3.5` or `a < b`.
fn tag(after: &str) -> Option<(&str, &str)> {
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?');
    let first = after.strip_prefix('/').unwrap_or(after).chars().next()?;
    if !begins(first) {
        return None;
    }
    // A `>` inside a quoted attribute does not end the tag.
    let mut quote: Option<char> = None;
    let mut before = ' ';
    for (at, c) in after.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '>' => {
                return after.split_at_checked(at).map(|(tag, rest)| (tag, rest.get(1..).unwrap_or_default()));
            }
            None if c == '<' => return None,
            None if matches!(c, '"' | '\'') && before == '=' => quote = Some(c),
            _ => {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    // A quote that never ends is none.
    after.split_once('>').filter(|(tag, _)| !tag.contains('<'))
}

fn name(tag: &str) -> String {
    tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// What follows the end of an element.
fn past<'a>(after: &'a str, element: &str) -> Option<&'a str> {
    let mut rest = after;
    loop {
        let (_, inner) = rest.split_once("</")?;
        let (end, next) = inner.split_once('>')?;
        if end.trim().eq_ignore_ascii_case(element) {
            return Some(next);
        }
        rest = inner;
    }
}

/// Says where struck text begins and ends.
fn strike(text: &mut String, struck: &mut Option<(String, usize)>, tag: &str, name: &str) {
    let closes = tag.starts_with('/');
    match struck {
        Some((open, depth)) if open == name && !tag.ends_with('/') => {
            *depth = if closes { depth.saturating_sub(1) } else { *depth + 1 };
            if *depth == 0 {
                text.push(')');
                *struck = None;
            }
        }
        None if !closes && !tag.ends_with('/') && strikes(tag, name) => {
            text.push_str("(struck: ");
            *struck = Some((name.to_owned(), 1));
        }
        _ => {}
    }
}

fn strikes(tag: &str, name: &str) -> bool {
    ["del", "s", "strike"].contains(&name) || tag.to_ascii_lowercase().contains("line-through")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn narrative_becomes_text() {
        for (markup, text) in [
            ("<div xmlns=\"x\"><p>One &amp; <b>two</b></p><p>three</p></div>", "One & two\nthree"),
            ("a &lt;script&gt; b", "a <script> b"),
            ("<html><head><title>T</title></head><style>p{}</style><p>Seen<!-- not --></p>", "Seen"),
            ("a<script>alert(1)</script>b", "ab"),
            ("<script>if (a</b/.test(x)) {}</SCRIPT >after", "after"),
            ("<a title=\"x > y\">link</a>", "link"),
            ("<x><![CDATA[p < 0.05]]></x>", "p < 0.05"),
            ("<p>one<br/><br/>two<br></p><p>three</p>", "one\n\ntwo\nthree"),
        ] {
            assert_eq!(plain(markup), text, "{markup}");
        }
    }

    #[test]
    fn no_word_is_lost() {
        for (markup, text) in [
            ("broken <b", "broken <b"),
            ("K <3.5 and Na >150, pH < 7.2<br>then", "K <3.5 and Na >150, pH < 7.2\nthen"),
            ("if a <b the rest <p>stays</p>", "if a <b the rest \nstays"),
            ("<header>Clinic</header><p>Seen</p>", "Clinic\nSeen"),
            ("<head><p>No end", "No end"),
            ("one <!-- no end", "one <!-- no end"),
            ("10<sup>9</sup>/L", "10^9/L"),
            ("<p title='it's'>kept</p>", "kept"),
        ] {
            assert_eq!(plain(markup), text, "{markup}");
        }
    }

    #[test]
    fn what_was_struck_out_says_so() {
        for (markup, text) in [
            ("<p>Give <del>10</del> 5 mg</p>", "Give (struck: 10) 5 mg"),
            ("<s>a</s><STRIKE>b</STRIKE>", "(struck: a)(struck: b)"),
            ("<del>a <i>b</i> <del>c</del> d</del> e", "(struck: a b c d) e"),
            ("<span style=\"text-decoration:line-through\">no <span>x</span></span> yes", "(struck: no x) yes"),
            ("<del>no end", "(struck: no end)"),
            ("<strong>s</strong></del>", "s"),
        ] {
            assert_eq!(plain(markup), text, "{markup}");
        }
    }
}
