//! The window's smoke test: the workbench on a private screen, until it has drawn something; a picture of it is kept.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a debug build on a busy machine may take to show itself.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long it may take to go when asked.
const GOODBYE: Duration = Duration::from_secs(15);

const SCREEN: &str = "1280x800x24";

/// A child that does not outlive its owner.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Opens `program gui`, waits for a picture, keeps it as `window.png` in `out`, and closes the window.
pub(crate) fn check(program: &Path, out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("the folder {} cannot be made", out.display()))?;
    let (_screen, display) = start_screen(out)?;
    let log = out.join("window.log");
    let file = File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
    let mut window = Guard(
        on_screen(Command::new(program).arg("gui"), &display)
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("the log cannot be shared")?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?,
    );
    let said = || fs::read_to_string(&log).unwrap_or_default();
    let start = Instant::now();
    loop {
        sleep(Duration::from_millis(500));
        if let Some(status) = window.0.try_wait().context("the workbench cannot be watched")? {
            bail!("the workbench ended before it drew anything ({status}); it said:\n{}", said());
        }
        if has_drawn(&pixels(&display)?) {
            break;
        }
        if start.elapsed() > PATIENCE {
            bail!("the workbench drew nothing in {}; it said:\n{}", shell::duration(PATIENCE), said());
        }
    }
    let took = shell::duration(start.elapsed());
    // The first frames may lack what is loaded meanwhile.
    sleep(Duration::from_secs(2));
    let picture = out.join("window.png");
    shell::run(on_screen(Command::new("import").args(["-silent", "-window", "root"]).arg(&picture), &display))?;
    eprintln!("the window drew itself within {took}: {}", picture.display());
    if !closes(&mut window.0)? {
        bail!("the workbench was asked to end and did not within {}; it said:\n{}", shell::duration(GOODBYE), said());
    }
    Ok(())
}

/// A screen of our own; the server picks a free number and tells it.
fn start_screen(out: &Path) -> Result<(Guard, String)> {
    let log = File::create(out.join("xvfb.log")).context("the log of the private screen cannot be written")?;
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .context("Xvfb cannot be started")?;
    let stdout = server.stdout.take();
    let guard = Guard(server);
    let mut number = String::new();
    if let Some(stdout) = stdout {
        BufReader::new(stdout).read_line(&mut number).context("Xvfb cannot be listened to")?;
    }
    if number.trim().is_empty() {
        bail!("Xvfb did not start; see {}", out.join("xvfb.log").display());
    }
    Ok((guard, format!(":{}", number.trim())))
}

/// For that screen alone, drawn by the processor, so that every machine gives the same picture.
fn on_screen<'a>(command: &'a mut Command, display: &str) -> &'a mut Command {
    command
        .env("DISPLAY", display)
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("XAUTHORITY")
}

/// The screen as red, green, blue.
fn pixels(display: &str) -> Result<Vec<u8>> {
    let mut command = Command::new("import");
    command.args(["-silent", "-window", "root", "-depth", "8", "rgb:-"]);
    let output =
        on_screen(&mut command, display).stdin(Stdio::null()).output().context("`import` cannot be started")?;
    if !output.status.success() {
        bail!("`import` could not read the private screen: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// An empty screen is black, and an empty window one colour on it; text alone brings dozens of shades.
fn has_drawn(rgb: &[u8]) -> bool {
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for pixel in rgb.chunks_exact(3) {
        *counts.entry(pixel).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or_default();
    counts.len() >= 32 && most * 1000 < rgb.len() / 3 * 995
}

/// Asks the program to end, as a session manager does; whether it did.
fn closes(window: &mut Child) -> Result<bool> {
    // The shell's own `kill`: no machine lacks it.
    shell::run(Command::new("sh").args(["-c", "kill -TERM \"$0\""]).arg(window.id().to_string()))?;
    let asked = Instant::now();
    while asked.elapsed() < GOODBYE {
        if window.try_wait().context("the workbench cannot be watched")?.is_some() {
            return Ok(true);
        }
        sleep(Duration::from_millis(100));
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_flat_colour_is_nothing_drawn() {
        assert!(!has_drawn(&[]));
        assert!(!has_drawn(&[30; 3 * 1000]));
        // Two colours: a window that is empty on an empty screen.
        let mut two = vec![0; 3 * 500];
        two.extend([27; 3 * 500]);
        assert!(!has_drawn(&two));
        // A mouse pointer's few shades.
        let mut pointer = vec![0; 3 * 100_000];
        for (index, value) in pointer.iter_mut().take(300).enumerate() {
            *value = index as u8;
        }
        assert!(!has_drawn(&pointer));
    }

    #[test]
    fn text_on_a_panel_is_something_drawn() {
        let mut panel = vec![27; 3 * 10_000];
        for (index, value) in panel.iter_mut().take(3000).enumerate() {
            *value = (index * 7) as u8;
        }
        assert!(has_drawn(&panel));
    }
}
