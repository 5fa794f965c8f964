//! A private screen, and programs on it.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a window may take to go when asked.
const GOODBYE: Duration = Duration::from_secs(15);

/// Its size in pixels.
pub(super) const SIZE: (u16, u16) = (1280, 800);

/// A child that does not outlive its owner.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A screen of our own.
pub(super) struct Screen {
    _server: Guard,
    /// As in the variable DISPLAY.
    pub(super) display: String,
}

impl Screen {
    /// Starts one; the server picks a free number and tells it. Its log is kept in `out`.
    pub(super) fn start(out: &Path) -> Result<Self> {
        fs::create_dir_all(out).with_context(|| format!("the folder {} cannot be made", out.display()))?;
        let log = File::create(out.join("xvfb.log")).context("the log of the private screen cannot be written")?;
        let size = format!("{}x{}x24", SIZE.0, SIZE.1);
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("Xvfb cannot be started")?;
        let stdout = server.stdout.take();
        let server = Guard(server);
        let mut number = String::new();
        if let Some(stdout) = stdout {
            BufReader::new(stdout).read_line(&mut number).context("Xvfb cannot be listened to")?;
        }
        if number.trim().is_empty() {
            bail!("Xvfb did not start; see {}", out.join("xvfb.log").display());
        }
        Ok(Self { _server: server, display: format!(":{}", number.trim()) })
    }

    /// For that screen alone, drawn by the processor, so that every machine gives the same picture.
    pub(super) fn on<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", &self.display)
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XAUTHORITY")
    }

    /// Keeps a picture of it.
    pub(super) fn picture(&self, file: &Path) -> Result<()> {
        shell::run(self.on(Command::new("import").args(["-silent", "-window", "root"]).arg(file)))
    }

    /// The screen as red, green, blue.
    pub(super) fn pixels(&self) -> Result<Vec<u8>> {
        let mut command = Command::new("import");
        command.args(["-silent", "-window", "root", "-depth", "8", "rgb:-"]);
        let output = self.on(&mut command).stdin(Stdio::null()).output().context("`import` cannot be started")?;
        if !output.status.success() {
            bail!("`import` could not read the private screen: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(output.stdout)
    }
}

/// A program with a window on a private screen, and what it says.
pub(super) struct Program {
    child: Guard,
    log: PathBuf,
}

impl Program {
    /// Starts `command` on `screen`; what it says goes to `log`.
    pub(super) fn start(screen: &Screen, command: &mut Command, log: PathBuf) -> Result<Self> {
        let file = File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
        let child = screen
            .on(command)
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("the log cannot be shared")?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{} cannot be started", Path::new(command.get_program()).display()))?;
        Ok(Self { child: Guard(child), log })
    }

    /// What it said so far.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.0.try_wait().context("the workbench cannot be watched")
    }

    /// Waits until it has ended by itself.
    pub(super) fn leave(&mut self) -> Result<ExitStatus> {
        let asked = Instant::now();
        while asked.elapsed() < GOODBYE {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            sleep(Duration::from_millis(100));
        }
        let patience = shell::duration(GOODBYE);
        bail!("the workbench was asked to end and did not within {patience}; it said:\n{}", self.said())
    }

    /// Asks it to end, as a session manager does, and waits until it has.
    pub(super) fn close(&mut self) -> Result<()> {
        // The shell's own `kill`: no machine lacks it.
        shell::run(Command::new("sh").args(["-c", "kill -TERM \"$0\""]).arg(self.child.0.id().to_string()))?;
        self.leave().map(drop)
    }
}
