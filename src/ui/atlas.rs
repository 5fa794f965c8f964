//! Pictures of one size side by side in one texture: uploaded once when they are new, drawn cell by cell.

use std::sync::Arc;

use eframe::egui::{Color32, ColorImage, Context, Pos2, Rect, TextureHandle, TextureOptions, pos2};

use super::colormap::Scale;

/// Many small pictures as one texture.
#[derive(Default)]
pub struct Atlas {
    texture: Option<TextureHandle>,
    columns: usize,
    count: usize,
    rows: usize,
}

impl Atlas {
    /// Uploads `count` pictures of `side` x `side`; `row(i, y, out)` paints row `y` of picture `i`.
    pub fn fill(
        &mut self,
        ctx: &Context,
        name: &str,
        (count, side): (usize, usize),
        smooth: bool,
        row: impl Fn(usize, usize, &mut [Color32]),
    ) {
        self.columns = (count as f64).sqrt().ceil().max(1.0) as usize;
        self.rows = count.div_ceil(self.columns).max(1);
        self.count = count;
        let width = self.columns * side.max(1);
        let mut image = ColorImage::filled([width, self.rows * side.max(1)], Color32::TRANSPARENT);
        for i in 0..count {
            let (left, top) = (i % self.columns * side, i / self.columns * side);
            for y in 0..side {
                let from = (top + y) * width + left;
                row(i, y, &mut image.pixels[from..from + side]);
            }
        }
        let options = if smooth { TextureOptions::LINEAR } else { TextureOptions::NEAREST };
        match &mut self.texture {
            Some(texture) => texture.set(image, options),
            None => self.texture = Some(ctx.load_texture(name, image, options)),
        }
    }

    /// The texture and the part of it that picture `i` takes.
    pub fn cell(&self, i: usize) -> Option<(eframe::egui::TextureId, Rect)> {
        let texture = self.texture.as_ref().filter(|_| i < self.count)?;
        let (w, h) = (1.0 / self.columns as f32, 1.0 / self.rows as f32);
        let corner: Pos2 = pos2((i % self.columns) as f32 * w, (i / self.columns) as f32 * h);
        Some((texture.id(), Rect::from_min_size(corner, eframe::egui::vec2(w, h))))
    }
}

/// An atlas that is filled again when what it shows is another thing.
pub struct Kept<K> {
    atlas: Atlas,
    key: Option<K>,
}

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self { atlas: Atlas::default(), key: None }
    }
}

impl<K: PartialEq> Kept<K> {
    /// The atlas, filled by `fill` if `key` is not the one it was filled for.
    pub fn get(&mut self, key: K, fill: impl FnOnce(&mut Atlas)) -> &Atlas {
        if self.key.as_ref() != Some(&key) {
            fill(&mut self.atlas);
            self.key = Some(key);
        }
        &self.atlas
    }
}

impl<K> Kept<K> {
    /// The atlas as it was filled last.
    pub fn filled(&self) -> &Atlas {
        &self.atlas
    }
}

/// Compares shared data by identity: the same allocation, which stays alive as long as this does.
pub struct Same<T>(pub Arc<T>);

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Uploads sRGB bytes, `count` pictures of `size` x `size` x 3.
pub fn fill_rgb<'a>(atlas: &mut Atlas, ctx: &Context, name: &str, size: usize, pictures: &[&'a [u8]]) {
    atlas.fill(ctx, name, (pictures.len(), size), true, |i, y, out| {
        let bytes = pictures.get(i).and_then(|rgb: &&'a [u8]| rgb.get(3 * y * size..3 * (y + 1) * size));
        for (pixel, c) in out.iter_mut().zip(bytes.unwrap_or_default().chunks_exact(3)) {
            *pixel = Color32::from_rgb(c[0], c[1], c[2]);
        }
    });
}

/// Steps of colour between a scale's limits.
const STEPS: usize = 1023;

/// Uploads maps through a scale; absent ones stay clear.
pub fn fill_maps(atlas: &mut Atlas, ctx: &Context, name: &str, side: usize, scale: Scale, maps: &[Option<&[f32]>]) {
    // A colour is a polynomial: worked out once for as many steps as eyes and screens tell apart, not once a texel.
    let step = |i: usize| scale.low + (scale.high - scale.low) * i as f32 / STEPS as f32;
    let colours: Vec<Color32> = (0..=STEPS).map(|i| scale.color(step(i))).collect();
    let per_value = STEPS as f32 / (scale.high - scale.low);
    let colour = |v: f32| {
        let at = ((v - scale.low) * per_value).round().clamp(0.0, STEPS as f32);
        if v.is_finite() { colours[at as usize] } else { scale.color(v) }
    };
    atlas.fill(ctx, name, (maps.len(), side), false, |i, y, out| {
        let values = maps.get(i).copied().flatten().and_then(|m| m.get(y * side..(y + 1) * side));
        for (pixel, &v) in out.iter_mut().zip(values.unwrap_or_default()) {
            *pixel = colour(v);
        }
    });
}
