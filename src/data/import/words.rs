//! Words in the names of folders and lists: parts, classes, sets.

use crate::data::folder::class_of;
pub(in crate::data) use crate::data::folder::{modality_word, split_word};
use crate::data::{Label, SetName};

/// The class that a folder's name says.
pub fn class_word(folder: &str) -> Option<Label> {
    if folder.eq_ignore_ascii_case("attk") { Some(Label::Spoof) } else { class_of(folder) }
}

/// The set that a folder's name says: `msu_256`, `+CASIA-FASD`, `idiap`.
pub fn set_word(folder: &str) -> Option<SetName> {
    let plain: String = folder.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let word = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    match word {
        "oulu" | "oulunpu" => Some(SetName::OuluNpu),
        "casia" | "casiafasd" | "casiamfsd" | "casiafaceantisp" | "cbsrantispoofing" | "cbsr" => {
            Some(SetName::CasiaFasd)
        }
        "replay" | "replayattack" | "idiap" | "idiapreplayattack" => Some(SetName::ReplayAttack),
        "msu" | "msumfsd" => Some(SetName::MsuMfsd),
        "rose" | "roseyoutu" | "youtu" => Some(SetName::RoseYoutu),
        "siwm" => Some(SetName::SiwM),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;

    #[test]
    fn names_of_folders_say_part_class_and_set() {
        assert_eq!(split_word("OULU_test_set"), Some(Split::Test));
        assert_eq!((split_word("training"), split_word("latest")), (Some(Split::Train), None));
        assert_eq!((set_word("msu_256"), set_word("+CASIA-FASD")), (Some(SetName::MsuMfsd), Some(SetName::CasiaFasd)));
        assert_eq!(
            (set_word("idiap"), set_word("asia"), set_word("SiW-M")),
            (Some(SetName::ReplayAttack), None, Some(SetName::SiwM))
        );
        assert_eq!(["attk", "Real", "realm"].map(class_word), [Some(Label::Spoof), Some(Label::Live), None]);
    }
}
