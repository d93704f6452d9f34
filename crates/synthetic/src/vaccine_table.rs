//! Vaccines by age: CVX codes (CDC), ages of the CDC child and adult schedules (2025), and the years each product was given.

/// One dose of a series.
#[derive(Debug)]
pub(crate) struct Dose {
    pub(crate) cvx: &'static str,
    pub(crate) name: &'static str,
    pub(crate) of: u32,
    /// Age in days when it is due.
    pub(crate) age: i32,
    /// HL7 v3 route code and words.
    pub(crate) route: (&'static str, &'static str),
    /// First and last year this product was used here.
    pub(crate) years: (i16, i16),
    /// Share of patients who have had it.
    pub(crate) uptake: f64,
}

const IM: (&str, &str) = ("IM", "Injection, intramuscular");
const SUBCUTANEOUS: (&str, &str) = ("SQ", "Injection, subcutaneous");
const BY_MOUTH: (&str, &str) = ("PO", "Swallow, oral");
const ALWAYS: (i16, i16) = (1990, 2999);

const fn v(
    cvx: &'static str,
    name: &'static str,
    of: u32,
    age: i32,
    route: (&'static str, &'static str),
    years: (i16, i16),
    uptake: f64,
) -> Dose {
    Dose { cvx, name, of, age, route, years, uptake }
}

const YEAR: i32 = 366;

/// Doses due at an age.
#[rustfmt::skip]
pub(crate) const BY_AGE: &[Dose] = &[
    v("08", "Hep B, adolescent or pediatric", 3, 1, IM, ALWAYS, 0.97),
    v("08", "Hep B, adolescent or pediatric", 3, 61, IM, ALWAYS, 0.96),
    v("119", "rotavirus, monovalent", 2, 61, BY_MOUTH, (2008, 2999), 0.9),
    v("20", "DTaP", 5, 61, IM, ALWAYS, 0.96),
    v("49", "Hib (PRP-OMP)", 3, 61, IM, ALWAYS, 0.95),
    v("133", "Pneumococcal conjugate PCV 13", 4, 61, IM, (2010, 2022), 0.95),
    v("216", "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF", 4, 61, IM, (2023, 2999), 0.95),
    v("10", "IPV", 4, 61, IM, ALWAYS, 0.96),
    v("119", "rotavirus, monovalent", 2, 122, BY_MOUTH, (2008, 2999), 0.88),
    v("20", "DTaP", 5, 122, IM, ALWAYS, 0.95),
    v("49", "Hib (PRP-OMP)", 3, 122, IM, ALWAYS, 0.94),
    v("133", "Pneumococcal conjugate PCV 13", 4, 122, IM, (2010, 2022), 0.94),
    v("216", "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF", 4, 122, IM, (2023, 2999), 0.94),
    v("10", "IPV", 4, 122, IM, ALWAYS, 0.95),
    v("08", "Hep B, adolescent or pediatric", 3, 183, IM, ALWAYS, 0.95),
    v("20", "DTaP", 5, 183, IM, ALWAYS, 0.94),
    v("133", "Pneumococcal conjugate PCV 13", 4, 183, IM, (2010, 2022), 0.93),
    v("216", "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF", 4, 183, IM, (2023, 2999), 0.93),
    v("10", "IPV", 4, 274, IM, ALWAYS, 0.94),
    v("03", "MMR", 2, 366, SUBCUTANEOUS, ALWAYS, 0.94),
    v("21", "varicella", 2, 366, SUBCUTANEOUS, (1996, 2999), 0.93),
    v("83", "Hep A, ped/adol, 2 dose", 2, 366, IM, (2006, 2999), 0.88),
    v("49", "Hib (PRP-OMP)", 3, 457, IM, ALWAYS, 0.92),
    v("133", "Pneumococcal conjugate PCV 13", 4, 457, IM, (2010, 2022), 0.91),
    v("216", "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF", 4, 457, IM, (2023, 2999), 0.91),
    v("20", "DTaP", 5, 457, IM, ALWAYS, 0.9),
    v("83", "Hep A, ped/adol, 2 dose", 2, 549, IM, (2006, 2999), 0.84),
    v("20", "DTaP", 5, 4 * YEAR, IM, ALWAYS, 0.9),
    v("10", "IPV", 4, 4 * YEAR, IM, ALWAYS, 0.9),
    v("03", "MMR", 2, 4 * YEAR, SUBCUTANEOUS, ALWAYS, 0.91),
    v("21", "varicella", 2, 4 * YEAR, SUBCUTANEOUS, (2006, 2999), 0.9),
    v("115", "Tdap", 1, 11 * YEAR, IM, (2005, 2999), 0.88),
    v("165", "HPV9", 2, 11 * YEAR, IM, (2015, 2999), 0.75),
    v("136", "Meningococcal MCV4O", 2, 11 * YEAR, IM, (2010, 2999), 0.86),
    v("165", "HPV9", 2, 12 * YEAR, IM, (2015, 2999), 0.66),
    v("136", "Meningococcal MCV4O", 2, 16 * YEAR, IM, (2010, 2999), 0.6),
    v("113", "Td (adult) preservative free", 1, 28 * YEAR, IM, ALWAYS, 0.6),
    v("115", "Tdap", 1, 39 * YEAR, IM, (2006, 2999), 0.6),
    v("187", "zoster recombinant", 2, 50 * YEAR, IM, (2018, 2999), 0.45),
    v("187", "zoster recombinant", 2, 50 * YEAR + 120, IM, (2018, 2999), 0.4),
    v("113", "Td (adult) preservative free", 1, 50 * YEAR, IM, ALWAYS, 0.6),
    v("115", "Tdap", 1, 60 * YEAR, IM, (2006, 2999), 0.6),
    v("133", "Pneumococcal conjugate PCV 13", 1, 65 * YEAR, IM, (2014, 2021), 0.6),
    v("216", "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF", 1, 65 * YEAR, IM, (2022, 2999), 0.65),
    v("113", "Td (adult) preservative free", 1, 71 * YEAR, IM, ALWAYS, 0.55),
    v("305", "RSV, bivalent, protein subunit RSVpreF, diluent reconstituted, 0.5 mL, PF", 1, 75 * YEAR, IM, (2023, 2999), 0.4),
];

