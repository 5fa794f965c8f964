//! Layouts that say what they are by names of files and folders: CDCN, FAS_DataManager, SAFAS, frames of the originals,
//! class folders.

use std::fs;

use super::disk::{clip, disk, holds, rows, says};
use crate::data::import::Layout;
use crate::data::{Footage, Marks};

#[test]
fn cdcn_frames_come_with_boxes_and_with_depth_in_a_root_of_its_own() {
    let disk = disk();
    let frame = |part: &str, video: &str, n: u32, live: bool| {
        let base = format!("OULU/{part}_images/{video}/{video}_{n:03}_scene");
        disk.picture(&format!("{base}.jpg"), live, [60, 100]);
        // Left, top, width, height.
        disk.file(&format!("{base}.dat"), format!("10.0\r\n20.5\r\n30.0\r\n40.0\r\n{n}\r\n"));
        let map = format!("IJCB_re/OULU{}_images/{video}/{video}_{n:03}_depth1D.jpg", part.to_lowercase());
        disk.picture(&map, live, [60, 100]);
    };
    for n in [1, 2, 1001] {
        frame("Train", "6_3_20_1", n, true);
        frame("Train", "6_3_20_5", n, false);
        frame("Dev", "1_1_21_1", n, true);
        frame("Test", "1_1_36_2", n, false);
    }
    // As it is met everywhere: boxes and maps are missing, and one box is damaged.
    fs::remove_file(disk.at("OULU/Train_images/6_3_20_1/6_3_20_1_002_scene.dat")).unwrap();
    fs::remove_file(disk.at("IJCB_re/OULUtrain_images/6_3_20_1/6_3_20_1_1001_depth1D.jpg")).unwrap();
    disk.file("Protocols/Protocol_1/Train.txt", "\u{feff}+1,6_3_20_1\r\n-1,6_3_20_5\r\n");
    disk.file("Protocols/Protocol_1/Dev.txt", "+1,1_1_21_1\n-1,1_1_21_3");
    disk.file("Protocols/Protocol_1/Test.txt", "-1,1_1_36_2\n");
    // A protocol in which the same video has a part of its own changes nothing.
    disk.file("Protocols/Protocol_2/Test.txt", "-1,1_1_36_2\n");
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::SceneFrames, None);
    assert_eq!(
        rows(&import, None),
        [
            "OULU-NPU | OULU/Dev_images/1_1_21_1 | live live | O21 1 1 | dev | 3",
            "OULU-NPU | OULU/Test_images/1_1_36_2 | attack print | O36 1 1 | test | 3",
            "OULU-NPU | OULU/Train_images/6_3_20_1 | live live | O20 6 3 | train | 3",
            "OULU-NPU | OULU/Train_images/6_3_20_5 | attack replay | O20 6 3 | train | 3",
        ]
    );
    let live = clip(&import, "6_3_20_1");
    let Footage::Pictures(pictures) = &live.footage else { panic!() };
    assert!(pictures[2].ends_with("6_3_20_1_1001_scene.jpg"), "{pictures:?}");
    let Some(Marks::CdcnBoxes(files)) = &live.marks else { panic!("{live:?}") };
    let names: Vec<_> = files.iter().map(|f| f.as_ref().map(|f| f.file_name().unwrap().to_str().unwrap())).collect();
    assert_eq!(names, [Some("6_3_20_1_001_scene.dat"), None, Some("6_3_20_1_1001_scene.dat")]);
    let depth: Vec<_> =
        live.depth.iter().map(|d| d.as_ref().map(|d| d.strip_prefix(disk.root()).unwrap().to_str().unwrap())).collect();
    assert_eq!(
        depth,
        [
            Some("IJCB_re/OULUtrain_images/6_3_20_1/6_3_20_1_001_depth1D.jpg"),
            Some("IJCB_re/OULUtrain_images/6_3_20_1/6_3_20_1_002_depth1D.jpg"),
            None
        ]
    );
    assert!(clip(&import, "6_3_20_5").depth.is_empty() && !live.cropped);
    assert!(says(
        &preview,
        "Frames without a .dat with the face's box: 1 (OULU/Train_images/6_3_20_1/6_3_20_1_002_scene.jpg)"
    ));
    assert!(says(
        &preview,
        "Frames of live videos without a depth map: 1 (OULU/Train_images/6_3_20_1/6_3_20_1_1001_scene.jpg)"
    ));
    assert!(preview.polarity.why().contains("1 means live, and the names of all 4"), "{:?}", preview.polarity);

    // The manifest holds the boxes themselves; one that is damaged becomes unknown and is told.
    disk.file("OULU/Test_images/1_1_36_2/1_1_36_2_001_scene.dat", "10\n20\n");
    let out = disk.at("out.csv");
    let written = import.write_manifest(&out, None).unwrap();
    assert!(written.problems.iter().any(|p| p.contains("could not be read are taken as unknown: 1 (")), "{written:?}");
    let text = fs::read_to_string(&out).unwrap();
    assert!(text.contains("OULU/Train_images/6_3_20_1/6_3_20_1_001_scene.jpg,live,live,O20,train,OULU-NPU,OULU/Train_images/6_3_20_1,0,6,3,IJCB_re/OULUtrain_images/6_3_20_1/6_3_20_1_001_depth1D.jpg,\"10,21,30,40\""), "{text}");
}

