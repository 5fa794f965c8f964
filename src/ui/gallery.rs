//! What the gallery knows: who is shown, the table of pictures, and which of them have come.

use std::sync::Arc;

use super::jobs::Job;
use crate::data::builtin::gallery::{Across, Shown, Table, table};

/// Seed of the people and scenes that are shown.
const SEED: u64 = 0;
/// Side of the square that pictures are cut from, in pixels.
const SIDE: usize = 128;
/// Pictures asked for at a time: so many that the thread is never idle, so few that a change of mind costs little.
const AHEAD: usize = 3;

/// The gallery's state.
#[derive(Debug)]
pub struct Gallery {
    /// Whose face.
    pub person: u32,
    /// What differs from column to column.
    pub across: Across,
    /// Rows, columns and clips.
    pub table: Table,
    /// Pictures that have come, in the table's order; an error where one could not be made.
    pub shown: Vec<Option<Result<Arc<Shown>, String>>>,
    /// The picture that is looked at closely.
    pub picked: Option<usize>,
    /// Raised when the table changes; late pictures of an earlier one are dropped.
    pub generation: u64,
    asked: usize,
    come: usize,
}

impl Default for Gallery {
    fn default() -> Self {
        let mut gallery = Self {
            person: 0,
            across: Across::Cameras,
            table: Table { rows: vec![], columns: vec![], clips: vec![] },
            shown: vec![],
            picked: None,
            generation: 0,
            asked: 0,
            come: 0,
        };
        gallery.show(0, Across::Cameras);
        gallery
    }
}

impl Gallery {
    /// Begins another table.
    pub fn show(&mut self, person: u32, across: Across) {
        (self.person, self.across) = (person, across);
        self.table = table(person, across, SEED);
        self.shown = vec![None; self.table.clips.len()];
        self.picked = None;
        self.generation += 1;
        (self.asked, self.come) = (0, 0);
    }

    /// Whether pictures should be asked for now.
    pub fn wants(&self) -> bool {
        self.asked < self.shown.len() && self.asked - self.come < AHEAD
    }

    /// How many pictures have come, of how many.
    pub fn progress(&self) -> (usize, usize) {
        (self.come, self.shown.len())
    }

    /// The next picture to ask for.
    pub(super) fn next_job(&self) -> Option<Job> {
        let clip = self.table.clips.get(self.asked).filter(|_| self.wants())?;
        Some(Job::Picture {
            generation: self.generation,
            index: self.asked,
            seed: SEED,
            side: SIDE,
            clip: Box::new(clip.clone()),
        })
    }

    /// Notes that the next picture was asked for.
    pub(super) fn asked_one(&mut self) {
        self.asked += 1;
    }

    /// Takes a picture in.
    pub(super) fn take(&mut self, generation: u64, index: usize, answer: Result<Arc<Shown>, String>) {
        if generation == self.generation
            && let Some(place) = self.shown.get_mut(index)
        {
            *place = Some(answer);
            self.come += 1;
        }
    }

    /// "Print, inkjet by o_phone1".
    pub fn name(&self, index: usize) -> String {
        let columns = self.table.columns.len().max(1);
        let row = self.table.rows.get(index / columns).map_or("", String::as_str);
        let column = self.table.columns.get(index % columns).copied().unwrap_or("");
        match self.across {
            Across::Cameras => format!("{row}, taken with {column}"),
            Across::Places => format!("{row}, taken at {column}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_asked_for_a_few_at_a_time_and_late_ones_are_dropped() {
        let mut gallery = Gallery::default();
        let answer = || Err("none".to_owned());
        for index in 0..AHEAD {
            assert!(matches!(gallery.next_job(), Some(Job::Picture { index: i, .. }) if i == index));
            gallery.asked_one();
        }
        assert!(gallery.next_job().is_none());
        gallery.take(gallery.generation, 0, answer());
        assert!(gallery.wants() && gallery.progress().0 == 1);
        let before = gallery.generation;
        gallery.show(4, Across::Places);
        gallery.take(before, 1, answer());
        assert_eq!(gallery.progress().0, 0);
        assert!(gallery.name(0).starts_with("Live, taken at "));
    }
}
