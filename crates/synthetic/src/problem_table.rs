//! Diseases of the practice: ICD-10-CM FY2026 codes (CMS/NCHS), who has them, how they are treated here, what is measured.
//!
//! How common each is follows the order of size of published US adult prevalence (CDC NCHS data briefs, 2017-2023); nothing is
//! to be counted from it.

use crate::lab_table::Panel::{self, A1c, Bmp, Cbc, Cmp, Inr, Iron, Lipids, Psa, Tsh, Ucr, VitD};
use crate::person::Sex::{self, Female, Male};

/// Which value in the body a disease moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moves {
    Nothing,
    Pressure,
    Sugar,
    PreSugar,
    Lipids,
    Thyroid,
    Weight,
    Kidney,
    Iron,
    Lungs,
    Rhythm,
    VitaminD,
    Mood,
}

/// A lasting problem.
#[derive(Debug)]
pub(crate) struct Chronic {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// What people call it on a problem list.
    pub(crate) said: &'static str,
    pub(crate) sex: Option<Sex>,
    /// Youngest and oldest age at onset.
    pub(crate) onset: (f64, f64),
    /// Share of those past the oldest onset age who have it.
    pub(crate) share: f64,
    /// Chance that it resolves within some years.
    pub(crate) resolves: f64,
    pub(crate) moves: Moves,
    /// Panels drawn when it is followed.
    pub(crate) panels: &'static [Panel],
    /// Courses of treatment: one is followed; each step replaces the one before (RxNorm codes).
    pub(crate) courses: &'static [&'static [&'static [&'static str]]],
    /// What the plan of a note says.
    pub(crate) plan: &'static str,
}

#[expect(clippy::too_many_arguments, reason = "one row of a table, in the order of its columns")]
const fn c(
    code: &'static str,
    name: &'static str,
    said: &'static str,
    sex: Option<Sex>,
    onset: (f64, f64),
    share: f64,
    resolves: f64,
    moves: Moves,
    panels: &'static [Panel],
    courses: &'static [&'static [&'static [&'static str]]],
    plan: &'static str,
) -> Chronic {
    Chronic { code, name, said, sex, onset, share, resolves, moves, panels, courses, plan }
}

