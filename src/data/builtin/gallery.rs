//! One person under every attack, by every camera or in every place, for looking at: which pictures there are, and each
//! of them with its maps. Nothing is kept.

use crate::rng::Streams;
use crate::synth::{DEVICES, Makeup, Mask, Partial, Presentation, PrintForm, Renderer, SESSIONS, SynthError};

use super::crop;
use super::plan::{place_of, print, replay};

pub use crate::synth::Clip;

/// Who holds and wears what is shown here.
const ATTACKER: u32 = 1_000_000;

/// What differs from column to column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Across {
    /// Cameras, in one place.
    #[default]
    Cameras,
    /// Places, with one camera.
    Places,
}

/// The pictures as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What is shown, row by row.
    pub rows: Vec<String>,
    /// By which camera or where.
    pub columns: Vec<&'static str>,
    /// The clips, row by row.
    pub clips: Vec<Clip>,
}

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// sRGB bytes.
    pub rgb: Vec<u8>,
    /// Facial depth: 255 nearest, 0 background and attacks.
    pub depth: Vec<u8>,
    /// 255 where the attack's material is.
    pub mask: Vec<u8>,
    /// `127.5 (n + 1)`, three bytes a pixel.
    pub normals: Vec<u8>,
    /// sRGB, three bytes a pixel.
    pub albedo: Vec<u8>,
    /// Left, top, width, height of the face in pixels.
    pub face_box: [f32; 4],
}

/// The rows' names and what they show.
fn presentations() -> Vec<(String, Presentation)> {
    let mut out = vec![("Live".to_owned(), Presentation::Live)];
    let mut add = |name: &str, p: Presentation| out.push((name.to_owned(), p));
    add("Print, offset press", print("w_poster", PrintForm::Flat));
    add("Print, laser", print("i_laser", PrintForm::Flat));
    add("Print, inkjet", print("w_inkjet", PrintForm::Flat));
    add("Print, warped photo", print("c_photo", PrintForm::Warped));
    add("Print, cut eyes", print("c_photo", PrintForm::CutEyes));
    add("Paper mask, eyes and mouth cut", print("y_still", PrintForm::CutEyesMouth));
    add("Paper mask, whole", print("y_still", PrintForm::FullMask));
    add("Paper mask, lower part", print("y_still", PrintForm::LowerMask));
    add("Replay, monitor", replay("o_display2", true));
    add("Replay, laptop", replay("y_mac", true));
    add("Replay, tablet", replay("c_tablet", true));
    add("Replay, phone", replay("i_mobile", true));
    add("Replay, OLED phone", replay("w_oled", true));
    add("Half mask", Presentation::Mask(Mask::Half));
    add("Silicone mask", Presentation::Mask(Mask::Silicone));
    add("Transparent mask", Presentation::Mask(Mask::Transparent));
    add("Papercraft mask", Presentation::Mask(Mask::Paper));
    add("Mannequin", Presentation::Mask(Mask::Mannequin));
    add("Make-up, obfuscation", Presentation::Makeup(Makeup::Obfuscation));
    add("Make-up, impersonation", Presentation::Makeup(Makeup::Impersonation));
    add("Make-up, cosmetic", Presentation::Makeup(Makeup::Cosmetic));
    add("Funny-eye glasses", Presentation::Partial(Partial::FunnyEye));
    add("Paper glasses", Presentation::Partial(Partial::PaperGlasses));
    add("Partial paper, eyes", Presentation::Partial(Partial::PaperEye));
    add("Partial paper, mouth", Presentation::Partial(Partial::PaperMouth));
    out
}

/// Everything there is of one person.
pub fn table(person: u32, across: Across, seed: u64) -> Table {
    let device = |name: &str| place_of(name, DEVICES.iter().map(|d| d.name));
    let place = |name: &str| place_of(name, SESSIONS.iter().map(|s| s.name));
    let columns: Vec<(&'static str, u8, u8)> = match across {
        Across::Cameras => {
            let one = place("m_office");
            DEVICES.iter().map(|d| (d.name, device(d.name), one)).collect()
        }
        Across::Places => {
            let one = device("o_phone1");
            SESSIONS.iter().map(|s| (s.name, one, place(s.name))).collect()
        }
    };
    let rows = presentations();
    let mut clips = Vec::new();
    for (r, (_, presentation)) in rows.iter().enumerate() {
        for &(_, device, session) in &columns {
            // One seed a row: the same mask, sheet and pose under every camera.
            let rng = &mut Streams::new(seed).stream("gallery", u64::from(person) * 1000 + r as u64);
            clips.push(Clip {
                person,
                attacker: if presentation.is_live() { person } else { ATTACKER + person * 64 + r as u32 },
                presentation: *presentation,
                device,
                session,
                hand: false,
                talking: false,
                glasses: None,
                upside_down: false,
                seed: rand::Rng::next_u64(rng),
            });
        }
    }
    let columns = columns.into_iter().map(|c| c.0).collect();
    Table { rows: rows.into_iter().map(|r| r.0).collect(), columns, clips }
}

/// Makes the pictures.
#[derive(Debug)]
pub struct Studio(Renderer);

impl Studio {
    /// Loads what is needed. Takes some tenths of a second.
    pub fn new() -> Result<Self, SynthError> {
        Ok(Self(Renderer::new()?))
    }

    /// The face of the first frame, cut and scaled as runs see it: sRGB bytes, `side * side * 3`.
    pub fn face(&self, seed: u64, clip: &Clip, side: usize) -> Vec<u8> {
        // About half of a frame's side is face.
        let shown = self.show(seed, clip, 2 * side);
        crop::cut(&shown.rgb, (shown.width, shown.height), 3, crop::square(shown.face_box), side)
    }

    /// The first frame of `clip` in the world of `seed`, cut from a square of `side` pixels.
    pub fn show(&self, seed: u64, clip: &Clip, side: usize) -> Shown {
        let frame = self.0.open(seed, clip, side).frame(0.0, 0);
        Shown {
            width: frame.width,
            height: frame.height,
            rgb: frame.rgb,
            depth: frame.depth,
            mask: frame.mask,
            normals: frame.normals,
            albedo: frame.albedo,
            face_box: frame.face_box,
        }
    }
}
