//! Why a set cannot be opened or a protocol not be laid over it: one sentence each, with what to do.

use thiserror::Error;

use crate::data::clip::SetName;
use crate::data::protocol::ProtocolError;

/// What is wrong.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// The root is no folder or cannot be opened.
    #[error("{root} cannot be read as a folder ({source}); check the path")]
    Root {
        /// The path as given.
        root: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing there at all.
    #[error("{root} holds no videos (.avi, .mp4, .mov); give the folder that a data set was unpacked to")]
    NoVideos {
        /// The path as given.
        root: String,
    },
    /// Pictures, no videos.
    #[error(
        "{root} holds no videos, only {pictures} pictures; pictures made from a data set are not opened as the set itself"
    )]
    Pictures {
        /// The path as given.
        root: String,
        /// How many.
        pictures: usize,
    },
    /// Videos, but of no known set.
    #[error(
        "None of the data sets fits the {videos} videos in {root}: too few are named like one's (the first is \
         {example}); give a set's own folder, or its name with --as"
    )]
    Unknown {
        /// The path as given.
        root: String,
        /// How many.
        videos: usize,
        /// One of them.
        example: String,
    },
    /// Videos, but of another set.
    #[error("None of the {videos} videos in {root} is named like {set}'s; the first is {example}")]
    NotThat {
        /// The path as given.
        root: String,
        /// What was asked for.
        set: SetName,
        /// How many.
        videos: usize,
        /// One of them.
        example: String,
    },
    /// More than one set.
    #[error("{root} holds several data sets: {sets}; give one of these folders, or one's name as --as {first}")]
    Several {
        /// The path as given.
        root: String,
        /// Each with its folder.
        sets: String,
        /// A name that could be given.
        first: &'static str,
    },
    /// OULU-NPU with the competition's names.
    #[error(
        "{root} is OULU-NPU as it was renamed for the competition of IJCB 2017 ({example}): such names say neither who \
         is shown nor what, so this edition cannot be used; get the original release"
    )]
    Hashed {
        /// The path as given.
        root: String,
        /// One of the names.
        example: String,
    },
    /// A person, or a clip, in two parts.
    #[error("{set} in {root} has {what}; results would be worthless: take one of them away")]
    Overlap {
        /// The set.
        set: SetName,
        /// Its folder.
        root: String,
        /// Who, in which parts, and a file in each.
        what: String,
    },
    /// A protocol needs a set that is not there.
    #[error("{protocol} needs {set}, which is not among the folders given ({given}); give its folder too")]
    SetMissing {
        /// The protocol.
        protocol: String,
        /// The set.
        set: SetName,
        /// What was given.
        given: String,
    },
    /// The same set twice.
    #[error("{set} was given twice, in {first} and in {second}; give one of them")]
    SetTwice {
        /// The set.
        set: SetName,
        /// A folder.
        first: String,
        /// Another folder.
        second: String,
    },
    /// A protocol that is lists and nothing else, without them.
    #[error(
        "{protocol} is made of lists that {set}'s authors give beside the data; {lists} not found in {root}: copy their \
         folder of lists into it"
    )]
    ListsMissing {
        /// The protocol.
        protocol: String,
        /// The set.
        set: SetName,
        /// The files, with "is" or "are".
        lists: String,
        /// The set's folder.
        root: String,
    },
    /// The protocol does not exist or does not fit.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}
