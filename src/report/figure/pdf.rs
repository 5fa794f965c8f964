//! PDF of a scene: vectors, pictures at their own resolution, text that can be selected, the typeface cut to what is used.
//! No clock and no number of its own, so the same figure has the same bytes.

use std::borrow::Cow;

use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt as _, SvgSettings};

use super::letters::is_missing;
use super::tree_of;
use crate::report::ReportError;

/// SVG pixels are 1/96 inch, PDF's units 1/72.
const POINTS: f32 = 72.0 / 96.0;

/// The scene as a PDF of one page.
pub fn pdf_of(svg: &str, title: &str) -> Result<Vec<u8>, ReportError> {
    let failed = |what: &str| ReportError::Drawing(what.to_owned());
    let tree = tree_of(&with_lost_letter(svg))?;
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

/// The scene with a letter before all others that the typeface lacks, where others are such. All of them share the glyph of the box; krilla
/// writes what a glyph stands for when it is first met, but not for this one, and spells it only from the second on. So the first is lost
/// to search and copying, and it should be none of the user's.
fn with_lost_letter(svg: &str) -> Cow<'_, str> {
    const LETTER: char = '\u{e000}';
    match svg.split_once("</title>\n") {
        Some((head, rest)) if rest.contains(is_missing) => {
            let text = format!("<text x=\"0\" y=\"1\" font-size=\"0.01\" fill=\"#ffffff\">{LETTER}</text>");
            Cow::Owned(format!("{head}</title>\n{text}\n{rest}"))
        }
        _ => Cow::Borrowed(svg),
    }
}
