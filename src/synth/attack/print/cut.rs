//! What is cut out of a print: holes for eyes and mouth, the face's outline, a whole upper part. Places are parts of
//! the photograph's side.

use super::super::super::math::bell;
use super::super::super::math::v3;
use super::super::super::noise::noise;
use super::super::super::species::PrintForm;
use super::super::Source;

/// The cuts of one print.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    form: PrintForm,
    landmarks: [[f32; 2]; 5],
    face: [f32; 4],
    /// Between the eyes.
    apart: f32,
    /// Scissors are not steady.
    seed: u32,
}

impl Cut {
    /// The cuts of `form` in a print of `source`.
    pub fn new(form: PrintForm, source: &Source, seed: u32) -> Self {
        let [r, l, ..] = source.landmarks;
        Self { form, landmarks: source.landmarks, face: source.face, apart: (l[0] - r[0]).hypot(l[1] - r[1]), seed }
    }

    /// Whether the print is worn or held on the attacker's own face.
    pub fn worn(&self) -> bool {
        !matches!(self.form, PrintForm::Flat | PrintForm::Warped)
    }

    /// Whether its outline is the face's.
    pub fn outlined(&self) -> bool {
        matches!(self.form, PrintForm::CutEyesMouth | PrintForm::FullMask | PrintForm::LowerMask)
    }

    /// The edges of the paper: left, top, right, bottom.
    pub fn edges(&self, border: f32) -> [f32; 4] {
        if self.outlined() {
            let [x, y, w, h] = self.face;
            [x - 0.12 * w, y - 0.2 * h, x + 1.12 * w, y + 1.12 * h]
        } else {
            [-border, -border, 1.0 + border, 1.0 + border]
        }
    }

    /// How far `place` is inside the paper (negative where it is cut away), about in parts of the photograph's side.
    pub fn inside(&self, place: [f32; 2]) -> f32 {
        let mut least = f32::MAX;
        if !self.worn() {
            return least;
        }
        let shaky = 0.008 * noise(v3(place[0] * 18.0, place[1] * 18.0, 0.5), self.seed);
        if self.outlined() {
            let [x, y, w, h] = self.face;
            let dy = (place[1] - (y + 0.46 * h)) / (0.60 * h);
            let narrow = if dy > 0.0 { 1.0 - 0.28 * dy * dy } else { 1.0 - 0.08 * dy * dy };
            let dx = (place[0] - (x + 0.5 * w)) / (0.53 * w * narrow);
            let r = (dx.abs().powf(2.4) + dy.abs().powf(2.4)).powf(1.0 / 2.4);
            least = least.min((1.0 - r) * 0.5 * w);
        }
        if matches!(self.form, PrintForm::CutEyes | PrintForm::CutEyesMouth) {
            for eye in &self.landmarks[..2] {
                least = least.min(-hole(place, *eye, [0.31 * self.apart, 0.18 * self.apart]));
            }
        }
        if self.form == PrintForm::CutEyesMouth {
            let [.., r, l] = self.landmarks;
            let middle = [(r[0] + l[0]) * 0.5, (r[1] + l[1]) * 0.5];
            least = least.min(-hole(place, middle, [0.58 * (l[0] - r[0]).max(0.4 * self.apart), 0.17 * self.apart]));
        }
        if self.form == PrintForm::LowerMask {
            let [r, l, ..] = self.landmarks;
            let (ex, ey) = ((r[0] + l[0]) * 0.5, (r[1] + l[1]) * 0.5);
            let arch = 0.36 * bell((place[0] - ex) / (0.24 * self.apart));
            least = least.min(place[1] - (ey + (0.34 - arch) * self.apart));
        }
        least + shaky
    }
}

/// How far `place` is inside an ellipse.
fn hole(place: [f32; 2], middle: [f32; 2], half: [f32; 2]) -> f32 {
    let (dx, dy) = ((place[0] - middle[0]) / half[0], (place[1] - middle[1]) / half[1]);
    (1.0 - dx.hypot(dy)) * half[1]
}

#[cfg(test)]
mod tests {
    use super::super::super::sheet::tests::source;
    use super::*;

    #[test]
    fn each_form_cuts_away_what_its_name_says() {
        let s = source();
        let [eye, _, nose, corner, other] = s.landmarks;
        let mouth = [(corner[0] + other[0]) * 0.5, corner[1]];
        let ear = [0.05, 0.5];
        let paper = |form: PrintForm| {
            let cut = Cut::new(form, &s, 7);
            [eye, nose, mouth, ear].map(|p| cut.inside(p) > 0.0)
        };
        assert_eq!(paper(PrintForm::Flat), [true; 4]);
        assert_eq!(paper(PrintForm::Warped), [true; 4]);
        assert_eq!(paper(PrintForm::CutEyes), [false, true, true, true]);
        assert_eq!(paper(PrintForm::CutEyesMouth), [false, true, false, false]);
        assert_eq!(paper(PrintForm::FullMask), [true, true, true, false]);
        assert_eq!(paper(PrintForm::LowerMask), [false, true, true, false]);
    }
}
