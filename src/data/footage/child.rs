//! A child process that is never waited for without end: its stderr is drained while its stdout is read, silence has a
//! limit, and whatever happens it is killed and collected.

use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use image::RgbImage;

use super::FootageError;

/// So much of stderr is kept; a broken clip can fill disks.
const MOST_WORDS: usize = 1 << 18;
/// How long a killed or finished child may take to be gone.
const LAST_BREATH: Duration = Duration::from_secs(5);
/// A picture of more pixels is refused: more than 8K video has (33 million), and what a few threads can hold at once.
pub const MOST_PIXELS: u64 = 40_000_000;

/// What a child wrote, and how it ended; `None` if it was stopped for its silence.
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub end: Option<ExitStatus>,
}

/// A child that is killed when it is dropped.
struct Guard(Child);

impl Guard {
    fn spawn(mut command: Command) -> io::Result<(Self, ChildStdout, Words)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let guard = Self(child);
        match (stdout, stderr) {
            (Some(stdout), Some(stderr)) => Ok((guard, stdout, Words::drain(stderr))),
            _ => Err(io::Error::other("its output cannot be read")),
        }
    }

    /// How it ended, if it does within `time`.
    fn wait(&mut self, time: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + time;
        let mut pause = Duration::from_millis(1);
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(pause),
                Ok(None) | Err(_) => return None,
            }
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _gone = self.0.kill();
        self.wait(LAST_BREATH);
    }
}

/// Stderr, read to its end on a thread of its own.
struct Words {
    text: Arc<Mutex<Vec<u8>>>,
    done: Receiver<()>,
}

impl Words {
    fn drain(mut stderr: ChildStderr) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let (finish, done) = bounded(1);
        let kept = Arc::clone(&text);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = stderr.read(&mut buffer) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let room = MOST_WORDS.saturating_sub(kept.len()).min(n);
                kept.extend(&buffer[..room]);
            }
            drop(finish);
        });
        Self { text, done }
    }

    /// What has been said so far.
    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// All of it, or as much as comes in time: a grandchild may hold the pipe open.
    fn all(&self) -> String {
        // The channel only ever closes.
        let _closed = self.done.recv_timeout(LAST_BREATH);
        self.so_far()
    }
}

/// Runs a command to its end and gives what it wrote.
pub fn text(command: Command, patience: Duration) -> io::Result<Output> {
    let (mut guard, mut stdout, words) = Guard::spawn(command)?;
    let (send, receive) = bounded::<Vec<u8>>(16);
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(n @ 1..) = stdout.read(&mut buffer) {
            if send.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut out = Vec::new();
    let closed = loop {
        match receive.recv_timeout(patience) {
            Ok(bytes) => out.extend(bytes),
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) => break false,
        }
    };
    let end = if closed { guard.wait(patience) } else { None };
    drop(guard);
    Ok(Output { stdout: String::from_utf8_lossy(&out).into_owned(), stderr: words.all(), end })
}

/// Pictures that a child writes to its stdout, one PPM after the other.
pub struct Pictures {
    guard: Guard,
    words: Words,
    receive: Receiver<io::Result<RgbImage>>,
    patience: Duration,
}

/// Starts a command that writes pictures.
pub fn pictures(command: Command, patience: Duration) -> io::Result<Pictures> {
    let (guard, stdout, words) = Guard::spawn(command)?;
    // Two ahead: decoding goes on while a picture is looked at.
    let (send, receive) = bounded(2);
    thread::spawn(move || {
        let mut stdout = BufReader::with_capacity(1 << 16, stdout);
        while let Some(picture) = ppm(&mut stdout).transpose() {
            let last = picture.is_err();
            if send.send(picture).is_err() || last {
                break;
            }
        }
    });
    Ok(Pictures { guard, words, receive, patience })
}

