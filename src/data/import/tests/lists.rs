//! Layouts with label files: SSDG and MetaPattern.

use std::fmt::Write as _;

use super::disk::{clip, disk, holds, rows, says};
use crate::data::import::{Layout, Options};
use crate::data::{Footage, Split};

/// `[{"photo_path", "photo_label"}]` with the indentation of the original.
fn photos(paths: &[(String, u8)]) -> String {
    let one = |(path, label): &(String, u8)| {
        format!("    {{\n        \"photo_path\": \"{path}\",\n        \"photo_label\": {label}\n    }}")
    };
    format!("[\n{}\n]", paths.iter().map(one).collect::<Vec<_>>().join(",\n"))
}

const SSDG: &str = "/data/share/jiayunpei/mtcnn_dataset_preprocess";

#[test]
fn ssdg_labels_lead_to_pictures_under_another_root() {
    let disk = disk();
    // Frames as integers, not padded; the label files have them in the order of their letters.
    let set = |base: &str, live: bool, frames: u32| {
        let mut frames: Vec<String> = (1..=frames).map(|f| format!("{base}/{f}.png")).collect();
        for f in &frames {
            disk.faces(&[&format!("mtcnn/{f}")], live);
        }
        frames.sort();
        frames.into_iter().map(|f| (format!("{SSDG}/{f}"), u8::from(live))).collect::<Vec<_>>()
    };
    let msu = |n: u32, live| {
        let name = if live {
            format!("real/real_client{n:03}_android_SD_scene01")
        } else {
            format!("attack/attack_client{n:03}_laptop_SD_ipad_video_scene01")
        };
        set(&format!("msu_256/scene01/{name}"), live, 12)
    };
    let (train, test) =
        ([msu(2, false), msu(2, true)].concat(), [msu(1, false), msu(13, false), msu(1, true)].concat());
    let all = [train.clone(), test.clone()].concat();
    // A byte order mark, Windows line ends, no newline at the end: all as good.
    disk.file("data_label/msu/train_label.json", format!("\u{feff}{}", photos(&train).replace('\n', "\r\n")));
    disk.file("data_label/msu/test_label.json", photos(&test));
    disk.file("data_label/msu/all_label.json", photos(&all));
    let of = |label| all.iter().filter(|p| p.1 == label).cloned().collect::<Vec<_>>();
    disk.file("data_label/msu/real_label.json", photos(&of(1)));
    disk.file("data_label/msu/fake_label.json", photos(&of(0)));
    // A sample beside whole lists adds nothing, even if it is damaged.
    disk.file("data_label/msu/choose_real_label.json", "[{");

    let oulu = |part: &str, name: &str, n| set(&format!("oulu_256/{part}_files/{name}"), name.ends_with("_1"), n);
    let devel = [oulu("Dev", "1_1_21_1", 7), oulu("Dev", "1_1_21_4", 7)].concat();
    let mut train = [oulu("Train", "6_3_20_1", 8), oulu("Train", "6_3_20_2", 6)].concat();
    // Two pictures that are not there, and a video whose pictures do not follow each other.
    train.push((format!("{SSDG}/oulu_256/Train_files/6_3_20_2/99.png"), 0));
    let moved = train.remove(0);
    train.push(moved);
    train.push((format!("{SSDG}/oulu_256/Test_files/6_3_20_2/1.png"), 0));
    disk.file("data_label/oulu/valid_label.json", photos(&devel));
    disk.file("data_label/oulu/train_label.json", photos(&train));

    let import = disk.look();
    let preview = holds(&disk, &import, Layout::Ssdg, None);
    assert_eq!(
        rows(&import, None),
        [
            "MSU-MFSD | mtcnn/msu_256/scene01/attack/attack_client001_laptop_SD_ipad_video_scene01 | attack ipad | M01 laptop scene01 | test | 12",
            "MSU-MFSD | mtcnn/msu_256/scene01/attack/attack_client002_laptop_SD_ipad_video_scene01 | attack ipad | M02 laptop scene01 | train | 12",
            "MSU-MFSD | mtcnn/msu_256/scene01/attack/attack_client013_laptop_SD_ipad_video_scene01 | attack ipad | M13 laptop scene01 | test | 12",
            "MSU-MFSD | mtcnn/msu_256/scene01/real/real_client001_android_SD_scene01 | live live | M01 android scene01 | test | 12",
            "MSU-MFSD | mtcnn/msu_256/scene01/real/real_client002_android_SD_scene01 | live live | M02 android scene01 | train | 12",
            "OULU-NPU | mtcnn/oulu_256/Dev_files/1_1_21_1 | live live | O21 1 1 | dev | 7",
            "OULU-NPU | mtcnn/oulu_256/Dev_files/1_1_21_4 | attack replay | O21 1 1 | dev | 7",
            "OULU-NPU | mtcnn/oulu_256/Train_files/6_3_20_1 | live live | O20 6 3 | train | 8",
            "OULU-NPU | mtcnn/oulu_256/Train_files/6_3_20_2 | attack print | O20 6 3 | train | 6",
        ]
    );
    let Footage::Pictures(pictures) = clip(&import, "real_client002_android_SD_scene01").footage else { panic!() };
    let names: Vec<_> = pictures.iter().map(|p| p.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, (1..=12).map(|f| f.to_string()).collect::<Vec<_>>(), "as numbers, not as words");
    assert!(preview.polarity.why().contains("in SSDG's label files 1 means live"), "{:?}", preview.polarity);
    assert!(says(&preview, "not there were left out: 2 ("), "{:?}", preview.problems);
    assert!(says(
        &preview,
        "fewer than 7 pictures, on which SSDG's own sampling stops: 1 (mtcnn/oulu_256/Train_files/6_3_20_2)"
    ));
    assert!(says(&preview, "do not follow each other in a label file"));
    assert!(preview.cropped == 9 && preview.subjects == 5 && preview.boxes == 0);
}

