//! Commands of the patterns pane, carried out, and answers taken in.

use std::path::{Path, PathBuf};

use super::{MadeRow, PatternColumn, PatternJob, PatternProbe, PatternSheet, Patterns, PatternsCommand};
use crate::ui::command::Probe;
use crate::ui::jobs::Job;
use crate::ui::state::{AppState, Level};
use crate::ui::workspace::Pane;

impl AppState {
    /// Carries out one command.
    pub(in crate::ui) fn handle_patterns(&mut self, command: PatternsCommand) {
        let watched = self.run().and_then(|run| run.1.watched.clone());
        let patterns = &mut self.patterns;
        match command {
            PatternsCommand::Make => {
                let wanted = patterns.wanted(watched.as_ref());
                let job = PatternJob { watched: wanted.watched.clone(), files: wanted.files.clone(), lbp: wanted.lbp };
                // The thread's queue may be full; the view asks again.
                if patterns.wants(watched.as_ref()) && self.jobs.submit(Job::Patterns(Box::new(job))) {
                    self.patterns.asked = Some(wanted);
                }
            }
            PatternsCommand::Type(text) => patterns.typed = text,
            PatternsCommand::Add(path) => {
                patterns.hidden.remove(&path.display().to_string());
                if !patterns.files.contains(&path) {
                    patterns.files.push(path);
                }
                patterns.typed.clear();
            }
            PatternsCommand::Remove(path) => patterns.files.retain(|p| *p != path),
            PatternsCommand::Pick(name, true) => {
                patterns.hidden.remove(&name);
            }
            PatternsCommand::Pick(name, false) => {
                patterns.hidden.insert(name);
            }
            PatternsCommand::Lbp(lbp) => patterns.lbp = lbp,
            PatternsCommand::Stretch(stretch) => patterns.stretch = stretch,
            PatternsCommand::Point { probe, pin } => {
                if pin || !patterns.pinned {
                    patterns.probe = probe;
                    patterns.pinned = pin && probe.is_some();
                    patterns.pointed_elsewhere = false;
                    self.point_in_maps();
                }
            }
            PatternsCommand::TypeOut(text) => patterns.out = text,
            PatternsCommand::ChooseOut(path) => {
                patterns.out = path.display().to_string();
                patterns.agreed = Some(path);
            }
            PatternsCommand::Export => self.export_patterns(),
        }
    }

    /// The pixel of the run's maps that is pointed at, in the watched face's patterns too.
    pub(in crate::ui) fn point_in_patterns(&mut self) {
        let side = self.shown_maps().map(|maps| maps.side).filter(|side| *side > 0);
        let of = |probe: Probe| {
            let of_face = |made: &MadeRow| made.as_ref().is_ok_and(|row| row.watched == Some(probe.face));
            let row = self.patterns.rows.iter().position(of_face)?;
            let size = self.patterns.rows[row].as_ref().ok()?.size;
            let middle =
                |at: usize, length: usize| side.map(|side| ((2 * at + 1) * length / (2 * side)).min(length - 1));
            Some(PatternProbe { row, y: middle(probe.row, size.1)?, x: middle(probe.column, size.0)? })
        };
        let probe = self.probe.and_then(of);
        let patterns = &mut self.patterns;
        patterns.pointed_elsewhere = probe.is_some();
        (patterns.probe, patterns.pinned) = (probe, probe.is_some() && self.probe_pinned);
    }

    /// The pixel of a watched face's patterns that is pointed at, in the maps of the run too.
    fn point_in_maps(&mut self) {
        let side = self.shown_maps().map_or(0, |maps| maps.side);
        let of = |probe: PatternProbe| {
            let row = self.patterns.rows.get(probe.row)?.as_ref().ok()?;
            let at = |at: usize, length: usize| (at * side).checked_div(length);
            let (row_at, column) = (at(probe.y, row.size.1)?, at(probe.x, row.size.0)?);
            Some(Probe { face: row.watched?, row: row_at, column })
        };
        self.probe = self.patterns.probe.and_then(of).filter(|_| side > 0);
        self.probe_pinned = self.patterns.pinned && self.probe.is_some();
        self.probe_from = self.probe.map(|_| Pane::Patterns);
    }

    /// Takes maps in.
    pub(in crate::ui) fn patterns_made(&mut self, rows: Vec<MadeRow>) {
        let Patterns { made, asked, .. } = &mut self.patterns;
        *made = asked.take();
        let fresh: Vec<String> = rows
            .iter()
            .filter_map(|row| row.as_ref().err().map(|(_, why)| why.clone()))
            .filter(|why| !self.patterns.rows.iter().any(|old| matches!(old, Err((_, known)) if known == why)))
            .collect();
        self.patterns.rows = rows;
        self.patterns.generation += 1;
        (self.patterns.probe, self.patterns.pinned) = (None, false);
        for why in fresh {
            self.say(Level::Warning, why);
        }
    }

    /// Tells what became of a picture that was to be written.
    pub(in crate::ui) fn patterns_written(&mut self, answer: Result<PathBuf, String>) {
        self.patterns.writing = false;
        match answer {
            Ok(path) => {
                self.say(Level::Info, format!("Written: {}", path.display()));
                self.patterns.agreed = Some(path);
            }
            Err(why) => self.say(Level::Warning, why),
        }
    }

    /// The name of a column, with where its values come from.
    pub(in crate::ui) fn pattern_title(&self, column: PatternColumn) -> String {
        let origin = self.run().and_then(|run| run.1.provenance.as_ref().map(|p| p.depth.clone())).unwrap_or_default();
        match column {
            PatternColumn::FacialDepth if !origin.is_empty() => format!("{} ({origin})", column.title()),
            _ => column.title().to_owned(),
        }
    }

    fn export_patterns(&mut self) {
        let out = PathBuf::from(self.patterns.out.trim());
        let png = out.extension().is_some_and(|e| e.eq_ignore_ascii_case("png"));
        if !png || out.parent().is_some_and(|p| p != Path::new("") && !p.is_dir()) {
            let what =
                if png { "there is no such folder" } else { "the picture is a PNG file and its name ends in .png" };
            self.say(Level::Warning, format!("{}: {what}", out.display()));
            return;
        }
        let run = self.run();
        let learned = self.shown_maps().and_then(|maps| maps.pattern.clone());
        let columns = self.patterns.columns(learned.is_some());
        let rows: Vec<_> = self.patterns.shown().map(|(_, row)| row.clone()).collect();
        let mut notes = vec![];
        if let Some(run) = run.filter(|_| rows.iter().any(|row| row.watched.is_some())) {
            let origin = if run.1.is_synthetic() { ", synthetic" } else { "" };
            notes.push(format!("Watched faces of {}{origin}. {}", run.1.name, run.1.partial().join(" ")));
        }
        let scale = if self.patterns.stretch { "each map stretched over 0 to 255" } else { "as stored, 0 to 255" };
        let lbp = self.patterns.lbp;
        let codes = if lbp.uniform { ", uniform codes" } else { "" };
        notes.push(format!("Maps {scale}. ColorLBP: neighbours {}{codes}.", lbp.interpolation));
        let sheet = PatternSheet {
            replace: self.patterns.agreed.as_ref() == Some(&out),
            out,
            columns: columns.into_iter().map(|c| (c, self.pattern_title(c))).collect(),
            rows,
            learned,
            stretch: self.patterns.stretch,
            notes,
        };
        self.patterns.writing = self.submit(Job::PatternSheet(Box::new(sheet)));
    }
}
