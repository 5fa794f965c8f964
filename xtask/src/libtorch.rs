//! libtorch: the user's own, or one folder in the cache made of the files of PyTorch's wheels.
//!
//! The folder is what torch-sys looks for under `LIBTORCH`: `include/`, `lib/`, `build-version`. It is made aside and
//! renamed when whole; a list of its files with their sizes tells a whole one from what a crash or a hand left behind.

use crate::pins::{self, CPU_WHEELS, CUDA_WHEELS, LIBTORCH_VERSION, Wheel};
use crate::{cache, local_config, pip, shell, unpack};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Which of the two builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    Cpu,
    Cuda,
}

impl Variant {
    /// The one that this machine can use.
    pub(crate) fn of_this_machine() -> Self {
        if nvidia_driver().is_some() { Self::Cuda } else { Self::Cpu }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }

    fn wheels(self) -> Vec<Wheel> {
        let mut wheels = CPU_WHEELS.to_vec();
        if self == Self::Cuda {
            wheels.extend(CUDA_WHEELS);
        }
        wheels
    }

    /// Disk needed while wheels and unpacked files lie side by side, with some air.
    fn room(self) -> u64 {
        match self {
            Self::Cpu => 1_300_000_000,
            Self::Cuda => 8_000_000_000,
        }
    }

    fn download(self) -> u64 {
        match self {
            Self::Cpu => 544_000_000,
            Self::Cuda => 2_500_000_000,
        }
    }
}

/// The libtorch that a build uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Libtorch {
    /// The user's; told by the environment, and left to it.
    Own(String),
    /// Ours.
    Ours(PathBuf),
}

/// First line of the NVIDIA driver's version, when there is a driver.
pub(crate) fn nvidia_driver() -> Option<String> {
    if let Ok(text) = fs::read_to_string("/proc/driver/nvidia/version") {
        return Some(text.lines().next().unwrap_or_default().trim().to_owned());
    }
    let cards = shell::ask("nvidia-smi", &["-L"])?;
    cards.lines().find(|line| line.starts_with("GPU")).map(str::to_owned)
}

/// The user's own libtorch, when the environment names one.
pub(crate) fn own() -> Result<Option<Libtorch>> {
    let recorded = local_config::recorded()?;
    own_from(std::env::var_os("LIBTORCH_USE_PYTORCH").is_some(), std::env::var("LIBTORCH").ok(), recorded.as_deref())
}

/// `cargo xtask` itself sees our folder in `LIBTORCH`, because cargo takes it from local.toml: that is not a user's own.
fn own_from(use_pytorch: bool, libtorch: Option<String>, recorded: Option<&str>) -> Result<Option<Libtorch>> {
    // torch-sys asks only whether the variable is there.
    if use_pytorch {
        return Ok(Some(Libtorch::Own("the PyTorch of the active Python (LIBTORCH_USE_PYTORCH)".into())));
    }
    match libtorch {
        Some(folder) if !folder.is_empty() && Some(folder.as_str()) != recorded => {
            let has = |name| Path::new(&folder).join("lib").join(name).exists();
            if !has("libtorch_cpu.so") && std::env::var_os("LIBTORCH_LIB").is_none() {
                bail!(
                    "LIBTORCH is `{folder}`, but there is no lib/libtorch_cpu.so in it; name the folder of a libtorch \
                     {LIBTORCH_VERSION}, or unset LIBTORCH and one will be fetched"
                );
            }
            Ok(Some(Libtorch::Own(format!("{folder} (LIBTORCH)"))))
        }
        _ => Ok(None),
    }
}

/// What a build would use right now, without fetching anything.
pub(crate) fn current() -> Result<Option<Libtorch>> {
    if let Some(own) = own()? {
        return Ok(Some(own));
    }
    let recorded = local_config::recorded()?.map(PathBuf::from);
    Ok(recorded.filter(|folder| is_whole(folder)).map(Libtorch::Ours))
}

/// What stands, or else the build that this machine can use.
pub(crate) fn ensure() -> Result<Libtorch> {
    match current()? {
        Some(there) => Ok(there),
        None => fetch(Variant::of_this_machine()),
    }
}

