//! Video through ffmpeg as a child process. Frames come as PPM pictures through a pipe, each with its own size before
//! it, so that nothing has to be guessed from what ffmpeg says. ffmpeg itself turns the picture as the container asks, as
//! every version since 2.7 does unless told otherwise (the option that says so takes a value in some versions and none in
//! others, so it is not given); whether there was something to turn is read from ffmpeg's description of the input. One
//! thread a child: clips are read side by side, and each is one task.
//!
//! Pixels: decoder's output to RGB by swscale with accurate rounding, full chroma and its bit-exact routines, so that
//! they do not depend on the processor.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::data::Turn;

use super::child::{self, Output};
use super::{FootageError, FrameChoice, Reading, Stored, turn, words};

/// The variable that names the program.
const VARIABLE: &str = "METAFAS_FFMPEG";
/// No clip of these sets is silent for so long, even on a slow network disk.
const PATIENCE: Duration = Duration::from_mins(2);
/// More frames than these are picked out here instead of by ffmpeg, whose expressions must not grow without end.
const MOST_IN_EXPRESSION: usize = 64;
/// What containers a clip may be in: those that hold their own pictures. ffmpeg goes by content, so that a playlist
/// (HLS, DASH, concat, SDP, numbered pictures) with a video's name would have it read other files.
const CONTAINERS: &str = "avi,mov,mp4,matroska,webm,mpeg,mpegts,mpegvideo,m4v,h264,hevc,av1,ivf,mjpeg,asf,flv,ogg,dv,rm,\
                          nut,mxf,wtv,gif,yuv4mpegpipe";
/// Bytes that ffmpeg may ask for at once.
const MOST_AT_ONCE: &str = "1073741824";
/// To RGB the same way on every processor.
const TO_RGB: &str = "scale=flags=bilinear+accurate_rnd+full_chroma_int+bitexact,format=rgb24";

/// An ffmpeg that works.
#[derive(Debug, Clone)]
pub struct Ffmpeg {
    program: PathBuf,
    patience: Duration,
    /// Options for "every frame once, none added": the name changed in 5.1.
    passthrough: [&'static str; 2],
    /// Whether decoders can be told how large a picture may be: since 3.3.
    bounded: bool,
}

impl Ffmpeg {
    /// The program that METAFAS_FFMPEG names, else `ffmpeg` in PATH, else what `cargo xtask setup` put into the cache
    /// folder; `None` where there is none. One that is named and does not work is an error.
    pub fn find(cache: &Path) -> Result<Option<Self>, FootageError> {
        if let Some(named) = env::var_os(VARIABLE).filter(|v| !v.is_empty()) {
            return Self::at(PathBuf::from(named), PATIENCE).map(Some);
        }
        match candidate(env::var_os("PATH").as_deref(), cache) {
            Some(program) => Self::at(program, PATIENCE).map(Some),
            None => Ok(None),
        }
    }

    /// The ffmpeg at `program`, stopped when it gives nothing for `patience`.
    pub fn at(program: PathBuf, patience: Duration) -> Result<Self, FootageError> {
        let mut command = Command::new(&program);
        command.arg("-version");
        let bad = |words: String| FootageError::BadFfmpeg { program: program.clone(), words };
        let Output { stdout, stderr, end } = child::text(command, patience).map_err(|e| bad(e.to_string()))?;
        match end {
            Some(status) if status.success() => {}
            Some(status) => return Err(bad(format!("{status}, {}", words::error(&stderr)))),
            None => return Err(bad(format!("no answer within {} s", patience.as_secs()))),
        }
        let Some(version) = stdout.strip_prefix("ffmpeg version ").and_then(|v| v.split_whitespace().next()) else {
            return Err(bad("it does not say which version of ffmpeg it is".to_owned()));
        };
        let passthrough = if before(version, (5, 1)) { ["-vsync", "0"] } else { ["-fps_mode", "passthrough"] };
        Ok(Self { passthrough, bounded: !before(version, (3, 3)), program, patience })
    }

