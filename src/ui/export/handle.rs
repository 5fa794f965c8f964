//! Commands of the export pane, carried out, and answers taken in.

use std::path::PathBuf;

use super::{ExportCommand, ExportDone, ExportJob, Wanted, What, Whose};
use crate::report::{FaceChoice, FigureKind, FigureRequest, Outcome};
use crate::sweep::CaseState;
use crate::ui::command::{TimeCursor, UiCommand};
use crate::ui::faces::{FaceFilter, Verdict};
use crate::ui::jobs::Job;
use crate::ui::state::{AppState, Level};
use crate::ui::workspace::Pane;

impl AppState {
    /// Carries out one command.
    pub(in crate::ui) fn handle_export(&mut self, command: ExportCommand) {
        let export = &mut self.export;
        match command {
            ExportCommand::From(what, whose) => {
                (export.what, export.whose) = (what, whose);
                export.colormap = self.workspace.colormap;
                self.handle(UiCommand::Focus(Pane::Export));
            }
            ExportCommand::What(what) => export.what = what,
            ExportCommand::Whose(whose) => export.whose = whose,
            ExportCommand::Width(width) => export.width = width,
            ExportCommand::Colormap(map) => export.colormap = map,
            ExportCommand::Dpi(dpi) => export.dpi = dpi.clamp(30, 2400),
            ExportCommand::Format(ending) => export.format = ending,
            ExportCommand::TableFormat(format) => export.table = format,
            ExportCommand::Paper(paper) => export.paper = paper,
            ExportCommand::Type(text) => export.take_path(text),
            ExportCommand::ChooseOut(path) => {
                export.take_path(path.display().to_string());
                self.export.agreed = Some(self.export.out(&[]));
            }
            ExportCommand::Preview => self.preview_export(),
            ExportCommand::Write => self.write_export(),
        }
    }

    /// The sessions that are exported.
    pub(in crate::ui) fn exported(&self) -> Vec<PathBuf> {
        let in_view = || self.run().map(|run| run.folder.clone()).into_iter().collect();
        if self.export.what.of_one() {
            return in_view();
        }
        match self.export.whose {
            Whose::InView => in_view(),
            Whose::Picked => self.compare.picked.clone(),
            Whose::Sweep => {
                let cases = self.ablations.look.iter().flat_map(|look| &look.cases);
                cases.filter(|c| c.state == CaseState::Finished).map(|c| c.session.clone()).collect()
            }
        }
    }

    /// What is asked for now.
    pub(in crate::ui) fn export_wanted(&self) -> Wanted {
        let iteration = match self.time {
            TimeCursor::At(iteration) => Some(iteration),
            TimeCursor::Live => None,
        };
        let mut wanted = self.export.wanted(self.exported(), iteration);
        if let Wanted::Figure(request) = &mut wanted {
            request.difference = request.kind == FigureKind::Maps && self.workspace.show_difference;
            request.choice = self.shown_faces(request.kind);
        }
        wanted
    }

    /// The threshold and filter of the faces pane, where the figure is of what it shows.
    fn shown_faces(&self, kind: FigureKind) -> FaceChoice {
        let scores = matches!(kind, FigureKind::Faces | FigureKind::Roc | FigureKind::Det);
        if !scores || !(kind.of_one() || self.export.whose == Whose::InView) {
            return FaceChoice::default();
        }
        let faces = &self.faces;
        let threshold = faces.threshold;
        if kind != FigureKind::Faces {
            return FaceChoice { threshold, ..FaceChoice::default() };
        }
        let FaceFilter { verdict, flipped, words, scores } = faces.filter.clone();
        let outcome = verdict.map(|verdict| match verdict {
            Verdict::LiveAsLive => Outcome::LiveAccepted,
            Verdict::SpoofAsSpoof => Outcome::SpoofRejected,
            Verdict::LiveAsSpoof => Outcome::LiveRejected,
            Verdict::SpoofAsLive => Outcome::SpoofAccepted,
        });
        FaceChoice { threshold, outcome, flipped, words, scores }
    }

