//! Layouts with label files: SSDG, MetaPattern, few-shot and FLIP, MADDG and RFMetaFAS, liuajian.

use std::fmt::Write as _;
use std::fs;

use super::disk::{clip, disk, holds, row, rows, says};
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

#[test]
fn the_parts_of_few_shot_lists_stand_in_paths() {
    let disk = disk();
    let base = "data/MCIO/frame";
    let video = |path: &str, live: bool| {
        disk.faces(&[0, 1].map(|f| format!("{base}/{path}_frame{f}.png")).each_ref().map(String::as_str), live);
        format!("{path}_frame0.png")
    };
    let real = [video("casia/train/real/1_HR_1", true), video("casia/test/real/1_HR_1", true)];
    let fake = [
        video("casia/train/fake/19_7", false),
        video("casia/test/fake/5_3", false),
        video("casia/test/fake/6_5", false),
    ];
    fs::remove_file(disk.at(&format!("{base}/casia/test/fake/6_5_frame1.png"))).unwrap();
    // The list called train names all; what stands in shot and test stands there too.
    disk.file("data/MCIO/txt/casia_real_train.txt", real.join("\r\n"));
    disk.file("data/MCIO/txt/casia_real_shot.txt", &real[0]);
    disk.file("data/MCIO/txt/casia_real_test.txt", format!("\u{feff}{}\n", real[1]));
    disk.file("data/MCIO/txt/casia_fake_train.txt", fake.join("\n") + "\ncasia/train/fake/20_7_frame0.png\n");
    // FLIP's second benchmark: ten frames of a video, each in the list; the set is not one of the six.
    for (live, class, name) in [(true, "real", "3_299_1_1_1"), (false, "fake", "3_299_3_2_2")] {
        let frames: Vec<String> = (0..3).map(|f| format!("cefa/test/{class}/{name}_{f:02}.jpg")).collect();
        for f in &frames {
            disk.faces(&[&format!("data/WCS/frame/{f}")], live);
        }
        disk.file(&format!("data/WCS/txt/cefa_{class}_train.txt"), frames.join("\n"));
    }
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::FewShot, None);
    assert_eq!(
        rows(&import, None),
        [
            "CASIA-FASD | data/MCIO/frame/casia/test/fake/5_3 | attack warped | C25 A  | test | 2",
            "CASIA-FASD | data/MCIO/frame/casia/test/fake/6_5 | attack cut | C26 A  | test | 1",
            "CASIA-FASD | data/MCIO/frame/casia/test/real/1_HR_1 | live live | C21 HR  | test | 2",
            "CASIA-FASD | data/MCIO/frame/casia/train/fake/19_7 | attack video | C19 A  | train | 2",
            "CASIA-FASD | data/MCIO/frame/casia/train/real/1_HR_1 | live live | C01 HR  | train | 2",
            "cefa | data/WCS/frame/cefa/test/fake/3_299_3_2_2 | attack spoof |    | test | 3",
            "cefa | data/WCS/frame/cefa/test/real/3_299_1_1_1 | live live |    | test | 3",
        ]
    );
    assert!(preview.polarity.is_known() && preview.polarity.why().contains("real and fake"));
    assert!(
        says(&preview, "second picture (frame1) is not there: 1 (casia/test/fake/6_5_frame0.png)"),
        "{:?}",
        preview.problems
    );
    assert!(says(&preview, "not there were left out: 1 (casia/train/fake/20_7_frame0.png)"));
    assert!(!says(&preview, "contradict"));
}