    /// Gives the chosen frames of `path` to `each`.
    pub(super) fn read(
        &self,
        path: &Path,
        choice: &FrameChoice,
        each: &mut dyn FnMut(Stored),
    ) -> Result<Reading, FootageError> {
        let count = if choice.needs_count() { Some(self.count(path)?) } else { None };
        let wanted = match (choice, count) {
            (FrameChoice::All, _) => None,
            (choice, Some(count)) => Some(choice.of(count)),
            (choice, None) => Some(choice.of(u32::MAX)),
        };
        let mut reading = Reading { frames: count, remarks: Vec::new() };
        if wanted.as_ref().is_some_and(Vec::is_empty) {
            return Ok(reading);
        }
        let mut command = self.command();
        command.args(["-threads", "1", "-i"]).arg(url(path)).args(["-map", "0:V:0"]);
        let in_expression = wanted.as_ref().filter(|w| w.len() <= MOST_IN_EXPRESSION);
        let filter = match in_expression {
            Some(wanted) => {
                let any: Vec<String> = wanted.iter().map(|n| format!("eq(n,{n})")).collect();
                format!("select='{}',{TO_RGB}", any.join("+"))
            }
            None => TO_RGB.to_owned(),
        };
        command.args(["-vf", &filter]).args(self.passthrough).args(["-filter_threads", "1"]);
        match (in_expression, &wanted) {
            (Some(wanted), _) => command.args(["-frames:v", &wanted.len().to_string()]),
            (None, Some(wanted)) => {
                let last = wanted.last().copied().unwrap_or_default();
                command.args(["-frames:v", &(u64::from(last) + 1).to_string()])
            }
            (None, None) => &mut command,
        };
        command.args(["-f", "image2pipe", "-c:v", "ppm", "-"]);

        let mut pictures = child::pictures(command, self.patience).map_err(|e| self.broken(&e))?;
        let (mut came, mut turned) = (0_usize, None);
        while let Some(picture) = pictures.next(path)? {
            // ffmpeg describes input and output before it writes a picture.
            let (marked, turn) = *turned.get_or_insert_with(|| mark(&pictures.said_up_to("Output #")));
            let number = match (in_expression, &wanted) {
                (Some(wanted), _) => wanted.get(came).copied(),
                (None, Some(wanted)) => wanted.binary_search(&(came as u32)).is_ok().then_some(came as u32),
                (None, None) => Some(came as u32),
            };
            came += 1;
            if let Some(number) = number {
                each(Stored { number, picture, marked, turned: turn });
            }
        }
        let (ended_well, said) = pictures.end();
        if came == 0 && !ended_well {
            return Err(damaged(path, &said));
        }
        if wanted.is_none() {
            reading.frames = Some(came as u32);
        }
        if !ended_well {
            reading.remarks.push(format!("it breaks off after {came} frames: {}", words::error(&said)));
        } else if let (Some(count), Some(wanted)) = (count, in_expression)
            && came < wanted.len()
        {
            let missing = wanted.len() - came;
            reading.remarks.push(format!("{missing} of {} frames of its {count} cannot be decoded", wanted.len()));
        }
        Ok(reading)
    }

