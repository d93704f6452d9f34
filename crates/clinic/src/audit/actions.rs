//! What the trail records, in words. One table: the search's choices and the list's words come from it.

/// Slug and words of every action the program records.
pub const ACTIONS: &[(&str, &str)] = &[
    ("chart.read", "Read a chart"),
    ("patient.find", "Looked for patients"),
    ("patient.list", "Saw a list of patients"),
    ("patient.read", "Read a patient's identity"),
    ("patient.register", "Registered a patient"),
    ("patient.edit", "Changed a patient's identity"),
    ("entry.error", "Marked an entry as entered in error"),
    ("entry.move", "Moved an entry to another chart"),
    ("entry.restore", "Restored an entry"),
    ("record.read", "Read by a program"),
    ("record.search", "Searched by a program"),
    ("record.history", "Read versions by a program"),
    ("record.everything", "Read a whole chart by a program"),
    ("record.write", "Written by a program"),
    ("import", "Imported"),
    ("audit.search", "Looked through the audit trail"),
    ("audit.export", "Exported the audit trail"),
    ("practitioner.list", "Saw the list of practitioners"),
    ("request", "Was refused"),
    ("sign-in", "Signed in"),
    ("sign-in.failures-cleared", "Failed sign-ins forgotten"),
    ("sign-out", "Signed out"),
    ("session.lock", "Locked"),
    ("session.unlock", "Unlocked"),
    ("session.end", "Session ended"),
    ("password.ask", "Asked for the password again"),
    ("password.change", "Changed their password"),
    ("password.rehash", "Password kept with stronger parameters"),
    ("preferences.change", "Changed their preferences"),
    ("user.create", "Made an account"),
    ("user.update", "Changed an account"),
    ("user.disable", "Disabled an account"),
    ("user.enable", "Enabled an account"),
    ("user.reset-password", "Gave a one-time password"),
    ("user.end-sessions", "Ended an account's sessions"),
    ("token.create", "Made an API token"),
    ("token.revoke", "Revoked an API token"),
    ("practice.settings", "Changed the practice's settings"),
    ("setup.offer", "Set-up link offered"),
    ("setup.use", "Set the practice up"),
];

/// The words of an action; an action from elsewhere is shown as it is recorded.
#[must_use]
pub fn words(action: &str) -> &str {
    ACTIONS.iter().find(|(slug, _)| *slug == action).map_or(action, |(_, words)| words)
}
