//! Unwraps the HDRIs: each is a JavaScript module holding one base64 data address.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

/// All environment maps in `folder` as (name, EXR bytes), sorted by name.
pub fn unpack(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(name) = file.strip_suffix(".exr.js") else { continue };
        let text = fs::read_to_string(&path)?;
        let (_, rest) = text.split_once(";base64,").with_context(|| format!("{file} holds no base64 data"))?;
        let body = rest.split(['\'', '"']).next().unwrap_or_default();
        let bytes = base64(body).with_context(|| format!("{file} is damaged"))?;
        ensure!(bytes.starts_with(&[0x76, 0x2f, 0x31, 0x01]), "{file} is no EXR picture");
        found.push((name.to_owned(), bytes));
    }
    ensure!(found.len() == 18, "expected 18 environment maps, found {}", found.len());
    found.sort();
    Ok(found)
}

fn base64(text: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.bytes().filter(|c| *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => bail!("unexpected character {c:#x} in base64"),
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_gives_the_bytes_of_the_standard_examples() {
        assert_eq!(base64("Zm9vYmFy").unwrap(), b"foobar");
        assert_eq!(base64("Zm9vYg==").unwrap(), b"foob");
        assert!(base64("Zm9v*g==").is_err());
    }
}
