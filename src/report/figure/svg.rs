//! From the scene to what others draw: usvg's tree with the embedded typeface and no other, and the file that stands alone.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use resvg::usvg::{self, fontdb};

use super::canvas::FAMILY;
use super::font;
use super::subset::subset;
use crate::report::ReportError;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(font::FILE.to_vec());
    Arc::new(fonts)
});

/// The scene as usvg understands it. Fonts of the system are not looked at, so every machine draws the same.
pub fn tree_of(svg: &str) -> Result<usvg::Tree, ReportError> {
    let options =
        usvg::Options { font_family: FAMILY.to_owned(), fontdb: Arc::clone(&FONTS), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).map_err(|e| ReportError::Drawing(e.to_string()))
}

/// The scene as a file of its own: the letters that it needs stand in it, so that a browser draws it as the PDF has it.
pub fn standalone(svg: &str) -> String {
    let font = base64::engine::general_purpose::STANDARD.encode(subset(&words(svg)));
    let style = format!(
        "<style>@font-face{{font-family:'{FAMILY}';src:url(data:font/ttf;base64,{font}) format('truetype')}}</style>"
    );
    match svg.split_once("</title>\n") {
        Some((head, rest)) => format!("{head}</title>\n{style}\n{rest}"),
        None => svg.to_owned(),
    }
}

/// All words of the scene.
fn words(svg: &str) -> String {
    let inside = |part: &str| Some(part.split_once('>')?.1.split_once("</text>")?.0.to_owned());
    let escapes =
        |text: String| text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    svg.split("<text ").skip(1).filter_map(inside).map(escapes).collect()
}
