//! Manifests as a user has them: files on disk, written and read.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::data::{Footage, Label, Marks, Turn};

/// A folder with empty files of these names; an archive holds 1.png, 2.png, 10.png and notes.txt.
fn tree(paths: &[&str]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for path in paths {
        put(root.path(), path);
    }
    root
}

fn put(root: &Path, path: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    if is_zip(path) {
        let mut zip = zip::ZipWriter::new(fs::File::create(file).unwrap());
        for name in ["10.png", "2.png", "notes.txt", "1.png"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(name.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    } else {
        fs::write(file, "").unwrap();
    }
}

fn with(root: &TempDir, text: &str) -> Result<Sources, ManifestError> {
    let path = root.path().join("mine.csv");
    fs::write(&path, text).unwrap();
    sources(&path)
}

#[test]
fn videos_pictures_archives_and_folders_become_clips() {
    let root =
        tree(&["v/a.avi", "p/1.png", "p/2.png", "q/10.jpg", "q/9.jpg", "q/notes.txt", "z/c.zip", "d/1.png", "e.mp4"]);
    let text = "path,label,species,subject,split,domain,clip,frame,depth,box,cropped,turn,camera,session\n\
                v/a.avi,live,,ann,train,lab,,,,,,180,cam,noon\n\
                p/2.png,attack,print,bob,train,lab,clip,2,,,yes\n\
                p/1.png,attack,print,bob,train,lab,clip,1,d/1.png,\"1,2,3,4\",yes\n\
                q,attack,,cem,test,lab,\n\
                z/c.zip,live,,dan,test,lab,\n\
                e.mp4,attack,video,eve,dev,lab,\n\
                z/c.zip!/2.png,bona fide,,fay,dev,other,entries\n\
                z/c.zip!/1.png,live,,fay,dev,other,entries\n";
    let (clips, problems) = with(&root, text).unwrap_or_else(|e| panic!("{e}"));
    assert!(problems.is_empty(), "{problems:?}");
    let at = |p: &str| root.path().join(p);
    let row =
        |(c, s): &(SourceClip, Split)| format!("{} {} {:?} {} {} {s}", c.domain, c.path, c.label, c.species, c.subject);
    let rows: Vec<String> = clips.iter().map(row).collect();
    assert_eq!(
        rows,
        [
            "lab v/a.avi Live live ann train",
            "lab clip Spoof print bob train",
            "lab q Spoof spoof cem test",
            "lab z/c.zip Live live dan test",
            "lab e.mp4 Spoof video eve dev",
            "other entries Live live fay dev",
        ]
    );
    let clip = |i: usize| &clips[i].0;
    assert_eq!(clip(0).footage, Footage::Video(at("v/a.avi")));
    assert_eq!(
        (clip(0).turn_if_unmarked, clip(0).camera.as_str(), clip(0).session.as_str()),
        (Turn::Half, "cam", "noon")
    );
    assert_eq!(clip(1).footage, Footage::Pictures(vec![at("p/1.png"), at("p/2.png")]));
    assert_eq!(clip(1).depth, [Some(at("d/1.png")), None]);
    assert_eq!(clip(1).marks, Some(Marks::Boxes(vec![Some([1, 2, 3, 4]), None])));
    assert!(clip(1).cropped && !clip(0).cropped);
    assert_eq!(clip(2).footage, Footage::Pictures(vec![at("q/9.jpg"), at("q/10.jpg")]));
    let zip = |names: &[&str]| Footage::Zip {
        archive: at("z/c.zip"),
        entries: names.iter().map(|&n| n.to_owned()).collect(),
    };
    assert_eq!(clip(3).footage, zip(&["1.png", "2.png", "10.png"]));
    assert_eq!(clip(5).footage, zip(&["2.png", "1.png"]), "without frames the order is the file's");
}

#[test]
fn numbers_mean_nothing_until_somebody_says_what() {
    let root = tree(&["a.png", "b.png", "c.png", "d.png"]);
    let rows = "path,label,subject\na.png,0,a\nb.png,1,b\nc.png,2,c\nd.png,1,d\n";
    let error = with(&root, rows).unwrap_err().to_string();
    assert!(error.contains("(0: 1 rows, 1: 2 rows, 2: 1 rows)") && error.contains("live=0"), "{error}");
    let live = |text: &str, asked| {
        fs::write(root.path().join("mine.csv"), text).unwrap();
        let (clips, problems) = sources_as(&root.path().join("mine.csv"), asked).unwrap();
        let live = clips.iter().filter(|c| c.0.label == Label::Live).map(|c| c.0.path.clone()).collect::<Vec<_>>();
        (live.join(" "), problems.iter().any(|p| p.contains("is obeyed")))
    };
    assert_eq!(live(rows, Some(LiveIs::Zero)), ("a.png".to_owned(), false));
    assert_eq!(live(rows, Some(LiveIs::One)), ("b.png d.png".to_owned(), false));
    let noted = format!("# polarity: live=1\n{rows}");
    assert_eq!(live(&noted, None), ("b.png d.png".to_owned(), false));
    assert_eq!(live(&noted, Some(LiveIs::Zero)), ("a.png".to_owned(), true));
}

#[test]
fn rows_that_contradict_each_other_are_faults() {
    let root = tree(&["1.png", "2.png", "3.png", "4.png", "v.avi", "z.zip", "n.txt", "empty/x.txt"]);
    fs::write(root.path().join("broken.zip"), b"PK\x03\x04 no archive").unwrap();
    let text = "path,label,species,subject,clip,frame,box\n\
                1.png,live,,a,c,1,\n\
                2.png,spoof,print,b,c,1,\n\
                3.png,live,,a,c,,\n\
                1.png,live,,a,x,,\n\
                v.avi,live,,a,c,7,\n\
                v.avi/,live,,,,,\n\
                z.zip,live,,,,,\"1,2,3,4\"\n\
                n.txt,live,,,,,\n\
                empty,live,,,,,\n\
                broken.zip,spoof,,,,,\n\
                4.png,spoof,Live,,,,\n";
    let error = with(&root, text).unwrap_err().to_string();
    for expected in [
        "line 3: the label differs from line 2, which is of the same clip c",
        "line 3: the species differs",
        "line 3: the subject differs",
        "line 3: frame 1 of clip c stands on line 2 already",
        "line 4: number all pictures of clip c in column frame, or none",
        "line 5: 1.png stands on line 2 already; remove one",
        "line 6: v.avi is a clip of its own",
        "line 7: v.avi/ stands on line 6 already",
        "line 8: a box or a depth map belongs to one picture",
        "line 9: n.txt: this is neither a picture",
        "line 10: empty: the folder holds no pictures",
        "line 11: broken.zip: the archive cannot be read",
        "line 12: the label is an attack and the species is live",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
    assert!(error.contains("mine.csv has 13 faults:\n  line 3"), "{error}");
}

#[test]
fn a_subject_in_two_parts_stops_the_reading() {
    let root = tree(&["1.png", "2.png", "3.png", "4.png"]);
    let text = "path,label,subject,split\n1.png,live,ann,train\n2.png,spoof,ann,train\n3.png,live,ann,test\n4.png,spoof,bob,test";
    let error = with(&root, text).unwrap_err().to_string();
    assert!(
        error.contains("has a fault:\n  line 4: subject ann stands in test here and in train on line 2"),
        "{error}"
    );
}

#[test]
fn what_is_not_there_is_counted_and_left_out() {
    let root = tree(&["1.png", "2.png", "z.zip"]);
    let text = "path,label,subject,depth\n1.png,live,a,no.png\n2.png,spoof,b,\n3.png,spoof,c,\nz.zip!/3.png,live,d,\nno.zip!/1.png,live,e,";
    let (clips, problems) = with(&root, text).unwrap();
    assert_eq!(clips.len(), 2);
    assert!(clips[0].0.depth.is_empty());
    let said = |text: &str| problems.iter().any(|p| p.contains(text));
    assert!(said("left out: 3 (line 4: 3.png, line 5: z.zip!/3.png, line 6: no.zip!/1.png)"), "{problems:?}");
    assert!(said("taken as unknown: 1 (line 2: no.png)"), "{problems:?}");
    let error = with(&root, "path,label\nx/1.png,live\nx/2.png,spoof").unwrap_err().to_string();
    assert!(error.contains("none of the 2 files") && error.contains("x/1.png"), "{error}");
    let error = with(&root, "path,label\n1.png,live\n2.png,real").unwrap_err().to_string();
    assert!(error.contains("there are no attack clips"), "{error}");
    let error = sources(Path::new("/nowhere/mine.csv")).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/mine.csv cannot be read"), "{error}");
}

#[test]
fn pictures_that_stand_alone_are_told() {
    let root = tree(&["v/1.png", "v/2.png", "w/1.png"]);
    let (_, problems) = with(&root, "path,label\nv/1.png,live\nv/2.png,live\nw/1.png,spoof").unwrap();
    assert!(problems.iter().any(|p| p.contains("name neither a clip nor a subject: 3")), "{problems:?}");
}

#[test]
fn whole_folders_and_archives_take_one_row_and_files_stay_where_they_are() {
    let root = tree(&["in/p/1.png", "in/p/2.png", "in/p/10.png", "in/q/1.png", "in/q/2.png", "in/z.zip", "out/x"]);
    let clip = |path: &str, label, footage| SourceClip {
        domain: "lab".to_owned(),
        path: path.to_owned(),
        label,
        species: if label == Label::Live { "live" } else { "print" }.to_owned(),
        subject: String::new(),
        camera: String::new(),
        session: String::new(),
        footage,
        marks: None,
        turn_if_unmarked: Turn::None,
        cropped: false,
        depth: vec![],
    };
    let at = |names: &[&str]| Footage::Pictures(names.iter().map(|n| root.path().join("in").join(n)).collect());
    let entries = |names: &[&str]| Footage::Zip {
        archive: root.path().join("in/z.zip"),
        entries: names.iter().map(|&n| n.to_owned()).collect(),
    };
    let clips = [
        (clip("a", Label::Live, at(&["p/1.png", "p/2.png", "p/10.png"])), None),
        (clip("b", Label::Spoof, at(&["q/2.png"])), Some(Split::Dev)),
        (clip("c", Label::Spoof, entries(&["1.png", "2.png", "10.png"])), None),
    ];
    let inside = root.path().join("in/mine.csv");
    let done = write(&inside, "about\nthis", &clips).unwrap();
    assert_eq!((done.rows, done.clips, done.problems.len()), (3, 3, 0));
    let text = fs::read_to_string(&inside).unwrap();
    let expected = "# about\n# this\npath,label,species,subject,split,domain,clip,frame\n\
                    p/,live,live,,,lab,a,\nq/2.png,spoof,print,,dev,lab,b,0\nz.zip,spoof,print,,,lab,c,\n";
    assert_eq!(text, expected);
    let outside = root.path().join("out/mine.csv");
    write(&outside, "", &clips).unwrap();
    let text = fs::read_to_string(&outside).unwrap();
    assert!(text.contains(&format!("{}/in/p/,live", root.path().canonicalize().unwrap().display())), "{text}");
    assert!(matches!(write(&outside, "", &clips), Err(WriteError::Exists(_))));
    let odd = [(clip("a", Label::Live, Footage::Video(root.path().join("in/ a.avi "))), None)];
    let error = write(&root.path().join("out/odd.csv"), "", &odd).unwrap_err().to_string();
    assert!(error.contains("begins or ends with a space"), "{error}");
}

/// Words that need care in a CSV file.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        prop::sample::select(vec!["a,b", "#c", "d \"e\"", "ü", "f;g", "'h'", "i\tj", "k\nl", "0"])
            .prop_map(str::to_owned),
    ]
}

fn maybe() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), word()]
}

