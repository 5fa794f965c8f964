//! Files and folders, safely: what every module uses to write, to append and to read what others may have prepared.
//!
//! A folder that came from somebody else (an archive, a clone) may hold symbolic links, names with `..` and files without
//! end. So no file is made under a name that can be guessed, no log or lock is opened through a link, no name out of a
//! file leads out of its folder ([`plain`], [`below`]), and nothing is read without a limit. A file is written aside,
//! flushed and renamed ([`replace`]); files that belong together are a folder that is exchanged as a whole
//! ([`NewFolder`]). What a killed process left behind is known by its name and removed later ([`clear_left_overs`]).

mod aside;
mod folder;
mod open;
mod place;
mod read;

pub use aside::{clear_left_overs, is_unfinished, replace, replace_named};
pub use folder::{NewFolder, recover};
pub use open::{append, lock_file, probe};
pub use place::{below, linked_part, plain};
pub use read::{LARGEST_LIST, LARGEST_LOG, LARGEST_TENSORS, LARGEST_TEXT, may_replace, read, read_text};
