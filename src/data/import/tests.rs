//! Layouts as they lie on disks: real trees, real names, real label files. Pictures of live faces are green and those of
//! attacks red, so that what a label file says can be held against what is to be seen.

mod disk;
mod lists;
mod polarities;
mod roots;
mod texts;
mod trees;
