//! The writer of SVG: a few marks with their attributes, numbers cut to a hundredth of a point, words escaped. Marks come
//! out in the order they were put, so the same figure has the same bytes.

use std::fmt::Write as _;

use super::Raster;

/// The typeface of all figures, by its name in the embedded file.
pub const FAMILY: &str = "DejaVu Sans";

/// Which end of a line of type its position means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// How a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Long dashes.
    Dashed,
    /// Dots.
    Dotted,
}

impl Dash {
    fn attribute(self) -> &'static str {
        match self {
            Self::Solid => "",
            Self::Dashed => " stroke-dasharray=\"4 2\"",
            Self::Dotted => " stroke-dasharray=\"1 1.5\"",
        }
    }
}

/// What a point looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A filled disc.
    Disc,
    /// A filled square.
    Square,
    /// A hollow diamond: a number that is not ours.
    Diamond,
}

/// An SVG drawing under way.
#[derive(Debug, Default)]
pub struct Canvas {
    body: String,
}

/// A length or place with at most two digits behind the point.
fn n(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Words as XML takes them; control characters, which it does not take, become blanks.
pub fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

impl Canvas {
    /// An empty drawing.
    pub fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, mark: &str) {
        self.body.push_str(mark);
        self.body.push('\n');
    }

    /// A filled rectangle from its upper left corner.
    pub fn rect(&mut self, (x, y): (f64, f64), (w, h): (f64, f64), fill: &str) {
        let [x, y, w, h] = [x, y, w, h].map(n);
        self.put(&format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{fill}\"/>"));
    }

    /// A frame around a rectangle.
    pub fn frame(&mut self, (x, y): (f64, f64), (w, h): (f64, f64), colour: &str, thick: f64) {
        let [x, y, w, h, thick] = [x, y, w, h, thick].map(n);
        self.put(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{thick}\"/>"
        ));
    }

    /// A line through `points`; nothing where there are fewer than two.
    pub fn line(&mut self, points: &[(f64, f64)], colour: &str, thick: f64, dash: Dash) {
        if points.len() < 2 {
            return;
        }
        let path = path(points);
        let (thick, dash) = (n(thick), dash.attribute());
        self.put(&format!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{thick}\" stroke-linejoin=\"round\"{dash}/>"
        ));
    }

    /// A filled area, a quarter opaque.
    pub fn area(&mut self, points: &[(f64, f64)], fill: &str) {
        if points.len() < 3 {
            return;
        }
        self.put(&format!("<path d=\"{}Z\" fill=\"{fill}\" fill-opacity=\"0.25\"/>", path(points)));
    }

    /// A point.
    pub fn point(&mut self, (x, y): (f64, f64), shape: Shape, colour: &str) {
        match shape {
            Shape::Disc => {
                let (x, y) = (n(x), n(y));
                self.put(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"2.4\" fill=\"{colour}\"/>"));
            }
            Shape::Square => self.rect((x - 2.2, y - 2.2), (4.4, 4.4), colour),
            Shape::Diamond => {
                let path = path(&[(x, y - 3.4), (x + 3.4, y), (x, y + 3.4), (x - 3.4, y)]);
                self.put(&format!("<path d=\"{path}Z\" fill=\"#ffffff\" stroke=\"{colour}\" stroke-width=\"1\"/>"));
            }
        }
    }

    /// A line of type; `y` is its base line.
    pub fn text(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, colour: &str, words: &str) {
        let ([x, y, size], anchor, words) = ([x, y, size].map(n), anchor.name(), escaped(words));
        self.put(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{words}</text>"
        ));
    }

    /// A line of type that runs upwards; `x` is its base line.
    pub fn text_up(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, words: &str) {
        let ([x, y, size], anchor, words) = ([x, y, size].map(n), anchor.name(), escaped(words));
        self.put(&format!(
            "<text transform=\"translate({x} {y}) rotate(-90)\" font-size=\"{size}\" text-anchor=\"{anchor}\">{words}</text>"
        ));
    }

    /// A picture, enlarged to the rectangle.
    pub fn image(&mut self, (x, y): (f64, f64), (w, h): (f64, f64), picture: &Raster) {
        let [x, y, w, h] = [x, y, w, h].map(n);
        let style = if picture.smooth { "optimizeQuality" } else { "pixelated" };
        let uri = picture.uri();
        self.put(&format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:{style}\" href=\"{uri}\"/>"
        ));
    }

    /// The drawing as a file of `width` x `height` points on white ground.
    pub fn svg(self, width: f64, height: f64, title: &str) -> String {
        let (w, h, title) = (n(width), n(height), escaped(title));
        let mut svg = String::with_capacity(self.body.len() + 400);
        writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"'{FAMILY}', sans-serif\" fill=\"#000000\">\n<title>{title}</title>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>"
        )
        .unwrap_or_default();
        svg.push_str(&self.body);
        svg.push_str("</svg>\n");
        svg
    }
}

fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        // Writing into a string cannot fail.
        write!(path, "{}{} {}", if i == 0 { "M" } else { "L" }, n(*x), n(*y)).unwrap_or_default();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_words_are_escaped() {
        assert_eq!([0.0, -0.001, 1.5, 2.0, 1.0 / 3.0].map(n), ["0", "0", "1.5", "2", "0.33"]);
        assert_eq!(escaped("a<b> & \"c\"\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot; ");
    }
}
