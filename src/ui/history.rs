//! Undo and redo of what is looked at, not of what runs do: where panes' switches, filters and cursors stood before.

use super::ablations::AblationPage;
use super::colormap::Colormap;
use super::command::{TimeCursor, UiCommand};
use super::compare::{ComparePage, Side, Together};
use super::faces::{FaceFilter, FaceSort, ScorePlot};
use super::run::RunId;
use super::state::AppState;
use super::workspace::ThemeChoice;
use crate::engine::Stage;
use crate::features::ColorLbp;
use crate::session::MapKind;

/// How things are looked at.
#[derive(Debug, Clone, PartialEq)]
struct Look {
    selected: Option<RunId>,
    time: TimeCursor,
    phase: (Option<Stage>, Option<usize>),
    theme: ThemeChoice,
    colormap: Colormap,
    curves: (bool, f64, bool, [bool; 3], bool),
    faces: (FaceFilter, Option<f64>, FaceSort, bool, ScorePlot, bool, Option<usize>),
    compare: (String, ComparePage, String, bool, Option<MapKind>, Together, [Side; 2]),
    ablations: (String, AblationPage, MapKind, &'static str),
    patterns: (ColorLbp, bool),
}

impl Look {
    fn of(state: &AppState) -> Self {
        let (w, f, c, a) = (&state.workspace, &state.faces, &state.compare, &state.ablations);
        Self {
            selected: state.selected,
            time: state.time,
            phase: (state.shown_stage, state.shown_phase),
            theme: w.theme,
            colormap: w.colormap,
            curves: (w.log_axis, w.smoothing, w.follow_curves, w.curve_groups, w.show_difference),
            faces: (f.filter.clone(), f.threshold, f.sort, f.reversed, f.plot, f.maps, f.picked),
            compare: (c.filter.clone(), c.page, c.metric.clone(), c.single_lines, c.kind, c.together, c.sides.clone()),
            ablations: (a.chosen.clone(), a.page, a.kind, a.metric),
            patterns: (state.patterns.lbp, state.patterns.stretch),
        }
    }

    fn bring_back(self, state: &mut AppState) {
        if state.runs.iter().any(|(id, _)| Some(*id) == self.selected) {
            state.selected = self.selected;
        }
        state.time = self.time;
        (state.shown_stage, state.shown_phase) = self.phase;
        let w = &mut state.workspace;
        (w.theme, w.colormap) = (self.theme, self.colormap);
        (w.log_axis, w.smoothing, w.follow_curves, w.curve_groups, w.show_difference) = self.curves;
        let f = &mut state.faces;
        (f.filter, f.threshold, f.sort, f.reversed, f.plot, f.maps, f.picked) = self.faces;
        let c = &mut state.compare;
        (c.filter, c.page, c.metric, c.single_lines, c.kind, c.together, c.sides) = self.compare;
        let a = &mut state.ablations;
        let before = std::mem::take(&mut a.chosen);
        (a.chosen, a.page, a.kind, a.metric) = self.ablations;
        if a.chosen != before {
            a.forget();
        }
        (state.patterns.lbp, state.patterns.stretch) = self.patterns;
    }
}

/// Steps that are kept.
const KEPT: usize = 100;

/// Changes of one kind that follow each other within so many seconds are one step: a slider that is dragged.
const TOGETHER: f64 = 0.8;

/// What was looked at before, and what was undone.
#[derive(Debug, Default)]
pub struct History {
    before: Vec<Look>,
    undone: Vec<Look>,
    last: Option<(std::mem::Discriminant<UiCommand>, f64)>,
}

impl History {
    /// Steps that are kept, done and undone.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.before.len() + self.undone.len()
    }

    /// Whether anything can be undone, and redone.
    pub fn can(&self) -> (bool, bool) {
        (!self.before.is_empty(), !self.undone.is_empty())
    }
}

impl AppState {
    /// Carries out one command, and remembers how things were looked at before it.
    pub(super) fn handle_and_remember(&mut self, command: UiCommand) {
        match command {
            UiCommand::Undo => self.undo(),
            UiCommand::Redo => self.redo(),
            // Under the pointer things change all the time.
            command @ (UiCommand::Point { .. }
            | UiCommand::NextPicture
            | UiCommand::LookAtShelf
            | UiCommand::FollowPixel) => {
                self.handle(command);
            }
            command => {
                let (before, kind) = (Look::of(self), std::mem::discriminant(&command));
                self.handle(command);
                if before != Look::of(self) {
                    let history = &mut self.history;
                    let goes_on = history.last.is_some_and(|(k, at)| k == kind && self.now - at < TOGETHER);
                    if !goes_on {
                        history.before.push(before);
                        let surplus = history.before.len().saturating_sub(KEPT);
                        history.before.drain(..surplus);
                    }
                    history.last = Some((kind, self.now));
                    history.undone.clear();
                }
            }
        }
    }

    fn undo(&mut self) {
        if let Some(look) = self.history.before.pop() {
            self.history.undone.push(Look::of(self));
            self.history.last = None;
            look.bring_back(self);
            self.want_maps();
        }
    }

    fn redo(&mut self) {
        if let Some(look) = self.history.undone.pop() {
            self.history.before.push(Look::of(self));
            look.bring_back(self);
            self.want_maps();
        }
    }
}
