//! The only place that writes to stdout and stderr. Neither can end a command by surprise: `println!` panics on a pipe
//! that was closed and on a disk that is full, in the middle of a run. Here a reader of stdout that has seen enough is no
//! failure, a full disk under stdout is one with a sentence, and notes that stderr does not take are lost without harm.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::process::ExitCode;

use serde::Serialize;

use super::Failure;

/// Writes text for people to stdout, control characters made visible.
pub fn say(text: &str) -> Result<ExitCode, Failure> {
    put(&visible(text))
}

/// Writes a JSON value and a line break to stdout.
pub fn say_json(value: &impl Serialize) -> Result<ExitCode, Failure> {
    let text = serde_json::to_string(value).map_err(|e| Failure::Work(format!("the result cannot be written: {e}")))?;
    put(&(visible_in_json(&text) + "\n"))
}

/// Writes a document that other programs read, as it is; made visible on a terminal alone.
pub fn say_document(text: &str) -> Result<ExitCode, Failure> {
    if io::stdout().is_terminal() { say(text) } else { put(text) }
}

/// Writes a line to stderr; it is lost where nobody takes it.
pub fn note(line: impl Display) {
    err(&format!("{}\n", visible(&line.to_string())));
}

/// Writes `line` over the last line of a terminal's stderr, or as a line of its own.
pub fn progress(line: &str, terminal: bool) {
    if terminal { err(&format!("\r{}          ", visible(line))) } else { note(line) }
}

/// Clears the line that [`progress`] wrote last on a terminal.
pub fn clear_progress() {
    err("\r                              \r");
}

fn put(text: &str) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Work(format!("the result cannot be written to the standard output: {e}")))
        }
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}

fn err(text: &str) {
    io::stderr().write_all(text.as_bytes()).ok();
}

/// `text` with control characters but line breaks and tabs as `\u{1b}`: names of files and words of lists come from
/// strangers, and a terminal obeys what it is sent.
fn visible(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| !(c.is_control() || turns(c)) || matches!(c, '\n' | '\t');
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if harmless(c) { c.to_string() } else { c.escape_unicode().to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Characters that turn the direction of what follows them on the line.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// JSON as serde writes it, with the control characters that it leaves as they are in JSON's own escapes.
fn visible_in_json(text: &str) -> String {
    let shown = |c: char| match c {
        '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// stderr for the log: takes everything and fails never.
pub struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(bytes).ok();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(visible("a\n\tü"), "a\n\tü");
        assert_eq!(visible("a\u{1b}[2J\0\r\u{202e}"), "a\\u{1b}[2J\\u{0}\\u{d}\\u{202e}");
        let json = serde_json::to_string("\u{1b}\u{9b}x").unwrap();
        assert_eq!(visible_in_json(&json), "\"\\u001b\\u009bx\"");
        let back: String = serde_json::from_str(&visible_in_json(&json)).unwrap();
        assert_eq!(back, "\u{1b}\u{9b}x");
    }
}
