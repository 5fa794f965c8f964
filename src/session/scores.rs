//! scores/ as one set: score files, faces, maps and their summary are written beside the older ones and take their place
//! all at once.

use std::path::PathBuf;

use super::{Session, SessionError};
use crate::disk::{self, NewFolder};

/// The files of the set; the summary is written last.
pub(super) const FILES: [&str; 6] =
    ["train.csv", "dev.csv", "test.csv", "faces.safetensors", "maps.safetensors", "results.json"];

/// New contents of scores/, which are nowhere to be seen before [`NewScores::finish`], and gone if that is not reached.
#[derive(Debug)]
pub struct NewScores {
    folder: NewFolder<'static>,
    target: PathBuf,
}

impl NewScores {
    /// Where the file `name` of the set is to be written.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.file(name)
    }

    /// Puts the new set in the place of the older one.
    pub fn finish(self) -> Result<(), SessionError> {
        self.folder.finish().map_err(SessionError::io("replace", &self.target))
    }
}

impl Session {
    /// Begins new contents of scores/.
    pub fn begin_scores(&self) -> Result<NewScores, SessionError> {
        let target = self.scores();
        if let Some(link) = disk::linked_part(self.path(), &["scores"]) {
            return Err(SessionError::Linked(link));
        }
        let folder =
            NewFolder::begin(&target, &FILES).map_err(SessionError::io("write into the folder", self.path()))?;
        Ok(NewScores { folder, target })
    }

    /// Mends what a killed process left of writing scores.
    pub(super) fn recover_scores(&self) -> Result<(), SessionError> {
        disk::recover(&self.scores(), &FILES).map_err(SessionError::io("mend", &self.scores()))
    }

    /// scores/own: the run's own results while those of another checkpoint are in their place.
    pub fn own_scores(&self) -> PathBuf {
        self.scores().join("own")
    }

    /// Copies the scores to scores/own.
    pub fn keep_own_scores(&self) -> Result<(), SessionError> {
        let own = self.own_scores();
        if let Some(link) = disk::linked_part(&self.scores(), &["own"]) {
            return Err(SessionError::Linked(link));
        }
        let copy = || -> std::io::Result<()> {
            let new = NewFolder::begin(&own, &FILES)?;
            for file in FILES {
                let from = self.scores().join(file);
                if from.is_file() {
                    std::fs::copy(from, new.file(file))?;
                }
            }
            new.finish()
        };
        copy().map_err(SessionError::io("copy the scores to", &own))
    }

    /// Deletes scores/own.
    pub fn drop_own_scores(&self) -> Result<(), SessionError> {
        let own = self.own_scores();
        if !own.is_dir() || disk::linked_part(&self.scores(), &["own"]).is_some() {
            return Ok(());
        }
        let drop = || -> std::io::Result<()> {
            for file in FILES.iter().map(|name| own.join(name)).filter(|file| file.is_file()) {
                std::fs::remove_file(file)?;
            }
            std::fs::remove_dir(&own)
        };
        drop().map_err(SessionError::io("delete", &own))
    }
}
