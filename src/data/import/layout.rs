//! The layouts by name, in the order in which they are looked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::entry::Found;
use super::{
    Sight, class_folders, data_manager, few_shot, frames, image_lists, manifest_file, meta_pattern, path_lists, safas,
    scene_frames, ssdg,
};

/// A way of keeping data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A CSV file as `manifest` reads it.
    Manifest,
    /// SSDG: frames and `*_label.json`.
    Ssdg,
    /// MetaPattern: archives of frames and headerless `.csv` lists.
    #[serde(rename = "metapattern")]
    MetaPattern,
    /// Few-shot FAS and FLIP: two frames a video and `.txt` lists by class.
    FewShot,
    /// MADDG, RFMetaFAS and FedGPAD: `image_list_*.txt` and depth maps.
    ImageLists,
    /// CDCN and FAS-SGTD: `_scene.jpg`, `.dat` and `_depth1D.jpg`.
    #[serde(rename = "cdcn")]
    SceneFrames,
    /// FAS_DataManager: frames with `_bbox_mtccnn.txt`.
    DataManager,
    /// SAFAS: folders called `set_split_class_video`.
    Safas,
    /// Any lists of paths and labels, such as liuajian's.
    PathLists,
    /// Frames under the names of the original videos, without lists.
    Frames,
    /// Folders called live and spoof, real and attack, and the like.
    ClassFolders,
}

pub(super) type Reader = fn(&Sight) -> Option<Found>;

impl Layout {
    /// All layouts, those that are recognised most surely first.
    pub const ALL: [Self; 11] = [
        Self::Manifest,
        Self::Ssdg,
        Self::MetaPattern,
        Self::FewShot,
        Self::ImageLists,
        Self::SceneFrames,
        Self::DataManager,
        Self::Safas,
        Self::PathLists,
        Self::Frames,
        Self::ClassFolders,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Ssdg => "ssdg",
            Self::MetaPattern => "metapattern",
            Self::FewShot => "few_shot",
            Self::ImageLists => "image_lists",
            Self::SceneFrames => "cdcn",
            Self::DataManager => "data_manager",
            Self::Safas => "safas",
            Self::PathLists => "path_lists",
            Self::Frames => "frames",
            Self::ClassFolders => "class_folders",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Manifest => "a manifest",
            Self::Ssdg => "SSDG's labels",
            Self::MetaPattern => "MetaPattern's lists",
            Self::FewShot => "few-shot FAS or FLIP lists",
            Self::ImageLists => "MADDG or RFMetaFAS image lists",
            Self::SceneFrames => "CDCN or FAS-SGTD frames",
            Self::DataManager => "FAS_DataManager frames",
            Self::Safas => "SAFAS folders",
            Self::PathLists => "lists of paths and labels",
            Self::Frames => "frames under original names",
            Self::ClassFolders => "live and spoof folders",
        }
    }

    /// What recognises it.
    pub(super) fn reader(self) -> Reader {
        match self {
            Self::Manifest => manifest_file::read,
            Self::Ssdg => ssdg::read,
            Self::MetaPattern => meta_pattern::read,
            Self::FewShot => few_shot::read,
            Self::ImageLists => image_lists::read,
            Self::SceneFrames => scene_frames::read,
            Self::DataManager => data_manager::read,
            Self::Safas => safas::read,
            Self::PathLists => path_lists::read,
            Self::Frames => frames::read,
            Self::ClassFolders => class_folders::read,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|l| l.name() == text).ok_or_else(|| format!("{text}: there are {}", known()))
    }
}