/// Lasting problems, most consequential first.
#[rustfmt::skip]
pub(crate) const CHRONIC: &[Chronic] = &[
    c("I10", "Essential (primary) hypertension", "Hypertension", None, (32.0, 72.0), 0.55, 0.0, Moves::Pressure, &[Bmp],
      &[&[&["314076"], &["314077"], &["314077", "310798"]], &[&["979485"], &["979492"], &["979480"]], &[&["308136"], &["308136", "979492"]]],
      "Home readings twice a week. Less salt, walking most days. Recheck kidney function and potassium yearly."),
    c("E78.5", "Hyperlipidemia, unspecified", "High cholesterol", None, (35.0, 70.0), 0.42, 0.0, Moves::Lipids, &[Lipids],
      &[&[&["617312"], &["617310"]], &[&["617310"], &["617311"]], &[&["859747"]]],
      "Continue statin; lipids yearly. No muscle symptoms reported."),
    c("E11.9", "Type 2 diabetes mellitus without complications", "Type 2 diabetes", None, (38.0, 72.0), 0.19, 0.0, Moves::Sugar, &[A1c, Cmp, Ucr],
      &[&[&["860975"], &["860975", "1373463"]], &[&["860975"], &["860975", "897122"]], &[&["860975"]]],
      "A1c every 3 to 6 months. Yearly eye examination, foot check and urine albumin. Reviewed carbohydrate portions."),
    c("R73.03", "Prediabetes", "Prediabetes", None, (35.0, 65.0), 0.12, 0.15, Moves::PreSugar, &[A1c],
      &[], "Weight goal 5 to 7 percent; 150 minutes of activity a week. A1c in 12 months."),
    c("E66.9", "Obesity, unspecified", "Obesity", None, (14.0, 55.0), 0.30, 0.05, Moves::Weight, &[],
      &[], "Discussed food diary and realistic steps. Weigh at each visit."),
    c("E03.9", "Hypothyroidism, unspecified", "Underactive thyroid", Some(Female), (25.0, 65.0), 0.11, 0.0, Moves::Thyroid, &[Tsh],
      &[&[&["966222"]]], "TSH 6 to 8 weeks after any change, then yearly."),
    c("E03.9", "Hypothyroidism, unspecified", "Underactive thyroid", Some(Male), (40.0, 75.0), 0.03, 0.0, Moves::Thyroid, &[Tsh],
      &[&[&["966222"]]], "TSH 6 to 8 weeks after any change, then yearly."),
    c("J45.20", "Mild intermittent asthma, uncomplicated", "Asthma, mild intermittent", None, (3.0, 22.0), 0.06, 0.2, Moves::Nothing, &[],
      &[&[&["2123111"]]], "Reviewed inhaler technique and the action plan."),
    c("J45.40", "Moderate persistent asthma, uncomplicated", "Asthma, moderate persistent", None, (12.0, 45.0), 0.03, 0.0, Moves::Lungs, &[],
      &[&[&["2123111"], &["2123111", "895996"], &["2123111", "896209"]]], "Reviewed controller use, technique and triggers."),
    c("F32.A", "Depression, unspecified", "Depression", None, (14.0, 55.0), 0.11, 0.3, Moves::Mood, &[],
      &[&[&["349332"]], &[&["310385"], &["312938"]]], "Continue medicine and counselling. No thoughts of self-harm. PHQ-9 at next visit."),
    c("F41.1", "Generalized anxiety disorder", "Anxiety", None, (15.0, 50.0), 0.08, 0.2, Moves::Mood, &[],
      &[&[&["866083"]], &[&["349332"]]], "Breathing practice and sleep habits reviewed; counselling continues."),
    c("K21.9", "Gastro-esophageal reflux disease without esophagitis", "Acid reflux", None, (22.0, 65.0), 0.17, 0.15, Moves::Nothing, &[],
      &[&[&["198051"], &["310273"]], &[&["310273"]], &[&["198051"]]], "Lowest dose that works; raise head of bed, no late meals."),
    c("M17.0", "Bilateral primary osteoarthritis of knee", "Osteoarthritis of both knees", None, (48.0, 75.0), 0.22, 0.0, Moves::Nothing, &[],
      &[&[&["198440"]], &[&["198014"], &["198440"]]], "Strengthening exercises; medicine as needed; consider injection if worse."),
    c("N18.31", "Chronic kidney disease, stage 3a", "Chronic kidney disease, stage 3a", None, (60.0, 82.0), 0.13, 0.0, Moves::Kidney, &[Bmp, Ucr, Cbc],
      &[], "Avoid NSAIDs. Blood pressure below 130/80. Kidney function every 6 months."),
    c("I48.91", "Unspecified atrial fibrillation", "Atrial fibrillation", None, (58.0, 85.0), 0.10, 0.0, Moves::Rhythm, &[Inr, Bmp],
      &[&[&["855332", "866427"]]], "INR monthly, goal 2 to 3. Rate controlled. Bleeding advice given."),
    c("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris", "Coronary artery disease", None, (50.0, 80.0), 0.11, 0.0, Moves::Nothing, &[Lipids],
      &[&[&["243670", "866436", "198039"]], &[&["309362", "866436", "198039"]]], "No chest pain on exertion. Continue antiplatelet, statin and beta blocker."),
    c("I50.22", "Chronic systolic (congestive) heart failure", "Heart failure, reduced ejection fraction", None, (62.0, 88.0), 0.05, 0.0, Moves::Nothing, &[Bmp],
      &[&[&["313988", "200031"], &["313988", "200033", "313096"]]], "Daily weights; call for a gain of 3 pounds in a day. Low-salt diet."),
    c("J44.9", "Chronic obstructive pulmonary disease, unspecified", "COPD", None, (50.0, 78.0), 0.08, 0.0, Moves::Lungs, &[Cbc],
      &[&[&["2123111"], &["2123111", "896209"]]], "Inhaler technique checked. Vaccines up to date. Smoking status reviewed."),
    c("G43.909", "Migraine, unspecified, not intractable, without status migrainosus", "Migraine", Some(Female), (13.0, 42.0), 0.16, 0.1, Moves::Nothing, &[],
      &[&[&["313161"]], &[&["313161"], &["313161", "856457"]]], "Headache diary. Limit acute medicine to 2 days a week."),
    c("M81.0", "Age-related osteoporosis without current pathological fracture", "Osteoporosis", Some(Female), (60.0, 82.0), 0.20, 0.0, Moves::Nothing, &[VitD],
      &[&[&["904419"]]], "Weight-bearing exercise, calcium in diet, falls review. DXA every 2 years."),
    c("N40.1", "Benign prostatic hyperplasia with lower urinary tract symptoms", "Enlarged prostate", Some(Male), (52.0, 78.0), 0.30, 0.0, Moves::Nothing, &[Psa],
      &[], "Symptoms mild; fluids earlier in the day. Watchful waiting."),
    c("F90.2", "Attention-deficit hyperactivity disorder, combined type", "ADHD", None, (7.0, 14.0), 0.07, 0.35, Moves::Nothing, &[],
      &[&[&["1091392"]]], "School report reviewed. Growth, pulse and blood pressure followed."),
    c("L20.9", "Atopic dermatitis, unspecified", "Eczema", None, (0.4, 6.0), 0.12, 0.5, Moves::Nothing, &[],
      &[&[&["106258"]]], "Emollient twice a day, short lukewarm baths, steroid cream for flares only."),
    c("J30.9", "Allergic rhinitis, unspecified", "Hay fever", None, (12.0, 35.0), 0.17, 0.1, Moves::Nothing, &[],
      &[&[&["311372"]], &[&["1014678"]]], "Antihistamine in season; saline rinses."),
    c("G47.33", "Obstructive sleep apnea (adult) (pediatric)", "Sleep apnea", None, (35.0, 65.0), 0.10, 0.0, Moves::Nothing, &[],
      &[], "Uses CPAP most nights and feels rested."),
    c("D50.9", "Iron deficiency anemia, unspecified", "Iron deficiency anemia", Some(Female), (15.0, 45.0), 0.08, 0.7, Moves::Iron, &[Cbc, Iron],
      &[&[&["310325"]]], "Iron once a day; blood count in 8 weeks."),
    c("E55.9", "Vitamin D deficiency, unspecified", "Low vitamin D", None, (20.0, 75.0), 0.10, 0.4, Moves::VitaminD, &[VitD],
      &[], "Over-the-counter vitamin D with food; recheck in 3 months."),
    c("H40.9", "Unspecified glaucoma", "Glaucoma", None, (55.0, 82.0), 0.06, 0.0, Moves::Nothing, &[],
      &[&[&["314072"]]], "Under the eye clinic; drops nightly."),
    c("G30.9", "Alzheimer's disease, unspecified", "Alzheimer's disease", None, (72.0, 92.0), 0.16, 0.0, Moves::Nothing, &[],
      &[&[&["997223"]]], "Family present. Safety at home, driving and carers' needs discussed."),
    c("G20.A1", "Parkinson's disease without dyskinesia, without mention of fluctuations", "Parkinson's disease", None, (62.0, 84.0), 0.02, 0.0, Moves::Nothing, &[],
      &[&[&["197444"]]], "Gait steady; physiotherapy continues."),
    c("M10.9", "Gout, unspecified", "Gout", Some(Male), (38.0, 70.0), 0.08, 0.0, Moves::Nothing, &[Bmp],
      &[&[&["197541"], &["197319"]]], "No flare since last visit. Fluids, less beer and organ meat."),
    c("F17.210", "Nicotine dependence, cigarettes, uncomplicated", "Smokes cigarettes", None, (17.0, 25.0), 0.14, 0.25, Moves::Nothing, &[],
      &[&[], &[&["198031"]]], "Advised to stop; quit line number given; will think about a date."),
    c("M06.9", "Rheumatoid arthritis, unspecified", "Rheumatoid arthritis", Some(Female), (35.0, 62.0), 0.015, 0.0, Moves::Nothing, &[Cbc, Cmp],
      &[&[&["979092"], &["979092", "105585"]]], "Blood count and liver tests every 3 months."),
    c("G40.909", "Epilepsy, unspecified, not intractable, without status epilepticus", "Epilepsy", None, (14.0, 40.0), 0.012, 0.0, Moves::Nothing, &[],
      &[&[&["198427"]]], "No seizure since last visit. Driving rules reviewed."),
];

