//! The guided tour of one bi-level iteration: a small run is started and stopped at its first iterations of Algorithm 1, and
//! then taken phase by phase, with the words that the step view has for each.

use super::command::{Transport, UiCommand};
use super::form::RunForm;
use super::state::AppState;
use super::workspace::{Layout, Pane};
use crate::config::{Preset, Stage};
use crate::engine::{Command, PhaseInfo};

/// Bi-level iterations that are done before the tour begins to step.
const AHEAD: u64 = 10;
/// Iterations of pretraining before Algorithm 1.
const PRETRAIN: u64 = 100;

/// What the tour says and what its main button does.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// A heading.
    pub title: String,
    /// The equation that is carried out, where there is one.
    pub equation: String,
    /// Two or three sentences.
    pub text: String,
    /// Paper and section; empty where there is none.
    pub source: String,
    /// The main button, and what it does; `None` while the run is on its way.
    pub next: Option<(&'static str, UiCommand)>,
    /// Phases done of those there are.
    pub place: Option<(usize, usize)>,
}

impl AppState {
    /// Begins the tour: a run of the demo preset, unless one is under way, up to its first bi-level iterations.
    pub(super) fn begin_tour(&mut self) {
        self.tour = true;
        (self.workspace.layout, self.workspace.tree) = (Layout::Step, None);
        self.rearrange = true;
        let under_way = self.run().is_some_and(|run| self.is_attached(run.0) && !run.is_over());
        if !under_way {
            self.form = RunForm::new(Preset::Demo);
            // Enough for maps that are worth a look, and soon there.
            self.form.config.pretrain.iterations = PRETRAIN;
            let first = self.form.config.pretrain.iterations + AHEAD;
            self.start(Some(Command::RunTo(first)));
        }
        self.focus = Some(Pane::Step);
    }

    /// Where the tour stands.
    pub fn tour_stop(&self) -> Option<Stop> {
        if !self.tour {
            return None;
        }
        let stop = |title: &str, text: &str| Stop {
            title: title.to_owned(),
            equation: String::new(),
            text: text.to_owned(),
            source: String::new(),
            next: None,
            place: None,
        };
        let Some(run) = self.run().filter(|run| self.is_attached(run.0)) else {
            let text = "A small run is made ready: synthetic faces are rendered once and kept. Then teacher and detector learn a \
                        little from plain maps, before Algorithm 1 begins.";
            return Some(stop("The run begins", text));
        };
        let paused = self.pending.is_none() && run.state == Some(crate::session::State::Paused);
        if run.stage != Some(Stage::Bilevel) || !paused {
            let text = match (run.stage, &run.progress) {
                (_, Some(progress)) => format!("{}: {} of {}. Then pretraining begins.", progress.what, progress.done, progress.total),
                (Some(Stage::Pretrain), _) => "Pretraining: teacher and surrogate learn the binary map, zeros on live faces and ones on \
                                    attacks, so that the teacher has something to begin with. The tour stops it by itself."
                    .to_owned(),
                (Some(Stage::Bilevel), _) => "A phase is being carried out…".to_owned(),
                _ => "The run has gone on past Algorithm 1; go back with the transport, or end the tour.".to_owned(),
            };
            return Some(Stop { text, ..stop("On the way to Algorithm 1", "") });
        }
        let phases = run.phases();
        // Where the tour stops first, the last phase done is of an iteration that nobody has seen.
        let first = run.config.as_ref().map(|c| c.pretrain.iterations + AHEAD) == Some(run.cursor.iteration);
        let done = run.step.as_ref().and_then(|step| step.done).filter(|_| !first || run.cursor.phase > 0);
        let step = UiCommand::Transport(Transport::StepPhase);
        let next = Some(("Next phase", step));
        let Some(at) = done else {
            let text = "One iteration of Algorithm 1 has the phases on the left. The teacher makes maps, the detector learns from \
                        them for K steps, and then the question is asked that makes it a meta-teacher: did this make the \
                        detector better on faces it did not just learn from?";
            return Some(Stop { next, ..stop("One iteration, phase by phase", text) });
        };
        let phase: &PhaseInfo = phases.get(at)?;
        let (text, next) = if at + 1 == phases.len() {
            let text = format!("{} That was one iteration; the next begins with other faces.", phase.help);
            (text, next.map(|(_, step)| ("Another iteration", step)))
        } else {
            (phase.help.clone(), next)
        };
        Some(Stop {
            title: phase.title.clone(),
            equation: phase.equation.clone(),
            text,
            source: phase.source.clone(),
            next,
            place: Some((at + 1, phases.len())),
        })
    }
}
