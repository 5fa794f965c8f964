//! What a root is: a manifest, an original set, something unknown; and the picture of a preview.

use image::Rgb;

use super::disk::{disk, holds, says};
use crate::data::SetName;
use crate::data::footage::Reader;
use crate::data::import::{Layout, Options, Sighted, look, sheet};
use crate::data::manifest::LiveIs;

#[test]
fn a_manifest_is_looked_at_before_it_is_trained_on() {
    let disk = disk();
    disk.faces(&["d/a/1.png", "d/a/2.png"], true);
    disk.picture("d/b.png", false, [40, 30]);
    disk.faces(&["d/c.png"], false);
    let text = "path,label,species,subject,split,box,cropped\nd/a,0,,ann,train,,yes\nd/b.png,1,print,bob,train,\"10,5,20,20\",\nd/c.png,2,,cem,test,,yes\n";
    disk.file("mine.csv", text);
    for path in ["mine.csv", ""] {
        let import = disk.look_at(path, &Options::default());
        assert!(import.preview(None).ask, "numbers must be explained");
        let preview = holds(&disk, &import, Layout::Manifest, Some(LiveIs::Zero));
        assert_eq!(
            (preview.classes[0].clips, preview.classes[0].pictures, preview.subjects, preview.boxes),
            (1, 2, 3, 1)
        );
        assert_eq!(preview.species.keys().map(String::as_str).collect::<Vec<_>>(), ["print", "spoof"]);
    }
    disk.file("mine.csv", format!("# polarity: live=0\n{text}"));
    let preview = holds(&disk, &disk.look_at("mine.csv", &Options::default()), Layout::Manifest, None);
    assert!(!preview.ask);
    // Faults are told as they are; in a folder they are a problem of what was recognised.
    disk.file("mine.csv", text.replace(",train,", ",holdout,"));
    let error = look(&disk.at("mine.csv"), &Options::default()).unwrap_err().to_string();
    assert!(error.contains("line 2: split holdout"), "{error}");
    let preview = disk.look().preview(None);
    assert!(preview.layout == Layout::Manifest && says(&preview, "line 2: split holdout"));
}

#[test]
fn originals_are_told_from_what_was_made_of_them() {
    let disk = disk();
    for name in ["1_1_01_1.avi", "1_1_01_2.avi", "1_1_02_1.avi"] {
        disk.file(&format!("Train_files/{name}"), b"film");
    }
    disk.file("Train_files/1_1_01_1.txt", "0,10,20,30,20\n");
    disk.file("Protocols/Protocol_1/Train.txt", "+1,1_1_01_1\n-1,1_1_01_2\n");
    let sets = |path: &str| match look(&disk.at(path), &Options::default()) {
        Ok(Sighted::Originals(sets)) => sets,
        other => panic!("{other:?}"),
    };
    assert_eq!(sets(""), [(SetName::OuluNpu, 3)]);
    // Replay-Attack has class folders of its own; they are not taken for a user's.
    disk.file("replay/train/real/client001_session01_webcam_authenticate_adverse_1.mov", b"film");
    disk.file("replay/train/attack/fixed/attack_print_client001_session01_highdef_photo_adverse.mov", b"film");
    assert_eq!(sets("replay"), [(SetName::ReplayAttack, 2)]);
    assert_eq!(sets(""), [(SetName::OuluNpu, 3), (SetName::ReplayAttack, 2)]);
    disk.file("own/live/a.mp4", b"film");
    disk.file("own/spoof/b.mp4", b"film");
    assert_eq!(disk.look_at("own", &Options::default()).layout(), Layout::ClassFolders);
}

#[test]
fn what_is_not_known_says_what_was_seen_and_what_to_do() {
    let disk = disk();
    disk.faces(&["cats/1.png", "cats/2.png"], true);
    disk.file("film.avi", b"film");
    let error = |path: &str, layout| look(&disk.at(path), &Options { layout, pictures: None }).unwrap_err().to_string();
    let unknown = error("", None);
    assert!(unknown.contains("(3 files, 2 pictures, 1 videos)") && unknown.contains("docs/data.md"), "{unknown}");
    assert!(error("", Some(Layout::Ssdg)).contains("does not hold SSDG's labels"));
    assert!(error("nowhere", None).contains("cannot be read"));
    assert!(error("film.avi", None).contains("a file must be a manifest"));
    assert_eq!("cdcn".parse(), Ok(Layout::SceneFrames));
    assert!("x".parse::<Layout>().unwrap_err().contains("there are manifest, ssdg, metapattern"));
}

#[test]
fn the_sheet_shows_the_faces_of_both_classes_with_words() {
    let disk = disk();
    for i in 0..6 {
        disk.faces(&[&format!("live/{i}/1.png")], true);
        disk.faces(&[&format!("spoof/print/{i}/1.png")], false);
    }
    disk.file("spoof/print/2/1.png", b"no picture");
    disk.file("spoof/print/3/1.png", b"no picture");
    let preview = disk.look().preview(None);
    let (sheet, problems) = sheet(&preview, &Reader::new(disk.root()));
    // Six clips show numbers 0, 1, 3 and 5, and the fourth is broken.
    assert!(problems.len() == 1 && problems[0].starts_with("spoof/print/3 cannot be shown ("), "{problems:?}");
    let count = |colour| sheet.pixels().filter(|p| **p == Rgb(colour)).count();
    assert_eq!(count([20, 220, 20]), 4 * 160 * 160);
    assert_eq!(count([220, 20, 20]), 3 * 160 * 160);
    assert!(count([0, 0, 0]) > 500, "there are words");
}
