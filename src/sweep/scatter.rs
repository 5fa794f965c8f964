//! The premise as a picture: L_v against the worst species' ACER, a point a run and a colour a teacher, as SVG text.

use std::fmt::Write as _;

use super::premise::Comparison;

/// Colours that colour-blind people can tell apart (Okabe and Ito); after them the same again as squares.
const COLOURS: [&str; 8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a8a00"];

const WIDTH: f64 = 780.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 500.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 370.0;

/// The picture of one comparison; the same bytes each time.
pub fn scatter_svg(comparison: &Comparison) -> String {
    let x = Axis::over_losses(comparison.points.iter().map(|p| p.l_v));
    let y = Axis::over(comparison.points.iter().map(|p| 100.0 * p.acer_max));
    let across = |v: f64| LEFT + (RIGHT - LEFT) * x.share(v);
    let up = |v: f64| BOTTOM - (BOTTOM - TOP) * y.share(v);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    let mut put = |line: String| writeln!(svg, "{line}").unwrap_or_default();
    let text = |x: f64, y: f64, anchor: &str, words: &str| {
        format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>", escaped(words))
    };
    put(text(LEFT, TOP - 14.0, "start", &comparison.title));
    for tick in x.ticks() {
        let at = across(tick);
        put(format!("<path d=\"M{at:.1} {TOP}V{BOTTOM}\" stroke=\"#dddddd\"/>"));
        put(text(at, BOTTOM + 18.0, "middle", &x.label(tick)));
    }
    for tick in y.ticks() {
        let at = up(tick);
        put(format!("<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#dddddd\"/>"));
        put(text(LEFT - 8.0, at + 4.0, "end", &y.label(tick)));
    }
    put(format!("<path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\" fill=\"none\" stroke=\"#333333\"/>"));
    put(text(
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 38.0,
        "middle",
        "L_v against the binary map, mean of the last 50 bi-level iterations",
    ));
    let words = "test ACER, worst species (%)";
    let middle = f64::midpoint(TOP, BOTTOM);
    put(format!("<text transform=\"translate(18 {middle}) rotate(-90)\" text-anchor=\"middle\">{words}</text>"));
    for (at, row) in comparison.points.chunk_by(|a, b| a.row == b.row).enumerate() {
        let (colour, square) = (COLOURS[at % COLOURS.len()], at >= COLOURS.len());
        let mark = |x: f64, y: f64| {
            if square {
                let (x, y) = (x - 4.0, y - 4.0);
                format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"8\" height=\"8\" fill=\"{colour}\"/>")
            } else {
                format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{colour}\"/>")
            }
        };
        for point in row {
            put(mark(across(point.l_v), up(100.0 * point.acer_max)));
        }
        let line = TOP + 10.0 + 18.0 * at as f64;
        put(mark(RIGHT + 24.0, line));
        put(text(RIGHT + 36.0, line + 4.0, "start", &row[0].row));
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A scale with round ticks.
struct Axis {
    low: f64,
    high: f64,
    step: f64,
    /// Equal ratios are equally far apart.
    log: bool,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = if low.is_finite() { (low, high) } else { (0.0, 1.0) };
        let span = (high - low).max(1e-6);
        let power = 10_f64.powf((span / 5.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| span / s <= 6.0).unwrap_or(span);
        Self {
            low: (low / step).floor() * step,
            high: (high / step).ceil().max((low / step).floor() + 1.0) * step,
            step,
            log: false,
        }
    }

    /// Logarithmic where the largest loss is ten times the smallest or more.
    fn over_losses(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (low, high) = values.clone().fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
        if low > 0.0 && high >= 10.0 * low {
            return Self { low: 0.9 * low, high: 1.1 * high, step: 1.0, log: true };
        }
        Self::over(values)
    }

    fn share(&self, value: f64) -> f64 {
        if self.log {
            return (value / self.low).ln() / (self.high / self.low).ln();
        }
        (value - self.low) / (self.high - self.low)
    }

    fn ticks(&self) -> Vec<f64> {
        if self.log {
            let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
            let all = decades.flat_map(|d| [1.0, 2.0, 5.0].map(|m| m * 10.0_f64.powi(d)));
            return all.filter(|t| (self.low..=self.high).contains(t)).collect();
        }
        let count = ((self.high - self.low) / self.step).round() as u32;
        (0..=count).map(|i| self.low + f64::from(i) * self.step).collect()
    }

    fn label(&self, tick: f64) -> String {
        if self.log {
            return format!("{}", (tick * 1e9).round() / 1e9);
        }
        let digits = (-self.step.log10().floor()).max(0.0) as usize;
        format!("{tick:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::premise::Point;
    use super::*;

    #[test]
    fn every_run_is_a_point_inside_the_frame_and_every_teacher_a_line_of_the_legend() {
        let point =
            |row: &str, seed, l_v, acer_max| Point { row: row.to_owned(), seed, l_v, acer_max, hter: 0.1, auc: 0.9 };
        let points = vec![point("w/o <a>", 0, 0.05, 0.3), point("w/o <a>", 1, 0.11, 0.25), point("b", 0, 0.08, 0.5)];
        let svg = scatter_svg(&Comparison { title: "t & u".to_owned(), points });
        assert_eq!(svg.matches("<circle").count(), 3 + 2);
        assert!(svg.contains("w/o &lt;a&gt;") && svg.contains("t &amp; u"));
        assert!(svg.contains(">0.05<") && svg.contains(">0.11<") && svg.contains(">50<"), "{svg}");
        for part in svg.split("cx=\"").skip(1) {
            let x: f64 = part.split('"').next().unwrap().parse().unwrap();
            assert!((LEFT..=WIDTH).contains(&x));
        }
    }

    #[test]
    fn losses_far_apart_have_a_scale_of_ratios() {
        let axis = Axis::over_losses([0.08, 0.4, 1.2].into_iter());
        let labels: Vec<String> = axis.ticks().iter().map(|t| axis.label(*t)).collect();
        assert_eq!(labels, ["0.1", "0.2", "0.5", "1"]);
        assert!((axis.share(0.2) - axis.share(0.1) - (axis.share(0.4) - axis.share(0.2))).abs() < 1e-12);
        assert!(!Axis::over_losses([0.08, 0.4].into_iter()).log);
    }

    #[test]
    fn equal_values_have_a_scale_too() {
        let axis = Axis::over([0.3, 0.3].into_iter());
        assert!(axis.high > axis.low && axis.share(0.3).is_finite());
        assert!(!Axis::over(std::iter::empty()).ticks().is_empty());
    }
}