#[derive(Debug, Clone)]
struct Plan {
    name: String,
    rest: [String; 5],
    live: bool,
    split: Option<u8>,
    kind: u8,
    pictures: Vec<(bool, Option<[i32; 4]>)>,
    turn: u8,
    cropped: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    let bounds = prop::option::of((-50..4000_i32, -50..4000_i32, 1..900_i32, 1..900_i32).prop_map(<[i32; 4]>::from));
    (
        (word(), [maybe(), maybe(), maybe(), maybe(), maybe()]),
        any::<bool>(),
        prop::option::of(0..3_u8),
        0..4_u8,
        prop::collection::vec((any::<bool>(), bounds), 1..4),
        0..4_u8,
        any::<bool>(),
    )
        .prop_map(|((name, rest), live, split, kind, pictures, turn, cropped)| Plan {
            name,
            rest,
            live,
            split,
            kind,
            pictures,
            turn,
            cropped,
        })
}

/// The clip of a plan, with its files made.
fn make(root: &Path, i: usize, plan: &Plan) -> (SourceClip, Option<Split>) {
    let name = &plan.name;
    let [species, subject, domain, camera, session] = plan.rest.clone();
    let plain = plan.pictures.iter().all(|(depth, bounds)| !depth && bounds.is_none());
    let file = |path: String| {
        put(root, &path);
        root.join(path)
    };
    let footage = match plan.kind {
        0 if plain => Footage::Video(file(format!("{i} {name}/v.avi"))),
        1 => {
            let entries = ["1.png", "2.png", "10.png"].map(str::to_owned)[..plan.pictures.len()].to_vec();
            Footage::Zip { archive: file(format!("{i} {name}.zip")), entries }
        }
        _ => Footage::Pictures((0..plan.pictures.len()).map(|k| file(format!("{i} {name}/{k}.png"))).collect()),
    };
    let depth: Vec<Option<PathBuf>> =
        plan.pictures.iter().enumerate().map(|(k, (depth, _))| depth.then(|| file(format!("d/{i} {k}.png")))).collect();
    let boxes: Vec<_> = plan.pictures.iter().map(|(_, bounds)| *bounds).collect();
    let label = if plan.live { Label::Live } else { Label::Spoof };
    let clip = SourceClip {
        domain,
        path: format!("{name} {i}"),
        label,
        species: match label {
            Label::Live => "live".to_owned(),
            Label::Spoof if species.is_empty() => "spoof".to_owned(),
            Label::Spoof => species,
        },
        // Each its own person, so that splits may be anything.
        subject: if subject.is_empty() { subject } else { format!("{subject} {i}") },
        camera,
        session,
        footage,
        marks: boxes.iter().any(Option::is_some).then_some(Marks::Boxes(boxes)),
        turn_if_unmarked: [Turn::None, Turn::Right, Turn::Half, Turn::Left][plan.turn as usize],
        cropped: plan.cropped,
        depth: if depth.iter().any(Option::is_some) { depth } else { vec![] },
    };
    (clip, plan.split.map(|s| [Split::Train, Split::Dev, Split::Test][s as usize]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_is_read_back(plans in prop::collection::vec(plan(), 2..8)) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap();
        let mut plans = plans;
        (plans[0].live, plans[1].live) = (true, false);
        let clips: Vec<_> = plans.iter().enumerate().map(|(i, p)| make(&folder, i, p)).collect();
        let path = folder.join("mine.csv");
        write(&path, "a manifest", &clips).unwrap();
        let table = read(&path).unwrap_or_else(|e| panic!("{e}"));
        let (listed, _) = super::clips(&path, &table, None).unwrap_or_else(|e| panic!("{e}"));
        let read: Vec<_> = listed.into_iter().map(|l| (l.clip, l.split)).collect();
        prop_assert_eq!(read, clips);
    }
}
