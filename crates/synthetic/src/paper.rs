//! A small PDF writer (PDF 1.4, ISO 32000): pages of text lines in the standard Helvetica, for letters and forms.

/// Lines of text as a PDF file: a bold title, then lines, a new page when one is full. Letters outside Latin-1 lose their accents.
pub(crate) fn pdf(title: &str, lines: &[String]) -> Vec<u8> {
    const LINES_A_PAGE: usize = 52;
    let pages: Vec<&[String]> = if lines.is_empty() { vec![lines] } else { lines.chunks(LINES_A_PAGE).collect() };
    let mut objects: Vec<Vec<u8>> = Vec::new();
    let first_page = 5;
    let kids: Vec<String> = (0..pages.len()).map(|n| format!("{} 0 R", first_page + 2 * n)).collect();
    objects.push(b"<< /Type /Catalog /Pages 2 0 R >>".to_vec());
    objects.push(format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()).into_bytes());
    for face in ["Helvetica", "Helvetica-Bold"] {
        objects.push(
            format!("<< /Type /Font /Subtype /Type1 /BaseFont /{face} /Encoding /WinAnsiEncoding >>").into_bytes(),
        );
    }
    for (number, page) in pages.iter().enumerate() {
        let resources = "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >>";
        let content = first_page + 2 * number + 1;
        let size = "/MediaBox [0 0 612 792]";
        objects
            .push(format!("<< /Type /Page /Parent 2 0 R {size} {resources} /Contents {content} 0 R >>").into_bytes());
        objects.push(page_content(title, page, number + 1, pages.len()));
    }
    assemble(&objects)
}

fn page_content(title: &str, lines: &[String], page: usize, pages: usize) -> Vec<u8> {
    let mut text = b"BT /F2 14 Tf 60 735 Td 14 TL ".to_vec();
    text.extend(shown(title));
    text.extend(b" Tj /F1 10 Tf T* T* ");
    for line in lines {
        text.extend(shown(line));
        text.extend(b" Tj T* ");
    }
    text.extend(b"ET BT /F1 8 Tf 60 30 Td ");
    text.extend(shown(&format!("Page {page} of {pages} - synthetic data, no real person")));
    text.extend(b" Tj ET");
    let mut stream = format!("<< /Length {} >>\nstream\n", text.len()).into_bytes();
    stream.extend(text);
    stream.extend(b"\nendstream");
    stream
}

/// A PDF string in Latin-1, its marks escaped.
fn shown(text: &str) -> Vec<u8> {
    let mut out = vec![b'('];
    for letter in text.chars() {
        let byte = u8::try_from(u32::from(letter)).unwrap_or_else(|_| plain(letter));
        if matches!(byte, b'(' | b')' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b')');
    out
}

/// The base letter of an accented one outside Latin-1.
pub(crate) fn plain(letter: char) -> u8 {
    const BASES: &[(&str, u8)] = &[
        ("ĀĂĄẠẢẤẦẨẪẬẮẰẲẴẶ", b'A'),
        ("āăąạảấầẩẫậắằẳẵặ", b'a'),
        ("ĆĈĊČ", b'C'),
        ("ćĉċč", b'c'),
        ("ĎĐ", b'D'),
        ("ďđ", b'd'),
        ("ĒĔĖĘĚẸẺẼẾỀỂỄỆ", b'E'),
        ("ēĕėęěẹẻẽếềểễệ", b'e'),
        ("ĞĢ", b'G'),
        ("ğģ", b'g'),
        ("ĨĪĬĮİỈỊ", b'I'),
        ("ĩīĭįıỉị", b'i'),
        ("Ł", b'L'),
        ("ł", b'l'),
        ("ŃŅŇ", b'N'),
        ("ńņň", b'n'),
        ("ŌŎŐƠỌỎỐỒỔỖỘỚỜỞỠỢ", b'O'),
        ("ōŏőơọỏốồổỗộớờởỡợ", b'o'),
        ("ŔŘ", b'R'),
        ("ŕř", b'r'),
        ("ŚŜŞŠȘ", b'S'),
        ("śŝşšș", b's'),
        ("ŢŤȚ", b'T'),
        ("ţťț", b't'),
        ("ŨŪŬŮŰŲƯỤỦỨỪỬỮỰ", b'U'),
        ("ũūŭůűųưụủứừửữự", b'u'),
        ("ŶŸỲỴỶỸ", b'Y'),
        ("ŷỳỵỷỹ", b'y'),
        ("ŹŻŽ", b'Z'),
        ("źżž", b'z'),
        ("\u{2018}\u{2019}", b'\''),
        ("\u{2013}\u{2014}", b'-'),
    ];
    BASES.iter().find(|(letters, _)| letters.contains(letter)).map_or(b'?', |(_, base)| *base)
}

fn assemble(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n").into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    let size = objects.len() + 1;
    file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").into_bytes());
    }
    file.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").into_bytes());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cross_reference_table_points_at_each_object() {
        let lines: Vec<String> = (0..60).map(|n| format!("Line {n} (of Nguyễn)")).collect();
        let file = pdf("Letter", &lines);
        // One letter a byte, so that positions in the text are positions in the file.
        let text: Vec<char> = file.iter().map(|b| char::from(*b)).collect();
        let from = |at: usize| text[at..].iter().collect::<String>();
        let whole = from(0);
        let table: usize = whole.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(from(table).starts_with("xref\n0 9\n"));
        for (number, line) in from(table).lines().skip(3).take(8).enumerate() {
            let offset: usize = line[..10].parse().unwrap();
            assert!(from(offset).starts_with(&format!("{} 0 obj", number + 1)));
        }
        assert!(whole.contains("Line 59 \\(of Nguyen\\)"));
    }
}
