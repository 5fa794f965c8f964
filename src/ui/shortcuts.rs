//! The keys, as data: what they do and how they are written down. They rest while a text is being typed.

use eframe::egui::{Context, Event, InputState, Key, KeyboardShortcut, Modifiers};

use super::command::{CommandQueue, Dialog, Transport, UiCommand};
use super::state::AppState;
use super::workspace::{Layout, Pane};

/// One key and what it does.
#[derive(Debug)]
pub struct Shortcut {
    /// The key.
    pub keys: KeyboardShortcut,
    /// What it does, for people.
    pub title: &'static str,
    command: fn(&AppState) -> UiCommand,
}

impl Shortcut {
    /// What it carries out now.
    pub fn command(&self, state: &AppState) -> UiCommand {
        (self.command)(state)
    }
}

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn with(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

/// All keys. Those with more modifiers come first, since egui lets Ctrl-Shift-S press Ctrl-S too.
pub const ALL: &[Shortcut] = &[
    Shortcut {
        keys: with(Modifiers::COMMAND, Key::O),
        title: "Open a session",
        command: |_| UiCommand::Show(Dialog::OpenPath(String::new())),
    },
    Shortcut {
        keys: with(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z),
        title: "Redo a change of view",
        command: |_| UiCommand::Redo,
    },
    Shortcut { keys: with(Modifiers::COMMAND, Key::Z), title: "Undo a change of view", command: |_| UiCommand::Undo },
    Shortcut {
        keys: with(Modifiers::COMMAND, Key::P),
        title: "Command palette",
        command: |_| UiCommand::Show(Dialog::Palette(String::new(), 0)),
    },
    Shortcut {
        keys: plain(Key::F11),
        title: "Present, or end presenting",
        command: |state| UiCommand::Present(!state.presenting),
    },
    Shortcut { keys: plain(Key::PageDown), title: "Next scene", command: |_| UiCommand::NextScene(true) },
    Shortcut { keys: plain(Key::PageUp), title: "Scene before", command: |_| UiCommand::NextScene(false) },
    Shortcut { keys: with(Modifiers::COMMAND, Key::Q), title: "Quit", command: |_| UiCommand::Quit },
    Shortcut {
        keys: with(Modifiers::COMMAND, Key::Num1),
        title: "Inspect layout",
        command: |_| UiCommand::SetLayout(Layout::Inspect),
    },
    Shortcut {
        keys: with(Modifiers::COMMAND, Key::Num2),
        title: "Step layout",
        command: |_| UiCommand::SetLayout(Layout::Step),
    },
    Shortcut {
        keys: with(Modifiers::COMMAND, Key::Num3),
        title: "Data layout",
        command: |_| UiCommand::SetLayout(Layout::Data),
    },
    Shortcut {
        keys: with(Modifiers::COMMAND, Key::Num4),
        title: "Compare layout",
        command: |_| UiCommand::SetLayout(Layout::Compare),
    },
    Shortcut {
        keys: with(Modifiers::COMMAND, Key::Num5),
        title: "Present layout",
        command: |_| UiCommand::SetLayout(Layout::Present),
    },
    Shortcut { keys: with(Modifiers::COMMAND, Key::D), title: "Show data", command: |_| UiCommand::Focus(Pane::Data) },
    Shortcut {
        keys: plain(Key::Space),
        title: "Play or pause",
        command: |state| UiCommand::Transport(if state.is_playing() { Transport::Pause } else { Transport::Play }),
    },
    Shortcut {
        keys: plain(Key::Period),
        title: "Step one phase",
        command: |_| UiCommand::Transport(Transport::StepPhase),
    },
    Shortcut {
        keys: plain(Key::N),
        title: "Step one iteration",
        command: |_| UiCommand::Transport(Transport::StepIteration),
    },
    Shortcut {
        keys: plain(Key::Comma),
        title: "Back one phase",
        command: |_| UiCommand::Transport(Transport::BackPhase),
    },
    Shortcut {
        keys: plain(Key::B),
        title: "Back one iteration",
        command: |_| UiCommand::Transport(Transport::BackIteration),
    },
    Shortcut {
        keys: plain(Key::G),
        title: "Run to an iteration",
        command: |state| UiCommand::Show(Dialog::RunTo(state.suggested_target())),
    },
    Shortcut {
        keys: plain(Key::R),
        title: "Rewind to an iteration",
        command: |state| UiCommand::Show(Dialog::RewindTo(state.run().map_or(0, |r| r.cursor.iteration))),
    },
    Shortcut { keys: plain(Key::F1), title: "Show the keys", command: |_| UiCommand::Show(Dialog::Shortcuts) },
];

/// The key that does `title`, as people write it.
pub fn text_of(ctx: &Context, title: &str) -> Option<String> {
    ALL.iter().find(|s| s.title == title).map(|s| ctx.format_shortcut(&s.keys))
}

/// Whether a key of the row of digits was pressed, whatever sign the keyboard has there: on French and Belgian keyboards
/// the digits need Shift, and egui knows some of the signs (`'` for 4) as keys of their own.
fn consume_place(input: &mut InputState, keys: KeyboardShortcut) -> bool {
    const DIGITS: [Key; 5] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
    if !DIGITS.contains(&keys.logical_key) {
        return false;
    }
    let before = input.events.len();
    input.events.retain(|event| {
        !matches!(event, Event::Key { physical_key: Some(place), pressed: true, modifiers, .. }
            if *place == keys.logical_key && modifiers.matches_exact(keys.modifiers))
    });
    input.events.len() < before
}

/// Sends what the keys of this frame ask for.
pub fn listen(ctx: &Context, state: &AppState, queue: &CommandQueue) {
    if ctx.text_edit_focused() || state.dialog.is_some() {
        return;
    }
    if state.presenting && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        queue.send(UiCommand::Present(false));
    }
    if state.filled.is_some() && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        queue.send(UiCommand::Fill(None));
    }
    for shortcut in ALL {
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut.keys) || consume_place(input, shortcut.keys)) {
            queue.send((shortcut.command)(state));
        }
    }
}
