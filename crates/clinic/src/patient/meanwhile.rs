//! A form that was opened on a version which is no longer the newest: what others changed is taken in, what was typed stays, and both are
//! told apart, so that saving again loses neither.

use super::form::fields;
use fhir::edit::patient::Demographics;

/// A field that others changed since the form was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its name on the form.
    pub field: &'static str,
    /// What it said when the form was opened.
    pub before: String,
    /// What it says now.
    pub now: String,
    /// What was typed instead, where that is neither.
    pub typed: Option<String>,
}

/// The form to go on with, and what others changed.
#[must_use]
pub fn merged(before: &Demographics, now: &Demographics, typed: &Demographics) -> (Demographics, Vec<Changed>) {
    let (mut was, mut is, mut form) = (before.clone(), now.clone(), typed.clone());
    let mut changed = Vec::new();
    for (((field, was), (_, is)), (_, form)) in fields(&mut was).into_iter().zip(fields(&mut is)).zip(fields(&mut form))
    {
        settle(&mut changed, field, (was.as_str(), is.as_str()), form);
    }
    let word = |ticked: bool| if ticked { "yes" } else { "" }.to_owned();
    let mut interpreter = word(typed.interpreter);
    settle(&mut changed, "interpreter", (&word(before.interpreter), &word(now.interpreter)), &mut interpreter);
    form.interpreter = interpreter == "yes";
    (form, changed)
}

fn settle(changed: &mut Vec<Changed>, field: &'static str, (was, is): (&str, &str), form: &mut String) {
    if was == is {
        return;
    }
    let typed = (form.as_str() != was && form.as_str() != is).then(|| form.clone());
    if typed.is_none() {
        is.clone_into(form);
    }
    changed.push(Changed { field, before: was.to_owned(), now: is.to_owned(), typed });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_changed_is_taken_in_and_what_was_typed_stays() {
        let before =
            Demographics { family: "Larsen".into(), phone: "1".into(), city: "Elm".into(), ..Default::default() };
        let now = Demographics { phone: "2".into(), city: "Oak".into(), interpreter: true, ..before.clone() };
        let typed = Demographics { city: "Ash".into(), family: "Larson".into(), ..before.clone() };
        let (form, changed) = merged(&before, &now, &typed);
        assert_eq!((form.family.as_str(), form.phone.as_str(), form.city.as_str()), ("Larson", "2", "Ash"));
        assert!(form.interpreter);
        let told: Vec<_> = changed.iter().map(|c| (c.field, c.typed.as_deref())).collect();
        assert_eq!(told, [("phone", None), ("city", Some("Ash")), ("interpreter", None)]);
    }
}
