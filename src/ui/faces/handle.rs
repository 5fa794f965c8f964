//! Commands of the faces pane, carried out, and answers taken in.

use std::path::PathBuf;
use std::sync::Arc;

use super::{FacesCommand, Judged, fingerprint};
use crate::ui::jobs::Job;
use crate::ui::state::AppState;

impl AppState {
    /// Carries out one command.
    pub(in crate::ui) fn handle_faces(&mut self, command: FacesCommand) {
        let wanted = self.run().and_then(|run| Some((run.folder.clone(), fingerprint(run.1.results.as_ref()?))));
        let faces = &mut self.faces;
        match command {
            FacesCommand::Read => {
                let Some((folder, of)) = wanted else { return };
                // The thread's queue may be full; the view asks again.
                if faces.wants(&folder, &of) && self.jobs.submit(Job::Judge(folder.clone())) {
                    self.faces.reading = true;
                    self.faces.asked = Some((folder, of));
                }
            }
            FacesCommand::Threshold(at) => faces.threshold = at.filter(|v| v.is_finite()),
            FacesCommand::Filter(filter) => faces.filter = filter,
            FacesCommand::Sort(by) if faces.sort == by => faces.reversed = !faces.reversed,
            FacesCommand::Sort(by) => (faces.sort, faces.reversed) = (by, false),
            FacesCommand::Plot(plot) => faces.plot = plot,
            FacesCommand::Maps(maps) => faces.maps = maps,
            FacesCommand::Pick(at) => faces.picked = at,
        }
    }

    /// Takes a scored test part in.
    pub(in crate::ui) fn judged(&mut self, folder: PathBuf, answer: Result<Arc<Judged>, String>) {
        let faces = &mut self.faces;
        faces.reading = false;
        (faces.threshold, faces.picked, faces.filter.scores) = (None, None, None);
        faces.judged = Some((folder, answer));
    }
}
