//! What would be measured in a patient on a day: values follow age, sex, problems and how far treatment has come.

use crate::course::Course;
use crate::day::Day;
use crate::growth;
use crate::lab_table::Key;
use crate::person::Sex;
use crate::problem_table::Moves;
use crate::rng::Rng;

/// Height (cm), weight (kg), and head (cm, under 3 years).
pub(crate) struct Size {
    pub(crate) height: f64,
    pub(crate) weight: f64,
    pub(crate) head: Option<f64>,
}

/// The signs taken at a visit.
pub(crate) struct Signs {
    pub(crate) systolic: f64,
    pub(crate) diastolic: f64,
    pub(crate) pulse: f64,
    pub(crate) breaths: f64,
    pub(crate) temperature: f64,
    pub(crate) oxygen: f64,
}

impl Course<'_> {
    /// How untreated a disease of this kind is on `day`: none without it, 1 before treatment, falling with each step of it.
    fn untreated(&self, moves: Moves, day: Day) -> Option<f64> {
        let (position, _) = self.problems.iter().enumerate().find(|(_, p)| p.row.moves == moves && p.active(day))?;
        let steps = self.medicines.iter().filter(|m| m.problem == Some(position) && m.start < day).count();
        Some(1.0 / (1.0 + 1.6 * steps as f64))
    }

    /// Body size on a day. Adults keep their height, gain a little weight to 60 and lose some after 75.
    pub(crate) fn size(&self, day: Day) -> Size {
        let (sex, months) = (self.person.sex, self.person.birth.months_to(day));
        let t = &self.traits;
        if months < 240.0 {
            let obese = if self.untreated(Moves::Weight, day).is_some() { 1.5 } else { 0.0 };
            // Tall children weigh more; the mix keeps body mass plausible.
            let weight = growth::weight(sex, months, 0.55 * t.height + 0.8 * t.weight + obese);
            let head = (months < 36.0).then(|| growth::head(sex, months, t.head));
            return Size { height: growth::height(sex, months, t.height), weight, head };
        }
        let age = months / 12.0;
        let shrink = (age - 60.0).max(0.0) * 0.06;
        let height = growth::height(sex, 240.0, t.height) - shrink;
        let years_gain = (age.min(60.0) - 20.0) * 0.07 - (age - 75.0).max(0.0) * 0.12;
        let obese = if self.untreated(Moves::Weight, day).is_some() { 9.0 } else { 0.0 };
        let mass = (23.2 + 3.0 * t.weight + years_gain + obese).clamp(17.0, 52.0);
        Size { height, weight: mass * (height / 100.0) * (height / 100.0), head: None }
    }

    /// Vital signs on a day. Normal bands by age: PALS provider manual (AHA, 2020) for children; adults around 118/74.
    pub(crate) fn signs(&self, day: Day, fever: bool, rng: &mut Rng) -> Signs {
        let age = self.person.birth.months_to(day) / 12.0;
        let (systolic, diastolic) = self.pressure(age, day, rng);
        let (pulse, breaths) = match age {
            a if a < 1.0 => (132.0, 38.0),
            a if a < 3.0 => (112.0, 28.0),
            a if a < 6.0 => (100.0, 24.0),
            a if a < 12.0 => (86.0, 20.0),
            _ => (73.0, 15.0),
        };
        let rhythm = if self.untreated(Moves::Rhythm, day).is_some() { 9.0 } else { 0.0 };
        let hot = if fever { rng.real(1.2, 2.4) } else { 0.0 };
        let lungs = if self.untreated(Moves::Lungs, day).is_some() { 3.0 } else { 0.0 };
        Signs {
            systolic,
            diastolic,
            pulse: (pulse + rhythm + hot * 8.0 + rng.normal() * 6.0).clamp(48.0, 180.0),
            breaths: (breaths + hot + lungs * 0.6 + rng.normal() * 1.3).clamp(10.0, 56.0),
            temperature: 36.7 + hot + rng.normal() * 0.18,
            oxygen: (98.0 - lungs - hot * 0.3 + rng.normal() * 0.7).clamp(89.0, 100.0),
        }
    }

    fn pressure(&self, age: f64, day: Day, rng: &mut Rng) -> (f64, f64) {
        let base = if age < 18.0 { 88.0 + 1.7 * age } else { 114.0 + (age - 30.0).max(0.0) * 0.22 };
        let high = self.untreated(Moves::Pressure, day).map_or(0.0, |u| 6.0 + 28.0 * u);
        let systolic = base + high + self.traits.pressure * 5.0 + rng.normal() * 5.0;
        let diastolic =
            systolic * if age < 18.0 { 0.62 } else { 0.63 } - (age - 60.0).max(0.0) * 0.15 + rng.normal() * 3.0;
        (systolic.clamp(70.0, 205.0), diastolic.clamp(38.0, 118.0))
    }

    /// A set of laboratory values of one day, which agree with one another.
    pub(crate) fn chemistry(&self, day: Day, rng: &mut Rng) -> Chemistry {
        let age = self.person.birth.months_to(day) / 12.0;
        let female = self.person.sex == Sex::Female;
        let sugar = self.untreated(Moves::Sugar, day);
        let a1c = match (sugar, self.untreated(Moves::PreSugar, day)) {
            (Some(u), _) => 6.4 + 2.2 * u + rng.normal() * 0.3,
            (None, Some(_)) => 6.0 + rng.normal() * 0.15,
            _ => 5.3 + rng.normal() * 0.15,
        };
        let ldl = match self.untreated(Moves::Lipids, day) {
            Some(u) => 68.0 + 100.0 * u + self.traits.lipids * 10.0,
            None => 104.0 + self.traits.lipids * 14.0,
        } + rng.normal() * 7.0;
        let kidney_years = self
            .problems
            .iter()
            .find(|p| p.row.moves == Moves::Kidney && p.active(day))
            .map(|p| p.onset.months_to(day) / 12.0);
        let scale = if female { 0.74 } else { 0.94 };
        let creatinine = match kidney_years {
            Some(years) => scale * (1.48 + (0.025 * years).min(0.4)) + rng.normal() * 0.04,
            None => scale * (1.0 + (age - 60.0).max(0.0) * 0.004) + self.traits.kidney * 0.06 + rng.normal() * 0.03,
        };
        let iron = self.untreated(Moves::Iron, day);
        let hemoglobin = if female { 13.4 } else { 15.1 } + self.traits.blood * 0.5
            - iron.map_or(0.0, |u| 0.6 + 2.6 * u)
            + rng.normal() * 0.25;
        Chemistry {
            female,
            age,
            a1c: a1c.clamp(4.6, 12.5),
            ldl: ldl.clamp(42.0, 240.0),
            hdl: (if female { 57.0 } else { 48.0 } - sugar.map_or(0.0, |_| 6.0) + rng.normal() * 7.0).clamp(26.0, 95.0),
            triglycerides: (118.0
                + sugar.map_or(0.0, |u| 40.0 + 40.0 * u)
                + self.traits.lipids * 18.0
                + rng.normal() * 24.0)
                .clamp(45.0, 390.0),
            creatinine: creatinine.clamp(0.4, 3.5),
            diseased_kidney: kidney_years.is_some(),
            hemoglobin: hemoglobin.clamp(8.0, 17.3),
            mcv: (90.0 + self.traits.blood * 2.0 - iron.map_or(0.0, |u| 4.0 + 14.0 * u)).clamp(66.0, 99.0),
            iron,
            tsh: self.untreated(Moves::Thyroid, day).map_or(1.9, |u| 0.8 + 8.0 * u * u) + rng.normal() * 0.35,
            vitamin_d: if self.untreated(Moves::VitaminD, day).is_some() { 16.0 } else { 31.0 } + rng.normal() * 4.0,
            anticoagulated: self
                .medicines
                .iter()
                .any(|m| m.drug.code == "855332" && m.start < day && m.stop.is_none_or(|s| s > day)),
            diabetic: sugar.is_some(),
        }
    }
}

