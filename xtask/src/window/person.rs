//! Somebody who sits before the workbench on a private screen: looks, waits with some patience, presses, drags, types, and
//! keeps pictures. Who sees not what was wanted tells the last picture and what the program said.

use super::eyes::{Control, Wanted, parse};
use super::hands::Hands;
use super::screen::{Program, SIZE, Screen};
use crate::shell;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long one waits before a window in which nothing moves, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long where something does, as a count of faces that are made.
const LIMIT: Duration = Duration::from_mins(10);
/// Between two looks.
const BLINK: Duration = Duration::from_millis(60);
/// How long the window has been still before something in it is aimed at or photographed.
const STILL: Duration = Duration::from_millis(250);

/// Which control is meant among those that are told.
type Choose = for<'a> fn(&Wanted, &'a [Control]) -> Result<&'a Control>;

/// A person, a window and where its pictures go.
pub(crate) struct Person {
    screen: Screen,
    program: Program,
    hands: Hands,
    /// What the window tells of its controls.
    told: PathBuf,
    out: PathBuf,
    /// What the pictures are called.
    job: String,
    pictures: usize,
    /// What was told at the last look, and when that was new.
    seen: (Vec<Control>, Instant),
    /// What was met that no screen reader could name.
    nameless: BTreeSet<String>,
}

impl Person {
    /// Opens `program gui` in the folder `home`, which is its cache too, so that nothing is there from before; pictures go to
    /// `out` as `job-1.png` and so on.
    pub(crate) fn sits_down(program: &Path, home: &Path, out: &Path, job: &str) -> Result<Self> {
        let screen = Screen::start(out)?;
        let (cache, told) = (home.join("cache"), home.join("controls.json"));
        let mut command = Command::new(program);
        command.arg("gui").current_dir(home);
        command
            .env("HOME", home)
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("METAFAS_CONFIG")
            .env("METAFAS_CACHE", cache)
            .env("METAFAS_CONTROLS", &told);
        command.env_remove("XDG_CACHE_HOME").env_remove("METAFAS_LOG");
        let program = Program::start(&screen, &mut command, out.join(format!("{job}.log")))?;
        let hands = Hands::on(&screen.display)?;
        let (out, job, nameless) = (out.to_owned(), job.to_owned(), BTreeSet::new());
        let seen = (vec![], Instant::now());
        let mut person = Self { screen, program, hands, told, out, job, pictures: 0, seen, nameless };
        person.wait("window", |person, _| person.hands.take())?;
        Ok(person)
    }

    /// Closes the window by its key, and fails if it does not end well, or if it had controls without a name.
    pub(crate) fn leaves(mut self) -> Result<()> {
        self.strikes("Ctrl+Q")?;
        let status = self.program.leave()?;
        if !status.success() {
            bail!("the workbench ended with {status}; it said:\n{}", self.program.said());
        }
        if self.nameless.is_empty() {
            return Ok(());
        }
        let all: Vec<&str> = self.nameless.iter().map(String::as_str).collect();
        bail!("controls without a name, which a screen reader passes over: {}", all.join(", "))
    }

    /// Keeps a picture.
    pub(crate) fn photographs(&mut self) -> Result<()> {
        self.still()?;
        self.pictures += 1;
        let file = self.out.join(format!("{}-{}.png", self.job, self.pictures));
        self.screen.picture(&file)
    }

    /// Waits until something is there, and looks at it.
    pub(crate) fn sees(&mut self, wanted: &Wanted) -> Result<Control> {
        self.finds(&format!("{wanted}"), |all| wanted.all(all).first().map(|c| (*c).clone()))
    }

    /// Waits until something is gone.
    pub(crate) fn sees_no(&mut self, wanted: &Wanted) -> Result<()> {
        self.finds(&format!("{wanted} gone"), |all| wanted.all(all).is_empty().then_some(()))
    }

    /// Waits until `look` finds in the controls what is wanted.
    pub(crate) fn finds<T>(&mut self, what: &str, look: impl Fn(&[Control]) -> Option<T>) -> Result<T> {
        let mut found = None;
        self.wait(what, |_, all| {
            found = look(all);
            Ok(found.is_some())
        })?;
        found.context("what was found is lost")
    }

    /// Waits for something outside the window, as a file.
    pub(crate) fn expects(&mut self, what: &str, there: impl Fn() -> bool) -> Result<()> {
        self.wait(what, |_, _| Ok(there()))
    }

    /// Presses a control.
    pub(crate) fn presses(&mut self, wanted: &Wanted) -> Result<()> {
        let at = self.aims(wanted, Wanted::pressed)?.middle();
        self.acts(wanted, |hands| hands.click(at))
    }

    /// Points at a control, at a part of its width.
    pub(crate) fn points(&mut self, wanted: &Wanted, part: f64) -> Result<()> {
        let at = self.aims(wanted, Wanted::pointed)?.at(part);
        self.acts(wanted, |hands| hands.point(at))
    }

