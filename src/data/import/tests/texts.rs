//! Layouts with lists as text: few-shot and FLIP, MADDG and RFMetaFAS, liuajian, anybody's.

use std::fmt::Write as _;
use std::fs;

use super::disk::{clip, disk, holds, row, rows, says};
use crate::data::import::{Layout, Options};
use crate::data::manifest::{self, LiveIs};

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
        // Faces as they were found, of any shape.
        for frame in ["005.png", "103.png"] {
            disk.picture(&format!("{base}/{name}/crop/{frame}"), live, [12, 16]);
        }
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
fn people_in_several_parts_are_told_before_a_run_refuses_them() {
    let disk = disk();
    let video = |name: &str, live: bool| {
        let path = format!("frames/{name}/1.png");
        disk.faces(&[&path], live);
        format!("{path} {}\n", u8::from(live))
    };
    let train = video("1_1_01_1", true) + &video("1_1_01_2", false);
    disk.file("train.txt", train);
    disk.file("test.txt", video("2_1_01_1", true) + &video("1_1_02_2", false));
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::PathLists, None);
    assert!(
        says(&preview, "Subjects that stand in several parts") && says(&preview, ": 1 (O01)"),
        "{:?}",
        preview.problems
    );
    let out = disk.at("out.csv");
    import.write_manifest(&out, None).unwrap();
    let refused = manifest::sources(&out).unwrap_err().to_string();
    assert!(refused.contains("subject O01 stands in") && refused.contains("results would be worthless"), "{refused}");
}

#[test]
fn pictures_of_both_classes_in_one_folder_are_told_apart_by_name() {
    let disk = disk();
    disk.faces(&["data/live1.jpg", "data/live2_1.jpg", "data/live2_2.jpg"], true);
    disk.faces(&["data/spoof1.jpg", "data/spoof2.jpg"], false);
    disk.file(
        "data/train.txt",
        "/theirs/data/live1.jpg 1\n/theirs/data/live2_1.jpg 1\n/theirs/data/spoof1.jpg 0\n/theirs/data/live2_2.jpg 1",
    );
    disk.file("data/test.txt", "/theirs/data/spoof2.jpg 0");
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::PathLists, Some(LiveIs::One));
    assert_eq!(preview.classes.each_ref().map(|c| c.clips), [2, 2]);
    assert!(says(&preview, "taken for clips by their names: 1 (data)"), "{:?}", preview.problems);
    let (clips, _) = import.sources(Some(LiveIs::One)).unwrap();
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
