//! Where tensors live: the processor, or an NVIDIA card when this machine, its driver and its libtorch have one.
//!
//! The program is linked with libtorch's CPU half alone, so that one binary serves every machine. libtorch's CUDA half
//! makes itself known when it is loaded; it is therefore loaded here, before libtorch is first asked about CUDA,
//! because libtorch remembers the first answer. Everything in this module does that by itself.
//!
//! The branch that finds a card has never run: no GPU was at hand. What was seen to work is the loading itself, with
//! the CUDA libraries in place and no driver.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tch::{Cuda, Device};

/// What became of CUDA in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CudaStatus {
    /// The machine has no NVIDIA driver; nothing was loaded.
    NoDriver,
    /// There is a driver, but this libtorch is the build for the CPU.
    NoLibrary,
    /// The CUDA half is there and could not be loaded; holds the loader's words.
    Failed(String),
    /// Loaded, but the driver shows no card that libtorch can use.
    NoCard,
    /// Ready, with this many cards.
    Ready(usize),
}

impl std::fmt::Display for CudaStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoDriver => f.write_str("no NVIDIA driver found"),
            Self::NoLibrary => {
                f.write_str("an NVIDIA driver, but libtorch without CUDA (`cargo xtask setup` fetches the other one)")
            }
            Self::Failed(words) => write!(f, "libtorch's CUDA libraries could not be loaded: {words}"),
            Self::NoCard => f.write_str("an NVIDIA driver, but no card that libtorch can use"),
            Self::Ready(1) => f.write_str("1 CUDA card"),
            Self::Ready(cards) => write!(f, "{cards} CUDA cards"),
        }
    }
}

/// A device that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not the name of a device.
    #[error("`{0}` is no device; it is one of auto, cpu, cuda:0 (or cuda:1, … for further cards)")]
    Unknown(String),
    /// CUDA was asked for and is not there.
    #[error("`{asked}` was asked for, but there is {status}; use cpu, or auto for whatever is there")]
    NoCuda {
        /// What was asked for.
        asked: String,
        /// Why it is not there.
        status: CudaStatus,
    },
    /// A card beyond the last one.
    #[error("`{asked}` was asked for, but the last card is cuda:{last}")]
    NoSuchCard {
        /// What was asked for.
        asked: String,
        /// The number of the last card.
        last: usize,
    },
}

/// Loads libtorch's CUDA half when it lies beside the CPU half and there is a driver; once a process.
///
/// Call it before anything else asks libtorch about CUDA; `parse` and `describe` call it themselves.
pub fn load_cuda_if_present() -> CudaStatus {
    static STATUS: OnceLock<CudaStatus> = OnceLock::new();
    STATUS.get_or_init(|| load(has_driver(), library_folder().as_deref())).clone()
}

/// The device of this name: `auto` (a card when there is one), `cpu`, `cuda` or `cuda:N`.
pub fn parse(text: &str) -> Result<Device, DeviceError> {
    choose(text, load_cuda_if_present)
}

/// The name by which [`parse`] finds `device` again: `cpu` or `cuda:N`.
pub fn name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".to_owned(),
    }
}

/// One line about this machine, for people: "CPU, 2 threads; no NVIDIA driver found".
pub fn describe() -> String {
    let status = load_cuda_if_present();
    let threads = tch::get_num_threads();
    format!("CPU, {threads} thread{}; {status}", if threads == 1 { "" } else { "s" })
}

fn choose(text: &str, status: impl Fn() -> CudaStatus) -> Result<Device, DeviceError> {
    let card = match text {
        "cpu" => return Ok(Device::Cpu),
        "auto" => return Ok(if matches!(status(), CudaStatus::Ready(_)) { Device::Cuda(0) } else { Device::Cpu }),
        "cuda" => 0,
        other => other
            .strip_prefix("cuda:")
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| number.parse::<usize>().ok())
            .ok_or_else(|| DeviceError::Unknown(other.to_owned()))?,
    };
    match status() {
        CudaStatus::Ready(cards) if card < cards => Ok(Device::Cuda(card)),
        CudaStatus::Ready(cards) => {
            Err(DeviceError::NoSuchCard { asked: text.to_owned(), last: cards.saturating_sub(1) })
        }
        status => Err(DeviceError::NoCuda { asked: text.to_owned(), status }),
    }
}

fn load(driver: bool, folder: Option<&Path>) -> CudaStatus {
    if !driver {
        return CudaStatus::NoDriver;
    }
    let Some(library) = folder.map(|folder| folder.join("libtorch_cuda.so")).filter(|library| library.exists()) else {
        return CudaStatus::NoLibrary;
    };
    if let Err(words) = open_forever(&library) {
        return CudaStatus::Failed(words);
    }
    match usize::try_from(Cuda::device_count()) {
        Ok(cards @ 1..) if Cuda::is_available() => CudaStatus::Ready(cards),
        _ => CudaStatus::NoCard,
    }
}