/// A short illness or injury that brings someone in.
#[derive(Debug)]
pub(crate) struct Acute {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// What the patient says at the desk.
    pub(crate) reason: &'static str,
    pub(crate) sex: Option<Sex>,
    pub(crate) ages: (i32, i32),
    pub(crate) days: i32,
    pub(crate) fever: bool,
    /// Medicine codes, first that no allergy rules out; only for patients of 12 years and more.
    pub(crate) medicines: &'static [&'static str],
    pub(crate) story: &'static str,
    pub(crate) exam: &'static str,
    pub(crate) plan: &'static str,
}

#[expect(clippy::too_many_arguments, reason = "one row of a table, in the order of its columns")]
const fn a(
    code: &'static str,
    name: &'static str,
    reason: &'static str,
    sex: Option<Sex>,
    ages: (i32, i32),
    days: i32,
    fever: bool,
    medicines: &'static [&'static str],
    story: &'static str,
    exam: &'static str,
    plan: &'static str,
) -> Acute {
    Acute { code, name, reason, sex, ages, days, fever, medicines, story, exam, plan }
}

/// Short illnesses and injuries.
#[rustfmt::skip]
pub(crate) const ACUTE: &[Acute] = &[
    a("J06.9", "Acute upper respiratory infection, unspecified", "Cold and cough", None, (0, 99), 9, false, &[],
      "Runny nose, sore throat and cough for 3 days. Eating and drinking. No trouble breathing.", "Nose congested, throat mildly red, ears clear, chest clear.", "Viral; rest, fluids, honey if over 1 year. Return if fever beyond 3 days or short of breath."),
    a("J02.0", "Streptococcal pharyngitis", "Sore throat and fever", None, (5, 45), 10, true, &["308192", "308460"],
      "Sore throat and fever since yesterday, no cough. Contact at home was ill last week.", "Tonsils swollen with exudate, tender anterior neck nodes, no rash. Rapid strep positive.", "Antibiotic for the full course; back to school or work after 24 hours of it."),
    a("H66.91", "Otitis media, unspecified, right ear", "Ear pain", None, (1, 9), 9, true, &[],
      "Pulling at the right ear and poor sleep for 2 nights after a cold.", "Right eardrum red and bulging; left normal. Alert, well hydrated.", "Observation for 48 hours with pain relief agreed with parent; call if worse."),
    a("N39.0", "Urinary tract infection, site not specified", "Burning with urination", Some(Female), (16, 90), 7, false, &["1648755", "198335"],
      "Burning and frequency for 2 days. No fever, no back pain.", "Abdomen soft, mild suprapubic tenderness, no flank tenderness. Dipstick: leukocytes and nitrite.", "Short antibiotic course; fluids. Call if fever or back pain."),
    a("J20.9", "Acute bronchitis, unspecified", "Cough for ten days", None, (18, 90), 18, false, &[],
      "Cough with some clear phlegm for 10 days after a cold; sleep disturbed.", "Chest: scattered rhonchi that clear with cough, no crackles.", "Likely viral; cough may last 3 weeks. Return if fever, blood or breathlessness."),
    a("J01.90", "Acute sinusitis, unspecified", "Facial pain and congestion", None, (16, 75), 14, false, &["562508", "1650142"],
      "Facial pressure and thick discharge for 11 days, worse again after a good spell.", "Tender over the right cheek, purulent discharge. Eyes normal.", "Antibiotic and saline rinses. Return if swelling round the eye or severe headache."),
    a("A08.4", "Viral intestinal infection, unspecified", "Vomiting and diarrhea", None, (1, 85), 5, true, &[],
      "Vomiting since yesterday and loose stools, no blood. Others at home ill too.", "Mucous membranes moist, abdomen soft with active sounds.", "Small frequent sips; oral rehydration; return if no urine for 8 hours."),
    a("S93.401A", "Sprain of unspecified ligament of right ankle, initial encounter", "Twisted ankle", None, (10, 70), 28, false, &["206905", "198440"],
      "Rolled the right ankle on a step yesterday; can walk with a limp.", "Swelling below the outer malleolus, no bony tenderness by the Ottawa rules.", "Rest, ice, brace; start moving early. No X-ray needed."),
    a("M54.50", "Low back pain, unspecified", "Back pain", None, (20, 85), 30, false, &["206905", "198440"],
      "Low back pain for 4 days after lifting; no leg weakness, bladder normal.", "Lumbar muscles tender, straight leg raise negative, reflexes equal.", "Stay active, heat, short course of pain relief. Red flags explained."),
    a("L03.115", "Cellulitis of right lower limb", "Red, swollen leg", None, (30, 90), 12, true, &["197454", "1650142"],
      "Redness over the right shin spreading for 2 days after a scratch.", "Warm tender erythema 9 by 6 cm over the right shin, edge marked. Pulses good.", "Antibiotic, elevation; review in 2 days, sooner if spreading or fever."),
    a("H10.9", "Unspecified conjunctivitis", "Red eye", None, (1, 70), 7, false, &[],
      "Red, sticky right eye for 2 days. No pain, vision normal.", "Conjunctiva injected, watery discharge, cornea clear.", "Likely viral; cool compresses and hand washing. Return if pain or change of vision."),
    a("B35.3", "Tinea pedis", "Itchy feet", None, (14, 80), 30, false, &[],
      "Itching between the toes for a month.", "Maceration and scale in the web spaces of both feet.", "Over-the-counter antifungal cream for 4 weeks; dry well between toes."),
    a("L23.7", "Allergic contact dermatitis due to plants, except food", "Itchy rash after gardening", None, (12, 75), 14, false, &["106258"],
      "Itchy streaks on arms 2 days after clearing brush.", "Linear papules and vesicles on both forearms; face spared.", "Cool compresses and steroid cream; come back if the face or eyes swell."),
    a("R51.9", "Headache, unspecified", "Headache", None, (10, 80), 7, false, &["198440", "206905"],
      "Band-like headache most afternoons this week; more hours at a screen.", "Neurological examination normal; neck supple; fundi normal.", "Tension type likely. Breaks, sleep, fluids; diary; return if sudden or severe."),
    a("J10.1", "Influenza due to other identified influenza virus with other respiratory manifestations", "Fever and body aches", None, (2, 90), 8, true, &[],
      "Sudden fever, aches and dry cough since yesterday.", "Looks tired, throat red, chest clear. Influenza A antigen positive.", "Rest and fluids; stay home until 24 hours without fever. Warning signs given."),
    a("U07.1", "COVID-19", "Fever, cough and loss of smell", None, (5, 95), 12, true, &[],
      "Cough, fever and no sense of smell for 2 days; positive home test.", "Comfortable, chest clear, oxygen saturation normal on room air.", "Home care and isolation; pulse oximeter at home; call if below 94 percent."),
    a("H61.21", "Impacted cerumen, right ear", "Blocked ear", None, (20, 92), 1, false, &[],
      "Right ear blocked for a week, hearing dull.", "Wax fills the right canal; drum normal after irrigation.", "Irrigated with good effect; no cotton buds."),
    a("K59.00", "Constipation, unspecified", "Constipation", None, (2, 92), 21, false, &[],
      "Hard stools every third day for a month; no blood, no weight loss.", "Abdomen soft, stool palpable on the left.", "Fibre, water and movement; laxative from the pharmacy if needed."),
    a("M25.561", "Pain in right knee", "Knee pain", None, (14, 80), 30, false, &["206905", "198440"],
      "Right knee pain for 3 weeks, worse on stairs; no locking.", "No effusion, full movement, ligaments stable, patella tender.", "Strengthening sheet; relative rest; review in 6 weeks."),
    a("L70.0", "Acne vulgaris", "Acne", None, (12, 24), 90, false, &[],
      "Spots on face and back for a year despite washes.", "Comedones and some inflamed papules on face and upper back, no scars.", "Benzoyl peroxide wash every evening, gentle soap; review in 3 months."),
    a("R42", "Dizziness and giddiness", "Dizziness", None, (40, 92), 10, false, &[],
      "Brief spinning when turning in bed for 5 days; no hearing loss, no weakness.", "Dix-Hallpike positive on the right; gait and speech normal.", "Repositioning manoeuvre done; exercises given; falls advice."),
];

/// A visit reason without illness: ICD-10-CM code and words.
pub(crate) const ADULT_EXAM: (&str, &str) =
    ("Z00.00", "Encounter for general adult medical examination without abnormal findings");
/// Well-child visit.
pub(crate) const CHILD_EXAM: (&str, &str) =
    ("Z00.129", "Encounter for routine child health examination without abnormal findings");
/// First visit, under 8 days old.
pub(crate) const NEWBORN_EXAM: (&str, &str) = ("Z00.110", "Health examination for newborn under 8 days old");
/// Visit at 8 to 28 days old.
pub(crate) const NEWBORN_LATER: (&str, &str) = ("Z00.111", "Health examination for newborn 8 to 28 days old");
