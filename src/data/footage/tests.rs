//! Clips of every kind, made here: what a person relies on is that frames are the right ones, upright once, and that
//! broken files end in a sentence.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use image::{ImageFormat, Rgb};

use super::*;
use crate::data::builtin::{Scale, Tree, clips_of};
use crate::data::{Label, SetName, video};

/// The ffmpeg of this machine; `cargo xtask test` installs one.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).map(|folder| folder.join("ffmpeg"));
    let named = std::env::var_os("METAFAS_FFMPEG").map(PathBuf::from);
    let ours = crate::cache_folder().join("ffmpeg/ffmpeg");
    let found = named.into_iter().chain(places).chain([ours]).find(|p| p.is_file());
    found.expect("these tests need ffmpeg: cargo xtask setup")
}

fn reader() -> Reader {
    Reader::with(Ffmpeg::at(program(), Duration::from_mins(1)).unwrap())
}

fn clip(footage: Footage) -> SourceClip {
    SourceClip {
        domain: "set".to_owned(),
        path: "a/b".to_owned(),
        label: Label::Live,
        species: "live".to_owned(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        footage,
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: false,
        depth: Vec::new(),
    }
}

fn video_clip(path: PathBuf) -> SourceClip {
    clip(Footage::Video(path))
}

/// Frames of 64 x 48 pixels: red at the upper left, and as bright elsewhere as their number says.
fn drawn(number: u32) -> RgbImage {
    let grey = (40 + 8 * number) as u8;
    RgbImage::from_fn(64, 48, |x, y| if x < 24 && y < 16 { Rgb([230, 20, 20]) } else { Rgb([grey; 3]) })
}

/// A clip of `count` such frames, by a codec that every ffmpeg has.
fn encode(path: &Path, count: u32, options: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..count {
        drawn(i).save(folder.path().join(format!("{i:03}.png"))).unwrap();
    }
    let status = Command::new(program())
        .args(["-nostdin", "-loglevel", "error", "-y", "-framerate", "10", "-i"])
        .arg(folder.path().join("%03d.png"))
        .args(["-c:v", "mpeg4", "-q:v", "2", "-g", "5", "-bf", "0"])
        .args(options)
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
}

type Seen = (Vec<[u32; 3]>, Reading, Vec<Turn>);

/// Number, grey level far from the red corner as a frame number, corner that is red (0 upper left, clockwise), turn.
fn read(reader: &Reader, clip: &SourceClip, choice: &FrameChoice) -> Result<Seen, FootageError> {
    let (mut seen, mut turns) = (Vec::new(), Vec::new());
    let reading = reader.read(clip, choice, &mut |frame| {
        let (w, h) = frame.picture.dimensions();
        let corners = [(4, 4), (w - 5, 4), (w - 5, h - 5), (4, h - 5)];
        let red = |at: &(u32, u32)| frame.picture[*at].0[0] > 180 && frame.picture[*at].0[1] < 90;
        let corner = corners.iter().position(red).expect("one corner is red");
        let grey = f32::from(frame.picture[corners[(corner + 2) % 4]].0[1]);
        seen.push([frame.number, ((grey - 40.0) / 8.0).round() as u32, corner as u32]);
        turns.push(frame.turned);
    })?;
    Ok((seen, reading, turns))
}

/// Writes this matrix into the header of an MP4 file's track.
fn set_matrix(path: &Path, matrix: [i32; 4]) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.windows(4).position(|w| w == b"tkhd").unwrap() + 4 + 40;
    for (i, value) in [(0, matrix[0]), (4, matrix[1]), (12, matrix[2]), (16, matrix[3])] {
        bytes[at + i..at + i + 4].copy_from_slice(&(value << 16).to_be_bytes());
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn chosen_frames_of_a_video_are_those_frames() {
    let folder = tempfile::tempdir().unwrap();
    // A name that ffmpeg would take for something else.
    let path = folder.path().join("-i %03d: it's.avi");
    encode(&path, 22, &[]);
    let (reader, clip) = (reader(), video_clip(path));
    for choice in ["all", "8", "cdcn:8", "ssdg:2", "frames:0,3,21", "frames:5,90"] {
        let choice = FrameChoice::parse(choice).unwrap();
        let (seen, reading, turns) = read(&reader, &clip, &choice).unwrap();
        let numbers: Vec<u32> = seen.iter().map(|s| s[0]).collect();
        assert_eq!(numbers, choice.of(22), "{choice}");
        assert!(seen.iter().all(|[number, shown, corner]| number == shown && *corner == 0), "{choice} {seen:?}");
        assert!(turns.iter().all(|t| *t == Turn::None) && reading.remarks.is_empty(), "{:?}", reading.remarks);
        let counted = !matches!(choice, FrameChoice::Given(_));
        assert_eq!(reading.frames, counted.then_some(22));
    }
    // More numbers than an expression holds.
    let path = folder.path().join("long.mp4");
    encode(&path, 100, &["-s", "64x48"]);
    let (seen, reading, _) = read(&reader, &video_clip(path), &FrameChoice::Even(80)).unwrap();
    let numbers: Vec<u32> = seen.iter().map(|s| s[0]).collect();
    assert_eq!((numbers, reading.frames), (FrameChoice::Even(80).of(100), Some(100)));
}

#[test]
fn a_picture_is_turned_once_by_its_container_or_by_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let reader = reader();
    let path = folder.path().join("a.mp4");
    encode(&path, 4, &[]);
    let corner = |turn_if_unmarked: Turn, choice: &FrameChoice| {
        let clip = SourceClip { turn_if_unmarked, ..video_clip(path.clone()) };
        let (seen, reading, turns) = read(&reader, &clip, choice).unwrap();
        assert!(seen.iter().all(|s| s[2] == seen[0][2]) && turns.iter().all(|t| *t == turns[0]));
        (seen[0][2], turns[0], reading.remarks.len())
    };
    for choice in [FrameChoice::All, FrameChoice::Even(2), FrameChoice::Given(vec![1])] {
        set_matrix(&path, [1, 0, 0, 1]);
        assert_eq!(corner(Turn::None, &choice), (0, Turn::None, 0));
        // Nothing is said: the list holds, and that is told.
        assert_eq!(corner(Turn::Half, &choice), (2, Turn::Half, 1));
        // MSU-MFSD's six: a matrix, and on the list. Turned once.
        set_matrix(&path, [-1, 0, 0, -1]);
        assert_eq!(corner(Turn::Half, &choice), (2, Turn::Half, 0));
        // Phones held upright.
        set_matrix(&path, [0, 1, -1, 0]);
        assert_eq!(corner(Turn::None, &choice), (1, Turn::Right, 0));
        set_matrix(&path, [0, -1, 1, 0]);
        assert_eq!(corner(Turn::None, &choice), (3, Turn::Left, 0));
    }
}

#[test]
fn broken_videos_end_in_a_sentence_and_cut_ones_give_what_they_have() {
    let folder = tempfile::tempdir().unwrap();
    let reader = reader();
    let say = |path: &PathBuf| read(&reader, &video_clip(path.clone()), &FrameChoice::Even(4)).unwrap_err().to_string();
    let whole = folder.path().join("whole.mp4");
    encode(&whole, 30, &[]);
    let bytes = fs::read(&whole).unwrap();
    let path = folder.path().join("cut.mp4");
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(say(&path).ends_with("cut.mp4 cannot be decoded: moov atom not found"), "{}", say(&path));
    fs::write(&path, "").unwrap();
    assert!(say(&path).contains("cut.mp4 cannot be decoded: ") && !say(&path).contains("file:"), "{}", say(&path));
    fs::write(&path, "this is no video").unwrap();
    assert!(say(&path).contains("cut.mp4 cannot be decoded: ") && !say(&path).contains("file:"), "{}", say(&path));
    fs::remove_file(&path).unwrap();
    assert!(say(&path).contains("cut.mp4 cannot be read: No such file"), "{}", say(&path));

    let whole = folder.path().join("whole.avi");
    encode(&whole, 30, &[]);
    let bytes = fs::read(&whole).unwrap();
    let path = folder.path().join("cut.avi");
    let place = |name: &[u8; 4]| bytes.windows(4).position(|w| w == name).unwrap();
    // In the middle of its frames.
    fs::write(&path, &bytes[..usize::midpoint(place(b"movi"), place(b"idx1"))]).unwrap();
    let (seen, reading, _) = read(&reader, &video_clip(path), &FrameChoice::All).unwrap();
    assert!((5..30).contains(&seen.len()) && seen.iter().all(|s| s[0] == s[1]), "{seen:?} {reading:?}");
    assert_eq!(reading.frames, Some(seen.len() as u32));
}

#[test]
fn without_ffmpeg_there_is_one_sentence_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.avi");
    encode(&path, 2, &[]);
    let reader = Reader { cache: PathBuf::new(), ffmpeg: OnceLock::from(None) };
    let error = read(&reader, &video_clip(path), &FrameChoice::All).unwrap_err().to_string();
    for word in ["a.avi", "cargo xtask setup", "METAFAS_FFMPEG", "package ffmpeg"] {
        assert!(error.contains(word), "{error}");
    }
    let bad = |script: &str| {
        let path = folder.path().join("ffmpeg");
        fs::write(&path, script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).unwrap();
        Ffmpeg::at(path, Duration::from_millis(500)).unwrap_err().to_string()
    };
    assert!(bad("#!/bin/sh\necho hello").contains("does not say which version"));
    assert!(bad("#!/bin/sh\necho no such library >&2; exit 127").contains("no such library"));
    assert!(bad("#!/bin/sh\nexec sleep 60").contains("no answer"));
    let none = Ffmpeg::at(folder.path().join("none"), Duration::from_secs(1)).unwrap_err().to_string();
    assert!(none.contains("does not work as ffmpeg") && none.contains("METAFAS_FFMPEG"), "{none}");
}

