//! Which transport buttons can be pressed just now, and why not: one rule for buttons, keys and tests.

use super::command::Transport;
use super::state::{AppState, Pending};
use crate::session::State;

/// Whether `action` can be done; the error is the reason to show.
pub fn allowed(state: &AppState, action: Transport) -> Result<(), String> {
    if let Some(pending) = state.pending
        && pending == Pending::Stopping
    {
        return Err("The run is stopping".to_owned());
    }
    let Some(run) = state.run() else {
        return match action {
            Transport::Play | Transport::StepPhase | Transport::StepIteration => state.can_start(),
            _ => Err("There is no run yet".to_owned()),
        };
    };
    let attached = state.is_attached(run.0);
    if let Some(why) = state.taken(run.0) {
        return Err(why);
    }
    let playing = state.is_playing();
    match action {
        Transport::Play if playing => Err("It is running already".to_owned()),
        Transport::Pause if !attached || !playing => Err("Nothing is running".to_owned()),
        Transport::Pause if state.pending == Some(Pending::Pausing) => Err("It is pausing already".to_owned()),
        Transport::Play | Transport::StepPhase | Transport::StepIteration if run.1.state == Some(State::Finished) => {
            Err("This run is finished; start a new one in the Run pane".to_owned())
        }
        Transport::StepPhase | Transport::StepIteration | Transport::BackPhase | Transport::BackIteration
            if playing =>
        {
            Err("Pause first".to_owned())
        }
        Transport::BackPhase if run.1.phase_before().is_none() => Err("This is the beginning".to_owned()),
        Transport::BackIteration if run.1.iteration_before().is_none() => Err("This is the beginning".to_owned()),
        Transport::Stop if !attached => Err("Nothing is running".to_owned()),
        _ => Ok(()),
    }
}