#[test]
fn an_ssdg_sample_alone_is_enough_and_damaged_labels_are_told() {
    let disk = disk();
    let of = |n: u32, live: bool| {
        let path = format!("casia_256/train_release/{n}/{}", if live { "HR_1/7.png" } else { "8/7.png" });
        disk.faces(&[&path], live);
        format!(
            "{{\"photo_path\": \"/x/{path}\", \"photo_label\": {}, \"photo_belong_to_video_ID\": {n}}}",
            u8::from(live)
        )
    };
    disk.file("labels/casia/choose_real_label.json", format!("[{}]", of(1, true)));
    disk.file("labels/casia/choose_fake_label.json", format!("[{}, {}]", of(1, false), of(2, false)));
    disk.file("labels/msu/all_label.json", "[{\"photo_path\": \"/x/1.png\",");
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::Ssdg, None);
    assert_eq!(preview.classes.each_ref().map(|c| c.clips), [1, 2]);
    assert_eq!(clip(&import, "train_release/1/HR_1").camera, "HR");
    assert!(says(&preview, "labels/msu/all_label.json could not be read (EOF"), "{:?}", preview.problems);
}

#[test]
fn ssdg_labels_without_pictures_ask_where_they_are() {
    let (disk, pictures) = (disk(), disk());
    let path = |n, live: bool| format!("casia_256/test_release/{n}/{}/9.png", if live { 1 } else { 3 });
    pictures.faces(&[&path(3, true)], true);
    pictures.faces(&[&path(3, false), &path(4, false)], false);
    let all = [(3, true), (3, false), (4, false)].map(|(n, live)| (format!("/gone/{}", path(n, live)), u8::from(live)));
    disk.file("casia/all_label.json", photos(&all));
    let import = disk.look();
    assert!(import.preview(None).confidence < 0.1 && says(&import.preview(None), "--pictures FOLDER"));
    assert!(
        import
            .sources(None)
            .unwrap_err()
            .to_string()
            .contains("its pictures are not there; say where they are with --pictures FOLDER")
    );
    let options = Options { pictures: Some(pictures.root().to_path_buf()), ..Options::default() };
    let import = disk.look_at("", &options);
    let preview = holds(&disk, &import, Layout::Ssdg, None);
    assert_eq!((preview.confidence, clip(&import, "3/1").subject.as_str()), (1.0, "C23"));
}