    /// How many frames a clip has, counted without decoding them.
    fn count(&self, path: &Path) -> Result<u32, FootageError> {
        let mut command = self.command();
        command.arg("-i").arg(url(path)).args(["-map", "0:V:0", "-c", "copy", "-f", "framecrc", "-"]);
        let Output { stdout, stderr, end } = child::text(command, self.patience).map_err(|e| self.broken(&e))?;
        let lines = stdout.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).count();
        match end {
            None => Err(FootageError::Silent { path: path.to_owned(), seconds: self.patience.as_secs() }),
            Some(status) if !status.success() && lines == 0 => Err(damaged(path, &stderr)),
            Some(_) => Ok(lines as u32),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-nostdin", "-hide_banner", "-loglevel", "level+info", "-nostats", "-max_alloc", MOST_AT_ONCE]);
        // These are said of the input that follows. What is asked of it without decoding may still decode a picture.
        command.args(["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS]);
        if self.bounded {
            command.args(["-max_pixels", &child::MOST_PIXELS.to_string()]);
        }
        command
    }

    fn broken(&self, e: &std::io::Error) -> FootageError {
        FootageError::BadFfmpeg { program: self.program.clone(), words: e.to_string() }
    }
}

/// Whether the container says how the picture is to be turned, and how ffmpeg has turned it therefore.
fn mark(said: &str) -> (bool, Turn) {
    match words::rotation(said) {
        Some(degrees) => (true, turn::of_matrix(degrees).unwrap_or_default()),
        None => (false, Turn::None),
    }
}

/// The sentence names the clip; ffmpeg need not name it again.
fn damaged(path: &Path, said: &str) -> FootageError {
    if said.contains("not on whitelist") {
        let words = "it is a list of other files or no video of a known kind; give the video itself".to_owned();
        return FootageError::Damaged { path: path.to_owned(), words };
    }
    if said.contains("exceeds specified max pixel count") || said.contains("Picture size") {
        let words = format!("its pictures have more than {} million pixels", child::MOST_PIXELS / 1_000_000);
        return FootageError::Damaged { path: path.to_owned(), words };
    }
    let words = words::error(said);
    let named = format!("{}: ", url(path).to_string_lossy());
    let words = words.strip_prefix(&named).unwrap_or(&words).to_owned();
    FootageError::Damaged { path: path.to_owned(), words }
}

/// As a file, whatever its name looks like.
fn url(path: &Path) -> OsString {
    let mut url = OsString::from("file:");
    url.push(path);
    url
}

/// `ffmpeg` in one of the folders of `path`, else in the cache.
fn candidate(path: Option<&OsStr>, cache: &Path) -> Option<PathBuf> {
    let folders = path.into_iter().flat_map(|path| env::split_paths(path)).collect::<Vec<_>>();
    let places = folders.into_iter().map(|folder| folder.join("ffmpeg"));
    let ours = cache.join("ffmpeg/ffmpeg");
    places.chain(is_ours(&ours, cache).then_some(ours)).find(|file| file.is_file())
}

/// Whether nobody but this user or the system can have put the program `file` into the folder `cache`.
fn is_ours(file: &Path, cache: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let Some(me) = std::fs::metadata("/proc/self").ok().map(|m| m.uid()) else { return true };
        // Not writable by everybody.
        let safe = |path: &Path| {
            std::fs::metadata(path).is_ok_and(|m| (m.uid() == me || m.uid() == 0) && m.mode() & 0o002 == 0)
        };
        file.ancestors().take_while(|path| path.starts_with(cache)).all(safe)
    }
    #[cfg(not(unix))]
    {
        let _ = (file, cache);
        true
    }
}

/// Versions are `4.4.2-0ubuntu…`, `n7.1`, or `N-12345-g…` of builds from the source, which are taken for new.
fn before(version: &str, wanted: (u32, u32)) -> bool {
    let mut numbers = version.trim_start_matches('n').split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), minor) => (major, minor.and_then(Result::ok).unwrap_or(0)) < wanted,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_that_changed_its_name_goes_by_the_version() {
        for old in ["4.4.2-0ubuntu0.22.04.1", "3.4", "5.0.1", "n4.3"] {
            assert!(before(old, (5, 1)), "{old}");
        }
        for new in ["5.1.9-0+deb12u1", "7.0.2-static", "n9.0.2-17-g2a571b6068", "N-109468-gd39b34123d", "git-2020"] {
            assert!(!before(new, (5, 1)), "{new}");
        }
    }

    #[test]
    fn the_program_is_looked_for_in_path_and_then_in_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let path = env::join_paths([folder.path().join("empty"), folder.path().join("bin")]).unwrap();
        assert_eq!(candidate(Some(path.as_os_str()), &cache), None);
        for part in ["cache/ffmpeg", "bin"] {
            std::fs::create_dir_all(folder.path().join(part)).unwrap();
            std::fs::write(folder.path().join(part).join("ffmpeg"), "").unwrap();
            assert_eq!(candidate(Some(path.as_os_str()), &cache), Some(folder.path().join(part).join("ffmpeg")));
        }
        assert_eq!(candidate(None, &cache), Some(cache.join("ffmpeg/ffmpeg")));
    }
}