#[test]
fn image_lists_come_with_depth_maps_of_live_faces() {
    let disk = disk();
    // OULU keeps one folder of the path beside the map, MSU two, CASIA and idiap three.
    let sets = [
        ("OULU", "1_1_01_1/1_1_01_1_", "1_1_01_2/1_1_01_2_", "depth/1_1_01_1/1_1_01_1_"),
        (
            "MSU",
            "real/real_client002_laptop_SD_scene01/f",
            "attack/attack_client002_laptop_SD_ipad_video_scene01/f",
            "depth/real/real_client002_laptop_SD_scene01/f",
        ),
        ("CASIA", "train_release/1/HR_1/f", "train_release/1/5/f", "depth/train_release/1/HR_1/f"),
        (
            "idiap",
            "test/real/client009_session01_webcam_authenticate_adverse_1/f",
            "test/attack/hand/attack_print_client009_session01_highdef_photo_adverse/f",
            "depth/test/real/client009_session01_webcam_authenticate_adverse_1/f",
        ),
    ];
    for (set, live, fake, depth) in sets {
        let mut lists = [String::new(), String::new()];
        for frame in [2, 10] {
            disk.faces(&[&format!("datasets/{set}/{live}{frame}.jpg")], true);
            disk.faces(&[&format!("datasets/{set}/{fake}{frame}.jpg")], false);
            disk.faces(&[&format!("datasets/{set}/{depth}{frame}_depth.jpg")], true);
            writeln!(lists[0], "{live}{frame}.jpg 1").unwrap();
            writeln!(lists[1], "{fake}{frame}.jpg 0").unwrap();
        }
        disk.faces(&[&format!("datasets/{set}/depth/fake_depth.jpg")], false);
        disk.file(&format!("datasets/{set}/image_list_real.txt"), &lists[0]);
        disk.file(&format!("datasets/{set}/image_list_fake.txt"), lists[1].replace('\n', "\r\n").trim_end());
        disk.file(&format!("datasets/{set}/image_list_all.txt"), lists.concat());
    }
    fs::remove_file(disk.at("datasets/OULU/depth/1_1_01_1/1_1_01_1_10_depth.jpg")).unwrap();
    disk.file("datasets/MSU/image_list_print.txt", "attack/x/f1.jpg 1\nnothing\n");
    disk.faces(&["datasets/MSU/attack/x/f1.jpg"], false);
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::ImageLists, None);
    assert_eq!(
        rows(&import, None),
        [
            "CASIA-FASD | datasets/CASIA/train_release/1/5 | attack cut | C01 A  | train | 2",
            "CASIA-FASD | datasets/CASIA/train_release/1/HR_1 | live live | C01 HR  | train | 2",
            "MSU-MFSD | datasets/MSU/attack/attack_client002_laptop_SD_ipad_video_scene01 | attack ipad | M02 laptop scene01 | train | 2",
            "MSU-MFSD | datasets/MSU/attack/x | attack print |    | - | 1",
            "MSU-MFSD | datasets/MSU/real/real_client002_laptop_SD_scene01 | live live | M02 laptop scene01 | train | 2",
            "OULU-NPU | datasets/OULU/1_1_01_1 | live live | O01 1 1 | train | 2",
            "OULU-NPU | datasets/OULU/1_1_01_2 | attack print | O01 1 1 | train | 2",
            "Replay-Attack | datasets/idiap/test/attack/hand/attack_print_client009_session01_highdef_photo_adverse | attack print | I09 webcam adverse | test | 2",
            "Replay-Attack | datasets/idiap/test/real/client009_session01_webcam_authenticate_adverse_1 | live live | I09 webcam adverse | test | 2",
        ]
    );
    let maps = |end: &str| {
        let names = |p: &Option<std::path::PathBuf>| {
            p.as_ref().map(|p| p.strip_prefix(disk.root()).unwrap().display().to_string())
        };
        clip(&import, end).depth.iter().map(names).collect::<Vec<_>>()
    };
    assert_eq!(maps("OULU/1_1_01_1"), [Some("datasets/OULU/depth/1_1_01_1/1_1_01_1_2_depth.jpg".to_owned()), None]);
    assert_eq!(maps("HR_1").iter().flatten().count(), 2);
    assert_eq!(
        maps("authenticate_adverse_1")[1].as_deref().map(|m| m.ends_with("_adverse_1/f10_depth.jpg")),
        Some(true)
    );
    assert!(maps("train_release/1/5").is_empty(), "attacks have no depth");
    assert!(
        says(&preview, "without a depth map: 1 (datasets/OULU/1_1_01_1/1_1_01_1_10.jpg)"),
        "{:?}",
        preview.problems
    );
    assert!(says(
        &preview,
        "contradicts the name of their list (1 is live in this layout) go by the name: 1 (datasets/MSU/image_list_print.txt line 1)"
    ));
    assert!(says(&preview, "passed over: 1 (datasets/MSU/image_list_print.txt line 2)"));
    assert_eq!((preview.depth, preview.cropped), (4, 9));
}

#[test]
fn a_list_of_all_images_is_enough() {
    let disk = disk();
    disk.faces(&["x/a/1.jpg", "x/b/1.jpg"], false);
    disk.faces(&["x/c/1.jpg"], true);
    disk.file("x/image_list_all.txt", "a/1.jpg 0\nb/1.jpg 0\nc/1.jpg 1\n");
    let import = disk.look_at("x", &Options::default());
    let preview = holds(&disk, &import, Layout::ImageLists, None);
    assert!(preview.polarity.why().contains("1 means live"));
    assert_eq!(preview.domains.into_keys().collect::<Vec<_>>(), ["x"]);
}

