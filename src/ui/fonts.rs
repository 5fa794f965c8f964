//! The fonts: egui's own, with `DejaVu` Sans behind them for the mathematics they lack, and a family that prefers it for
//! whole equations, so that letters and operators match. No font of the system is used: every machine shows the same.

use std::sync::Arc;

use eframe::egui::{Context, FontData, FontDefinitions, FontFamily};

/// Name of the family for equations.
pub const MATHS: &str = "maths";

const DEJAVU: &str = "DejaVuSans";

/// Sets the fonts of `ctx`.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let data = FontData::from_static(include_bytes!("../../assets/fonts/DejaVuSans.ttf"));
    fonts.font_data.insert(DEJAVU.to_owned(), Arc::new(data));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        let chain = fonts.families.entry(family).or_default();
        for name in [DEJAVU, "Hack"] {
            if !chain.iter().any(|n| n == name) {
                chain.push(name.to_owned());
            }
        }
    }
    let chain = vec![DEJAVU.to_owned(), "Hack".to_owned(), "Ubuntu-Light".to_owned()];
    fonts.families.insert(FontFamily::Name(MATHS.into()), chain);
    ctx.set_fonts(fonts);
}
