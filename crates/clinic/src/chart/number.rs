//! Numbers and units as a chart shows them: as reported, unless nobody could read them.

/// A number with more decimals than this is shown rounded: what a device measures has fewer, what a program computed has fourteen.
const DECIMALS: usize = 4;
/// Decimals that a rounded number keeps …
const KEPT: usize = 2;
/// … and more, until it has so many significant digits.
const SIGNIFICANT: usize = 3;

/// The number rounded, half away from zero, when it has more decimals than can be read at a glance; none when it is shown as written.
#[must_use]
pub fn rounded(written: &str) -> Option<String> {
    let (sign, digits) = written.strip_prefix('-').map_or(("", written), |rest| ("-", rest));
    let plain = super::quantity::written_out(digits)?;
    let (whole, part) = plain.split_once('.')?;
    let whole = if whole.is_empty() { "0" } else { whole };
    if part.len() <= DECIMALS {
        return None;
    }
    let significant = whole.trim_start_matches('0').len();
    let places = if significant > 0 {
        KEPT.max(SIGNIFICANT.saturating_sub(significant))
    } else {
        let zeros = part.len() - part.trim_start_matches('0').len();
        KEPT.max(zeros + SIGNIFICANT)
    };
    if places >= part.len() {
        return None;
    }
    let (kept, dropped) = part.split_at_checked(places)?;
    let up = dropped.bytes().next()? >= b'5';
    let mut all: Vec<u8> = format!("0{whole}{kept}").into_bytes();
    if up {
        for digit in all.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                break;
            }
            *digit = b'0';
        }
    }
    let all = String::from_utf8(all).ok()?;
    let (whole, part) = all.split_at_checked(all.len().checked_sub(places)?)?;
    let whole = whole.trim_start_matches('0');
    Some(format!("{sign}{}.{part}", if whole.is_empty() { "0" } else { whole }))
}

/// Units whose UCUM code reads badly (The Unified Code for Units of Measure, version 2.1, Regenstrief Institute; the common units of its
/// "Example UCUM Codes"), as they are printed on reports.
const UNITS: [(&str, &str); 31] = [
    ("mm[Hg]", "mmHg"),
    ("cm[H2O]", "cmH₂O"),
    ("Cel", "°C"),
    ("[degF]", "°F"),
    ("[lb_av]", "lb"),
    ("[oz_av]", "oz"),
    ("[in_i]", "in"),
    ("[ft_i]", "ft"),
    ("[IU]", "IU"),
    ("[IU]/L", "IU/L"),
    ("[IU]/mL", "IU/mL"),
    ("m[IU]/L", "mIU/L"),
    ("m[IU]/mL", "mIU/mL"),
    ("u[IU]/mL", "µIU/mL"),
    ("k[IU]/L", "kIU/L"),
    ("[pH]", "pH"),
    ("10*3/uL", "×10³/µL"),
    ("10*6/uL", "×10⁶/µL"),
    ("10*9/L", "×10⁹/L"),
    ("10*12/L", "×10¹²/L"),
    ("10*3/mL", "×10³/mL"),
    ("10*6/mL", "×10⁶/mL"),
    ("/[HPF]", "/HPF"),
    ("/[LPF]", "/LPF"),
    ("kg/m2", "kg/m²"),
    ("m2", "m²"),
    ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
    ("mL/min/1.73.m2", "mL/min/1.73 m²"),
    ("mL/min/{1.73m2}", "mL/min/1.73 m²"),
    ("{INR}", "INR"),
    ("{#}", ""),
];

/// A unit as it is shown: the words its sender wrote, unless these are a UCUM code that reads badly.
#[must_use]
pub fn unit(written: &str) -> String {
    if matches!(written, "1" | "{score}" | "{nominal}") {
        return String::new();
    }
    UNITS.iter().find(|(code, _)| *code == written).map_or(written, |(_, shown)| *shown).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_nobody_could_read_is_rounded_and_keeps_three_significant_digits() {
        for (written, shown) in [
            ("106.15610383944654", "106.16"),
            ("84.33327515701117", "84.33"),
            ("7.4987279015619155", "7.50"),
            ("0.0012345678", "0.00123"),
            ("0.54321", "0.543"),
            ("-0.54321", "-0.543"),
            ("99.99999", "100.00"),
            ("0.99999", "1.000"),
            ("-9.99501", "-10.00"),
            ("1.23456789e2", "123.46"),
            (".123456", "0.123"),
            ("5.00000", "5.00"),
        ] {
            assert_eq!(rounded(written).as_deref(), Some(shown), "{written}");
        }
    }

    #[test]
    fn what_has_up_to_four_decimals_or_loses_nothing_stays_as_written() {
        for written in [
            "1.50",
            "0.0012",
            "7.1234",
            "120",
            "1e-7",
            "0.00001",
            "0.00012",
            "123456789012345678901234567890",
            "1e400",
            "x",
        ] {
            assert_eq!(rounded(written), None, "{written}");
        }
    }

    #[test]
    fn a_unit_is_as_its_sender_wrote_it_unless_it_is_a_code_that_reads_badly() {
        for (written, shown) in [
            ("mm[Hg]", "mmHg"),
            ("mmHg", "mmHg"),
            ("10*3/uL", "×10³/µL"),
            ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
            ("K/uL", "K/uL"),
            ("{score}", ""),
            ("{something}", "{something}"),
        ] {
            assert_eq!(unit(written), shown);
        }
    }
}