/// Our folder of this variant, made when it is not there, and written into .cargo/local.toml.
pub(crate) fn fetch(variant: Variant) -> Result<Libtorch> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!(
            "libtorch is fetched for Linux on x86-64 only; elsewhere set LIBTORCH to a libtorch {LIBTORCH_VERSION} of your own"
        );
    }
    let base = cache::folder()?.join("libtorch");
    let folder = base.join(variant.name());
    let _lock = cache::lock(&base)?;
    if !is_whole(&folder) {
        pip::require("libtorch", "set LIBTORCH to a libtorch of your own")?;
        cache::require_room(&base, variant.room())?;
        eprintln!(
            "fetching libtorch {LIBTORCH_VERSION} for {}: {} to download, once, into {}",
            variant.name(),
            shell::size(variant.download()),
            folder.display()
        );
        let downloads = base.join(".download");
        let mut wheels = Vec::new();
        for wheel in variant.wheels() {
            wheels.push(pip::fetch(&wheel, &downloads)?);
        }
        eprintln!("unpacking");
        assemble(&wheels, variant, &folder)?;
        cache::remove(&downloads)?;
    }
    let text = folder.to_str().with_context(|| format!("{} is not Unicode; set METAFAS_CACHE", folder.display()))?;
    local_config::record(text)?;
    Ok(Libtorch::Ours(folder))
}

/// The list of files, made last.
const LIST: &str = "metafas-files.txt";

/// Files without which nothing is built.
const REQUIRED: [&str; 8] = [
    "lib/libc10.so",
    "lib/libtorch_cpu.so",
    "lib/libtorch.so",
    "lib/libgomp.so.1",
    "lib/libcudart.so.13",
    "lib/libcupti.so.13",
    "include/torch/csrc/api/include/torch/torch.h",
    "build-version",
];

