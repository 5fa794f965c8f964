//! `cargo xtask doctor`: what is there and what is missing, one line each. It changes nothing.

use crate::libtorch::{self, Libtorch, Variant};
use crate::{cache, cargo, ffmpeg, no_arguments, peer, pins, pip, run, shell, system};
use anyhow::Result;
use std::path::Path;
use std::process::ExitCode;

/// Lines, and whether `cargo xtask run` would work.
struct Report {
    lines: Vec<String>,
    obstacles: Vec<&'static str>,
}

impl Report {
    fn line(&mut self, name: &str, text: impl AsRef<str>) {
        self.lines.push(format!("{name:<16} {}", text.as_ref()));
    }

    /// A group of packages; missing ones are an obstacle where `run` needs them and cannot install them itself.
    fn packages(&mut self, name: &str, needs: &[system::Need], obstacle: Option<&'static str>) {
        let missing = system::missing(needs);
        if missing.is_empty() {
            return self.line(name, "all there");
        }
        let line = system::install_line(&missing);
        match (obstacle, system::can_install()) {
            (_, true) => self.line(name, format!("missing: {}; installed when needed", missing.join(" "))),
            (Some(obstacle), false) => {
                self.line(name, format!("missing: {line}"));
                self.obstacles.push(obstacle);
            }
            (None, false) => self.line(name, format!("missing: {line}")),
        }
    }
}

pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    no_arguments("doctor", args)?;
    let mut report = Report { lines: Vec::new(), obstacles: Vec::new() };
    machine(&mut report);
    libtorch_lines(&mut report)?;
    report.line("ffmpeg", videos());
    report.packages("to build", system::BUILD, Some("a C++ compiler is missing"));
    report.packages("for a window", system::WINDOW, Some("libraries of a window are missing"));
    report.packages("for the tests", system::TEST, None);
    if run::has_display() {
        report.line("screen", "there");
    } else {
        report.line("screen", "none: neither DISPLAY nor WAYLAND_DISPLAY is set; training without a window works");
        report.obstacles.push("there is no screen");
    }
    folders(&mut report)?;
    for line in &report.lines {
        println!("{line}");
    }
    if report.obstacles.is_empty() {
        println!("`cargo xtask run` would work");
        Ok(ExitCode::SUCCESS)
    } else {
        println!("`cargo xtask run` would not work: {}", report.obstacles.join("; "));
        Ok(ExitCode::FAILURE)
    }
}

fn machine(report: &mut Report) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    report.line("processor", format!("{} cores, {}", cores, std::env::consts::ARCH));
    report
        .line("NVIDIA driver", libtorch::nvidia_driver().unwrap_or_else(|| "none; training uses the processor".into()));
    report.line("rustc", shell::ask("rustc", &["--version"]).unwrap_or_else(|| "not in PATH".into()));
    report.line("cargo fmt", if cargo::has("fmt") { "there" } else { "missing: rustup component add rustfmt" });
    report.line("cargo clippy", if cargo::has("clippy") { "there" } else { "missing: rustup component add clippy" });
    let python = shell::ask("python3", &["--version"]);
    report.line("python3", python.as_deref().unwrap_or("missing"));
    report.line("pip", pip::version().as_deref().unwrap_or("missing"));
}

fn libtorch_lines(report: &mut Report) -> Result<()> {
    match libtorch::current()? {
        Some(Libtorch::Own(which)) => report.line("libtorch", format!("your own, {which}")),
        Some(Libtorch::Ours(folder)) => {
            let cuda = cuda_libraries(&folder);
            let build = if cuda.is_empty() { "for CPU" } else { "for CPU and CUDA" };
            report.line("libtorch", format!("{} {build}, {}", pins::LIBTORCH_VERSION, folder.display()));
            report.line("CUDA libraries", if cuda.is_empty() { "none".into() } else { cuda.join(" ") });
            if cuda.is_empty() && Variant::of_this_machine() == Variant::Cuda {
                report.line("", "there is an NVIDIA driver: `cargo xtask setup` fetches the build for CUDA");
            }
        }
        None => {
            report.line("libtorch", "not there yet; `cargo xtask setup` (or run, or test) fetches it");
            let missing = system::missing(system::FETCH);
            if !missing.is_empty() && !system::can_install() {
                report.line("", system::install_line(&missing));
                report.obstacles.push("libtorch is missing, and python3 with pip to fetch it");
            }
        }
    }
    Ok(())
}

fn videos() -> String {
    match ffmpeg::current() {
        Ok(Some(program)) => {
            let version = ffmpeg::version(&program).unwrap_or_else(|| "which does not start".to_owned());
            format!("{version}, {}", program.display())
        }
        Ok(None) => "none; videos of data sets cannot be read: `cargo xtask setup` fetches it".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn cuda_libraries(folder: &Path) -> Vec<String> {
    let names = ["libtorch_cuda.so", "libcublas.so.13", "libcudnn.so.9", "libnccl.so.2"];
    names.iter().filter(|name| folder.join("lib").join(name).exists()).map(|name| (*name).to_owned()).collect()
}

fn folders(report: &mut Report) -> Result<()> {
    let cache = cache::folder()?;
    report.line("cache", cache.display().to_string());
    let mut parts: Vec<_> =
        std::fs::read_dir(&cache).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    parts.sort();
    for part in parts.iter().filter(|part| part.is_dir()) {
        let name = part.file_name().unwrap_or_default().to_string_lossy();
        report.line(&format!("  {name}"), shell::size(cache::size_of(part)));
    }
    for (name, path) in [("room in cache", cache), ("room here", cargo::root()?)] {
        report.line(
            name,
            cache::disk_free(&path).map_or_else(|| "unknown".into(), |free| format!("{} free", shell::size(free))),
        );
    }
    let peer = peer::peer_python().map(|python| python.display().to_string());
    report
        .line("peer's Python", peer.unwrap_or_else(|| "none; only benches use it: `cargo xtask setup --peer`".into()));
    Ok(())
}
