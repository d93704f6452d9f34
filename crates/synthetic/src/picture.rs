//! A small PNG writer and the pictures the practice keeps: portraits and insurance cards, drawn here.
//!
//! PNG: ISO/IEC 15948; the compressed data is DEFLATE (RFC 1951) with fixed codes and matches one byte or one row back, which is
//! all that flat drawings need.

use crate::rng::Rng;

/// An indexed picture of up to 16 colours.
pub(crate) struct Picture {
    width: usize,
    height: usize,
    colours: Vec<[u8; 3]>,
    pixels: Vec<u8>,
}

impl Picture {
    pub(crate) fn new(width: usize, height: usize, colours: Vec<[u8; 3]>) -> Self {
        Picture { width, height, colours, pixels: vec![0; width * height] }
    }

    fn dot(&mut self, x: i32, y: i32, colour: u8) {
        if x < 0 || y < 0 || x as usize >= self.width || y as usize >= self.height {
            return;
        }
        if let Some(pixel) = self.pixels.get_mut(y as usize * self.width + x as usize) {
            *pixel = colour;
        }
    }

    fn fill(&mut self, (x, y): (i32, i32), (wide, high): (i32, i32), colour: u8) {
        for row in y..y + high {
            for column in x..x + wide {
                self.dot(column, row, colour);
            }
        }
    }

    fn oval(&mut self, (x, y): (i32, i32), (rx, ry): (i32, i32), colour: u8) {
        for row in -ry..=ry {
            for column in -rx..=rx {
                if column * column * ry * ry + row * row * rx * rx <= rx * rx * ry * ry {
                    self.dot(x + column, y + row, colour);
                }
            }
        }
    }

    /// Capitals, digits and a few marks in a 3 by 5 face, `size` pixels to a dot.
    fn write(&mut self, (x, y): (i32, i32), size: i32, colour: u8, text: &str) {
        for (place, letter) in (0i32..).zip(text.chars()) {
            let face = glyph(letter.to_ascii_uppercase());
            for bit in 0..15 {
                if face & (1 << (14 - bit)) != 0 {
                    let at = (x + (place * 4 + bit % 3) * size, y + bit / 3 * size);
                    self.fill(at, (size, size), colour);
                }
            }
        }
    }

    /// The picture as a PNG file.
    pub(crate) fn png(&self) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut header = Vec::new();
        header.extend((self.width as u32).to_be_bytes());
        header.extend((self.height as u32).to_be_bytes());
        header.extend([4, 3, 0, 0, 0]);
        chunk(&mut file, *b"IHDR", &header);
        let palette: Vec<u8> = self.colours.iter().flatten().copied().collect();
        chunk(&mut file, *b"PLTE", &palette);
        let mut rows = Vec::new();
        for row in self.pixels.chunks(self.width) {
            rows.push(0);
            rows.extend(row.chunks(2).map(|pair| match pair {
                [left, right] => left << 4 | right,
                [left] => left << 4,
                _ => 0,
            }));
        }
        chunk(&mut file, *b"IDAT", &zlib(&rows, 1 + self.width.div_ceil(2)));
        chunk(&mut file, *b"IEND", &[]);
        file
    }
}

fn glyph(letter: char) -> u16 {
    const FACES: &str = "A25755B65656C34443D65556E74647F74644G34553H55755I72227J11152K55655L44447M57755N65555O25552P65644Q25563R65655\
                         S34216T72222U55557V55522W55775X55255Y55222Z71247025552126227261247361216455711574616634652771122825252925316";
    let bytes = FACES.as_bytes();
    let row = bytes.chunks(6).find(|row| row.first().is_some_and(|b| char::from(*b) == letter));
    match (row, letter) {
        (Some(row), _) => row.iter().skip(1).fold(0, |sum, b| sum << 3 | u16::from(b.saturating_sub(b'0') & 7)),
        (None, '-') => 0b000_000_111_000_000,
        (None, '.') => 0b000_000_000_000_010,
        _ => 0,
    }
}

/// A portrait: a plain head and shoulders, unlike anyone.
pub(crate) fn portrait(rng: &mut Rng) -> Vec<u8> {
    const SKINS: [[u8; 3]; 6] =
        [[244, 214, 188], [228, 184, 146], [198, 146, 104], [160, 108, 72], [118, 76, 50], [84, 54, 38]];
    const HAIRS: [[u8; 3]; 6] =
        [[34, 28, 26], [72, 48, 32], [124, 82, 46], [196, 156, 92], [150, 72, 38], [206, 206, 206]];
    const SHIRTS: [[u8; 3]; 5] = [[44, 82, 130], [120, 60, 84], [60, 110, 84], [90, 90, 104], [176, 120, 48]];
    const WALLS: [[u8; 3]; 4] = [[222, 230, 236], [232, 226, 214], [220, 232, 222], [230, 222, 234]];
    let ink = [30, 26, 26];
    let mut picture =
        Picture::new(48, 48, vec![*rng.pick(&WALLS), *rng.pick(&SHIRTS), *rng.pick(&HAIRS), *rng.pick(&SKINS), ink]);
    let long = rng.chance(0.5);
    picture.oval((24, 50), (19, 14), 1);
    if long {
        picture.oval((24, 24), (14, 18), 2);
    }
    picture.oval((24, 17), (12, 11), 2);
    picture.fill((20, 30), (8, 8), 3);
    picture.oval((24, 22), (10, 12), 3);
    picture.fill((14, 10), (20, if rng.chance(0.6) { 5 } else { 3 }), 2);
    picture.fill((19, 21), (2, 2), 4);
    picture.fill((27, 21), (2, 2), 4);
    picture.fill((21, 29), (6, 1), 4);
    picture.png()
}