/// The COVID-19 doses of those years: CVX, name, year, month, youngest age in years, uptake.
#[rustfmt::skip]
pub(crate) const COVID: &[(&str, &str, i16, i8, i32, f64)] = &[
    ("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", 2021, 3, 18, 0.7),
    ("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", 2021, 4, 18, 0.68),
    ("300", "COVID-19, mRNA, LNP-S, bivalent, PF, 30 mcg/0.3 mL dose", 2022, 10, 18, 0.35),
    ("309", "COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL", 2023, 10, 18, 0.3),
    ("309", "COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL", 2024, 10, 18, 0.28),
];

/// The influenza vaccine of a season for someone of this age: CVX and name (quadrivalent until 2023, trivalent since 2024).
pub(crate) fn influenza(year: i16, age: i32) -> (&'static str, &'static str) {
    match (age >= 65, (2014..=2023).contains(&year)) {
        (true, true) if year >= 2020 => ("197", "influenza, high-dose, quadrivalent"),
        (true, _) => ("135", "Influenza, high dose seasonal"),
        (false, true) => ("150", "influenza, injectable, quadrivalent, preservative free"),
        (false, false) => ("140", "Influenza, seasonal, injectable, preservative free"),
    }
}

/// What one dose measures in mL, by the products' FDA labels: 0.5 for nearly all of them.
pub(crate) fn volume(cvx: &str) -> f64 {
    match cvx {
        "119" => 1.0,
        "208" | "300" | "309" => 0.3,
        "197" => 0.7,
        _ => 0.5,
    }
}
