//! Medicines of the practice: RxNorm codes and names (NLM), each with the sig it is prescribed with here.
//!
//! Sigs are the usual starting or maintenance directions of the products' FDA labels (DailyMed, up to 2025); those of short antibiotic
//! courses follow IDSA guidelines (pharyngitis 2012, sinusitis 2012, cystitis 2011, skin 2014). They are example data, not advice.
//! A class names what an allergy rules out.

/// What an allergy to one substance rules out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    None,
    Penicillin,
    Cephalosporin,
    Sulfa,
    AceInhibitor,
    Nsaid,
    Macrolide,
}

/// How a medicine is given: HL7 v3 RouteOfAdministration code where one fits, and the words shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route(pub(crate) &'static str, pub(crate) &'static str);

const ORAL: Route = Route("PO", "oral");
const INHALED: Route = Route("IPINHL", "inhaled");
const UNDER_TONGUE: Route = Route("SL", "sublingual");
const UNDER_SKIN: Route = Route("SQ", "subcutaneous");
const SKIN: Route = Route("", "topical");
const PATCH: Route = Route("TRNSDERMD", "transdermal");
const EYE: Route = Route("", "ophthalmic");

/// One medicine with its usual sig.
#[derive(Debug)]
pub(crate) struct Drug {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    pub(crate) route: Route,
    /// Dose and its unit.
    pub(crate) dose: (f64, &'static str),
    /// Times, per this many, of this unit of time (UCUM: h, d, wk).
    pub(crate) timing: (u32, u32, &'static str),
    /// What it is taken for when taken only as needed.
    pub(crate) as_needed: Option<&'static str>,
    /// Quantity dispensed, days it lasts, refills.
    pub(crate) supply: (u32, u32, u32),
    pub(crate) sig: &'static str,
}

#[expect(clippy::too_many_arguments, reason = "one row of a table, in the order of its columns")]
const fn d(
    code: &'static str,
    name: &'static str,
    class: Class,
    route: Route,
    dose: (f64, &'static str),
    timing: (u32, u32, &'static str),
    as_needed: Option<&'static str>,
    supply: (u32, u32, u32),
    sig: &'static str,
) -> Drug {
    Drug { code, name, class, route, dose, timing, as_needed, supply, sig }
}

use Class::{AceInhibitor, Cephalosporin, Macrolide, None as Any, Nsaid, Penicillin, Sulfa};

const TAB: (f64, &str) = (1.0, "tablet");
const CAP: (f64, &str) = (1.0, "capsule");
const DAILY: (u32, u32, &str) = (1, 1, "d");
const TWICE: (u32, u32, &str) = (2, 1, "d");
const THRICE: (u32, u32, &str) = (3, 1, "d");
const Q90: (u32, u32, u32) = (90, 90, 3);
const Q180: (u32, u32, u32) = (180, 90, 3);

/// Every medicine prescribed here. Codes and names: RxNorm as of the rows shipped with this project.
#[rustfmt::skip]
pub(crate) const DRUGS: &[Drug] = &[
    d("314076", "lisinopril 10 MG Oral Tablet", AceInhibitor, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("314077", "lisinopril 20 MG Oral Tablet", AceInhibitor, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("197884", "lisinopril 40 MG Oral Tablet", AceInhibitor, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("979485", "losartan potassium 25 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("979492", "losartan potassium 50 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("979480", "losartan potassium 100 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("310798", "hydrochlorothiazide 25 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day in the morning"),
    d("308136", "amlodipine 2.5 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("860975", "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", Any, ORAL, (2.0, "tablet"), DAILY, None, Q180, "Take 2 tablets by mouth once a day with the evening meal"),
    d("1373463", "canagliflozin 100 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day before the first meal"),
    d("897122", "3 ML liraglutide 6 MG/ML Pen Injector", Any, UNDER_SKIN, (1.2, "mg"), DAILY, None, (6, 30, 5), "Inject 1.2 mg under the skin once a day"),
    d("617312", "atorvastatin 10 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("617310", "atorvastatin 20 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("617311", "atorvastatin 40 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("859747", "rosuvastatin calcium 10 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("966222", "Levothyroxine Sodium 0.075 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day on an empty stomach, 30 to 60 minutes before breakfast"),
    d("2123111", "NDA020503 200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", Any, INHALED, (2.0, "puff"), (1, 6, "h"), Some("wheeze or shortness of breath"), (1, 30, 3), "Inhale 2 puffs every 6 hours as needed for wheeze or shortness of breath"),
    d("895996", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler [Flovent]", Any, INHALED, (2.0, "puff"), TWICE, None, (1, 30, 5), "Inhale 2 puffs twice a day; rinse mouth after"),
    d("896209", "60 ACTUAT Fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler", Any, INHALED, (1.0, "puff"), TWICE, None, (1, 30, 5), "Inhale 1 puff twice a day, about 12 hours apart; rinse mouth after"),
    d("349332", "escitalopram 10 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("310385", "fluoxetine 20 MG Oral Capsule", Any, ORAL, CAP, DAILY, None, Q90, "Take 1 capsule by mouth once a day in the morning"),
    d("312938", "sertraline 100 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("866083", "buspirone hydrochloride 10 MG Oral Tablet", Any, ORAL, TAB, TWICE, None, Q180, "Take 1 tablet by mouth twice a day"),
    d("198051", "omeprazole 20 MG Delayed Release Oral Capsule", Any, ORAL, CAP, DAILY, None, Q90, "Take 1 capsule by mouth once a day before breakfast"),
    d("310273", "famotidine 20 MG Oral Tablet", Any, ORAL, TAB, TWICE, None, Q180, "Take 1 tablet by mouth twice a day"),
    d("198440", "Acetaminophen 500 MG Oral Tablet", Any, ORAL, (2.0, "tablet"), (1, 6, "h"), Some("pain"), (60, 15, 1), "Take 2 tablets by mouth every 6 hours as needed for pain; not more than 6 tablets in 24 hours"),
    d("198014", "Naproxen 500 MG Oral Tablet", Nsaid, ORAL, TAB, TWICE, None, (60, 30, 1), "Take 1 tablet by mouth twice a day with food"),
    d("206905", "Ibuprofen 400 MG Oral Tablet [Ibu]", Nsaid, ORAL, TAB, (1, 6, "h"), Some("pain"), (40, 10, 0), "Take 1 tablet by mouth every 6 hours as needed for pain, with food"),
    d("855332", "Warfarin Sodium 5 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day in the evening, or as the INR directs"),
    d("866427", "24 HR metoprolol succinate 25 MG Extended Release Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("866436", "24 HR metoprolol succinate 50 MG Extended Release Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("243670", "aspirin 81 MG Oral Tablet", Nsaid, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("309362", "Clopidogrel 75 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("198039", "nitroglycerin 0.4 MG Sublingual Tablet", Any, UNDER_TONGUE, TAB, (1, 5, "min"), Some("chest pain"), (25, 90, 2), "Dissolve 1 tablet under the tongue every 5 minutes as needed for chest pain, up to 3 tablets; call 911 if pain stays after the first"),
    d("313988", "furosemide 40 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day in the morning"),
    d("313096", "spironolactone 25 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("200031", "carvedilol 6.25 MG Oral Tablet", Any, ORAL, TAB, TWICE, None, Q180, "Take 1 tablet by mouth twice a day with food"),
    d("200033", "carvedilol 25 MG Oral Tablet", Any, ORAL, TAB, TWICE, None, Q180, "Take 1 tablet by mouth twice a day with food"),
    d("313161", "sumatriptan 50 MG Oral Tablet", Any, ORAL, TAB, (1, 1, "d"), Some("migraine"), (9, 30, 3), "Take 1 tablet by mouth at onset of migraine; may repeat once after 2 hours"),
    d("856457", "propranolol hydrochloride 20 MG Oral Tablet", Any, ORAL, (2.0, "tablet"), TWICE, None, (360, 90, 3), "Take 2 tablets by mouth twice a day"),
    d("904419", "Alendronic acid 10 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day with a full glass of water, 30 minutes before food; stay upright"),
    d("1091392", "Methylphenidate Hydrochloride 20 MG Oral Tablet", Any, ORAL, (0.5, "tablet"), TWICE, None, (30, 30, 0), "Take half a tablet (10 mg) by mouth twice a day, before breakfast and lunch"),
    d("197319", "Allopurinol 100 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day after food"),
    d("197541", "Colchicine 0.6 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, (30, 30, 1), "Take 1 tablet by mouth once a day"),
    d("311372", "Loratadine 10 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("1014678", "cetirizine hydrochloride 10 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("310325", "ferrous sulfate 325 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day"),
    d("997223", "donepezil hydrochloride 10 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day in the evening"),
    d("197444", "carbidopa 25 MG / levodopa 100 MG Oral Tablet", Any, ORAL, TAB, THRICE, None, (270, 90, 3), "Take 1 tablet by mouth three times a day"),
    d("314072", "latanoprost 0.05 MG/ML Ophthalmic Solution", Any, EYE, (1.0, "drop"), DAILY, None, (1, 30, 5), "Put 1 drop in each eye once a day in the evening"),
    d("106258", "Hydrocortisone 10 MG/ML Topical Cream", Any, SKIN, (1.0, "application"), TWICE, None, (1, 30, 2), "Apply a thin layer to the rash twice a day"),
    d("198031", "nicotine 7 MG/Day 24HR Transdermal System", Any, PATCH, (1.0, "patch"), DAILY, None, (30, 30, 1), "Apply 1 patch to clean, dry skin once a day"),
    d("105585", "methotrexate 2.5 MG Oral Tablet", Any, ORAL, (3.0, "tablet"), (1, 1, "wk"), None, (36, 84, 1), "Take 3 tablets (7.5 mg) by mouth once a WEEK, on the same day each week"),
    d("979092", "Hydroxychloroquine Sulfate 200 MG Oral Tablet", Any, ORAL, TAB, DAILY, None, Q90, "Take 1 tablet by mouth once a day with food"),
    d("198427", "lamotrigine 100 MG Oral Tablet", Any, ORAL, TAB, TWICE, None, Q180, "Take 1 tablet by mouth twice a day"),
    d("748879", "Levora 0.15/30 28 Day Pack", Any, ORAL, TAB, DAILY, None, (84, 84, 3), "Take 1 tablet by mouth once a day at the same time, in the order of the pack"),
    d("308192", "amoxicillin 500 MG Oral Tablet", Penicillin, ORAL, TAB, TWICE, None, (20, 10, 0), "Take 1 tablet by mouth twice a day for 10 days"),
    d("562508", "amoxicillin 875 MG / clavulanate 125 MG Oral Tablet", Penicillin, ORAL, TAB, TWICE, None, (14, 7, 0), "Take 1 tablet by mouth twice a day for 7 days with food"),
    d("308460", "azithromycin 250 MG Oral Tablet", Macrolide, ORAL, TAB, DAILY, None, (6, 5, 0), "Take 2 tablets by mouth on day 1, then 1 tablet once a day on days 2 to 5"),
    d("197454", "cephalexin 500 MG Oral Tablet", Cephalosporin, ORAL, TAB, (4, 1, "d"), None, (28, 7, 0), "Take 1 tablet by mouth four times a day for 7 days"),
    d("198335", "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet", Sulfa, ORAL, TAB, TWICE, None, (6, 3, 0), "Take 1 tablet by mouth twice a day for 3 days"),
    d("1648755", "nitrofurantoin, macrocrystals 25 MG / nitrofurantoin, monohydrate 75 MG Oral Capsule", Any, ORAL, CAP, TWICE, None, (10, 5, 0), "Take 1 capsule by mouth twice a day for 5 days with food"),
    d("1650142", "doxycycline monohydrate 100 MG Oral Tablet", Any, ORAL, TAB, TWICE, None, (14, 7, 0), "Take 1 tablet by mouth twice a day for 7 days with a full glass of water"),
];

/// The row with this RxNorm code.
pub(crate) fn drug(code: &str) -> Option<&'static Drug> {
    DRUGS.iter().find(|drug| drug.code == code)
}
