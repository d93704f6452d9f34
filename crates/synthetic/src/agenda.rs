//! Who comes in today: a short list chosen when the practice is made, each with a clinician, a room and a time nobody else has.

use crate::course::Status;
use crate::day::Day;
use crate::names::Names;
use crate::person::person;

/// An appointment today.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) minute: i32,
    pub(crate) clinician: usize,
    pub(crate) room: usize,
    pub(crate) status: Status,
}

/// Minutes after midnight the demo's day has reached: visits before are over, later ones are still to come.
const NOW: i32 = 10 * 60 + 20;
/// Appointments a clinician has on the day: every 45 minutes.
const TIMES: [i32; 9] = [480, 525, 570, 615, 660, 780, 825, 870, 915];

/// Today's appointments: patient index and slot, at most 36.
pub(crate) fn today(seed: u64, today: Day, patients: usize, names: &Names) -> Vec<(usize, Slot)> {
    let wanted = (4 * TIMES.len()).min(patients / 4 + usize::from(patients > 0));
    let alive = |index: &usize| *index < patients && person(seed, *index, today, names).death.is_none();
    // Indices 46 and 47 are a look-alike pair: they meet on one day, as they do in life.
    let stride = (patients / wanted.max(1)).max(1);
    let spread = (0..).map(|n| 2 + n * stride).take_while(|index| *index < patients);
    let mut indices: Vec<usize> = [46, 47].into_iter().filter(alive).collect();
    for index in spread.filter(alive) {
        if indices.len() < wanted && !indices.contains(&index) {
            indices.push(index);
        }
    }
    indices.into_iter().zip(slots()).collect()
}

fn slots() -> impl Iterator<Item = Slot> {
    let each = |(row, start): (usize, i32)| {
        (0..4).map(move |clinician| {
            let minute = start + 15 * (clinician as i32 % 3);
            Slot { minute, clinician, room: (clinician + row) % 5, status: status(minute) }
        })
    };
    TIMES.into_iter().enumerate().flat_map(each)
}

fn status(minute: i32) -> Status {
    match minute {
        m if m + 40 < NOW => Status::Finished,
        m if m <= NOW - 5 => Status::InProgress,
        m if m <= NOW + 15 => Status::Arrived,
        _ => Status::Planned,
    }
}
