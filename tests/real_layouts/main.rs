//! The published sets as they lie on disks: trees with every real name, whole and in all the ways in which copies differ,
//! and every count and every list compared with what was published. tests/data/datasets says where the names come from.
#![expect(clippy::unwrap_used, reason = "helpers of a test fail loudly")]

mod commands;
mod copies;
mod counts;
mod lists;
mod miniatures;
mod protocols;
mod siw_mv2;
mod trees;
