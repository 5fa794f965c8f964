//! PDF of a scene: vectors, pictures at their own resolution, text that can be selected, the typeface cut to what is used.
//! No clock and no number of its own, so the same figure has the same bytes.

use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt as _, SvgSettings};

use super::tree_of;
use crate::report::ReportError;

/// SVG pixels are 1/96 inch, PDF's units 1/72.
const POINTS: f32 = 72.0 / 96.0;

/// The scene as a PDF of one page.
pub fn pdf_of(svg: &str, title: &str) -> Result<Vec<u8>, ReportError> {
    let failed = |what: &str| ReportError::Drawing(what.to_owned());
    let tree = tree_of(svg)?;
    let (width, height) = (tree.size().width() * POINTS, tree.size().height() * POINTS);
    let size = Size::from_wh(width, height).ok_or_else(|| failed("the page has no size"))?;
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(title.to_owned()).creator("metafas".to_owned()));
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    surface.draw_svg(&tree, size, SvgSettings::default()).ok_or_else(|| failed("the scene is empty"))?;
    surface.finish();
    page.finish();
    document.finish().map_err(|e| ReportError::Drawing(format!("{e:?}")))
}
