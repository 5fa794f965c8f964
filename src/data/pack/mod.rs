//! Packs: faces cut out of clips once and kept as bytes in files that are read by position, so that a run of any
//! length draws from hundreds of gigabytes. A pack belongs to one folder of clips and one way of cutting;
//! every protocol, fold and seed reads the same one. It grows clip by clip, survives a kill at any byte, and says when
//! its sources changed. How faces are found is in `face`; what clips there are is in `dataset`, `manifest` and `import`.

mod build;
mod error;
mod files;
mod index;
mod progress;
mod segment;
mod set;
mod shrink;
mod stamp;
mod store;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

pub use build::{Pack, Wanted, build, clip_name, open};
pub use error::PackError;
pub use files::FORMAT;
pub use index::{About, FaceLine, Stored};
pub use progress::{PackProgress, Teller};
pub use segment::{FacesLost, Piece, Segment};
pub use set::{Faceless, Loaded, Part, face_set};
pub use stamp::first_file;

/// Where the pack of the set in `root` is kept in the cache folder: its name says which set, and is a hash over the
/// set's place, the cutter and the format. What else shapes a pack, its sources' files, is looked at when it is opened.
pub fn cached(cache: &Path, title: &str, root: &Path, identity: &str) -> PathBuf {
    let place = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let key = digest(format!("metafas pack {FORMAT}\n{}\n{identity}", place.display()).as_bytes());
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let title: String = title.chars().take(40).map(plain).collect();
    cache.join("pack").join(format!("{title}-{}", &key[..16]))
}

/// SHA-256 in hexadecimal.
fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