/// Unpacks the wheels beside `target`, checks the result, and renames it to `target`.
fn assemble(wheels: &[PathBuf], variant: Variant, target: &Path) -> Result<()> {
    let aside = |end: &str| target.with_file_name(format!(".{}.{end}", variant.name()));
    let (partial, old) = (aside("partial"), aside("old"));
    cache::remove(&partial)?;
    cache::remove(&old)?;
    for wheel in wheels {
        unpack::unpack(wheel, &partial, |name| pins::destination(name, variant == Variant::Cuda))?;
    }
    let write = |name: &str, text: &str| {
        let path = partial.join(name);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    // The real libtorch.so is empty but for asking for libtorch_cuda.so; for the linker this one names the CPU library.
    write("lib/libtorch.so", "INPUT(libtorch_cpu.so)\n")?;
    write("build-version", LIBTORCH_VERSION)?;
    let cuda: &[&str] = if variant == Variant::Cuda { &["lib/libtorch_cuda.so", "lib/libcudnn.so.9"] } else { &[] };
    for name in REQUIRED.iter().chain(cuda) {
        if !partial.join(name).exists() {
            bail!("the wheels of libtorch {LIBTORCH_VERSION} hold no {name}; nothing was changed");
        }
    }
    write(LIST, &list(&partial)?)?;
    if target.exists() {
        fs::rename(target, &old).with_context(|| format!("{} cannot be moved aside", target.display()))?;
    }
    fs::rename(&partial, target).with_context(|| format!("{} cannot be renamed", partial.display()))?;
    cache::remove(&old)
}

/// One line a file: size and name, for what a build or a start needs.
fn list(folder: &Path) -> Result<String> {
    let lib = folder.join("lib");
    let mut names: Vec<String> = vec!["build-version".into(), REQUIRED[6].into()];
    for entry in fs::read_dir(&lib).with_context(|| format!("{} cannot be read", lib.display()))? {
        names.push(format!("lib/{}", entry?.file_name().to_string_lossy()));
    }
    names.sort();
    let mut lines = Vec::new();
    for name in names {
        let path = folder.join(&name);
        let size = path.metadata().with_context(|| format!("{} cannot be read", path.display()))?.len();
        lines.push(format!("{size} {name}\n"));
    }
    Ok(lines.concat())
}

/// Whether the folder is one that [`assemble`] finished and nobody cut since.
pub(crate) fn is_whole(folder: &Path) -> bool {
    let Ok(text) = fs::read_to_string(folder.join(LIST)) else { return false };
    let version = fs::read_to_string(folder.join("build-version"));
    version.is_ok_and(|version| version.trim() == LIBTORCH_VERSION)
        && REQUIRED
            .iter()
            .all(|name| text.lines().any(|line| line.split_once(' ').is_some_and(|(_, file)| file == *name)))
        && text.lines().all(|line| {
            line.split_once(' ').is_some_and(|(size, name)| {
                folder.join(name).metadata().is_ok_and(|data| size.parse() == Ok(data.len()))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::tests::make_zip;

    fn wheels(folder: &Path, without: &str) -> Vec<PathBuf> {
        let files = [
            ("torch/lib/libc10.so", "c10"),
            ("torch/lib/libtorch_cpu.so", "cpu"),
            ("torch/lib/libtorch_cuda.so", "cuda"),
            ("torch/lib/libgomp.so.1", "gomp"),
            ("torch/include/torch/csrc/api/include/torch/torch.h", "header"),
            ("nvidia/cu13/lib/libcudart.so.13", "cudart"),
            ("nvidia/cu13/lib/libcupti.so.13", "cupti"),
            ("nvidia/cudnn/lib/libcudnn.so.9", "cudnn"),
            ("torch/nn/functional.py", "python"),
        ];
        let kept: Vec<_> = files.into_iter().filter(|(name, _)| *name != without).collect();
        let (a, b) = (folder.join("a.whl"), folder.join("b.whl"));
        make_zip(&a, &kept[..4]);
        make_zip(&b, &kept[4..]);
        vec![a, b]
    }

    #[test]
    fn the_folder_is_made_whole_or_not_at_all() {
        let cache = tempfile::tempdir().unwrap();
        let target = cache.path().join("cpu");
        assert!(!is_whole(&target));
        let broken = wheels(cache.path(), "torch/lib/libc10.so");
        let error = assemble(&broken, Variant::Cpu, &target).unwrap_err().to_string();
        assert!(error.contains("lib/libc10.so"), "{error}");
        assert!(!target.exists());

        assemble(&wheels(cache.path(), ""), Variant::Cpu, &target).unwrap();
        assert!(is_whole(&target));
        assert_eq!(fs::read_to_string(target.join("lib/libtorch.so")).unwrap(), "INPUT(libtorch_cpu.so)\n");
        assert!(!target.join("lib/libtorch_cuda.so").exists());
        assert!(!cache.path().join(".cpu.partial").exists());
    }

    #[test]
    fn a_half_made_folder_is_seen_and_rebuilt() {
        let cache = tempfile::tempdir().unwrap();
        let target = cache.path().join("cuda");
        let wheels = wheels(cache.path(), "");
        fs::create_dir_all(cache.path().join(".cuda.partial/lib")).unwrap();
        fs::write(cache.path().join(".cuda.partial/lib/junk.so"), "left behind").unwrap();
        assemble(&wheels, Variant::Cuda, &target).unwrap();
        assert!(is_whole(&target) && !target.join("lib/junk.so").exists());

        fs::write(target.join("lib/libtorch_cpu.so"), "c").unwrap();
        assert!(!is_whole(&target), "a cut library");
        assemble(&wheels, Variant::Cuda, &target).unwrap();
        assert!(is_whole(&target));
        assert_eq!(fs::read_to_string(target.join("lib/libtorch_cpu.so")).unwrap(), "cpu");

        fs::remove_file(target.join("lib/libcudnn.so.9")).unwrap();
        assert!(!is_whole(&target), "a library is gone");
        fs::write(target.join("build-version"), "2.12.0").unwrap();
        assert!(!is_whole(&target), "another version");
    }

    #[test]
    fn a_user_s_own_libtorch_wins() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("lib")).unwrap();
        fs::write(folder.path().join("lib/libtorch_cpu.so"), "").unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        let own = |pytorch: bool, libtorch: Option<&str>, recorded: Option<&str>| {
            own_from(pytorch, libtorch.map(String::from), recorded)
        };
        assert!(own(false, Some(&path), None).unwrap().is_some());
        assert!(own(false, Some(&path), Some("/ours")).unwrap().is_some());
        assert!(own(true, None, Some("/ours")).unwrap().is_some());
        // Ours, as cargo hands it to `cargo xtask`; and no variable at all.
        assert_eq!(own(false, Some("/ours"), Some("/ours")).unwrap(), None);
        assert_eq!(own(false, Some(""), None).unwrap(), None);
        assert_eq!(own(false, None, None).unwrap(), None);
        let error = own(false, Some("/nowhere"), None).unwrap_err().to_string();
        assert!(error.contains("/nowhere") && error.contains("unset LIBTORCH"), "{error}");
    }
}
