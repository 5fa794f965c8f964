//! Where clips are taken: the light and the background of each recording session.

/// A recording session: where it took place.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// Name in face lists.
    pub name: &'static str,
    /// Environment maps it draws from.
    pub environments: &'static [&'static str],
}

/// The sessions, by their number in a clip.
pub const SESSIONS: &[Session] = &[
    Session { name: "home", environments: &["apartment", "lobby", "hall", "studio", "workshop", "night"] },
    Session { name: "work", environments: &["lab", "warehouse", "city", "bridge", "esplanade", "venice"] },
    Session { name: "outside", environments: &["park", "forest", "dawn", "sky", "sunrise", "sunset"] },
];
