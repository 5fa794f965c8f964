//! Everything that can be done by a press of a key, a menu or a button of the transport, by name: what the command palette
//! searches.

use eframe::egui::Context;

use super::ablations::AblationCommand;
use super::colormap::Colormap;
use super::command::{Dialog, TimeCursor, Transport, UiCommand};
use super::jobs::FolderFor;
use super::shortcuts;
use super::state::AppState;
use super::workspace::{Layout, Pane, ThemeChoice};
use crate::config::Preset;

/// Something that can be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it does.
    pub title: String,
    /// Its key, where it has one.
    pub key: Option<String>,
    /// What carries it out, in order.
    pub commands: Vec<UiCommand>,
    /// Why it cannot be done now.
    pub refused: Option<String>,
}

/// All that can be done now, in the order of a menu.
pub fn entries(ctx: &Context, state: &AppState) -> Vec<Entry> {
    let mut all: Vec<Entry> = vec![];
    let mut add = |title: String, commands: Vec<UiCommand>| {
        all.push(Entry { title, key: None, commands, refused: None });
    };
    for pane in Pane::ALL {
        add(format!("Show {}", pane.title()), vec![UiCommand::Focus(pane)]);
    }
    for pane in Pane::ALL.into_iter().filter(|_| state.run().is_some()) {
        add(format!("Fill the window with {}", pane.title()), vec![UiCommand::Fill(Some(pane))]);
    }
    if state.filled.is_some() {
        add("Back to all panes".to_owned(), vec![UiCommand::Fill(None)]);
    }
    for layout in Layout::ALL {
        add(format!("{} layout", layout.title()), vec![UiCommand::SetLayout(layout)]);
    }
    for (i, scene) in state.workspace.scenes.iter().enumerate() {
        add(format!("Scene: {}", scene.name), vec![UiCommand::ShowScene(i)]);
    }
    for map in Colormap::ALL {
        add(format!("Colours of maps: {}", map.title()), vec![UiCommand::SetColormap(map)]);
    }
    for theme in ThemeChoice::ALL {
        add(format!("Theme: {}", theme.title()), vec![UiCommand::SetTheme(theme)]);
    }
    add("Open a session by dialog".to_owned(), vec![UiCommand::Browse(FolderFor::Session)]);
    for folder in &state.workspace.recent {
        add(format!("Open {}", folder.display()), vec![UiCommand::Open(folder.clone())]);
    }
    for (id, run) in &state.runs {
        add(format!("Bring {} into view", run.name), vec![UiCommand::Select(*id)]);
    }
    add("Newest maps".to_owned(), vec![UiCommand::SetTime(TimeCursor::Live)]);
    for preset in Preset::ALL {
        let title = format!("Configure the next run: {} preset", preset.name());
        add(title, vec![UiCommand::Choose(preset), UiCommand::EditNext(true), UiCommand::Focus(Pane::Run)]);
    }
    for name in crate::sweep::names() {
        let choose = UiCommand::Ablations(AblationCommand::Choose(name.to_owned()));
        add(format!("Sweep: {name}"), vec![choose, UiCommand::Focus(Pane::Ablations)]);
    }
    add("Take a checkpoint now".to_owned(), vec![UiCommand::Snapshot]);
    add("Score dev and test now".to_owned(), vec![UiCommand::Evaluate]);
    add("Save the arrangement as a scene".to_owned(), vec![UiCommand::Show(Dialog::NameScene(String::new()))]);
    add("Guided tour of one iteration".to_owned(), vec![UiCommand::Tour(true)]);
    let slow = state.slow.on;
    add(if slow { "End slow motion" } else { "Slow motion" }.to_owned(), vec![UiCommand::SlowMotion(!slow)]);
    add("Fork: keep a copy of the run as it is".to_owned(), vec![UiCommand::Fork]);
    add("About".to_owned(), vec![UiCommand::Show(Dialog::About)]);
    for shortcut in shortcuts::ALL {
        let (key, command) = (Some(ctx.format_shortcut(&shortcut.keys)), shortcut.command(state));
        if let Some(known) = all.iter_mut().find(|entry| entry.commands == [command.clone()]) {
            known.key = key;
        } else {
            let title = shortcut.title.to_owned();
            all.push(Entry { title, key, commands: vec![command], refused: None });
        }
    }
    all.push(Entry {
        title: "Stop the run".to_owned(),
        key: None,
        commands: vec![UiCommand::Transport(Transport::Stop)],
        refused: None,
    });
    for entry in &mut all {
        if let [UiCommand::Transport(action)] = entry.commands.as_slice() {
            entry.refused = state.allowed(*action).err();
        }
    }
    all
}

/// Those whose title has every word of `text`, titles that begin with it first.
pub fn matching(entries: Vec<Entry>, text: &str) -> Vec<Entry> {
    let text = text.trim().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let fits = |entry: &Entry| {
        let title = entry.title.to_lowercase();
        words.iter().all(|word| title.contains(word))
    };
    let mut found: Vec<Entry> = entries.into_iter().filter(fits).collect();
    found.sort_by_key(|entry| !entry.title.to_lowercase().starts_with(&text));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_looked_for_in_any_order_and_beginnings_come_first() {
        let entry = |title: &str| Entry { title: title.to_owned(), key: None, commands: vec![], refused: None };
        let all = || ["Show Data", "Data layout", "Theme: Dark"].map(entry).to_vec();
        let titles = |text: &str| matching(all(), text).into_iter().map(|e| e.title).collect::<Vec<_>>();
        assert_eq!(titles("data"), ["Data layout", "Show Data"]);
        assert_eq!(titles("data SHOW"), ["Show Data"]);
        assert_eq!((titles("").len(), titles("nothing").len()), (3, 0));
    }
}
