//! What the system has to have: a compiler, a window's libraries, a private screen. Looked for by what is really used
//! (a program, a library), not by package, so that other distributions and hand-made installations count; what is
//! missing is named by its Debian package, which is also Ubuntu's.

use crate::shell;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// One thing, the Debian package that has it, and how to see that it is there.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) package: &'static str,
    probe: Probe,
}

#[derive(Debug)]
enum Probe {
    /// One of these programs.
    Program(&'static [&'static str]),
    /// A library by the name that is asked for at run time.
    Library(&'static str),
    /// In one of these folders a file with this in its name.
    File(&'static [&'static str], &'static str),
    /// A question to Python that has to go well.
    Python(&'static [&'static str]),
}

const fn need(package: &'static str, probe: Probe) -> Need {
    Need { package, probe }
}

/// To build: torch-sys compiles C++.
pub(crate) const BUILD: &[Need] = &[need("g++", Probe::Program(&["c++", "g++", "clang++"]))];

/// To fetch libtorch.
pub(crate) const FETCH: &[Need] =
    &[need("python3", Probe::Program(&["python3"])), need("python3-pip", Probe::Python(&["-m", "pip", "--version"]))];

/// For the peer's Python.
pub(crate) const PEER: &[Need] = &[need("python3-venv", Probe::Python(&["-c", "import ensurepip, venv"]))];

/// For a window: what winit and glutin open by name when they start, and a driver that draws.
pub(crate) const WINDOW: &[Need] = &[
    need("libx11-6", Probe::Library("libX11.so.6")),
    need("libx11-xcb1", Probe::Library("libX11-xcb.so.1")),
    need("libxcursor1", Probe::Library("libXcursor.so.1")),
    need("libxi6", Probe::Library("libXi.so.6")),
    need("libxkbcommon0", Probe::Library("libxkbcommon.so.0")),
    need("libxkbcommon-x11-0", Probe::Library("libxkbcommon-x11.so.0")),
    need("libegl1", Probe::Library("libEGL.so.1")),
    need("libgl1", Probe::Library("libGL.so.1")),
    need(
        "libgl1-mesa-dri",
        Probe::File(&["/usr/lib/x86_64-linux-gnu/dri", "/usr/lib64/dri", "/usr/lib/dri"], "_dri.so"),
    ),
];

/// For the tests: a private screen, pictures of it, and a software Vulkan to draw the tests' windows.
pub(crate) const TEST: &[Need] = &[
    need("xvfb", Probe::Program(&["Xvfb"])),
    need("imagemagick", Probe::Program(&["import"])),
    need("libvulkan1", Probe::Library("libvulkan.so.1")),
    need("mesa-vulkan-drivers", Probe::File(&["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"], ".json")),
];

/// To read videos.
pub(crate) const VIDEO: &[Need] = &[need("ffmpeg", Probe::Program(&["ffmpeg"]))];

/// The packages of what is not there.
pub(crate) fn missing(needs: &[Need]) -> Vec<&'static str> {
    let libraries = libraries();
    needs.iter().filter(|need| !is_there(&need.probe, &libraries)).map(|need| need.package).collect()
}

fn is_there(probe: &Probe, libraries: &str) -> bool {
    match probe {
        Probe::Program(names) => names.iter().any(|name| shell::which(name).is_some()),
        Probe::Library(name) => lists(libraries, name) || in_library_path(name),
        Probe::File(folders, part) => folders.iter().any(|folder| holds(Path::new(folder), part)),
        Probe::Python(args) => shell::ask("python3", args).is_some(),
    }
}

/// What the dynamic linker knows; its tool is not in every user's `PATH`.
fn libraries() -> String {
    ["/sbin/ldconfig", "ldconfig"].iter().find_map(|tool| shell::ask(tool, &["-p"])).unwrap_or_default()
}

fn lists(libraries: &str, name: &str) -> bool {
    libraries.lines().any(|line| line.split_whitespace().next() == Some(name))
}

fn in_library_path(name: &str) -> bool {
    std::env::var_os("LD_LIBRARY_PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).exists()))
}

fn holds(folder: &Path, part: &str) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().contains(part))
}

/// Whether missing packages can be installed without asking anybody.
pub(crate) fn can_install() -> bool {
    shell::which("apt-get").is_some() && shell::ask("id", &["-u"]).as_deref() == Some("0")
}

/// The line that installs these on Debian.
pub(crate) fn install_line(packages: &[&str]) -> String {
    format!("sudo apt-get install -y --no-install-recommends {}", packages.join(" "))
}

/// Installs what is missing, as root on Debian or Ubuntu; else fails with the line to run.
pub(crate) fn install(purpose: &str, needs: &[Need]) -> Result<()> {
    let packages = missing(needs);
    if packages.is_empty() {
        return Ok(());
    }
    if !can_install() {
        bail!("{}", advice(purpose, &packages, shell::which("apt-get").is_some()));
    }
    eprintln!("installing what it takes to {purpose}: {}", packages.join(" "));
    if !holds(Path::new("/var/lib/apt/lists"), "_Packages") {
        shell::run(&mut apt_get(&["update"]))?;
    }
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(&packages);
    if shell::run(&mut apt_get(&args)).is_err() {
        // The lists may be older than what the mirror holds.
        shell::run(&mut apt_get(&["update"]))?;
        shell::run(&mut apt_get(&args))?;
    }
    let left = missing(needs);
    if !left.is_empty() {
        bail!("apt-get went well, but what {} should have brought is still not there", left.join(", "));
    }
    Ok(())
}

fn advice(purpose: &str, packages: &[&str], debian: bool) -> String {
    if debian {
        format!("to {purpose}, some packages are missing; run: {}", install_line(packages))
    } else {
        format!(
            "to {purpose}, some packages are missing; in Debian's names: {}; install them with this system's own tool",
            packages.join(" ")
        )
    }
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-qq", "-o", "Dpkg::Use-Pty=0"]).args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command.stdout(std::io::stderr());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_named() {
        const NEEDS: &[Need] = &[
            need("dash", Probe::Program(&["no-such-program", "sh"])),
            need("gone", Probe::Program(&["no-such-program"])),
            need("lost", Probe::Library("libnosuch.so.99")),
            need("void", Probe::File(&["/no/such/folder"], ".json")),
        ];
        assert_eq!(missing(NEEDS), ["gone", "lost", "void"]);
        install("do nothing", &NEEDS[..1]).unwrap();
    }

    #[test]
    fn a_library_is_found_by_its_whole_name() {
        let cache =
            "\tlibEGL_mesa.so.0 (libc6,x86-64) => /l/libEGL_mesa.so.0\n\tlibGL.so.1 (libc6,x86-64) => /l/libGL.so.1\n";
        assert!(lists(cache, "libGL.so.1"));
        assert!(!lists(cache, "libGL.so"));
        assert!(!lists(cache, "libEGL.so.1"));
    }

    #[test]
    fn the_advice_is_one_line_to_run() {
        let text = advice("open a window", &["libegl1", "libgl1"], true);
        assert!(text.ends_with("run: sudo apt-get install -y --no-install-recommends libegl1 libgl1"), "{text}");
        assert!(advice("open a window", &["libegl1"], false).contains("libegl1"));
    }
}