#[test]
fn meta_pattern_lists_lead_to_archives_and_plain_folders() {
    let disk = disk();
    let base = "MTCNN/align";
    let frames = ["0.png", "2.png", "10.png"];
    // Archives, one of them damaged, one without a face, one with fewer than the list says; a plain folder.
    disk.archive(&format!("{base}/+OULU-NPU/Train_files/1_1_01_1.avi.zip"), &frames, true);
    disk.archive(&format!("{base}/+OULU-NPU/Train_files/1_1_01_3.avi.zip"), &frames, false);
    disk.archive(&format!("{base}/+OULU-NPU/Dev_files/1_1_21_5.avi.zip"), &frames[..2], false);
    disk.file(&format!("{base}/+OULU-NPU/Dev_files/1_1_21_1.avi.zip"), b"PK\x03\x04 cut off");
    disk.archive(&format!("{base}/+OULU-NPU/Test_files/1_1_36_4.avi.zip"), &[], false);
    disk.faces(
        &["3.png", "11.png"]
            .map(|f| format!("{base}/+OULU-NPU/Test_files/1_1_36_2.avi/{f}"))
            .each_ref()
            .map(String::as_str),
        false,
    );
    disk.file(
        "data_list/OULU-NPU.csv",
        "\u{feff}/+OULU-NPU/Train_files/1_1_01_1.avi.zip,0,3,4\r\n/+OULU-NPU/Train_files/1_1_01_3.avi.zip,1,3,3\r\n\
         /+OULU-NPU/Dev_files/1_1_21_5.avi.zip,2,3,3\r\n/+OULU-NPU/Dev_files/1_1_21_1.avi.zip,0,3,3\r\n\r\n\
         /+OULU-NPU/Test_files/1_1_36_4.avi.zip,2,0,3\r\n/+OULU-NPU/Test_files/1_1_36_2.avi.zip,1,2,2\r\n\
         /+OULU-NPU/Test_files/1_1_36_1.avi.zip,0,9,9\r\nnot a line",
    );
    // A mask of a set that is not one of the six, and a video for enrolment.
    disk.archive(&format!("{base}/+HKBU/attack/9.avi.zip"), &frames, false);
    disk.archive(
        &format!("{base}/+REPLAY-ATTACK/enroll/train/client001_session01_webcam_enroll_adverse.mov.zip"),
        &frames,
        true,
    );
    disk.file(
        "data_list/O+X-TRAIN.csv",
        "/+HKBU/attack/9.avi.zip,3\n/+REPLAY-ATTACK/enroll/train/client001_session01_webcam_enroll_adverse.mov.zip,0\n/+OULU-NPU/Train_files/1_1_01_1.avi.zip,0",
    );
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::MetaPattern, None);
    assert_eq!(
        rows(&import, None),
        [
            " | MTCNN/align/+HKBU/attack/9.avi | attack mask |    | - | 3 zipped",
            "OULU-NPU | MTCNN/align/+OULU-NPU/Dev_files/1_1_21_5.avi | attack replay | O21 1 1 | dev | 2 zipped",
            "OULU-NPU | MTCNN/align/+OULU-NPU/Test_files/1_1_36_2.avi | attack print | O36 1 1 | test | 2",
            "OULU-NPU | MTCNN/align/+OULU-NPU/Train_files/1_1_01_1.avi | live live | O01 1 1 | train | 3 zipped",
            "OULU-NPU | MTCNN/align/+OULU-NPU/Train_files/1_1_01_3.avi | attack print | O01 1 1 | train | 3 zipped",
        ]
    );
    let Footage::Zip { entries, .. } = clip(&import, "1_1_01_1.avi").footage else { panic!() };
    assert_eq!(entries, frames);
    for text in [
        "Archives that cannot be read were left out: 1 (/+OULU-NPU/Dev_files/1_1_21_1.avi.zip: ",
        "Videos without a single picture were left out: 1 (MTCNN/align/+OULU-NPU/Test_files/1_1_36_4.avi)",
        "fewer pictures than their list says: 1 (MTCNN/align/+OULU-NPU/Dev_files/1_1_21_5.avi)",
        "not there were left out: 1 (/+OULU-NPU/Test_files/1_1_36_1.avi.zip)",
        "passed over: 1 (data_list/OULU-NPU.csv line 9)",
        "Enrolment videos of Replay-Attack are never scored and were left out: 1",
    ] {
        assert!(says(&preview, text), "{text}\n{:#?}", preview.problems);
    }
    assert!(preview.polarity.is_known() && preview.polarity.why().contains("0 means live"));
}

#[test]
fn meta_pattern_swaps_the_parts_of_msu_and_the_own_parts_are_used() {
    let disk = disk();
    let mut lists = [String::new(), String::new()];
    // Client 2 is for learning by the set's own list and stands in MetaPattern's TEST list.
    for (n, list) in [(2, 1), (1, 0)] {
        for (live, name, kind) in [
            (true, format!("real/real_client{n:03}_laptop_SD_scene01.mov"), 0),
            (false, format!("attack/attack_client{n:03}_laptop_SD_printed_photo_scene01.mov"), 1),
        ] {
            disk.archive(&format!("+MSU-MFSD/scene01/{name}.zip"), &["5.png"], live);
            writeln!(lists[list], "/+MSU-MFSD/scene01/{name}.zip,{kind},1,1").unwrap();
        }
    }
    disk.file("MSU-MFSD-TRAIN.csv", &lists[0]);
    disk.file("MSU-MFSD-TEST.csv", &lists[1]);
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::MetaPattern, None);
    for (end, split) in
        [("real_client002_laptop_SD_scene01.mov", Split::Train), ("real_client001_laptop_SD_scene01.mov", Split::Test)]
    {
        let (clips, _) = import.sources(None).unwrap();
        assert_eq!(clips.iter().find(|c| c.0.path.ends_with(end)).unwrap().1, Some(split));
    }
    for list in ["MSU-MFSD-TRAIN.csv", "MSU-MFSD-TEST.csv"] {
        assert!(says(&preview, &format!("{list}: 2 of 2 videos of MSU-MFSD are of people")), "{:?}", preview.problems);
    }
}