impl Pictures {
    /// The next picture of the clip `path`; `None` after the last whole one.
    pub fn next(&mut self, path: &Path) -> Result<Option<RgbImage>, FootageError> {
        match self.receive.recv_timeout(self.patience) {
            Ok(Ok(picture)) => Ok(Some(picture)),
            // Half a picture: the child died, and its words say why.
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                Err(FootageError::Silent { path: path.to_owned(), seconds: self.patience.as_secs() })
            }
        }
    }

    /// What has been said on stderr so far, at least up to `mark` if that comes soon: words and pictures travel on two
    /// ways, and the words may be the later ones.
    pub fn said_up_to(&self, mark: &str) -> String {
        let until = Instant::now() + LAST_BREATH;
        loop {
            let said = self.words.so_far();
            if said.contains(mark) || Instant::now() > until {
                return said;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether the child ended well, and all that it said.
    pub fn end(mut self) -> (bool, String) {
        let well = self.guard.wait(LAST_BREATH).is_some_and(|status| status.success());
        drop(self.guard);
        (well, self.words.all())
    }
}

/// Reads one PPM of 8 bits; `None` at the end of the stream.
fn ppm(stream: &mut impl Read) -> io::Result<Option<RgbImage>> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut byte = [0];
    if stream.read(&mut byte)? == 0 {
        return Ok(None);
    }
    let mut head = vec![byte[0]];
    // Magic, width, height, largest value, each ended by one white space.
    let mut ended = 0;
    while ended < 4 {
        stream.read_exact(&mut byte)?;
        ended += u32::from(byte[0].is_ascii_whitespace());
        head.push(byte[0]);
        if head.len() > 64 {
            return Err(bad("no head of a picture"));
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut parts = head.split_ascii_whitespace();
    let magic = parts.next();
    let mut number = || parts.next().and_then(|n| n.parse::<u32>().ok()).ok_or_else(|| bad("no number"));
    let (width, height, top) = (number()?, number()?, number()?);
    let size = u64::from(width) * u64::from(height);
    if magic != Some("P6") || top != 255 || size == 0 || size > MOST_PIXELS {
        return Err(bad("no picture of 8 bits"));
    }
    let mut pixels = vec![0; size as usize * 3];
    stream.read_exact(&mut pixels)?;
    RgbImage::from_raw(width, height, pixels).map(Some).ok_or_else(|| bad("too few pixels"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn pictures_come_until_the_last_whole_one() {
        // One pixel, then half of a second picture.
        let script = "printf 'P6\\n1 1\\n255\\nabcP6\\n2 1\\n255\\nabc'; echo why >&2; exit 3";
        let mut pictures = pictures(shell(script), Duration::from_secs(20)).unwrap();
        let first = pictures.next(Path::new("a")).unwrap().unwrap();
        assert_eq!((first.dimensions(), first.as_raw().as_slice()), ((1, 1), &b"abc"[..]));
        assert!(pictures.next(Path::new("a")).unwrap().is_none());
        let (well, said) = pictures.end();
        assert!(!well && said == "why\n", "{said}");
    }

    #[test]
    fn silence_ends_in_a_sentence_and_a_dead_child() {
        let mut command = shell("echo $$ >&2; exec sleep 1000");
        command.env_remove("ENV");
        let mut pictures = pictures(command, Duration::from_millis(300)).unwrap();
        let error = pictures.next(Path::new("clip.mp4")).unwrap_err().to_string();
        assert!(error.starts_with("clip.mp4: ffmpeg gave nothing"), "{error}");
        let process = pictures.said_up_to("\n").trim().to_owned();
        assert!(Path::new("/proc").join(&process).exists() || !Path::new("/proc/self").exists());
        drop(pictures);
        assert!(!Path::new("/proc").join(&process).exists(), "killed and collected");
        let output = text(shell("exec sleep 1000"), Duration::from_millis(100)).unwrap();
        assert!(output.end.is_none());
    }

    #[test]
    fn a_flood_of_words_neither_blocks_nor_fills_memory() {
        let script = "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 >&2; i=$((i+1)); done; printf 'P6 1 1 255 abc'";
        let mut pictures = pictures(shell(script), Duration::from_mins(1)).unwrap();
        assert!(pictures.next(Path::new("a")).unwrap().is_some());
        let (well, said) = pictures.end();
        assert!(well && said.len() == MOST_WORDS, "{}", said.len());
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        for bytes in [
            &b"P5\n1 1\n255\na"[..],
            b"P6\n1 1\n65535\nabcdef",
            b"P6\n0 1\n255\n",
            b"P6\n90000 90000\n255\n",
            b"P6\n1 1\n25",
        ] {
            assert!(ppm(&mut &bytes[..]).is_err());
        }
        assert!(ppm(&mut &b""[..]).unwrap().is_none());
        let endless = [b'1'; 500];
        assert!(ppm(&mut &endless[..]).is_err());
    }
}