    fn preview_export(&mut self) {
        let wanted = self.export_wanted();
        // The thread's queue may be full; the view asks again.
        if self.export.wants(&wanted) && self.jobs.submit(Job::Export(Box::new(ExportJob::Preview(wanted.clone())))) {
            self.export.asked = Some(wanted);
        }
    }

    fn write_export(&mut self) {
        let out = self.export.out(&self.exported());
        // What was written from here before may be written again; anything else is asked about first.
        let agreed = [&self.export.agreed, &self.export.replacing].into_iter().any(|p| p.as_ref() == Some(&out));
        if !agreed && out.exists() {
            let what = "there is such a file already; press Replace to replace it, or choose another name";
            self.say(Level::Warning, format!("{}: {what}", out.display()));
            self.export.replacing = Some(out);
            return;
        }
        self.export.replacing = None;
        let job = match self.export_wanted() {
            Wanted::Figure(request) => ExportJob::Figure(FigureRequest { out, dpi: self.export.dpi, ..request }),
            Wanted::Table(request) => ExportJob::Table(request, out),
        };
        self.export.writing = self.submit(Job::Export(Box::new(job)));
    }

    pub(in crate::ui) fn export_done(&mut self, done: ExportDone) {
        match done {
            ExportDone::Previewed(wanted, answer) => {
                self.export.asked = None;
                self.export.shown = Some((wanted, answer));
            }
            ExportDone::Written(answer) => {
                self.export.writing = false;
                match answer {
                    Ok(path) => {
                        self.say(Level::Info, format!("Written: {}", path.display()));
                        self.export.agreed = Some(path);
                    }
                    Err(why) => self.say(Level::Warning, why),
                }
            }
        }
    }
}

impl What {
    /// What is exported from a pane, and whose.
    pub fn of_pane(pane: Pane, state: &AppState) -> Option<(Self, Whose)> {
        use crate::report::{FigureKind as F, TableKind as T};
        use crate::ui::ablations::AblationPage;
        use crate::ui::compare::ComparePage;
        use crate::ui::faces::ScorePlot;
        Some(match pane {
            Pane::Live | Pane::Step => (Self::Figure(F::Maps), Whose::InView),
            Pane::Curves => (Self::Figure(F::Curves), Whose::InView),
            Pane::Results => (Self::Table(T::Results), Whose::InView),
            Pane::Run => (Self::Table(T::Config), Whose::InView),
            Pane::Patterns => (Self::Figure(F::Patterns), Whose::InView),
            Pane::Faces => match state.faces.plot {
                ScorePlot::Histogram => (Self::Figure(F::Faces), Whose::InView),
                ScorePlot::Roc => (Self::Figure(F::Roc), Whose::InView),
                ScorePlot::Det => (Self::Figure(F::Det), Whose::InView),
            },
            Pane::Compare => match state.compare.page {
                ComparePage::Rates => (Self::Table(T::Results), Whose::Picked),
                ComparePage::Settings => (Self::Table(T::Config), Whose::Picked),
                ComparePage::Curves => (Self::Figure(F::Curves), Whose::Picked),
                ComparePage::Maps => (Self::Figure(F::Ablation), Whose::Picked),
            },
            Pane::Ablations => match state.ablations.page {
                AblationPage::Table | AblationPage::Runs => (Self::Table(T::Results), Whose::Sweep),
                AblationPage::Maps => (Self::Figure(F::Ablation), Whose::Sweep),
                AblationPage::Curve => (Self::Figure(F::Over), Whose::Sweep),
                AblationPage::Bars => (Self::Figure(F::Bars), Whose::Sweep),
            },
            Pane::Log | Pane::Gallery | Pane::Data | Pane::Notes | Pane::Export => return None,
        })
    }
}
