//! Where clips are taken: the light and the background of each recording session. The letter before the stroke names
//! the domain that a session belongs to.

use super::tuning::Range;

/// A recording session: where it took place.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// Name in face lists.
    pub name: &'static str,
    /// Environment maps it draws from.
    pub environments: &'static [&'static str],
    /// How light must fall on the face: irradiance from the front against that from all round. Drawn turns of the
    /// surroundings outside of this are turned again.
    pub front: Range,
    /// A soft lamp near the camera: its irradiance against the surroundings' mean.
    pub lamp: Range,
    /// What stands behind people: `surroundings`, `wall` or `room`.
    pub backdrop: &'static str,
    /// Sensor noise against that in good light.
    pub dark: f32,
    /// The most that lamps flicker on the mains, as a part of their light.
    pub flicker: f32,
}

const INDOORS: Session = Session {
    name: "",
    environments: &[],
    front: (0.5, 9.0),
    lamp: (0.0, 0.25),
    backdrop: "surroundings",
    dark: 1.0,
    flicker: 0.06,
};
const OUTDOORS: Session = Session { flicker: 0.0, dark: 0.8, ..INDOORS };

const ROOMS: &[&str] = &["apartment", "lobby", "hall", "studio", "workshop", "lab"];
const OPEN: &[&str] = &["park", "forest", "dawn", "sky", "sunrise", "sunset", "city", "esplanade"];

/// The sessions, by their number in a clip.
pub const SESSIONS: &[Session] = &[
    Session { name: "o_session1", environments: &["park", "city", "dawn", "esplanade", "apartment"], ..OUTDOORS },
    Session {
        name: "o_session2",
        environments: &["apartment", "lobby", "hall", "night", "workshop"],
        backdrop: "wall",
        dark: 1.2,
        ..INDOORS
    },
    Session {
        name: "o_session3",
        environments: &["studio", "lab", "warehouse", "lobby", "bridge"],
        backdrop: "room",
        ..INDOORS
    },
    Session { name: "c_natural", environments: ROOMS, backdrop: "room", ..INDOORS },
    Session { name: "c_corridor", environments: &["hall", "lobby", "warehouse", "venice", "bridge"], ..INDOORS },
    Session {
        name: "i_controlled",
        environments: &["studio", "lab", "workshop", "hall"],
        backdrop: "wall",
        front: (0.7, 9.0),
        lamp: (0.2, 0.8),
        flicker: 0.28,
        ..INDOORS
    },
    Session {
        name: "i_adverse",
        environments: &["apartment", "lobby", "esplanade", "venice", "bridge", "city"],
        front: (0.35, 9.0),
        dark: 1.2,
        flicker: 0.12,
        ..INDOORS
    },
    Session { name: "m_office", environments: ROOMS, backdrop: "room", ..INDOORS },
    Session {
        name: "y_office",
        environments: &["lab", "workshop", "studio"],
        backdrop: "wall",
        flicker: 0.10,
        ..INDOORS
    },
    Session { name: "y_lamp", environments: &["night", "hall", "apartment"], dark: 1.35, ..INDOORS },
    Session { name: "y_window", environments: &["apartment", "lobby", "esplanade"], front: (0.35, 9.0), ..INDOORS },
    Session { name: "y_hall", environments: &["hall", "warehouse", "venice"], backdrop: "room", dark: 1.2, ..INDOORS },
    Session { name: "y_street", environments: &["city", "bridge", "park", "dawn"], ..OUTDOORS },
    Session {
        name: "w_frontal",
        environments: &["studio", "lab", "sky", "park"],
        front: (0.9, 9.0),
        lamp: (0.0, 0.6),
        ..INDOORS
    },
    Session {
        name: "w_side",
        environments: &["workshop", "apartment", "sunset", "city"],
        front: (0.35, 1.2),
        ..INDOORS
    },
    Session { name: "w_outdoors", environments: OPEN, ..OUTDOORS },
    Session { name: "w_evening", environments: &["night", "sunset", "venice", "hall"], dark: 1.4, ..INDOORS },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::synth::assets;

    #[test]
    fn sessions_have_names_of_their_own_and_light_that_exists() {
        let names: BTreeSet<&str> = SESSIONS.iter().map(|s| s.name).collect();
        assert_eq!(names.len(), SESSIONS.len());
        let known: BTreeSet<&str> = assets::ENVIRONMENTS.iter().map(|e| e.0).collect();
        for s in SESSIONS {
            assert!(!s.environments.is_empty() && s.environments.iter().all(|e| known.contains(e)), "{}", s.name);
        }
    }
}
