//! Trees of the published sets: every name that the sets have, files of a byte where nobody looks into them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// Published paths by set; the file says where they come from.
pub static PATHS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut text = String::new();
    flate2::read::GzDecoder::new(&include_bytes!("../data/datasets/paths.txt.gz")[..])
        .read_to_string(&mut text)
        .unwrap();
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let (set, path) = line.split_once('/').unwrap();
        out.entry(set.to_owned()).or_default().push(path.to_owned());
    }
    out
});

pub const SETS: [&str; 6] = ["oulu_npu", "casia_fasd", "replay_attack", "msu_mfsd", "rose_youtu", "siw_m"];

/// Clips and enrolment.
pub fn paths(set: &str) -> &'static [String] {
    &PATHS[set]
}

/// The first half of a SHA-256 in hexadecimal letters.
pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat()
}

pub fn put(root: &Path, path: &str, bytes: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A path with another ending.
pub fn with_ending(path: &str, ending: &str) -> String {
    format!("{}.{ending}", path.rsplit_once('.').unwrap().0)
}

/// Phone, session, user, file.
pub fn oulu_numbers(path: &str) -> [u32; 4] {
    let stem = path.rsplit_once('/').unwrap().1.trim_end_matches(".avi");
    let all: Vec<u32> = stem.split('_').map(|n| n.parse().unwrap()).collect();
    all.try_into().unwrap()
}

/// OULU-NPU's 42 list files by the rules that its authors give, in the order of the official files.
pub fn oulu_lists() -> Vec<(String, String)> {
    let mut clips: Vec<([u32; 4], &str, &String)> =
        paths("oulu_npu").iter().map(|p| (oulu_numbers(p), p.split('_').next().unwrap(), p)).collect();
    clips.sort();
    let mut out = vec![];
    for protocol in 1..=4 {
        for fold in if protocol < 3 { 0..=0 } else { 1..=6 } {
            for part in ["Train", "Dev", "Test"] {
                let test = part == "Test";
                let wanted = |[phone, session, _, file]: [u32; 4]| {
                    let sessions = if test { session == 3 } else { session < 3 };
                    let files = if test { matches!(file, 1 | 3 | 5) } else { matches!(file, 1 | 2 | 4) };
                    let phones = (phone == fold) == test;
                    match protocol {
                        1 => sessions,
                        2 => files,
                        3 => phones,
                        _ => sessions && files && phones,
                    }
                };
                let mut lines = vec![];
                for (numbers, _, path) in clips.iter().filter(|c| c.1 == part && wanted(c.0)) {
                    let label = match numbers[3] {
                        1 => "+1",
                        4 | 5 if test => "-2",
                        _ => "-1",
                    };
                    let stem = path.rsplit_once('/').unwrap().1.trim_end_matches(".avi");
                    lines.push(format!("{label},{stem}\n"));
                }
                let name = if fold == 0 { part.to_owned() } else { format!("{part}_{fold}") };
                out.push((format!("Protocol_{protocol}/{name}.txt"), lines.concat()));
            }
        }
    }
    out
}

/// Everything that comes with a set, for a tree in the published layout.
pub fn files(set: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = paths(set).iter().map(|p| (p.clone(), "x".to_owned())).collect();
    let clips = || paths(set).iter().filter(|p| !p.starts_with("enroll"));
    match set {
        "oulu_npu" => {
            out.extend(clips().map(|p| (with_ending(p, "txt"), "0,400,600,600,610\n".to_owned())));
            out.extend(oulu_lists().into_iter().map(|(path, text)| (format!("Protocols/{path}"), text)));
        }
        "casia_fasd" => {
            let face =
                |p: &String| (format!("face-locations/{}", with_ending(p, "face")), "0 294 144 167 167\n".to_owned());
            out.extend(clips().map(face));
        }
        "replay_attack" => {
            let face =
                |p: &String| (format!("face-locations/{}", with_ending(p, "face")), "0 90 60 80 80\n".to_owned());
            out.extend(clips().map(face));
            out.extend(replay_lists());
        }
        "msu_mfsd" => {
            out.extend(clips().map(|p| (with_ending(p, "face"), "0,1,2,30,40,5,10,20,10\n".to_owned())));
            for (name, text) in MSU_LISTS {
                out.push((name.to_owned(), text.to_owned()));
            }
            for other in ["README.txt", "DecFrames.m", "ffmpeg/bin/ffmpeg.exe"] {
                out.push((other.to_owned(), "x".to_owned()));
            }
        }
        _ => {}
    }
    out
}

/// Lines ended as on Windows, none after the last.
pub const MSU_LISTS: [(&str, &str); 2] = [
    ("train_sub_list.txt", "02\r\n03\r\n05\r\n06\r\n07\r\n08\r\n09\r\n11\r\n12\r\n21\r\n22\r\n34\r\n53\r\n54\r\n55"),
    (
        "test_sub_list.txt",
        "01\r\n13\r\n14\r\n23\r\n24\r\n26\r\n28\r\n29\r\n30\r\n32\r\n33\r\n35\r\n36\r\n37\r\n39\r\n42\r\n48\r\n49\r\n50\r\n51",
    ),
];

fn replay_lists() -> Vec<(String, String)> {
    let mut out = vec![];
    let all = paths("replay_attack");
    let mut clients: Vec<String> = vec![];
    for part in ["train", "devel", "test"] {
        let of = |wanted: &dyn Fn(&str) -> bool| -> String {
            all.iter()
                .filter(|p| p.starts_with(&format!("{part}/")) && wanted(p))
                .map(|p| format!("{p}\n"))
                .collect::<Vec<_>>()
                .concat()
        };
        out.push((format!("protocols/real-{part}.txt"), of(&|p| p.contains("/real/"))));
        for (protocol, word) in [("grandtest", "/attack/"), ("print", "/attack_print"), ("video", "_video_")] {
            let name = format!("protocols/attack-{protocol}-allsupports-{part}.txt");
            out.push((name, of(&|p| p.contains(word))));
        }
        for path in all.iter().filter(|p| p.starts_with(&format!("{part}/real"))) {
            let at = path.find("client").unwrap() + "client".len();
            clients.push(format!("{} {part}", &path[at..at + 3]));
        }
    }
    clients.sort();
    clients.dedup();
    out.push(("protocols/clients.txt".to_owned(), clients.join("\n")));
    out
}

/// A folder with all sets, each in its published layout, under names that say nothing. Made once, then found again.
pub fn all() -> &'static Path {
    static ALL: LazyLock<PathBuf> = LazyLock::new(|| {
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let all: Vec<(&str, Vec<(String, String)>)> = SETS.iter().map(|set| (*set, files(set))).collect();
        let content = format!("{all:?}");
        let folder = tmp.join(format!("layouts-{}", hash(&content)));
        if !folder.exists() {
            let aside = tempfile::tempdir_in(tmp).unwrap();
            for (set, files) in &all {
                for (path, text) in files {
                    put(&aside.path().join(folder_of(set)), path, text);
                }
            }
            // Another process may have been faster; its tree is the same.
            if fs::rename(aside.path(), &folder).is_ok() {
                std::mem::forget(aside);
            }
        }
        folder
    });
    &ALL
}

/// The name of a set's folder in [`all`].
pub fn folder_of(set: &str) -> &'static str {
    ["first", "second", "third", "fourth", "fifth", "sixth"][SETS.iter().position(|s| *s == set).unwrap()]
}

/// The whole set in its published layout.
pub fn whole(set: &str) -> PathBuf {
    all().join(folder_of(set))
}

/// A tree of these files, a byte each.
pub fn tree<S: AsRef<str>>(files: impl IntoIterator<Item = S>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for path in files {
        put(folder.path(), path.as_ref(), "x");
    }
    folder
}
