//! What tests of text parsers share.

use proptest::prelude::*;

/// `text` after up to eight bytes were changed, put in, taken out, or everything behind one was cut off.
pub(in crate::data) fn mutated(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let edit = (0..4_u8, any::<prop::sample::Index>(), byte());
    prop::collection::vec(edit, 0..8).prop_map(move |edits| {
        let mut bytes = text.as_bytes().to_vec();
        for (kind, at, byte) in edits {
            let i = at.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(i, byte),
                1 if i < bytes.len() => bytes[i] = byte,
                2 if i < bytes.len() => {
                    bytes.remove(i);
                }
                // Rarely, or little would be left to read.
                3 if byte == b'\n' => bytes.truncate(i),
                _ => {}
            }
        }
        bytes
    })
}

/// Any byte, those that mean something to parsers more often.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(b"\r\n\t ,;\"'#\\/.:-+0129eE[]{}\0\xff\xef".to_vec()),]
}