#[test]
fn an_ffmpeg_that_hangs_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ffmpeg");
    let script = "#!/bin/sh\ncase \"$*\" in *-version) echo ffmpeg version 7.0;; *) exec sleep 600;; esac\n";
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let reader = Reader::with(Ffmpeg::at(path, Duration::from_millis(400)).unwrap());
    let clip = folder.path().join("clip.mkv");
    fs::write(&clip, "x").unwrap();
    for choice in [FrameChoice::All, FrameChoice::Even(8)] {
        let error = read(&reader, &video_clip(clip.clone()), &choice).unwrap_err();
        assert!(matches!(error, FootageError::Silent { .. }), "{error}");
    }
}

#[test]
fn pictures_and_archives_are_footage_too() {
    let folder = tempfile::tempdir().unwrap();
    let reader = reader();
    let paths: Vec<PathBuf> =
        (0..6).map(|i| folder.path().join(format!("{i}.{}", if i == 1 { "bmp" } else { "png" }))).collect();
    for (i, path) in paths.iter().enumerate() {
        drawn(i as u32).save(path).unwrap();
    }
    let pictures = clip(Footage::Pictures(paths.clone()));
    let (seen, reading, _) = read(&reader, &pictures, &FrameChoice::Even(3)).unwrap();
    assert_eq!((seen, reading.frames), (vec![[0, 0, 0], [2, 2, 0], [4, 4, 0]], Some(6)));
    // One that is broken is left out and told of; nothing but broken ones is an error.
    fs::write(&paths[2], "no picture").unwrap();
    let (seen, reading, _) = read(&reader, &pictures, &FrameChoice::All).unwrap();
    assert_eq!(seen.iter().map(|s| s[0]).collect::<Vec<_>>(), [0, 1, 3, 4, 5]);
    assert!(reading.remarks[0].contains("2.png cannot be read"), "{:?}", reading.remarks);
    let error = read(&reader, &pictures, &FrameChoice::Given(vec![2])).unwrap_err().to_string();
    assert!(error.contains("not one of its 1 pictures"), "{error}");
    let error = read(&reader, &pictures, &FrameChoice::Given(vec![99])).unwrap_err().to_string();
    assert_eq!(error, "set/a/b has none of the frames that were asked for");

    let archive = folder.path().join("a.zip");
    let mut zip = ::zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    let names: Vec<String> = (0..3).map(|i| format!("{i}.png")).collect();
    for (i, name) in names.iter().enumerate() {
        zip.start_file(name.as_str(), ::zip::write::SimpleFileOptions::default()).unwrap();
        let mut bytes = std::io::Cursor::new(Vec::new());
        drawn(i as u32).write_to(&mut bytes, ImageFormat::Png).unwrap();
        zip.write_all(bytes.get_ref()).unwrap();
    }
    zip.finish().unwrap();
    let footage = |entries: &[&str]| Footage::Zip {
        archive: archive.clone(),
        entries: entries.iter().map(|e| (*e).to_owned()).collect(),
    };
    let (seen, ..) = read(&reader, &clip(footage(&["2.png", "0.png"])), &FrameChoice::All).unwrap();
    assert_eq!(seen, [[0, 2, 0], [1, 0, 0]]);
    let (_, reading, _) = read(&reader, &clip(footage(&["1.png", "9.png"])), &FrameChoice::All).unwrap();
    assert!(reading.remarks[0].contains("9.png in "), "{:?}", reading.remarks);
    fs::write(&archive, "zip no more").unwrap();
    let error = read(&reader, &clip(footage(&["1.png"])), &FrameChoice::All).unwrap_err().to_string();
    assert!(error.contains("a.zip cannot be read: it is no whole zip archive"), "{error}");
}

