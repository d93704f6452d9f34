//! When a patient came, and why: check-ups by age, follow-up by problems, illness by chance; and what was drawn at each visit.

use crate::agenda::Slot;
use crate::course::{Course, Depth, Kind, Status, Visit};
use crate::day::Day;
use crate::lab_table::Panel;
use crate::person::Person;
use crate::problem_table::{ACUTE, Acute};
use crate::rng::Rng;

/// Video visits began in the spring of 2020 (18 March).
const VIDEO_SINCE: Day = Day(18_339);

impl Course<'_> {
    pub(crate) fn plan_visits(&mut self, end: Day, depth: Depth, rng: &mut Rng) {
        let mut planned: Vec<(Day, Kind)> = Vec::new();
        self.plan_child_visits(end, rng, &mut planned);
        self.plan_adult_visits(end, rng, &mut planned);
        self.plan_illnesses(end, rng, &mut planned);
        planned.sort_by_key(|(day, _)| *day);
        planned.dedup_by(|later, earlier| later.0.0 - earlier.0.0 < 4);
        let keep = if depth == Depth::Scale { 3 } else { 60 };
        let skip = planned.len().saturating_sub(keep);
        for (day, kind) in planned.into_iter().skip(skip) {
            let visit = self.visit(day, kind, rng);
            self.visits.push(visit);
        }
    }

    fn visit(&self, day: Day, kind: Kind, rng: &mut Rng) -> Visit {
        let usual = rng.chance(0.75);
        let follows = match kind {
            Kind::Acute(_) => Vec::new(),
            _ => (0..self.problems.len()).filter(|i| self.problems.get(*i).is_some_and(|p| p.active(day))).collect(),
        };
        Visit {
            day,
            minute: business_minute(rng),
            kind,
            status: Status::Finished,
            video: matches!(kind, Kind::FollowUp) && day > VIDEO_SINCE && rng.chance(0.12),
            clinician: if usual { self.traits.clinician } else { rng.below(4) },
            nurse: rng.below(3),
            room: rng.below(5),
            follows,
            panels: Vec::new(),
        }
    }

    /// Well-child visits at the ages of the Bright Futures periodicity schedule (AAP, 2025), yearly from 3 to 17.
    fn plan_child_visits(&self, end: Day, rng: &mut Rng, planned: &mut Vec<(Day, Kind)>) {
        const EARLY: [i32; 11] = [4, 14, 61, 122, 183, 274, 366, 457, 549, 731, 914];
        let birth = self.person.birth;
        let yearly = (3..18).map(|year| year * 365 + 10);
        for (i, age) in EARLY.into_iter().chain(yearly).enumerate() {
            let late = if i < 2 { rng.between(0, 2) } else { rng.between(0, 24) };
            let day = birth.plus(age + late).workday();
            if day >= self.start && day <= end && rng.chance(0.93) {
                planned.push((day, Kind::WellChild));
            }
        }
    }

    fn plan_adult_visits(&self, end: Day, rng: &mut Rng, planned: &mut Vec<(Day, Kind)>) {
        let adult = self.person.birth.plus(18 * 366);
        let mut day = self.start.max(adult).plus(rng.between(0, 200));
        while day <= end {
            let active = self.problems.iter().filter(|p| p.active(day)).count();
            let checkup = rng.chance(0.5);
            let seen = active > 0 || rng.chance(0.6);
            if seen {
                planned.push((day.workday(), if checkup || active == 0 { Kind::Adult } else { Kind::FollowUp }));
            }
            let gap = match active {
                0 => rng.between(400, 640),
                1 => rng.between(320, 480),
                2..=3 => rng.between(230, 400),
                _ => rng.between(170, 320),
            };
            day = day.plus(gap);
        }
        planned.retain(|(day, _)| *day <= end);
    }

    fn plan_illnesses(&self, end: Day, rng: &mut Rng, planned: &mut Vec<(Day, Kind)>) {
        let mut day = self.start.plus(rng.between(20, 500));
        while day <= end {
            let age = self.person.birth.years_to(day);
            let visit = day.workday();
            if let Some(acute) = illness(self.person, age, visit, rng)
                && visit <= end
            {
                planned.push((visit, Kind::Acute(acute)));
            }
            day = day.plus(if age < 6 { rng.between(90, 420) } else { rng.between(300, 1600) });
        }
    }

    pub(crate) fn add_today(&mut self, today: Day, slot: Slot, rng: &mut Rng) {
        let age = self.person.birth.years_to(today);
        let kind = match illness(self.person, age, today, rng) {
            Some(acute) if rng.chance(0.4) => Kind::Acute(acute),
            _ if age < 18 => Kind::WellChild,
            _ if self.problems.iter().any(|p| p.active(today)) => Kind::FollowUp,
            _ => Kind::Adult,
        };
        let mut visit = self.visit(today, kind, rng);
        visit.video = false;
        visit.minute = slot.minute;
        visit.clinician = slot.clinician;
        visit.room = slot.room;
        visit.status = slot.status;
        self.visits.push(visit);
    }

    /// Panels follow the problems: each is drawn when it is due again at a visit that follows its problem.
    pub(crate) fn choose_panels(&mut self, depth: Depth, rng: &mut Rng) {
        let mut drawn: Vec<(Panel, Day)> = Vec::new();
        let adult = self.person.birth.plus(18 * 366);
        let problems = &self.problems;
        for visit in &mut self.visits {
            if visit.video
                || visit.day < adult
                || matches!(visit.kind, Kind::Acute(_))
                || visit.status != Status::Finished
            {
                continue;
            }
            let age = self.person.birth.years_to(visit.day);
            let mut wanted: Vec<Panel> = Vec::new();
            for problem in visit.follows.iter().filter_map(|i| problems.get(*i)) {
                wanted.extend(problem.row.panels);
            }
            if age >= 40 && matches!(visit.kind, Kind::Adult) && rng.chance(0.3) {
                wanted.extend([Panel::Lipids, Panel::Cmp, Panel::Cbc]);
            }
            if wanted.contains(&Panel::Cmp) {
                wanted.retain(|p| *p != Panel::Bmp);
            }
            for panel in wanted {
                let pause = match (panel, depth) {
                    (Panel::A1c | Panel::Inr, _) => 80,
                    (Panel::Cbc | Panel::Cmp, Depth::Demo) => 1000,
                    _ => 380,
                };
                let due =
                    drawn.iter().rev().find(|(p, _)| *p == panel).is_none_or(|(_, day)| visit.day.0 - day.0 >= pause);
                if due && !visit.panels.contains(&panel) {
                    visit.panels.push(panel);
                    drawn.push((panel, visit.day));
                }
            }
        }
        if depth == Depth::Scale {
            let last = self.visits.iter().rposition(|v| !v.panels.is_empty());
            for (i, visit) in self.visits.iter_mut().enumerate() {
                if Some(i) != last {
                    visit.panels.clear();
                }
                visit.panels.truncate(2);
            }
        }
    }
}

/// A quarter past, half past …: visits begin on quarter hours from 08:00 to 16:30, none over lunch.
fn business_minute(rng: &mut Rng) -> i32 {
    let quarter = rng.between(0, 30);
    let minute = 480 + quarter * 15;
    if minute >= 720 { minute + 60 } else { minute }
}

fn illness(person: &Person, age: i32, day: Day, rng: &mut Rng) -> Option<&'static Acute> {
    let sex = person.sex;
    for _ in 0..8 {
        let row = rng.pick_zipf(ACUTE);
        let fits = row.ages.0 <= age && age <= row.ages.1 && row.sex.is_none_or(|s| s == sex);
        // COVID-19 was first diagnosed here in March 2020.
        if fits && (row.code != "U07.1" || day > Day(18_330)) {
            return Some(row);
        }
    }
    None
}
