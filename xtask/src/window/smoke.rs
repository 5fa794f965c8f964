//! The window's smoke test: the workbench on a private screen, until it has drawn something; a picture of it is kept.

use super::screen::{Program, Screen};
use crate::shell;
use anyhow::{Result, bail};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a debug build on a busy machine may take to show itself.
const PATIENCE: Duration = Duration::from_secs(90);

/// Opens `program gui`, waits for a picture, keeps it as `window.png` in `out`, and closes the window.
pub(crate) fn check(program: &Path, out: &Path) -> Result<()> {
    let screen = Screen::start(out)?;
    let mut window = Program::start(&screen, Command::new(program).arg("gui"), out.join("window.log"))?;
    let start = Instant::now();
    loop {
        sleep(Duration::from_millis(500));
        if let Some(status) = window.ended()? {
            bail!("the workbench ended before it drew anything ({status}); it said:\n{}", window.said());
        }
        if has_drawn(&screen.pixels()?) {
            break;
        }
        if start.elapsed() > PATIENCE {
            bail!("the workbench drew nothing in {}; it said:\n{}", shell::duration(PATIENCE), window.said());
        }
    }
    let took = shell::duration(start.elapsed());
    // The first frames may lack what is loaded meanwhile.
    sleep(Duration::from_secs(2));
    let picture = out.join("window.png");
    screen.picture(&picture)?;
    eprintln!("the window drew itself within {took}: {}", picture.display());
    window.close()
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
