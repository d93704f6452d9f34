//! Which weights, heights and head circumferences are so seldom at an age that they are asked about: Chartroom's own limits, wide on purpose.
//! They catch slips of typing and say nothing of health.
//!
//! Up to 20 years they are made of the CDC growth charts (2000; Kuczmarski RJ et al., Vital Health Stat 11(246), 2002), of both sexes
//! together: half the 3rd percentile at the youngest age of a band and twice the 97th at its oldest for weight, four fifths and six fifths for
//! length and height, 85 and 115 per cent for the head, rounded outwards, and nothing above what is asked about of everybody. Below three months the lower ones are lower: children born before
//! term. The charts end at 20 years (the head's at three); what is after that is not made of any chart.

use super::Of;
use crate::visit::vital::Vital;
use jiff::Unit;

type Limits = (f64, f64);

/// Below this age in months: weight in kg, height in cm, head circumference in cm.
#[rustfmt::skip]
const BANDS: [(i32, Limits, Limits, Limits); 15] = [
    (1,   (0.5, 11.0),   (25.0, 70.0),   (20.0, 47.0)),
    (3,   (1.0, 15.0),   (30.0, 78.0),   (24.0, 50.0)),
    (6,   (2.2, 20.0),   (44.0, 86.0),   (32.0, 53.0)),
    (12,  (2.9, 26.0),   (48.0, 97.0),   (34.0, 56.0)),
    (24,  (3.9, 32.0),   (55.0, 113.0),  (36.0, 59.0)),
    (36,  (4.9, 36.0),   (62.0, 124.0),  (38.0, 61.0)),
    (60,  (5.6, 50.0),   (69.0, 141.0),  (38.0, 65.0)),
    (84,  (7.1, 66.0),   (79.0, 159.0),  (40.0, 65.0)),
    (108, (8.8, 89.0),   (89.0, 175.0),  (40.0, 65.0)),
    (132, (10.0, 117.0), (97.0, 190.0),  (40.0, 65.0)),
    (156, (13.0, 144.0), (104.0, 205.0), (40.0, 65.0)),
    (180, (16.0, 166.0), (113.0, 215.0), (40.0, 65.0)),
    (216, (19.0, 195.0), (119.0, 215.0), (40.0, 65.0)),
    (240, (22.0, 202.0), (120.0, 215.0), (40.0, 65.0)),
    (i32::MAX, (30.0, 250.0), (120.0, 215.0), (45.0, 65.0)),
];

/// What is not asked about of this patient, in the base unit. Where the age is not known, or matters little: of everybody.
#[must_use]
pub fn usual(vital: &Vital, of: &Of) -> Limits {
    let age = of.born.and_then(|born| of.today.since((Unit::Month, born)).ok()).map(|age| age.get_months());
    let band = age.and_then(|months| BANDS.iter().find(|(below, ..)| months < *below));
    match (vital.slug, band) {
        ("weight", Some((_, weight, ..))) => *weight,
        ("height", Some((_, _, height, _))) => *height,
        ("head", Some((.., head))) => *head,
        _ => vital.usual,
    }
}