/// The state behind a day's laboratory values.
pub(crate) struct Chemistry {
    female: bool,
    age: f64,
    a1c: f64,
    ldl: f64,
    hdl: f64,
    triglycerides: f64,
    creatinine: f64,
    diseased_kidney: bool,
    hemoglobin: f64,
    mcv: f64,
    iron: Option<f64>,
    tsh: f64,
    vitamin_d: f64,
    anticoagulated: bool,
    diabetic: bool,
}

/// CKD-EPI 2021 without race (Inker et al., NEJM 2021;385:1737): mL/min/1.73 m², from creatinine in mg/dL.
pub(crate) fn egfr(creatinine: f64, age: f64, female: bool) -> f64 {
    let (kappa, alpha, factor) = if female { (0.7, -0.241, 1.012) } else { (0.9, -0.302, 1.0) };
    let ratio: f64 = creatinine / kappa;
    142.0 * ratio.min(1.0).powf(alpha) * ratio.max(1.0).powf(-1.2) * 0.9938f64.powf(age) * factor
}

impl Chemistry {
    /// The value of one test.
    pub(crate) fn value(&self, key: Key, rng: &mut Rng) -> f64 {
        let around =
            |rng: &mut Rng, mean: f64, sd: f64, low: f64, high: f64| (mean + rng.normal() * sd).clamp(low, high);
        let red = self.hemoglobin * 29.6 / self.mcv;
        match key {
            // Estimated average glucose from A1c (Nathan et al., Diabetes Care 2008): 28.7 × A1c − 46.7; fasting runs lower.
            Key::Glucose => ((28.7 * self.a1c - 46.7) * 0.86 + rng.normal() * 5.0).clamp(62.0, 320.0),
            Key::Urea => (13.5 + (self.creatinine - 0.9).max(0.0) * 14.0 + rng.normal() * 2.0).clamp(5.0, 60.0),
            Key::Creatinine => self.creatinine,
            Key::Egfr => egfr((self.creatinine * 100.0).round() / 100.0, self.age, self.female).min(130.0),
            Key::Sodium => around(rng, 139.5, 1.8, 128.0, 147.0),
            Key::Potassium => around(rng, if self.diseased_kidney { 4.7 } else { 4.3 }, 0.28, 3.1, 5.9),
            Key::Chloride => around(rng, 102.5, 1.8, 94.0, 110.0),
            Key::Bicarbonate => around(rng, if self.diseased_kidney { 23.5 } else { 25.5 }, 1.3, 18.0, 31.0),
            Key::Calcium => around(rng, 9.4, 0.28, 8.3, 10.6),
            Key::Protein => around(rng, 7.1, 0.3, 5.8, 8.4),
            Key::Albumin => around(rng, 4.3, 0.22, 3.2, 5.1),
            Key::Bilirubin => around(rng, 0.6, 0.18, 0.2, 1.9),
            Key::Alp => around(rng, 72.0, 14.0, 38.0, 160.0),
            Key::Alt => around(rng, if self.diabetic { 34.0 } else { 24.0 }, 8.0, 8.0, 110.0),
            Key::Ast => around(rng, 23.0, 5.0, 11.0, 90.0),
            Key::White => around(rng, 6.9, 1.2, 3.4, 13.5),
            Key::Hemoglobin => self.hemoglobin,
            Key::Hematocrit => self.hemoglobin * 2.96,
            Key::Red => red,
            Key::Mcv => self.mcv,
            Key::Mch => self.hemoglobin * 10.0 / red,
            Key::Mchc => 100.0 / 2.96,
            Key::Rdw => (13.0 + self.iron.map_or(0.0, |u| 3.5 * u) + rng.normal() * 0.4).clamp(11.4, 19.0),
            Key::Platelets => around(rng, 248.0, 42.0, 118.0, 460.0),
            // Friedewald (Clin Chem 1972), solved for the total.
            Key::Cholesterol => self.ldl.round() + self.hdl.round() + (self.triglycerides / 5.0).round(),
            Key::Triglycerides => self.triglycerides,
            Key::Hdl => self.hdl,
            Key::Ldl => self.ldl,
            Key::A1c => self.a1c,
            Key::Tsh => self.tsh.clamp(0.3, 14.0),
            Key::UrineAlbumin => match (self.diseased_kidney, self.diabetic) {
                (true, true) => around(rng, 110.0, 35.0, 20.0, 380.0),
                (true, false) => around(rng, 48.0, 18.0, 8.0, 200.0),
                _ => around(rng, 12.0, 5.0, 3.0, 60.0),
            },
            Key::Ferritin => self.iron.map_or(72.0, |u| 18.0 - 11.0 * u) + rng.unit() * 3.0,
            Key::VitaminD => self.vitamin_d.clamp(8.0, 60.0),
            Key::Inr => {
                if self.anticoagulated {
                    around(rng, 2.4, 0.4, 1.4, 4.2)
                } else {
                    around(rng, 1.0, 0.05, 0.8, 1.2)
                }
            }
            Key::Psa => around(rng, 1.0 + (self.age - 50.0).max(0.0) * 0.05, 0.7, 0.2, 7.5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values worked by hand from the equation as printed in the paper.
    #[test]
    fn egfr_agrees_with_the_published_equation() {
        assert_eq!(egfr(1.0, 50.0, false).round() as i32, 92);
        assert_eq!(egfr(1.0, 50.0, true).round() as i32, 69);
        assert_eq!(egfr(1.5, 70.0, false).round() as i32, 50);
    }
}
