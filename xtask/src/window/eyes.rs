//! What the window tells of its controls, and which of them is meant by a name.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// One control or text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Control {
    pub(crate) role: String,
    pub(crate) name: String,
    pub(crate) value: String,
    /// Of a slider or a field for a number: where it stands, and between which limits.
    pub(crate) number: Option<f64>,
    pub(crate) limits: Option<(f64, f64)>,
    pub(crate) on: bool,
    pub(crate) pressable: bool,
    pub(crate) disabled: bool,
    /// Left, top, right and bottom in pixels of the window.
    pub(crate) place: [i32; 4],
}

impl Control {
    /// Its middle.
    pub(crate) fn middle(&self) -> (i32, i32) {
        self.at(0.5)
    }

    /// A place on its middle line, by the part of its width that is to the left of it.
    pub(crate) fn at(&self, part: f64) -> (i32, i32) {
        let [left, top, right, bottom] = self.place;
        (left + (f64::from(right - left) * part) as i32, i32::midpoint(top, bottom))
    }
}

/// The file's controls, in the order in which a screen reader comes to them.
pub(super) fn parse(text: &str) -> Result<Vec<Control>> {
    let all: Vec<Value> = serde_json::from_str(text).context("what the window tells of its controls is not JSON")?;
    all.iter().map(|c| control(c).with_context(|| format!("this is no control: {c}"))).collect()
}

fn control(value: &Value) -> Option<Control> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let is = |key: &str| value.get(key).and_then(Value::as_bool);
    let number = |path: &str| value.pointer(path).and_then(Value::as_f64);
    let place = value.get("place")?.as_array()?;
    let place: Vec<i32> = place.iter().filter_map(Value::as_i64).map(|v| v as i32).collect();
    Some(Control {
        role: text("role")?,
        name: text("name")?,
        value: text("value").unwrap_or_default(),
        number: number("/number"),
        limits: number("/limits/0").zip(number("/limits/1")),
        on: is("on").unwrap_or(false),
        pressable: is("pressable")?,
        disabled: is("disabled")?,
        place: place.try_into().ok()?,
    })
}

/// Which control is meant.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    words: String,
    fits: Fits,
    /// The heading that it stands below, where several have the name.
    below: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Fits {
    Whole,
    Start,
    Part,
}

/// The one called so.
pub(crate) fn named(name: &str) -> Wanted {
    Wanted { words: name.to_owned(), fits: Fits::Whole, below: None }
}

/// One whose name begins so.
pub(crate) fn starting(start: &str) -> Wanted {
    Wanted { fits: Fits::Start, ..named(start) }
}

/// One with these words in its name.
pub(crate) fn saying(words: &str) -> Wanted {
    Wanted { fits: Fits::Part, ..named(words) }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = &self.words;
        match self.fits {
            Fits::Whole => write!(f, "`{words}`")?,
            Fits::Start => write!(f, "`{words}…`")?,
            Fits::Part => write!(f, "`…{words}…`")?,
        }
        self.below.as_ref().map_or(Ok(()), |heading| write!(f, " below `{heading}`"))
    }
}

impl Wanted {
    /// The first below the control called `heading`.
    pub(crate) fn below(self, heading: &str) -> Self {
        Self { below: Some(heading.to_owned()), ..self }
    }

