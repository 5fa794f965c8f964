//! What the path of a clip in a derived layout says by itself: whoever cut frames out of the six original sets kept
//! their names, more or less. Names of people, cameras and species are those of the sets' own loaders.

use crate::data::{Label, SetName, Split};

use super::words::{class_word, set_word, split_word};

/// What a path says. Empty or `None` where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// The original set.
    pub set: Option<SetName>,
    /// Live or attack.
    pub label: Option<Label>,
    /// Attack species, in the set's words.
    pub species: String,
    /// The person.
    pub subject: String,
    /// The camera.
    pub camera: String,
    /// The session, light or place.
    pub session: String,
    /// The part of the set.
    pub split: Option<Split>,
    /// Whether it is one of Replay-Attack's enrolment videos, which are never scored.
    pub enroll: bool,
}

/// MSU-MFSD's people for learning; the others are for the test.
const MSU_TRAIN: [u32; 15] = [2, 3, 5, 6, 7, 8, 9, 11, 12, 21, 22, 34, 53, 54, 55];
/// Replay-Attack's people for learning and for thresholds.
const REPLAY_TRAIN: [u32; 15] = [1, 2, 4, 6, 7, 8, 12, 16, 18, 25, 27, 103, 105, 108, 110];
const REPLAY_DEVEL: [u32; 15] = [3, 5, 10, 15, 17, 22, 29, 30, 101, 111, 113, 114, 116, 118, 119];

/// What `path` (of a video, or of the folder of its frames, with `/`) says. An original's name goes before folders
/// called real, attack and so on, and folders called train or test before what people's numbers say of the part.
pub fn say(path: &str) -> Said {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    let Some((name, folders)) = parts.split_last() else { return Said::default() };
    let name = bare(name);
    let folder_split = folders.iter().rev().find_map(|f| split_word(f));
    let mut said = oulu(name)
        .or_else(|| replay(name))
        .or_else(|| msu(name))
        .or_else(|| rose(name))
        .or_else(|| siw_m(name, folders))
        .or_else(|| casia(name, folders, folder_split))
        .unwrap_or_default();
    if said.label.is_none() {
        said.label = parts.iter().rev().find_map(|f| class_word(f));
    }
    said.split = folder_split.or(said.split);
    said
}

/// The name without extensions.
fn bare(name: &str) -> &str {
    let known = ["zip", "avi", "mov", "mp4"];
    let mut bare = name;
    while let Some((stem, extension)) = bare.rsplit_once('.') {
        if !known.iter().any(|k| extension.eq_ignore_ascii_case(k)) {
            break;
        }
        bare = stem;
    }
    bare
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let all = text.bytes().all(|b| b.is_ascii_digit());
    (all && digits.contains(&text.len())).then(|| text.parse().ok()).flatten()
}

/// `P_S_UU_F`.
fn oulu(name: &str) -> Option<Said> {
    let [phone, session, user, file] = <[&str; 4]>::try_from(name.split('_').collect::<Vec<_>>()).ok()?;
    let within = |text, digits, most| number(text, digits).filter(|n| (1..=most).contains(n));
    let phone = within(phone, 1..=1, 6)?;
    let session = within(session, 1..=1, 3)?;
    let user = within(user, 1..=2, 55)?;
    let file = within(file, 1..=1, 5)?;
    Some(Said {
        set: Some(SetName::OuluNpu),
        label: Some(if file == 1 { Label::Live } else { Label::Spoof }),
        species: ["live", "print", "print", "replay", "replay"][file as usize - 1].to_owned(),
        subject: format!("O{user:02}"),
        camera: phone.to_string(),
        session: session.to_string(),
        split: Some(match user {
            ..=20 => Split::Train,
            21..=35 => Split::Dev,
            _ => Split::Test,
        }),
        enroll: false,
    })
}

/// The digits behind `client`.
fn client(name: &str) -> Option<(u32, &str, &str)> {
    let (before, after) = name.split_once("client")?;
    let id = number(after.get(..3)?, 3..=3)?;
    Some((id, before, after.get(3..)?.strip_prefix('_')?))
}