    /// Takes hold of a slider's handle and drags it to a part of its width.
    pub(crate) fn drags(&mut self, slider: &Wanted, from: f64, to: f64) -> Result<()> {
        let control = self.aims(slider, Wanted::pressed)?;
        self.acts(slider, |hands| hands.drag(control.at(from), control.at(to)))
    }

    /// Turns the wheel where the pointer is until `wanted` stands above `edge`, which hides what is below it.
    pub(crate) fn scrolls_to(&mut self, wanted: &Wanted, edge: &Wanted) -> Result<()> {
        let until = format!("{wanted} above {edge}");
        self.wait(&until, |person, all| {
            let (Some(it), Some(edge)) = (wanted.all(all).first().copied(), edge.all(all).first().copied()) else {
                return Ok(false);
            };
            if it.place[3] + 20 < edge.place[1] {
                return Ok(true);
            }
            person.hands.wheel(true)?;
            Ok(false)
        })
    }

    /// Presses keys together, as "Ctrl+P".
    pub(crate) fn strikes(&mut self, chord: &str) -> Result<()> {
        self.still()?;
        self.hands.press(chord).with_context(|| format!("pressing {chord}"))
    }

    /// Types a text into what has the keys.
    pub(crate) fn writes(&mut self, text: &str) -> Result<()> {
        self.still()?;
        self.hands.write(text).with_context(|| format!("typing {text}"))
    }

    fn acts(&mut self, wanted: &Wanted, act: impl FnOnce(&mut Hands) -> Result<()>) -> Result<()> {
        act(&mut self.hands).with_context(|| format!("at {wanted}"))
    }

    /// Waits until what `choose` takes for the control is there and stands still; where it is then.
    fn aims(&mut self, wanted: &Wanted, choose: Choose) -> Result<Control> {
        let (mut aim, mut since, mut why) = (None::<Control>, Instant::now(), String::new());
        let waited = self.wait(&format!("{wanted} to press"), |_, all| {
            match choose(wanted, all) {
                Ok(now) if aim.as_ref().is_some_and(|before| before.place == now.place) => {}
                Ok(now) => (aim, since) = (Some(now.clone()), Instant::now()),
                Err(error) => (aim, why) = (None, error.to_string()),
            }
            Ok(aim.is_some() && since.elapsed() > STILL)
        });
        let control = match (waited, aim) {
            (Ok(()), Some(control)) => control,
            (Ok(()), None) => bail!("{wanted} was lost"),
            (Err(error), _) if why.is_empty() => return Err(error),
            (Err(error), _) => return Err(error.context(why)),
        };
        let (x, y) = control.middle();
        if x < 0 || y < 0 || x >= SIZE.0.into() || y >= SIZE.1.into() {
            return self.gives_up(&format!("{wanted} lies outside the window, at {x}, {y}"));
        }
        Ok(control)
    }

    /// Waits until the window has told nothing new for a moment; one that always does is as good as still.
    fn still(&mut self) -> Result<()> {
        let begun = Instant::now();
        self.wait("window that is still", |person, _| {
            Ok(person.seen.1.max(begun).elapsed() > STILL || begun.elapsed() > 4 * STILL)
        })
    }

    fn looks(&mut self) -> Result<Vec<Control>> {
        let all = parse(&fs::read_to_string(&self.told).unwrap_or_else(|_| "[]".to_owned()))?;
        // Splitters, plots and bars of tabs have no role either, and are no controls to a screen reader.
        let silent = |c: &&Control| !["Unknown", "ScrollBar"].contains(&c.role.as_str());
        for control in all.iter().filter(|c| c.pressable && c.name.is_empty()).filter(silent) {
            self.nameless.insert(format!("{} at {:?}", control.role, control.middle()));
        }
        if all != self.seen.0 {
            self.seen = (all.clone(), Instant::now());
        }
        Ok(all)
    }

    /// Looks again and again until `done`, as long as something moves.
    fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Self, &[Control]) -> Result<bool>) -> Result<()> {
        let start = Instant::now();
        loop {
            let all = self.looks()?;
            if done(self, &all)? {
                return Ok(());
            }
            if let Some(status) = self.program.ended()? {
                bail!("the workbench ended ({status}) before there was {what}; it said:\n{}", self.program.said());
            }
            let waited = start.elapsed();
            if waited > LIMIT || self.seen.1.max(start).elapsed() > PATIENCE {
                return self.gives_up(&format!("there was no {what} within {}", shell::duration(waited)));
            }
            sleep(BLINK);
        }
    }

    /// The error, with all that helps to understand it.
    fn gives_up<T>(&mut self, why: &str) -> Result<T> {
        let picture = self.out.join(format!("{}-failed.png", self.job));
        let seen = match self.screen.picture(&picture) {
            Ok(()) => picture.display().to_string(),
            Err(error) => format!("no picture: {error:#}"),
        };
        bail!("{why}; the last picture is {seen}; the workbench said:\n{}", self.program.said())
    }
}
