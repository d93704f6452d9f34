//! The narrative: well-formed XHTML of the few elements and attributes that R4 allows (hl7.org/fhir/R4/narrative.html, txt-1
//! and txt-2), and nothing that can run or fetch a script.

/// Elements of chapters 7 to 11 and 15 of HTML 4.0, images and links; no forms, frames, scripts or objects.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "map",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// Attributes of those elements; none that runs anything.
const ATTRIBUTES: &[&str] = &[
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellhalign",
    "cellpadding",
    "cellspacing",
    "cellvalign",
    "char",
    "charoff",
    "cite",
    "class",
    "clear",
    "color",
    "colspan",
    "compact",
    "coords",
    "datetime",
    "dir",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "lang",
    "longdesc",
    "name",
    "nohref",
    "noshade",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "size",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "target",
    "title",
    "type",
    "usemap",
    "valign",
    "value",
    "vspace",
    "width",
    "xml:lang",
    "xmlns",
];

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// How deep narrative elements may nest.
const MAX_DEPTH: usize = 100;

/// Checks a `<div>`; the error completes "'div' must be …".
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    let mut reader = Reader { rest: text.trim(), open: Vec::new(), content: false };
    if !reader.rest.starts_with("<div") {
        return Err("a narrative in one <div xmlns=\"http://www.w3.org/1999/xhtml\">");
    }
    loop {
        reader.step()?;
        if reader.open.is_empty() {
            break;
        }
    }
    if !reader.rest.is_empty() {
        return Err("one <div> with nothing after it");
    }
    if reader.content { Ok(()) } else { Err("a narrative with some text or an image in it (rule txt-2)") }
}

struct Reader<'t> {
    rest: &'t str,
    open: Vec<&'t str>,
    /// Whether any text or image was met.
    content: bool,
}

const MALFORMED: &str = "well-formed XHTML: every element closed, in order, with quoted attributes";

impl<'t> Reader<'t> {
    /// Text up to the next mark, and the mark.
    fn step(&mut self) -> Result<(), &'static str> {
        let (text, from) = self.rest.split_at_checked(self.rest.find('<').ok_or(MALFORMED)?).ok_or(MALFORMED)?;
        self.content |= !text.trim().is_empty();
        entities(text)?;
        if text.contains("]]>") || text.bytes().any(|b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) {
            return Err(MALFORMED);
        }
        if let Some(comment) = from.strip_prefix("<!--") {
            let (inside, rest) = comment.split_once("-->").ok_or(MALFORMED)?;
            self.rest = rest;
            return if inside.contains("--") || inside.ends_with('-') { Err(MALFORMED) } else { Ok(()) };
        }
        if from.starts_with("<!") || from.starts_with("<?") {
            return Err("XHTML without DOCTYPE, CDATA or processing instructions");
        }
        match from.strip_prefix("</") {
            Some(closing) => self.close(closing),
            None => self.open(from.strip_prefix('<').ok_or(MALFORMED)?),
        }
    }

    fn close(&mut self, after: &'t str) -> Result<(), &'static str> {
        let (name, rest) = after.split_once('>').ok_or(MALFORMED)?;
        self.rest = rest;
        if self.open.pop() == Some(name.trim_end()) { Ok(()) } else { Err(MALFORMED) }
    }

    fn open(&mut self, after: &'t str) -> Result<(), &'static str> {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric()).ok_or(MALFORMED)?;
        let (name, mut rest) = after.split_at_checked(end).ok_or(MALFORMED)?;
        if !ELEMENTS.contains(&name) {
            return Err("restricted HTML: no scripts, forms, frames, objects or unknown elements (rule txt-1)");
        }
        let mut names = Vec::new();
        loop {
            let trimmed = rest.trim_start();
            let spaced = trimmed.len() != rest.len();
            if let Some(rest) = trimmed.strip_prefix("/>") {
                self.rest = rest;
                self.content |= name == "img";
                return self.empty_root(name);
            }
            if let Some(inside) = trimmed.strip_prefix('>') {
                self.rest = inside;
                self.open.push(name);
                self.content |= name == "img";
                let namespaced = self.open.len() > 1 || names.contains(&"xmlns");
                return match (namespaced, self.open.len() <= MAX_DEPTH) {
                    (true, true) => Ok(()),
                    (false, _) => Err("a <div> that declares xmlns=\"http://www.w3.org/1999/xhtml\""),
                    (_, false) => Err("a narrative nested less deeply"),
                };
            }
            if !spaced {
                return Err(MALFORMED);
            }
            let attribute;
            (attribute, rest) = self.attribute(name, trimmed)?;
            if names.contains(&attribute) {
                return Err("XHTML with each attribute given once");
            }
            names.push(attribute);
        }
    }

    fn empty_root(&self, name: &str) -> Result<(), &'static str> {
        if self.open.is_empty() && name == "div" {
            Err("a narrative with some text or an image in it (rule txt-2)")
        } else {
            Ok(())
        }
    }

    /// `name="value"`; answers the name and what follows.
    fn attribute(&self, element: &str, text: &'t str) -> Result<(&'t str, &'t str), &'static str> {
        let (name, after) = text.split_once('=').ok_or(MALFORMED)?;
        let (name, after) = (name.trim_end(), after.trim_start());
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(MALFORMED)?;
        let (value, rest) = after.get(1..).and_then(|inside| inside.split_once(quote)).ok_or(MALFORMED)?;
        if !ATTRIBUTES.contains(&name) {
            return Err("restricted HTML: no attributes that run scripts or are unknown (rule txt-1)");
        }
        entities(value)?;
        if value.contains('<') {
            return Err(MALFORMED);
        }
        let harmless = match name {
            "xmlns" => value == XHTML,
            "href" => address(value, element, false),
            "src" => address(value, element, true),
            "style" => style(value),
            "cite" | "longdesc" | "usemap" => address(value, element, false),
            _ => true,
        };
        if harmless { Ok((name, rest)) } else { Err("restricted HTML: links and styles that cannot run a script") }
    }
}

