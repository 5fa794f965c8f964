//! A figure as usvg reads it: its pictures at their own resolution, its words and where they stand.

use image::RgbImage;
use metafas::report::figure::tree_of;
use resvg::usvg::{Group, ImageKind, Node, Rect, TextChunk, Tree};

pub struct Scene {
    pub tree: Tree,
    /// Pictures as they are stored.
    pub pictures: Vec<RgbImage>,
    /// Lines of type, with their boxes and sizes in points.
    pub words: Vec<(String, Rect, f32)>,
}

impl Scene {
    pub fn of(svg: &str) -> Self {
        let tree = tree_of(svg).unwrap();
        let mut scene = Self { pictures: vec![], words: vec![], tree: tree.clone() };
        scene.walk(tree.root());
        scene
    }

    fn walk(&mut self, group: &Group) {
        for node in group.children() {
            match node {
                Node::Group(inner) => self.walk(inner),
                Node::Image(image) => {
                    let ImageKind::PNG(bytes) = image.kind() else { panic!("pictures are PNG") };
                    self.pictures.push(image::load_from_memory(bytes).unwrap().into_rgb8());
                }
                Node::Text(text) => {
                    let words: String = text.chunks().iter().map(TextChunk::text).collect();
                    let size = text.chunks()[0].spans()[0].font_size().get();
                    self.words.push((words, text.abs_bounding_box(), size));
                }
                Node::Path(_) => {}
            }
        }
    }

    /// How many pictures have these sides.
    pub fn count(&self, width: u32, height: u32) -> usize {
        self.pictures.iter().filter(|p| p.dimensions() == (width, height)).count()
    }

    pub fn has(&self, words: &str) -> bool {
        self.words.iter().any(|w| w.0.contains(words))
    }

    /// What a reader of the page would not forgive.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = vec![];
        let size = self.tree.size();
        for (i, (words, place, points)) in self.words.iter().enumerate() {
            if *points < 7.0 {
                faults.push(format!("'{words}' has {points} points"));
            }
            let inside = place.left() >= 0.0 && place.top() >= 0.0;
            if !inside || place.right() > size.width() || place.bottom() > size.height() {
                faults.push(format!("'{words}' is cut at the edge"));
            }
            for (others, other, _) in &self.words[i + 1..] {
                let apart = |a: (f32, f32), b: (f32, f32)| a.1.min(b.1) - a.0.max(b.0) < 0.4;
                let across = apart((place.left(), place.right()), (other.left(), other.right()));
                let down = apart((place.top(), place.bottom()), (other.top(), other.bottom()));
                if !across && !down {
                    faults.push(format!("'{words}' and '{others}' overlap"));
                }
            }
        }
        faults
    }
}
