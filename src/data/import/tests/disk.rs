//! A folder that goes when the test ends, what is put into it, and what is asked of everything that is imported.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use image::{ImageFormat, Rgb, RgbImage};
use tempfile::TempDir;

use crate::data::footage::Reader;
use crate::data::import::{Import, Layout, Options, Preview, Sighted, look};
use crate::data::manifest::{self, LiveIs};
use crate::data::{Footage, Label, Marks, SourceClip, Split};

pub struct Disk(TempDir);

pub fn disk() -> Disk {
    Disk(tempfile::tempdir().unwrap())
}

impl Disk {
    pub fn root(&self) -> &Path {
        self.0.path()
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn file(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A picture of `size`: green if live, else red.
    pub fn picture(&self, path: &str, live: bool, size: [u32; 2]) {
        let format = ImageFormat::from_path(path).unwrap();
        self.file(path, pixels(live, size, format));
    }

    /// Square pictures.
    pub fn faces(&self, paths: &[&str], live: bool) {
        for path in paths {
            self.picture(path, live, [16, 16]);
        }
    }

    /// An archive of pictures with these names, and an info.txt.
    pub fn archive(&self, path: &str, names: &[&str], live: bool) {
        let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
        // As Python's zipfile writes them: stored.
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for name in names {
            zip.start_file(*name, stored).unwrap();
            zip.write_all(&pixels(live, [16, 16], ImageFormat::Png)).unwrap();
        }
        zip.start_file("info.txt", stored).unwrap();
        write!(zip, "{}\t{}", names.len(), names.len() + 1).unwrap();
        self.file(path, zip.finish().unwrap().into_inner());
    }

    pub fn look(&self) -> Box<Import> {
        self.look_at("", &Options::default())
    }

    pub fn look_at(&self, path: &str, options: &Options) -> Box<Import> {
        match look(&self.at(path), options).unwrap_or_else(|e| panic!("{e}")) {
            Sighted::Import(import) => import,
            Sighted::Originals(sets) => panic!("taken for {sets:?}"),
        }
    }
}

fn pixels(live: bool, [w, h]: [u32; 2], format: ImageFormat) -> Vec<u8> {
    let colour = if live { Rgb([20, 220, 20]) } else { Rgb([220, 20, 20]) };
    let mut bytes = Cursor::new(vec![]);
    RgbImage::from_pixel(w, h, colour).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// One clip in a line: domain, path, class, species, person, camera, session, part, number of pictures.
pub fn row(clip: &SourceClip, split: Option<Split>) -> String {
    let pictures = match &clip.footage {
        Footage::Video(_) => "video".to_owned(),
        Footage::Pictures(p) => p.len().to_string(),
        Footage::Zip { entries, .. } => format!("{} zipped", entries.len()),
    };
    let class = if clip.label == Label::Live { "live" } else { "attack" };
    let split = split.map_or("-".to_owned(), |s| s.to_string());
    let SourceClip { domain, path, species, subject, camera, session, .. } = clip;
    format!("{domain} | {path} | {class} {species} | {subject} {camera} {session} | {split} | {pictures}")
}

/// All clips in lines.
pub fn rows(import: &Import, choice: Option<LiveIs>) -> Vec<String> {
    let (clips, _) = import.sources(choice).unwrap_or_else(|e| panic!("{e}"));
    clips.iter().map(|(clip, split)| row(clip, *split)).collect()
}

/// The clip whose path ends so.
pub fn clip(import: &Import, end: &str) -> SourceClip {
    let (clips, _) = import.sources(None).unwrap();
    clips.into_iter().map(|c| c.0).find(|c| c.path.ends_with(end)).unwrap_or_else(|| panic!("no {end}"))
}

/// What holds of every layout that is recognised as `layout`: live faces are green and attacks red, a second look sees
/// the same, and the manifest that comes of it gives the same clips. Gives the preview.
pub fn holds(disk: &Disk, import: &Import, layout: Layout, choice: Option<LiveIs>) -> Preview {
    let preview = import.preview(choice);
    assert_eq!(preview.layout, layout, "{preview:#?}");
    assert!(!preview.ask && preview.confidence > 0.0 && preview.confidence <= 1.0 && !preview.because.is_empty());
    for (class, name, channel) in [(&preview.classes[0], "live", 1), (&preview.classes[1], "attack", 0)] {
        assert_eq!(class.name, name);
        assert!(!class.thumbnails.is_empty() && class.thumbnails.len() <= 4);
        for thumbnail in &class.thumbnails {
            let rgb =
                thumbnail.load(8, &Reader::new(disk.root())).unwrap_or_else(|e| panic!("{}: {e}", thumbnail.clip));
            assert_eq!(rgb.len(), 8 * 8 * 3);
            assert!(rgb[channel] > 150 && rgb[1 - channel] < 100, "{} is a {name} clip: {rgb:?}", thumbnail.clip);
        }
    }
    let in_parts: usize = preview.splits.iter().flat_map(|s| s.clips).sum();
    assert_eq!(in_parts, preview.classes[0].clips + preview.classes[1].clips);

    let out = disk.at("written by the test.csv");
    import.write_manifest(&out, choice).unwrap_or_else(|e| panic!("{e}"));
    let table = manifest::read(&out).unwrap_or_else(|e| panic!("{e}"));
    let (listed, problems) = manifest::clips(&out, &table, None).unwrap_or_else(|e| panic!("{e}"));
    assert!(problems.is_empty(), "{problems:?}");
    fs::remove_file(&out).unwrap();
    let (clips, _) = import.sources(choice).unwrap();
    assert_eq!(listed.len(), clips.len());
    for (read, (mut clip, split)) in listed.into_iter().zip(clips) {
        if let Some(Marks::CdcnBoxes(files)) = &clip.marks {
            let read = |f: &Option<PathBuf>| {
                let text = fs::read_to_string(f.as_ref()?).unwrap();
                let numbers: Vec<f64> = text.lines().take(4).map(|l| l.trim().parse().unwrap()).collect();
                Some([0, 1, 2, 3].map(|i| numbers[i].round() as i32))
            };
            clip.marks = Some(Marks::Boxes(files.iter().map(read).collect()));
        }
        assert_eq!((read.clip, read.split), (clip, split));
    }
    preview
}

/// Whether a problem says so.
pub fn says(preview: &Preview, text: &str) -> bool {
    preview.problems.iter().any(|p| p.contains(text))
}