#[test]
fn scene_frames_of_other_sets_need_a_list() {
    let disk = disk();
    for (video, live) in [("p1_a", true), ("p1_b", false), ("p2_c", false), ("p3_d", false)] {
        disk.picture(&format!("faces/{video}/{video}_001_scene.jpg"), live, [30, 40]);
    }
    // In the same folder as the frames.
    disk.picture("faces/p1_a/p1_a_001_depth1D.jpg", true, [30, 40]);
    disk.file("train_list.txt", "1,p1_a\n0,p1_b\n-2,p2_c\n");
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::SceneFrames, None);
    assert_eq!(
        rows(&import, None),
        [
            " | faces/p1_a | live live |    | train | 1",
            " | faces/p1_b | attack spoof |    | train | 1",
            " | faces/p2_c | attack spoof |    | train | 1",
        ]
    );
    assert_eq!(clip(&import, "p1_a").depth, [Some(disk.at("faces/p1_a/p1_a_001_depth1D.jpg"))]);
    assert!(
        says(&preview, "no list and no name gives a label were left out: 1 (faces/p3_d)"),
        "{:?}",
        preview.problems
    );
}

#[test]
fn data_manager_frames_come_with_corners_of_boxes() {
    let disk = disk();
    let video = |path: &str, live: bool| {
        for n in [1, 2, 10] {
            disk.picture(&format!("frames/{path}/{n}.png"), live, [40, 30]);
            if n != 2 {
                disk.file(&format!("frames/{path}/{n}_bbox_mtccnn.txt"), "5,6,25,28,0\n1,2,3,4,5,6,7,8,9,10");
            }
        }
    };
    video("ROSE-YOUTU/train/2/G_NT_5s_wg_E_2_1.mp4", true);
    video("ROSE-YOUTU/train/2/Mc_NT_5s_wg_E_2_7.mp4", false);
    video("CASIA-SURF-3DMASK/Fake/3.MOV", false);
    let with = |lists: bool| {
        if lists {
            let line = |path: &str, label| {
                [1, 2, 10].map(|n| format!("/home/rizhao/data/FAS/frames/{path}/{n}.png,{label}\r\n")).concat()
            };
            let train = line("ROSE-YOUTU/train/2/G_NT_5s_wg_E_2_1.mp4", 0)
                + &line("ROSE-YOUTU/train/2/Mc_NT_5s_wg_E_2_7.mp4", 1);
            disk.file("data_list/ROSE-TRAIN.csv", format!("\u{feff}{}", train.trim_end()));
            disk.file("data_list/MASK-TEST.csv", line("CASIA-SURF-3DMASK/Fake/3.MOV", 3) + "broken");
        }
        disk.look()
    };
    let import = with(false);
    let preview = holds(&disk, &import, Layout::DataManager, None);
    assert_eq!(rows(&import, None).len(), 3, "names alone are enough: {:?}", preview.problems);
    let import = with(true);
    let preview = holds(&disk, &import, Layout::DataManager, None);
    assert_eq!(
        rows(&import, None),
        [
            " | frames/CASIA-SURF-3DMASK/Fake/3.MOV | attack mask |    | test | 3",
            "ROSE-YOUTU | frames/ROSE-YOUTU/train/2/G_NT_5s_wg_E_2_1.mp4 | live live | Y02 5s E | train | 3",
            "ROSE-YOUTU | frames/ROSE-YOUTU/train/2/Mc_NT_5s_wg_E_2_7.mp4 | attack Mc | Y02 5s E | train | 3",
        ]
    );
    let live = clip(&import, "G_NT_5s_wg_E_2_1.mp4");
    assert_eq!(live.marks, Some(Marks::Boxes(vec![Some([5, 6, 20, 22]), None, Some([5, 6, 20, 22])])));
    assert!(!live.cropped && preview.boxes == 3);
    assert!(says(&preview, "where no face was found: 3 (") && says(&preview, "Lines of data_list/MASK-TEST.csv"));
}

