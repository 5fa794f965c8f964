//! MediaPipe's canonical face: which landmarks its triangles join. The file is a protocol buffer
//! (`GeometryPipelineMetadata`); only its mesh is read.

use std::sync::OnceLock;

/// Landmarks of the mesh.
pub const POINTS: usize = 468;
const TRIANGLES: usize = 898;

/// The mesh's triangles as numbers of landmarks.
pub fn triangles() -> &'static [[usize; 3]] {
    static READ: OnceLock<Vec<[usize; 3]>> = OnceLock::new();
    READ.get_or_init(|| {
        let file = include_bytes!("../../../assets/face/canonical_face.binarypb");
        // The file is part of the program, and a test reads it.
        read(file).unwrap_or_default()
    })
}

/// Field 1 of the file is the mesh; its field 4 the corners of all triangles.
fn read(file: &[u8]) -> Option<Vec<[usize; 3]>> {
    let mesh = Fields(file).find_map(|(number, content)| (number == 1).then_some(content))?;
    let mut corners = Vec::new();
    for (number, content) in Fields(mesh).filter(|field| field.0 == 4) {
        debug_assert_eq!(number, 4, "the filter's own field");
        let mut rest = content;
        while !rest.is_empty() {
            corners.push(varint(&mut rest)? as usize);
        }
    }
    let triangles = corners.as_chunks::<3>().0.to_vec();
    (triangles.len() == TRIANGLES && corners.iter().all(|c| *c < POINTS)).then_some(triangles)
}

/// A number in steps of seven bits, lowest first.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 127) << shift;
        if first & 128 == 0 {
            return Some(value);
        }
    }
    None
}

/// Numbers and contents of a message's fields. Plain numbers come as their own bytes.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let key = varint(&mut self.0)?;
        let length = match key & 7 {
            0 => {
                let start = self.0;
                varint(&mut self.0)?;
                return Some((key >> 3, &start[..start.len() - self.0.len()]));
            }
            1 => 8,
            2 => varint(&mut self.0)? as usize,
            5 => 4,
            _ => return None,
        };
        let (content, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some((key >> 3, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mesh_covers_a_face_without_a_hole() {
        let triangles = triangles();
        assert_eq!(triangles.len(), TRIANGLES);
        let mut edges = std::collections::BTreeMap::<[usize; 2], u32>::new();
        for t in triangles {
            for (a, b) in [(t[0], t[1]), (t[1], t[2]), (t[2], t[0])] {
                *edges.entry([a.min(b), a.max(b)]).or_default() += 1;
            }
        }
        // Euler: a sheet in one piece with one rim has points - edges + triangles = 1.
        assert_eq!(POINTS + TRIANGLES, edges.len() + 1);
        let rim = edges.values().filter(|n| **n == 1).count();
        assert_eq!((rim, edges.values().max()), (36, Some(&2)), "the face's oval has 36 landmarks");
    }

    #[test]
    fn what_is_no_such_file_gives_nothing() {
        for bytes in [&b""[..], &[0x0a, 0xff], &[0x0a, 0x02, 0x22, 0x00], &[0xff; 20]] {
            assert!(read(bytes).is_none());
        }
    }
}