/// The driver's kernel half, or its user half where a container hides /proc.
fn has_driver() -> bool {
    Path::new("/proc/driver/nvidia/version").exists() || Path::new("/dev/nvidiactl").exists()
}

/// The folder that this process has its `libtorch_cpu.so` from.
fn library_folder() -> Option<PathBuf> {
    folder_in(&std::fs::read_to_string("/proc/self/maps").ok()?)
}

/// A line of the maps ends with the mapped file, whose path begins with the line's only slash before it.
fn folder_in(maps: &str) -> Option<PathBuf> {
    let line = maps.lines().find(|line| line.ends_with("/libtorch_cpu.so"))?;
    let path = Path::new(&line[line.find('/')?..]);
    path.parent().map(Path::to_owned)
}

/// Loads a library for the rest of the process, its symbols visible to all, as if the program were linked with it.
#[expect(unsafe_code, reason = "libtorch offers no safe way to bring in its CUDA half after the start")]
fn open_forever(library: &Path) -> Result<(), String> {
    let path = CString::new(library.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
    // SAFETY: the path ends with a zero byte and outlives the call. Loading runs the library's initialisers, which
    // register CUDA with the libtorch that is loaded already; both come from one folder, hence from one build. The
    // handle is never closed.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_LAZY | libc::RTLD_GLOBAL) };
    if !handle.is_null() {
        return Ok(());
    }
    // SAFETY: dlerror gives null or a string with a zero byte at its end that is valid until this thread's next call
    // of the loader; it is copied at once.
    let words = unsafe {
        let words = libc::dlerror();
        if words.is_null() { None } else { Some(CStr::from_ptr(words).to_string_lossy().into_owned()) }
    };
    Err(words.unwrap_or_else(|| format!("{} for no reason given", library.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_always_there() {
        assert_eq!(parse("cpu"), Ok(Device::Cpu));
        assert!(parse("auto").is_ok());
        let words = describe();
        assert!(words.starts_with("CPU, ") && words.contains("thread"), "{words}");
    }

    #[test]
    fn cuda_is_refused_with_the_reason_where_there_is_none() {
        let error = choose("cuda:0", || CudaStatus::NoDriver).unwrap_err().to_string();
        assert_eq!(
            error,
            "`cuda:0` was asked for, but there is no NVIDIA driver found; use cpu, or auto for whatever is there"
        );
        for status in [CudaStatus::NoDriver, CudaStatus::NoLibrary, CudaStatus::NoCard, CudaStatus::Failed("x".into())]
        {
            assert!(choose("cuda", || status.clone()).is_err());
            assert_eq!(choose("auto", || status.clone()), Ok(Device::Cpu));
        }
    }

    #[test]
    fn cards_are_counted() {
        let two = || CudaStatus::Ready(2);
        assert_eq!(choose("auto", two), Ok(Device::Cuda(0)));
        assert_eq!(choose("cuda:1", two), Ok(Device::Cuda(1)));
        let error = choose("cuda:2", two).unwrap_err().to_string();
        assert!(error.contains("cuda:1"), "{error}");
    }

    #[test]
    fn other_words_are_no_devices() {
        for text in ["", "gpu", "CUDA:0", "cuda:", "cuda:x", "cuda:-1", "cuda:+1", "cuda:99999999999999999999"] {
            assert_eq!(choose(text, || CudaStatus::Ready(1)), Err(DeviceError::Unknown(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn the_folder_of_the_loaded_library_is_found() {
        let maps = "7f0-7f1 r--p 00000000 fe:00 1 /usr/lib/libc.so.6\n\
                    7f2-7f3 r-xp 00001000 fe:00 2     /a folder/lib/libtorch_cpu.so\n";
        assert_eq!(folder_in(maps), Some(PathBuf::from("/a folder/lib")));
        assert_eq!(folder_in("7f0-7f1 rw-p 00000000 00:00 0 [heap]\n"), None);
        // This very process is linked with libtorch as soon as it calls it.
        assert!(tch::get_num_threads() > 0);
        assert!(library_folder().is_some_and(|folder| folder.join("libtorch_cpu.so").exists()));
    }

    #[test]
    fn without_the_cuda_half_nothing_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(true, Some(folder.path())), CudaStatus::NoLibrary);
        assert_eq!(load(true, None), CudaStatus::NoLibrary);
        assert_eq!(load(false, Some(folder.path())), CudaStatus::NoDriver);
        std::fs::write(folder.path().join("libtorch_cuda.so"), "not a library").unwrap();
        assert!(matches!(load(true, Some(folder.path())), CudaStatus::Failed(_)));
    }
}