/// The five entities of XML, and characters by number; those of HTML need a DTD, which a narrative cannot have.
fn entities(text: &str) -> Result<(), &'static str> {
    let wrong = Err("XHTML without entities but &amp; &lt; &gt; &quot; &apos; and &#…;");
    for after in text.split('&').skip(1) {
        let Some((name, _)) = after.split_once(';') else { return wrong };
        let character = match name.strip_prefix('#') {
            Some(hex) if hex.starts_with('x') => hex.get(1..).and_then(|h| u32::from_str_radix(h, 16).ok()),
            Some(decimal) => decimal.parse().ok(),
            None => matches!(name, "amp" | "lt" | "gt" | "quot" | "apos").then_some(0x20),
        };
        if !character.and_then(char::from_u32).is_some_and(|c| c >= ' ' || matches!(c, '\t' | '\n' | '\r')) {
            return wrong;
        }
    }
    Ok(())
}

/// An attribute as a browser sees it: entities resolved, and the characters it skips in a scheme left out.
fn as_read(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (i, piece) in value.split('&').enumerate() {
        let Some((name, after)) = (i > 0).then(|| piece.split_once(';')).flatten() else {
            out.push_str(piece);
            continue;
        };
        let code = name.strip_prefix('#').and_then(|n| match n.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => n.parse().ok(),
        });
        out.extend(code.and_then(char::from_u32));
        out.push_str(after);
    }
    out.retain(|c| !c.is_whitespace() && !c.is_control());
    out.to_ascii_lowercase()
}

/// Relative, `#…`, web, mail and phone addresses; images may be data of an image type that cannot hold a script.
fn address(value: &str, element: &str, source: bool) -> bool {
    let value = as_read(value);
    let Some((scheme, rest)) = value.split_once(':').filter(|(s, _)| !s.contains(['/', '?', '#'])) else { return true };
    match scheme {
        "http" | "https" => true,
        "mailto" | "tel" | "urn" | "ftp" => !source,
        "data" => {
            source
                && element == "img"
                && ["image/png", "image/jpeg", "image/gif", "image/webp"].iter().any(|t| rest.starts_with(t))
        }
        _ => false,
    }
}

fn style(value: &str) -> bool {
    let value = as_read(value);
    // A backslash or comment can hide what follows from a reader that is not a browser.
    let runs = ["expression(", "javascript:", "vbscript:", "@import", "behavior:", "-moz-binding", "\\", "/*"];
    let images = value.split("url(").skip(1).map(|after| after.split(')').next().unwrap_or_default());
    !runs.iter().any(|bad| value.contains(bad))
        && images.into_iter().all(|image| address(image.trim_matches(['"', '\'']), "img", true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(text: &str) -> bool {
        check(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>")).is_ok()
    }

    #[test]
    fn accepts_what_r4_allows() {
        for good in [
            "a",
            "<p class=\"x\">A <b>bold</b> &amp; &#169; word<br/><br /></p>",
            "<table><tr><td colspan='2'>1</td></tr></table><!-- note -->",
            "<a href=\"Patient/1\">x</a><a name=\"y\">.</a><a href=\"https://example.org/?a=1&amp;b=2#c\">z</a>",
            "<img src=\"#pic\" alt=\"x\"/>",
            "<img src=\"data:image/png;base64,AAAA\" alt=\"x\"/>",
            "<span style=\"background: url(tbl.png), url(data:image/png;base64,AA)\">x</span>",
            "<span style=\"color: red\" title=\"a > b\">x</span>",
        ] {
            assert!(inside(good), "{good}");
        }
    }

    #[test]
    fn refuses_what_can_run_or_is_broken() {
        for bad in [
            "",
            "  ",
            "<p/>",
            "<script>alert(1)</script>",
            "<p onclick=\"x()\">a</p>",
            "<a href=\"javascript:x()\">a</a>",
            "<a href=\" java&#x0A;script:x()\">a</a>",
            "<a href=\"java&#115;cript:x()\">a</a>",
            "<iframe src=\"x\">a</iframe>",
            "<form>a</form>",
            "<p>a",
            "<b><i>a</b></i>",
            "a</p>",
            "<p class=x>a</p>",
            "<p class>a</p>",
            "a & b",
            "&nbsp;",
            "<!DOCTYPE html>a",
            "<![CDATA[a]]>",
            "<?php a ?>",
            "a < b",
            "<P>a</P>",
            "<svg>a</svg>",
            "<p style=\"width: expression(1)\">a</p>",
            "<img src=\"data:image/svg+xml,x\"/>",
            "<a href=\"data:text/html,x\">a</a>",
            "<p class=\"a\" class=\"b\">a</p>",
            "<p class=\"a\"id=\"b\">a</p>",
            "<p/onclick=\"\">a</p>",
            "<p style=\"background: url('data:image/svg+xml,x')\">a</p>",
            "a&#0;",
            "<!-- a -- b -->x",
        ] {
            assert!(!inside(bad), "{bad}");
        }
        for bad in [
            "",
            "a",
            "<div>a</div>",
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>b",
            "<p>a</p>",
            "<div",
            "<divx>a</divx>",
            "<div xmlns=\"x\">a</div>",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
