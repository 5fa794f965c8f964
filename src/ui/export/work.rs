//! Drawing and writing figures and tables, on a thread of its own.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::Wanted;
use crate::disk;
use crate::report::figure::png_of;
use crate::report::{FigureRequest, TableRequest, draw, table, write};

/// Pixels an inch of a preview.
const PREVIEW_DPI: u32 = 160;

/// How something would look.
#[derive(Debug)]
pub enum Preview {
    /// A figure, and what is said below it.
    Picture(RgbImage, Vec<String>),
    /// A table.
    Text(String),
}

/// Something to draw or write.
#[derive(Debug, Clone)]
pub enum ExportJob {
    /// How would it look?
    Preview(Wanted),
    /// A figure into its file.
    Figure(FigureRequest),
    /// A table into a file.
    Table(TableRequest, PathBuf),
}

/// What became of it.
#[derive(Debug)]
pub enum ExportDone {
    /// It was drawn, or why not.
    Previewed(Wanted, Result<Arc<Preview>, String>),
    /// It was written, or why not.
    Written(Result<PathBuf, String>),
}

/// Does `job`.
pub fn do_export_job(job: ExportJob) -> ExportDone {
    match job {
        ExportJob::Preview(wanted) => {
            let drawn = preview(&wanted).map(Arc::new);
            ExportDone::Previewed(wanted, drawn)
        }
        ExportJob::Figure(request) => {
            let folder = request.out.parent().filter(|p| p.file_name().is_some_and(|n| n == "figures"));
            let made = folder.map_or(Ok(()), std::fs::create_dir_all).map_err(|e| e.to_string());
            ExportDone::Written(made.and_then(|()| write(&request).map(|w| w.figure).map_err(|e| e.to_string())))
        }
        ExportJob::Table(request, out) => ExportDone::Written(write_table(&request, &out).map(|()| out)),
    }
}

fn write_table(request: &TableRequest, out: &std::path::Path) -> Result<(), String> {
    let text = table(request).map_err(|e| e.to_string())?;
    let folder = out.parent().filter(|p| p.file_name().is_some_and(|n| n == "figures"));
    folder.map_or(Ok(()), std::fs::create_dir_all).map_err(|e| e.to_string())?;
    disk::replace_named(out, text.as_bytes()).map_err(|e| e.to_string())
}

fn preview(wanted: &Wanted) -> Result<Preview, String> {
    match wanted {
        Wanted::Table(request) => table(request).map(Preview::Text).map_err(|e| e.to_string()),
        Wanted::Figure(request) => {
            let drawn = draw(request).map_err(|e| e.to_string())?;
            let png = png_of(&drawn.figure.svg(), PREVIEW_DPI).map_err(|e| e.to_string())?;
            let picture = image::load_from_memory(&png).map_err(|e| e.to_string())?;
            let said = drawn.warnings.iter().map(|w| format!("▲ {w}")).chain(drawn.figure.notes).collect();
            Ok(Preview::Picture(picture.to_rgb8(), said))
        }
    }
}