#[test]
fn safas_folders_hold_crops_and_whole_frames() {
    let disk = disk();
    for (folder, live) in
        [("replay_test_live_9_NM_1", true), ("casia_train_spoof_7_NM_5", false), ("casia_test_live_7_HR_1", true)]
    {
        for n in [0, 5] {
            disk.faces(&[&format!("preposess/{folder}/crop_{n:04}.jpg")], live);
            disk.picture(&format!("preposess/{folder}/org_{n:04}.jpg"), !live, [40, 30]);
            disk.file(&format!("preposess/{folder}/infov1_{n:04}.npy"), b"\x93NUMPY");
        }
    }
    disk.picture(
        "preposess/msu_train_spoof_attack_client002_laptop_SD_ipad_video_scene01/org_0000.jpg",
        false,
        [40, 30],
    );
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::Safas, None);
    assert_eq!(
        rows(&import, None),
        [
            "CASIA-FASD | preposess/casia_test_live_7_HR_1 | live live | C27 HR  | test | 2",
            "CASIA-FASD | preposess/casia_train_spoof_7_NM_5 | attack cut | C07 A  | train | 2",
            "MSU-MFSD | preposess/msu_train_spoof_attack_client002_laptop_SD_ipad_video_scene01 | attack ipad | M02 laptop scene01 | train | 1",
            "Replay-Attack | preposess/replay_test_live_9_NM_1 | live live |    | test | 2",
        ]
    );
    assert!(says(&preview, "whole frames only, in which faces must be found: 1 (") && preview.cropped == 3);
}

#[test]
fn frames_under_original_names_need_no_list() {
    let disk = disk();
    disk.faces(&["CASIA_MFSD/train/id1/1.avi/frame0.jpg", "CASIA_MFSD/train/id1/1.avi/frame10.jpg"], true);
    disk.faces(
        &[
            "CASIA_MFSD/train/id1/5.avi/frame0.jpg",
            "OULU_NPU/test_set/1_1_38_2.avi/frame0.jpg",
            "oulu/Train_files/1_1_01_3_17.jpg",
        ],
        false,
    );
    disk.faces(&["notes/cat.jpg"], true);
    let import = disk.look();
    let preview = holds(&disk, &import, Layout::Frames, None);
    assert_eq!(
        rows(&import, None),
        [
            "CASIA-FASD | CASIA_MFSD/train/id1/1.avi | live live | C01 A  | train | 2",
            "CASIA-FASD | CASIA_MFSD/train/id1/5.avi | attack cut | C01 A  | train | 1",
            "OULU-NPU | OULU_NPU/test_set/1_1_38_2.avi | attack print | O38 1 1 | test | 1",
            "OULU-NPU | oulu/Train_files/1_1_01_3 | attack print | O01 1 1 | train | 1",
        ]
    );
    assert!(says(&preview, "of no original set were left out: 1 (notes/cat.jpg)"));
    assert!(says(&preview, "taken as cut to the face") && preview.cropped == 4);
    assert!((preview.confidence - 5.0 / 6.0).abs() < 1e-6);
}

#[test]
fn bob_s_crops_and_other_class_folders() {
    let disk = disk();
    disk.faces(&["train/real/alice/01.png", "train/real/alice/02.png", "devel/real/bob_1.png"], true);
    disk.faces(&["train/attack/print/carl/1.png", "test/attack/replay/dan-3.png", "test/fake/e.png"], false);
    disk.faces(&["devel/attack/hand/attack_mobile_client003_session01_mobile_video_adverse/1.png"], false);
    disk.file("test/real/film.mov", b"film");
    // A JPEG by another name.
    disk.faces(&["train/real/alice/x.jpg"], true);
    fs::rename(disk.at("train/real/alice/x.jpg"), disk.at("train/real/alice/01.png")).unwrap();
    disk.faces(&["stray.png"], true);
    let import = disk.look();
    let preview = import.preview(None);
    assert_eq!((preview.layout, preview.classes.each_ref().map(|c| c.clips)), (Layout::ClassFolders, [3, 4]));
    assert_eq!(
        rows(&import, None),
        [
            "Replay-Attack | devel/attack/hand/attack_mobile_client003_session01_mobile_video_adverse | attack mobile | I03 webcam adverse | dev | 1",
            " | devel/real/bob | live live |    | dev | 1",
            " | test/attack/replay/dan | attack replay |    | test | 1",
            " | test/fake/e | attack spoof |    | test | 1",
            " | test/real/film.mov | live live |    | test | video",
            " | train/attack/print/carl | attack print |    | train | 1",
            " | train/real/alice | live live |    | train | 2",
        ]
    );
    assert!(says(&preview, "below neither live nor spoof were left out: 1 (stray.png)") && says(&preview, "square"));
    assert!(clip(&import, "alice").cropped && !clip(&import, "film.mov").cropped);
    // Pictures that are not square are not taken as faces.
    disk.picture("train/real/alice/00.png", true, [30, 20]);
    assert!(!clip(&disk.look(), "alice").cropped);
}