    /// All that fit.
    pub(crate) fn all<'a>(&self, controls: &'a [Control]) -> Vec<&'a Control> {
        let from = match &self.below {
            None => 0,
            Some(heading) => controls.iter().position(|c| c.name == *heading).map_or(controls.len(), |i| i + 1),
        };
        let fits = |c: &&Control| match self.fits {
            Fits::Whole => c.name == self.words,
            Fits::Start => c.name.starts_with(&self.words),
            Fits::Part => c.name.contains(&self.words),
        };
        controls[from..].iter().filter(fits).collect()
    }

    /// The one that a person would point at: what can be pressed, else the first that fits.
    pub(super) fn pointed<'a>(&self, controls: &'a [Control]) -> Result<&'a Control> {
        let first = || self.all(controls).first().copied().with_context(|| format!("there is no {self}"));
        self.pressed(controls).or_else(|_| first())
    }

    /// The one that a person would press: not the text beside it, nor what cannot be pressed now. Two of a name are nobody's
    /// guess, unless they are wanted below a heading or by a part of their names.
    pub(super) fn pressed<'a>(&self, controls: &'a [Control]) -> Result<&'a Control> {
        let all = self.all(controls);
        let able: Vec<&Control> = all.iter().filter(|c| c.pressable && !c.disabled).copied().collect();
        match able.as_slice() {
            [one] => Ok(one),
            [first, ..] if self.below.is_some() || !matches!(self.fits, Fits::Whole) => Ok(first),
            [] if all.iter().any(|c| c.disabled) => bail!("{self} cannot be pressed now"),
            [] if all.is_empty() => bail!("there is no {self}"),
            [] => bail!("{self} is a text and nothing to press"),
            several => {
                let places: Vec<String> = several.iter().map(|c| format!("{} at {:?}", c.role, c.middle())).collect();
                bail!("{self} may be any of these: {}", places.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = r#"[
        {"role": "Label", "name": "Protocol", "pressable": false, "disabled": false, "focused": false, "place": [0, 0, 40, 20]},
        {"role": "ComboBox", "name": "Protocol", "value": "scenario 7", "pressable": true, "disabled": false,
         "focused": true, "place": [50, 0, 150, 21]},
        {"role": "Button", "name": "Bi-level", "pressable": true, "disabled": false, "focused": false, "place": [0, 30, 9, 40]},
        {"role": "SpinButton", "name": "Iterations", "number": 200, "limits": [0, 9], "pressable": true, "disabled": false,
         "focused": false, "place": [0, 40, 9, 50]},
        {"role": "Button", "name": "Pretraining", "on": true, "pressable": true, "disabled": false, "focused": false,
         "place": [0, 50, 9, 60]},
        {"role": "SpinButton", "name": "Iterations", "number": 300, "pressable": true, "disabled": false, "focused": false,
         "place": [0, 60, 9, 70]},
        {"role": "Button", "name": "Stop", "pressable": false, "disabled": true, "focused": false, "place": [0, 80, 9, 90]}
    ]"#;

    #[test]
    fn what_the_window_tells_is_read() {
        let all = parse(TOLD).unwrap();
        assert_eq!((all.len(), all[1].value.as_str(), all[1].middle()), (7, "scenario 7", (100, 10)));
        assert_eq!((all[3].number, all[4].on, all[6].disabled), (Some(200.0), true, true));
        assert_eq!((all[1].at(0.25), all[3].limits, all[5].limits), ((75, 10), Some((0.0, 9.0)), None));
        assert!(parse("").is_err() && parse("[{}]").is_err());
    }

    #[test]
    fn what_can_be_pressed_is_meant_and_not_the_text_beside_it() {
        let all = parse(TOLD).unwrap();
        let pressed = |wanted: &Wanted| wanted.pressed(&all).map_err(|e| e.to_string());
        assert_eq!(pressed(&named("Protocol")).unwrap().role, "ComboBox");
        assert_eq!(pressed(&saying("train")).unwrap().name, "Pretraining");
        assert_eq!(pressed(&starting("Pre")).unwrap().name, "Pretraining");
        let pointed = |wanted: &Wanted| wanted.pointed(&all).map(|c| c.role.clone());
        assert_eq!(pointed(&named("Protocol")).unwrap(), "ComboBox");
        assert_eq!(pointed(&named("Iterations")).unwrap(), "SpinButton");
        assert!(pointed(&named("Stop")).is_ok() && pointed(&named("Play")).is_err());
        for (wanted, why) in [
            (named("Stop"), "`Stop` cannot be pressed now"),
            (named("Play"), "there is no `Play`"),
            (named("Iterations").below("Nothing"), "there is no `Iterations` below `Nothing`"),
        ] {
            assert_eq!(pressed(&wanted).unwrap_err(), why);
        }
    }

    #[test]
    fn of_two_of_a_name_the_one_below_a_heading_is_meant() {
        let all = parse(TOLD).unwrap();
        let error = named("Iterations").pressed(&all).unwrap_err().to_string();
        assert!(error.contains("SpinButton at (4, 45)") && error.contains("(4, 65)"), "{error}");
        let number = |heading: &str| named("Iterations").below(heading).pressed(&all).unwrap().number;
        assert_eq!((number("Bi-level"), number("Pretraining")), (Some(200.0), Some(300.0)));
    }
}
