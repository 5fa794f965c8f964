//! From a request to files: the figure, and beside it the JSON that says what it shows. Both are written aside and renamed;
//! an older figure of the same name is replaced, anything else is left alone. Every file has a side-car, which names the
//! file's SHA-256: a picture beside the side-car of another one can be told.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::figure::{pdf_of, png_of, standalone};
use super::figures::{self, Drawn};
use super::{FigureRequest, Format, ReportError};
use crate::disk;
use crate::paths;

/// The key by which a side-car is known again, and what it holds.
const MARK: &str = "figure";

/// Files that were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The figure.
    pub figure: PathBuf,
    /// Its side-car.
    pub sidecar: PathBuf,
    /// What the figure says in its notes.
    pub notes: Vec<String>,
    /// What the user should know before the figure is used.
    pub warnings: Vec<String>,
}

/// The figure that is asked for, without writing anything.
pub fn draw(request: &FigureRequest) -> Result<Drawn, ReportError> {
    if !(30..=2400).contains(&request.dpi) {
        let dpi = request.dpi;
        return Err(ReportError::wrong(format!("{dpi} dots an inch are not possible; give 30 to 2400")));
    }
    let (count, kind) = (request.sessions.len(), request.kind);
    match count {
        0 => return Err(ReportError::wrong("a figure needs a session folder")),
        n if n > 1 && kind.of_one() => {
            return Err(ReportError::wrong(format!("{} shows one session, not {n}", kind.name())));
        }
        _ => {}
    }
    figures::build(request)
}

/// Makes the figure and its side-car.
pub fn write(request: &FigureRequest) -> Result<Written, ReportError> {
    let format = Format::of(&request.out).map_err(ReportError::Wrong)?;
    let sidecar = sidecar_of(&request.out);
    writable(&request.out)?;
    if !disk::may_replace(&request.out, format.beginnings()) {
        return Err(ReportError::wrong(format!(
            "there is a file of another kind with this name, which is left alone; choose another name: {}",
            request.out.display()
        )));
    }
    replaceable(&sidecar)?;
    let Drawn { figure, facts, warnings } = draw(request)?;
    let svg = figure.svg();
    let bytes = match format {
        Format::Svg => standalone(&svg).into_bytes(),
        Format::Pdf => pdf_of(&svg, &figure.title)?,
        Format::Png => png_of(&svg, request.dpi)?,
    };
    let said = side_car(request, &figure.notes, facts, &bytes);
    let text = serde_json::to_string_pretty(&said).map_err(|e| ReportError::Drawing(e.to_string()))? + "\n";
    replace(&sidecar, text.as_bytes())?;
    replace(&request.out, &bytes)?;
    Ok(Written { figure: request.out.clone(), sidecar, notes: figure.notes, warnings })
}

/// The side-car of the figure `out`. It is `maps.json` for `maps.svg`; where that file belongs to something else, as to `maps.pdf`, it is
/// `maps.svg.json`, so that no figure stands beside the side-car of another one.
pub fn sidecar_of(out: &Path) -> PathBuf {
    let (short, long) = (out.with_extension("json"), full_sidecar_of(out));
    let fits = short.file_name().is_some_and(|name| name.len() <= LONGEST);
    let free = !short.exists()
        || figure_of(&short).is_some_and(|of| out.file_name().is_some_and(|own| own.to_string_lossy() == of));
    if fits && free && !long.exists() { short } else { long }
}

/// The longest name that file systems take, in bytes.
const LONGEST: usize = 255;

fn full_sidecar_of(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default();
    if name.len() + ".json".len() <= LONGEST {
        let mut beside = name.to_owned();
        beside.push(".json");
        return out.with_file_name(beside);
    }
    let name = name.to_string_lossy();
    let mark = hex(&Sha256::digest(name.as_bytes()))[..8].to_owned();
    let mut end = LONGEST - ".json".len() - mark.len() - 1;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    out.with_file_name(format!("{}~{mark}.json", &name[..end]))
}

/// The file's name that a side-car says it is of; `None` where it is no side-car.
fn figure_of(sidecar: &Path) -> Option<String> {
    let bytes = disk::read(sidecar, disk::LARGEST_TEXT).ok()?;
    let all = serde_json::from_slice::<Map<String, Value>>(&bytes).ok()?;
    Some(all.get(MARK)?.as_str().unwrap_or_default().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// What stands beside the figure with these `bytes`.
fn side_car(request: &FigureRequest, notes: &[String], facts: Map<String, Value>, bytes: &[u8]) -> Value {
    let mut all = Map::new();
    all.insert(MARK.to_owned(), json!(request.out.file_name().unwrap_or_default().to_string_lossy()));
    all.insert("sha256".to_owned(), json!(hex(&Sha256::digest(bytes))));
    all.insert("kind".to_owned(), json!(request.kind.name()));
    all.insert("made_by".to_owned(), json!(concat!("metafas ", env!("CARGO_PKG_VERSION"))));
    all.insert("sessions".to_owned(), json!(request.sessions.iter().map(|p| paths::text(p)).collect::<Vec<_>>()));
    all.insert("width".to_owned(), json!(request.width.to_string()));
    all.extend(facts);
    all.insert("notes".to_owned(), json!(notes));
    Value::Object(all)
}

/// Whether a file can be written there, as far as its name tells.
pub fn writable(out: &Path) -> Result<(), ReportError> {
    let told = |why: &str, path: &Path| Err(ReportError::wrong(format!("{why}: {}", path.display())));
    if out.is_dir() {
        return told("this is a folder; give a file's name", out);
    }
    match out.parent().filter(|p| !p.as_os_str().is_empty() && !p.is_dir()) {
        Some(folder) => told("there is no such folder; make it first", folder),
        None => Ok(()),
    }
}

/// Whether nothing stands where the side-car goes but an older one.
fn replaceable(sidecar: &Path) -> Result<(), ReportError> {
    if sidecar.exists() && figure_of(sidecar).is_none() {
        return Err(ReportError::wrong(format!(
            "the file beside the figure is none of a figure and would be replaced; choose another name: {}",
            sidecar.display()
        )));
    }
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    disk::replace_named(path, bytes).map_err(|error| ReportError::Io { error, path: path.to_owned() })
}
