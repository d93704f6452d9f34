//! Where people live and how they are reached: places and numbers that belong to nobody.

use crate::day::Day;
use crate::person::Person;
use crate::rng::Rng;

/// Towns that do not exist; their postal codes (00100 to 00199) were never assigned.
const TOWNS: &[&str] = &[
    "Alder Falls",
    "Quarry Bend",
    "Millrace",
    "Haverly",
    "North Haverly",
    "Tern Harbor",
    "Kestrel Ridge",
    "Old Ferry",
    "Maple Crossing",
    "Bellwether",
    "Sable Point",
    "Upper Lindow",
    "Lindow",
    "Copper Hollow",
    "Wrenfield",
    "St. Brannoc",
];
const STREETS: &[&str] = &[
    "Main Street",
    "Oak Street",
    "Mill Lane",
    "River Road",
    "Church Street",
    "Orchard Avenue",
    "Station Road",
    "Elm Court",
    "Harbor View",
    "Prospect Avenue",
    "Second Street",
    "Third Street",
    "Meadow Drive",
    "Quarry Road",
    "Ferry Street",
    "Linden Way",
    "Schoolhouse Road",
    "Birch Terrace",
    "Canal Street",
    "Hillcrest Drive",
];
/// Half of the practice lives under these; the others have brought a number from elsewhere.
const LOCAL_AREA_CODES: &[u32] = &[315, 518, 607, 680, 838];

pub(crate) fn add_home(person: &mut Person, rng: &mut Rng) {
    let number = rng.between(1, 980);
    let flat = if rng.chance(0.2) { format!(", Apt {}", rng.between(1, 40)) } else { String::new() };
    person.street = format!("{number} {}{flat}", rng.pick(STREETS));
    person.town = *rng.pick_zipf(TOWNS);
    person.postal_code = format!("{:05}", rng.between(100, 199));
}

/// A number of the block kept for fiction: 555-0100 to 555-0199 under each area code (NANPA, ATIS-0300115).
pub(crate) fn phone(rng: &mut Rng) -> String {
    let area = if rng.chance(0.5) { *rng.pick(LOCAL_AREA_CODES) } else { any_area_code(rng) };
    format!("{area}-555-01{:02}", rng.between(0, 99))
}

/// Any area code form the plan allows: first digit 2-9, second 0-8, not N11.
fn any_area_code(rng: &mut Rng) -> u32 {
    let code = (200 + 100 * rng.below(8) + 10 * rng.below(9) + rng.below(10)) as u32;
    if code % 100 == 11 { code + 1 } else { code }
}

pub(crate) fn add_phones(person: &mut Person, today: Day, rng: &mut Rng) {
    let age = person.birth.years_to(today);
    if rng.chance(if age > 60 { 0.8 } else { 0.25 }) {
        person.home_phone = Some(phone(rng));
    }
    if person.home_phone.is_none() || rng.chance(0.7) {
        person.mobile = Some(phone(rng));
    }
    if (16..85).contains(&age) && rng.chance(0.55) {
        person.email = Some(format!("patient{}@mail.example", person.index));
    }
}