/// `clientNNN_session01_webcam_authenticate_L_K` or `attack_D_clientNNN_session01_C_T_L`, with prefixes of derived sets.
fn replay(name: &str) -> Option<Said> {
    let (id, before, after) = client(name)?;
    let after = after.strip_prefix("session")?;
    let session = ["controlled", "adverse"].into_iter().find(|l| after.contains(l))?;
    let enroll = after.contains("_enroll_");
    let (label, species) = if after.contains("_webcam_") {
        (Label::Live, "live")
    } else {
        let device = before.trim_end_matches('_').rsplit('_').next()?;
        (Label::Spoof, ["print", "mobile", "highdef"].into_iter().find(|d| *d == device)?)
    };
    Some(Said {
        set: Some(SetName::ReplayAttack),
        label: Some(label),
        species: species.to_owned(),
        subject: format!("I{id:02}"),
        camera: "webcam".to_owned(),
        session: session.to_owned(),
        split: Some(match id {
            _ if REPLAY_TRAIN.contains(&id) => Split::Train,
            _ if REPLAY_DEVEL.contains(&id) => Split::Dev,
            _ => Split::Test,
        }),
        enroll,
    })
}

/// `real_clientNNN_D_SD_scene01` or `attack_clientNNN_D_SD_M_scene01`.
fn msu(name: &str) -> Option<Said> {
    let (id, before, after) = client(name)?;
    let camera = ["laptop", "android"].into_iter().find(|d| after.starts_with(d))?;
    let (label, species) = match before.trim_end_matches('_').rsplit('_').next()? {
        "real" => (Label::Live, "live"),
        "attack" if after.contains("ipad") => (Label::Spoof, "ipad"),
        "attack" if after.contains("iphone") => (Label::Spoof, "iphone"),
        "attack" if after.contains("print") => (Label::Spoof, "print"),
        _ => return None,
    };
    Some(Said {
        set: Some(SetName::MsuMfsd),
        label: Some(label),
        species: species.to_owned(),
        subject: format!("M{id:02}"),
        camera: camera.to_owned(),
        session: "scene01".to_owned(),
        split: Some(if MSU_TRAIN.contains(&id) { Split::Train } else { Split::Test }),
        enroll: false,
    })
}

/// `L_S_D_x_E_p_N`. Its two published splits contradict each other, so the name says none.
fn rose(name: &str) -> Option<Said> {
    let parts = <[&str; 7]>::try_from(name.split('_').collect::<Vec<_>>()).ok()?;
    let [kind, speech, device, worn, place, person, index] = parts;
    let known = ["G", "Ps", "Pq", "Vl", "Vm", "Mc", "Mf", "Mu", "Ml"];
    let fits = known.contains(&kind)
        && ["T", "NT"].contains(&speech)
        && ["HS", "HW", "IP", "5s", "ZTE"].contains(&device)
        && ["g", "wg"].contains(&worn)
        && number(index, 1..=9).is_some();
    let person = number(person, 1..=3).filter(|_| fits)?;
    let live = kind == "G";
    Some(Said {
        set: Some(SetName::RoseYoutu),
        label: Some(if live { Label::Live } else { Label::Spoof }),
        species: if live { "live" } else { kind }.to_owned(),
        subject: format!("Y{person:02}"),
        camera: device.to_owned(),
        session: place.to_owned(),
        split: None,
        enroll: false,
    })
}

/// SiW-M's stems, with a number behind.
const SIW_M: [(&str, &str); 15] = [
    ("live", "live"),
    ("replay", "replay"),
    ("paper", "print"),
    ("mask_half", "half_mask"),
    ("mask_silicone", "silicone_mask"),
    ("mask_trans", "transparent_mask"),
    ("mask_paper", "paper_mask"),
    ("mask_mann", "mannequin"),
    ("makeup_ob", "obfuscation"),
    ("makeup_im", "impersonation"),
    ("makeup_co", "cosmetic"),
    ("partial_funnyeye", "funny_eye"),
    ("partial_paperglass", "paper_glasses"),
    ("partial_eye", "partial_paper"),
    ("partial_mouth", "partial_paper"),
];