#[test]
fn liuajian_writes_zero_for_live_in_lists_of_images_and_of_videos() {
    let disk = disk();
    let base = "MSU_MFSD";
    let video = |name: &str, live: bool| {
        disk.faces(
            &["005.png", "103.png"].map(|f| format!("{base}/{name}/crop/{f}")).each_ref().map(String::as_str),
            live,
        );
        // The whole frames lie above.
        disk.picture(&format!("{base}/{name}/005.png"), !live, [20, 10]);
        format!("{base}/{name}")
    };
    let real = video("real/real_client037_android_SD_scene01", true);
    let fake = [
        video("attack/attack_client001_laptop_SD_ipad_video_scene01", false),
        video("attack/attack_client013_android_SD_printed_photo_scene01", false),
    ];
    // Images in any order.
    disk.file(
        "lists/test.txt",
        format!("{real}/crop/103.png 0\r\n{0}/crop/005.png 1\r\n{0}/crop/103.png 1\r\n{real}/crop/005.png 0", fake[0]),
    );
    disk.file("lists/video_test.txt", format!("{real} 0\n{} 1\n{} 1\n{base}/attack/gone 1\n", fake[0], fake[1]));
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::PathLists, None);
    assert_eq!(
        rows(&import, None),
        [
            "MSU-MFSD | MSU_MFSD/attack/attack_client001_laptop_SD_ipad_video_scene01 | attack ipad | M01 laptop scene01 | test | 2",
            "MSU-MFSD | MSU_MFSD/attack/attack_client013_android_SD_printed_photo_scene01 | attack print | M13 android scene01 | test | 2",
            "MSU-MFSD | MSU_MFSD/real/real_client037_android_SD_scene01 | live live | M37 android scene01 | test | 2",
        ]
    );
    assert!(preview.polarity.why().contains("0 means live") && preview.cropped == 3, "{preview:#?}");
    assert!(says(&preview, "not there were left out: 1 (MSU_MFSD/attack/gone)"));
}

#[test]
fn pictures_of_both_classes_in_one_folder_are_told_apart_by_name() {
    let disk = disk();
    disk.faces(&["data/live1.jpg", "data/live2_1.jpg", "data/live2_2.jpg"], true);
    disk.faces(&["data/spoof1.jpg", "data/spoof2.jpg"], false);
    disk.file(
        "data/train.txt",
        "/root/data/live1.jpg 1\n/root/data/live2_1.jpg 1\n/root/data/spoof1.jpg 0\n/root/data/live2_2.jpg 1",
    );
    disk.file("data/test.txt", "/root/data/spoof2.jpg 0");
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::PathLists, Some(crate::data::manifest::LiveIs::One));
    assert_eq!(preview.classes.each_ref().map(|c| c.clips), [2, 2]);
    assert!(says(&preview, "taken for clips by their names: 1 (data)"), "{:?}", preview.problems);
    let (clips, _) = import.sources(Some(crate::data::manifest::LiveIs::One)).unwrap();
    let rows: Vec<String> = clips.iter().map(|(c, s)| row(c, *s)).collect();
    assert_eq!(
        rows,
        [
            "data | data/live1 | live live |    | train | 1",
            "data | data/live2 | live live |    | train | 2",
            "data | data/spoof1 | attack spoof |    | train | 1",
            "data | data/spoof2 | attack spoof |    | test | 1",
        ]
    );
}

#[test]
fn lists_of_videos_and_archives_with_labels_in_words() {
    let disk = disk();
    disk.archive("d/a.zip", &["1.png", "2.png"], true);
    disk.archive("d/b.zip", &["1.png"], false);
    disk.file("d/empty.zip", b"no archive");
    disk.file("d/c.avi", b"film");
    disk.file("train.csv", "d/a.zip,live\nd\\b.zip,spoof\n/far/away/d/c.avi,attack\nd/empty.zip,fake\n");
    let import = disk.look_at("", &Options { layout: Some(Layout::PathLists), ..Options::default() });
    let (clips, problems) = import.sources(None).unwrap();
    let rows: Vec<String> = clips.iter().map(|(c, s)| row(c, *s)).collect();
    assert_eq!(
        rows,
        [
            "d | d/a.zip | live live |    | train | 2 zipped",
            "d | d/b.zip | attack spoof |    | train | 1 zipped",
            "d | d/c.avi | attack spoof |    | train | video",
        ]
    );
    assert!(
        problems.iter().any(|p| p.contains("Archives that cannot be used were left out: 1 (d/empty.zip: ")),
        "{problems:?}"
    );
}