/// The built-in benchmark's clips go one way on every machine; were they sent through ffmpeg, nothing would look
/// different. Largest and mean difference of bytes, measured: 31 and 0.4.
#[test]
fn the_reader_without_ffmpeg_sees_what_ffmpeg_sees() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Tree::cached(folder.path(), Scale::Tiny, 0);
    let ffmpeg = Ffmpeg::at(program(), Duration::from_mins(1)).unwrap();
    let upside_down = |set: SetName| clips_of(set, Scale::Tiny, 0).into_iter().find(|c| c.clip.upside_down);
    let first = |set: SetName| clips_of(set, Scale::Tiny, 0).into_iter().next();
    let planned = [first(SetName::OuluNpu), first(SetName::ReplayAttack), upside_down(SetName::MsuMfsd)];
    for planned in planned.into_iter().flatten() {
        let (stored, _) = tree.ensure(&planned).unwrap();
        let path = tree.video_path(&planned);
        assert!(mjpeg::open(&path).is_some(), "{}", path.display());
        let mut ours = Vec::new();
        let turn_if_unmarked = if planned.clip.upside_down { Turn::Half } else { Turn::None };
        let source = SourceClip { turn_if_unmarked, ..video_clip(path.clone()) };
        let none = Reader { cache: PathBuf::new(), ffmpeg: OnceLock::from(None) };
        none.read(&source, &FrameChoice::All, &mut |f| ours.push(f)).unwrap();
        let mut theirs = Vec::new();
        let mut keep = |s: Stored| theirs.push((s.picture, s.marked, s.turned));
        ffmpeg.read(&path, &FrameChoice::All, &mut keep).unwrap();
        assert_eq!((ours.len(), theirs.len()), (stored.video.frames.len(), stored.video.frames.len()));
        for (a, (b, marked, turned)) in ours.iter().zip(&theirs) {
            assert_eq!(
                (a.picture.dimensions(), a.turned, *marked),
                (b.dimensions(), *turned, planned.clip.upside_down)
            );
            let far = a.picture.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b)));
            let (most, sum) = far.fold((0, 0), |(most, sum), d| (d.max(most), sum + d));
            let mean = sum as f64 / a.picture.as_raw().len() as f64;
            assert!(most <= 48 && mean < 1.0, "{}: {most} {mean}", path.display());
        }
    }
}

#[test]
fn motion_jpeg_of_other_hands_goes_through_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let reader = reader();
    let path = folder.path().join("a.mov");
    encode(&path, 5, &["-c:v", "mjpeg"]);
    assert!(mjpeg::open(&path).is_none());
    let (seen, ..) = read(&reader, &video_clip(path), &FrameChoice::All).unwrap();
    assert_eq!(seen.iter().map(|s| s[1]).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    // In one piece, but its frames are not of the size it tells, as fields of interlaced clips are.
    let mut jpeg = std::io::Cursor::new(Vec::new());
    drawn(3).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    let fields = video::Clip { width: 64, height: 96, rate: 5.0, turned: false, frames: vec![jpeg.into_inner()] };
    let path = folder.path().join("fields.avi");
    fs::write(&path, video::write(&fields, &path)).unwrap();
    assert!(mjpeg::open(&path).is_none());
}