/// A stem of SiW-M. `Live_3`, `Replay_3` and `Paper_3` are anybody's words, so they need a folder that fits.
fn siw_m(name: &str, folders: &[&str]) -> Option<Said> {
    let lower = name.to_lowercase();
    let (_, species) = SIW_M.into_iter().find(|(stem, _)| {
        let rest = lower.strip_prefix(stem).and_then(|r| r.strip_prefix('_'));
        rest.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
    })?;
    let own = lower.starts_with("mask_") || lower.starts_with("makeup_") || lower.starts_with("partial_");
    let fits = || {
        let stem = lower.split('_').next().unwrap_or_default();
        let named = |f: &&str| set_word(f) == Some(SetName::SiwM) || f.eq_ignore_ascii_case(stem);
        folders.iter().any(named)
    };
    (own || fits()).then(|| Said {
        set: Some(SetName::SiwM),
        label: Some(if species == "live" { Label::Live } else { Label::Spoof }),
        species: species.to_owned(),
        ..Said::default()
    })
}

/// `<split>/<person>/<clip>` or `<split>/…/<person>_<clip>` below a folder that names the set or one of its own folders.
fn casia(name: &str, folders: &[&str], split: Option<Split>) -> Option<Said> {
    let own = |f: &&str| {
        set_word(f) == Some(SetName::CasiaFasd)
            || ["train_release", "test_release"].contains(&f.to_lowercase().as_str())
    };
    if !folders.iter().any(own) {
        return None;
    }
    // Digits in front of a clip's name are a person's, as in 19_7 and 5_HR_1.
    let (person, clip) = match name.split_once('_') {
        Some((person, clip)) if number(person, 1..=2).is_some() => (person, clip),
        _ => (folders.last()?.trim_start_matches("id"), name),
    };
    let person = number(person, 1..=2).filter(|p| (1..=30).contains(p))?;
    let clip = clip.strip_prefix("NM_").unwrap_or(clip);
    let (kind, camera) = match clip {
        "HR_1" | "HR_2" | "HR_3" | "HR_4" => (number(&clip[3..], 1..=1)? - 1, "HR"),
        _ => {
            let clip = number(clip, 1..=1).filter(|c| (1..=8).contains(c))?;
            ((clip - 1) / 2, if clip % 2 == 1 { "A" } else { "B" })
        }
    };
    // Folder numbers begin anew in the test part, where they are other people.
    let subject = match split {
        Some(Split::Train) => format!("C{person:02}"),
        Some(Split::Test) => format!("C{:02}", person + 20),
        _ => String::new(),
    };
    Some(Said {
        set: Some(SetName::CasiaFasd),
        label: Some(if kind == 0 { Label::Live } else { Label::Spoof }),
        species: ["live", "warped", "cut", "video"][kind as usize].to_owned(),
        subject,
        camera: camera.to_owned(),
        session: String::new(),
        split,
        enroll: false,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Set, class, species, person, camera, session, part.
    fn of(path: &str) -> String {
        let s = say(path);
        let class = s.label.map_or("?", |l| if l == Label::Live { "live" } else { "attack" });
        let words = [
            s.set.map_or("-", SetName::name),
            class,
            &s.species,
            &s.subject,
            &s.camera,
            &s.session,
            &s.split.map_or("-".to_owned(), |s| s.to_string()),
        ]
        .join(" ");
        if s.enroll { words + " enroll" } else { words }
    }

    #[test]
    fn names_of_the_originals_are_understood_in_derived_layouts() {
        for (path, expected) in [
            ("oulu_256/Train_files/1_1_01_1", "oulu_npu live live O01 1 1 train"),
            ("+OULU-NPU/Dev_files/6_3_35_5.avi.zip", "oulu_npu attack replay O35 6 3 dev"),
            ("oulu/test/fake/2_1_55_2", "oulu_npu attack print O55 2 1 test"),
            ("6_3_9_3", "oulu_npu attack print O09 6 3 train"),
            ("casia_256/train_release/7/HR_1", "casia_fasd live live C07 HR  train"),
            ("+CASIA-FASD/test_release/11/3.avi.zip", "casia_fasd attack warped C31 A  test"),
            ("casia/train/fake/19_7", "casia_fasd attack video C19 A  train"),
            ("casia/test/fake/5_HR_3", "casia_fasd attack cut C25 HR  test"),
            ("CASIA_MFSD/train/id1/5.avi", "casia_fasd attack cut C01 A  train"),
            ("casia/7/2", "casia_fasd live live  B  -"),
            (
                "replay_256/replayattack-devel/real/client003_session01_webcam_authenticate_adverse_1",
                "replay_attack live live I03 webcam adverse dev",
            ),
            (
                "replay/test/fake/fixed_attack_mobile_client013_session01_mobile_video_adverse",
                "replay_attack attack mobile I13 webcam adverse test",
            ),
            (
                "attack_print_client110_session01_highdef_photo_controlled",
                "replay_attack attack print I110 webcam controlled train",
            ),
            (
                "+REPLAY-ATTACK/enroll/train/client001_session01_webcam_enroll_adverse.mov.zip",
                "replay_attack live live I01 webcam adverse train enroll",
            ),
            ("msu_256/scene01/real/real_client002_android_SD_scene01", "msu_mfsd live live M02 android scene01 train"),
            (
                "MSU_MFSD/attack/attack_client001_laptop_SD_ipad_video_scene01",
                "msu_mfsd attack ipad M01 laptop scene01 test",
            ),
            ("attack_client049_laptop_SD_printed_photo_scene01.mov", "msu_mfsd attack print M49 laptop scene01 test"),
            ("+ROSE-YOUTU/train/2/G_NT_5s_wg_E_2_1.mp4.zip", "rose_youtu live live Y02 5s E train"),
            ("23/Mc_T_ZTE_g_E_23_180.mp4", "rose_youtu attack Mc Y23 ZTE E -"),
            ("Mask/HalfMask/Mask_Half_3.mov", "siw_m attack half_mask    -"),
            ("+SiW-M/Live/Train/Live_3.mov.zip", "siw_m live live    train"),
            ("Paper/Paper_81", "siw_m attack print    -"),
        ] {
            assert_eq!(of(path), expected, "{path}");
        }
    }

    #[test]
    fn other_names_say_what_their_folders_say() {
        for (path, expected) in [
            ("wmca/train/real/31.01.18_035_01_000_0_01", "- live     train"),
            ("lab/attack/print/alice", "- attack     -"),
            ("devel/attk/x", "- attack     dev"),
            ("cefa/test/fake/3_299_3_2_2", "- attack     test"),
            ("people/alice", "- ?     -"),
            ("train/7/2", "- ?     train"),
            ("7_1_01_1", "- ?     -"),
            ("1_1_56_1", "- ?     -"),
            ("Live_3", "- ?     -"),
            ("", "- ?     -"),
        ] {
            assert_eq!(of(path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn every_oulu_name_says_its_fields(phone in 1..=6_u32, session in 1..=3_u32, user in 1..=55_u32, file in 1..=5_u32, padded: bool) {
            let user_text = if padded { format!("{user:02}") } else { user.to_string() };
            let said = say(&format!("a/{phone}_{session}_{user_text}_{file}.avi"));
            prop_assert_eq!(said.label == Some(Label::Live), file == 1);
            prop_assert_eq!((said.subject, said.camera, said.session), (format!("O{user:02}"), phone.to_string(), session.to_string()));
        }

        #[test]
        fn any_path_is_survived(path in "[a-zA-Z0-9_./é-]{0,40}", name in prop::sample::select(vec![
            "client", "client01é_laptop", "_client001_", "HR_é", "attack_client001_android", "client00é_session01_webcam_adverse",
        ])) {
            let _said = say(&path);
            let _said = say(&format!("casia/train/{path}/{name}"));
        }
    }
}