/// The front of an insurance card.
pub(crate) fn insurance_card(payer: &str, holder: &str, member: &str) -> Vec<u8> {
    let mut card = Picture::new(320, 200, vec![[250, 250, 252], [28, 74, 120], [40, 40, 48], [206, 220, 234]]);
    card.fill((0, 0), (320, 44), 1);
    card.write((14, 14), 3, 0, payer.get(..24).unwrap_or(payer));
    card.write((14, 62), 2, 2, "MEMBER");
    card.write((14, 78), 3, 2, holder.get(..24).unwrap_or(holder));
    card.write((14, 108), 2, 2, "ID");
    card.write((14, 124), 3, 2, member);
    card.fill((0, 160), (320, 40), 3);
    card.write((14, 174), 2, 1, "SPECIMEN - NOT A REAL PLAN");
    card.png()
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(name);
    file.extend(data);
    let sum = name.iter().chain(data).fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |s, _| if s & 1 == 1 { s >> 1 ^ 0xEDB8_8320 } else { s >> 1 })
    });
    file.extend((!sum).to_be_bytes());
}

fn zlib(data: &[u8], row: usize) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    out.extend(deflate(data, row));
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// Bits in DEFLATE's order.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    /// The lowest `width` bits of `value`, lowest first.
    fn push(&mut self, value: u32, width: u32) {
        self.held |= value << self.count;
        self.count += width;
        while self.count >= 8 {
            self.out.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// A Huffman code, highest bit first.
    fn code(&mut self, code: u32, width: u32) {
        self.push(code.reverse_bits() >> (32 - width), width);
    }

    /// A literal or length symbol in the fixed code (RFC 1951, 3.2.6).
    fn symbol(&mut self, symbol: u32) {
        match symbol {
            0..=143 => self.code(0x30 + symbol, 8),
            144..=255 => self.code(0x190 + symbol - 144, 9),
            256..=279 => self.code(symbol - 256, 7),
            _ => self.code(0xC0 + symbol - 280, 8),
        }
    }
}

/// One block of fixed codes; a match is a run of the byte before, or of the row before.
fn deflate(data: &[u8], row: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b011, 3);
    let mut at = 0;
    while let Some(byte) = data.get(at) {
        let run = |back: usize| {
            let same =
                |n: &usize| at >= back && data.get(at + n).is_some() && data.get(at + n) == data.get(at + n - back);
            (0..258).take_while(same).count()
        };
        let (near, above) = (run(1), run(row));
        let (length, back) = if above > near { (above, row) } else { (near, 1) };
        if length < 4 {
            bits.symbol(u32::from(*byte));
            at += 1;
        } else {
            push_match(&mut bits, length as u32, back as u32);
            at += length;
        }
    }
    bits.symbol(256);
    bits.push(0, 7);
    bits.out
}

/// Length and distance codes with their extra bits (RFC 1951, 3.2.5).
fn push_match(bits: &mut Bits, length: u32, back: u32) {
    match length {
        258 => bits.symbol(285),
        3..=10 => bits.symbol(254 + length),
        _ => {
            let offset = length - 3;
            let extra = offset.ilog2() - 2;
            bits.symbol(257 + 4 * extra + (offset >> extra));
            bits.push(offset & ((1 << extra) - 1), extra);
        }
    }
    let offset = back - 1;
    if offset < 4 {
        bits.code(offset, 5);
    } else {
        let extra = offset.ilog2() - 1;
        bits.code(2 * extra + (offset >> extra), 5);
        bits.push(offset & ((1 << extra) - 1), extra);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// The pixels of a PNG, read back with a decoder that is not ours.
    fn pixels(file: &[u8]) -> Vec<u8> {
        let at = file.windows(4).position(|w| w == b"IDAT").unwrap();
        let length = u32::from_be_bytes(file[at - 4..at].try_into().unwrap()) as usize;
        let mut out = Vec::new();
        flate2::read::ZlibDecoder::new(&file[at + 4..at + 4 + length]).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn pictures_decode_to_what_was_drawn() {
        let mut picture = Picture::new(8, 3, vec![[0, 0, 0], [255, 255, 255]]);
        picture.fill((0, 1), (8, 2), 1);
        assert_eq!(pixels(&picture.png()), [0, 0, 0, 0, 0, 0, 0x11, 0x11, 0x11, 0x11, 0, 0x11, 0x11, 0x11, 0x11]);
        for seed in 0..40 {
            let file = portrait(&mut Rng::new(seed, 1, 1));
            assert!(file.starts_with(b"\x89PNG\r\n\x1a\n") && pixels(&file).len() == 48 * 25);
        }
        assert_eq!(pixels(&insurance_card("Harborlight Health Plan", "Ana Diaz", "00123456")).len(), 200 * 161);
    }
}
