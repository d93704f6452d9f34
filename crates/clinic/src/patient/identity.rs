//! Who a patient is, as search hits, look-alike checks and forms need it.

use fhir::PatientId;

/// One patient's identity, read from the Patient resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The patient; none while registering.
    pub id: Option<PatientId>,
    /// Version of the Patient resource.
    pub version: u32,
    /// Family name in use.
    pub family: String,
    /// Given names in use, first and middle.
    pub given: String,
    /// The name they are called by, when it differs.
    pub preferred: String,
    /// All names in use (official, usual, nickname), whole.
    pub current_names: Vec<String>,
    /// Former and maiden names, whole.
    pub former_names: Vec<String>,
    /// As written: `1962-05-04`, `1962-05`, `1962` or empty.
    pub birth_date: String,
    /// `female`, `male`, `other`, `unknown` or empty (FHIR administrative gender).
    pub sex: String,
    /// Phone numbers as written.
    pub phones: Vec<String>,
    /// Identifiers: ours and others'.
    pub numbers: Vec<String>,
    /// Our record number, digits.
    pub record_number: String,
    /// Whether the patient has died.
    pub deceased: bool,
    /// Whether this is a test patient.
    pub test: bool,
    /// Whether a photo is on file.
    pub photo: bool,
}

impl Identity {
    /// `FAMILY, Given`, as every list shows it.
    #[must_use]
    pub fn display_name(&self) -> String {
        let family = self.family.to_uppercase();
        match (family.is_empty(), self.given.is_empty()) {
            (false, false) => format!("{family}, {}", self.given),
            (false, true) => family,
            (true, false) => self.given.clone(),
            (true, true) => "Name not recorded".to_owned(),
        }
    }

    /// Two letters for the place of a photo.
    #[must_use]
    pub fn initials(&self) -> String {
        [&self.given, &self.family].iter().filter_map(|name| name.chars().next()).flat_map(char::to_uppercase).collect()
    }

    /// The last four digits of the first phone number that has so many.
    #[must_use]
    pub fn phone_end(&self) -> Option<String> {
        let digits = self.phones.iter().map(|phone| super::fold::digits(phone)).find(|digits| digits.len() >= 4)?;
        digits.get(digits.len() - 4..).map(str::to_owned)
    }
}

/// A record number as people read it: `100 001`.
#[must_use]
pub fn spaced(number: &str) -> String {
    let mut groups: Vec<&str> = Vec::new();
    let mut rest = number;
    while rest.len() > 3 {
        let Some((head, tail)) = rest.split_at_checked(rest.len() - 3) else { break };
        groups.push(tail);
        rest = head;
    }
    groups.push(rest);
    groups.reverse();
    groups.join("\u{a0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_numbers_are_grouped_by_three() {
        assert_eq!(spaced("100001"), "100\u{a0}001");
        assert_eq!(spaced("1234567"), "1\u{a0}234\u{a0}567");
        assert_eq!(spaced("12"), "12");
    }

    #[test]
    fn a_name_is_never_blank() {
        let identity =
            |family: &str, given: &str| Identity { family: family.into(), given: given.into(), ..Identity::default() };
        assert_eq!(identity("Núñez", "Ana María").display_name(), "NÚÑEZ, Ana María");
        assert_eq!(identity("", "").display_name(), "Name not recorded");
        assert_eq!(identity("Larsen", "Liam").initials(), "LL");
    }
}
