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
    /// Uploads `count` pictures of `side` x `side`; `pixel(i, p)` is pixel `p` of picture `i`.
    pub fn fill(
        &mut self,
        ctx: &Context,
        name: &str,
        (count, side): (usize, usize),
        smooth: bool,
        pixel: impl Fn(usize, usize) -> Color32,
    ) {
        self.columns = (count as f64).sqrt().ceil().max(1.0) as usize;
        self.rows = count.div_ceil(self.columns).max(1);
        self.count = count;
        let width = self.columns * side.max(1);
        let mut image = ColorImage::filled([width, self.rows * side.max(1)], Color32::TRANSPARENT);
        for i in 0..count {
            let (left, top) = (i % self.columns * side, i / self.columns * side);
            for y in 0..side {
                for x in 0..side {
                    image.pixels[(top + y) * width + left + x] = pixel(i, y * side + x);
                }
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
    atlas.fill(ctx, name, (pictures.len(), size), true, |i, p| {
        let at = pictures.get(i).and_then(|rgb: &&'a [u8]| rgb.get(3 * p..3 * p + 3));
        at.map_or(Color32::TRANSPARENT, |c| Color32::from_rgb(c[0], c[1], c[2]))
    });
}

/// Uploads maps through a scale; absent ones stay clear.
pub fn fill_maps(atlas: &mut Atlas, ctx: &Context, name: &str, side: usize, scale: Scale, maps: &[Option<&[f32]>]) {
    atlas.fill(ctx, name, (maps.len(), side), false, |i, p| {
        let value = maps.get(i).copied().flatten().and_then(|m| m.get(p));
        value.map_or(Color32::TRANSPARENT, |&v| scale.color(v))
    });
}
