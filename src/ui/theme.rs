//! Every colour of the window, for dark and light, in one place. Data colours (series, marks) are those of Okabe and
//! Ito, which stay apart under all common forms of colour blindness; maps have their own file, `colormap`.

use eframe::egui::{self, Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Theme, Ui, Visuals, vec2};

/// The colours of one theme.
#[derive(Debug)]
pub struct Tokens {
    /// Behind everything.
    pub ground: Color32,
    /// Behind panes.
    pub panel: Color32,
    /// Behind plots, fields and pictures.
    pub sunken: Color32,
    /// Behind buttons.
    pub raised: Color32,
    /// Behind a button under the pointer.
    pub raised_hover: Color32,
    /// Lines between things.
    pub outline: Color32,
    /// Secondary text.
    pub weak: Color32,
    /// Text.
    pub text: Color32,
    /// Headings and numbers that matter.
    pub strong: Color32,
    /// What is selected, lit or to be pressed.
    pub accent: Color32,
    /// Behind what is lit.
    pub accent_soft: Color32,
    /// Text on `accent`.
    pub on_accent: Color32,
    /// Done, bona fide.
    pub good: Color32,
    /// Worth a look.
    pub warn: Color32,
    /// Wrong.
    pub error: Color32,
    /// Lines of a plot, in order.
    pub series: [Color32; 7],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Tokens = Tokens {
    ground: rgb(0x15_17_1A),
    panel: rgb(0x1C_1F_23),
    sunken: rgb(0x12_14_17),
    raised: rgb(0x2B_2F_35),
    raised_hover: rgb(0x37_3C_44),
    outline: rgb(0x35_3A_41),
    weak: rgb(0x9A_A3_AE),
    text: rgb(0xD3_D8_DE),
    strong: rgb(0xF4_F6_F8),
    accent: rgb(0x56_B4_E9),
    accent_soft: rgb(0x1D_3A_4D),
    on_accent: rgb(0x0B_1B_26),
    good: rgb(0x3F_C7_9A),
    warn: rgb(0xE6_9F_00),
    error: rgb(0xF0_7A_4B),
    series: [
        rgb(0x56_B4_E9),
        rgb(0xE6_9F_00),
        rgb(0x2F_BF_92),
        rgb(0xCC_79_A7),
        rgb(0xF0_E4_42),
        rgb(0xE0_70_2F),
        rgb(0xB9_C0_C8),
    ],
};

const LIGHT: Tokens = Tokens {
    ground: rgb(0xE9_EC_EF),
    panel: rgb(0xF8_F9_FA),
    sunken: rgb(0xFF_FF_FF),
    raised: rgb(0xDD_E3_E9),
    raised_hover: rgb(0xCD_D5_DD),
    outline: rgb(0xCB_D2_D9),
    weak: rgb(0x59_63_6E),
    text: rgb(0x24_29_2F),
    strong: rgb(0x0B_0F_14),
    accent: rgb(0x00_6C_A8),
    accent_soft: rgb(0xD3_E8_F5),
    on_accent: rgb(0xFF_FF_FF),
    good: rgb(0x00_7A_59),
    warn: rgb(0x9A_62_00),
    error: rgb(0xB8_43_00),
    series: [
        rgb(0x00_72_B2),
        rgb(0xC0_7F_00),
        rgb(0x00_8A_66),
        rgb(0xB0_4F_86),
        rgb(0x6B_5B_00),
        rgb(0xC8_4F_00),
        rgb(0x4A_52_5A),
    ],
};

/// The colours of the theme that `ui` is drawn in.
pub fn tokens(ui: &Ui) -> &'static Tokens {
    of(ui.visuals().dark_mode)
}

/// The colours of the dark or the light theme.
pub fn of(dark: bool) -> &'static Tokens {
    if dark { &DARK } else { &LIGHT }
}

/// The two colours of a mark over a picture: one shows on dark, the other on light.
pub fn marks() -> (Color32, Color32) {
    (Color32::WHITE, Color32::BLACK)
}

/// Text style of equations set large.
pub fn equation_font() -> FontId {
    FontId::new(21.0, FontFamily::Name(super::fonts::MATHS.into()))
}

/// Text style of equations within other text.
pub fn small_equation_font() -> FontId {
    FontId::new(13.0, FontFamily::Name(super::fonts::MATHS.into()))
}

/// Sets both themes' styles.
pub fn install(ctx: &egui::Context) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme == Theme::Dark);
            style.spacing.item_spacing = vec2(8.0, 6.0);
            style.spacing.window_margin = egui::Margin::same(14);
            style.spacing.button_padding = vec2(10.0, 4.0);
            style.spacing.interact_size.y = 24.0;
            style.spacing.tooltip_width = 420.0;
            style.spacing.combo_width = 90.0;
            style.spacing.scroll.bar_width = 8.0;
            // Seen before one points there: what is cut off must show that it is.
            style.spacing.scroll.dormant_handle_opacity = 0.5;
            style.spacing.scroll.floating_width = 4.0;
            style.spacing.scroll.floating_allocated_width = 6.0;
            style.spacing.indent = 16.0;
            style.animation_time = 0.08;
            style.interaction.selectable_labels = false;
            style.text_styles = [
                (TextStyle::Small, FontId::new(11.5, FontFamily::Proportional)),
                (TextStyle::Body, FontId::new(13.5, FontFamily::Proportional)),
                (TextStyle::Button, FontId::new(13.5, FontFamily::Proportional)),
                (TextStyle::Heading, FontId::new(17.0, FontFamily::Proportional)),
                (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
            ]
            .into();
        });
    }
}

fn visuals(dark: bool) -> Visuals {
    let t = of(dark);
    let mut v = if dark { Visuals::dark() } else { Visuals::light() };
    v.panel_fill = t.panel;
    v.window_fill = t.panel;
    v.window_stroke = Stroke::new(1.0, t.outline);
    v.extreme_bg_color = t.sunken;
    v.faint_bg_color = t.raised.gamma_multiply(0.35);
    v.code_bg_color = t.raised;
    v.warn_fg_color = t.warn;
    v.error_fg_color = t.error;
    v.hyperlink_color = t.accent;
    v.weak_text_color = Some(t.weak);
    v.selection.bg_fill = t.accent_soft;
    v.selection.stroke = Stroke::new(1.0, t.accent);
    v.slider_trailing_fill = true;
    v.indent_has_left_vline = false;
    v.window_corner_radius = CornerRadius::same(8);
    v.menu_corner_radius = CornerRadius::same(6);
    let set = |w: &mut egui::style::WidgetVisuals, fill: Color32, edge: Color32, text: Color32| {
        w.bg_fill = fill;
        w.weak_bg_fill = fill;
        w.bg_stroke = Stroke::new(1.0, edge);
        w.fg_stroke = Stroke::new(1.0, text);
        w.corner_radius = CornerRadius::same(4);
        w.expansion = 0.0;
    };
    set(&mut v.widgets.noninteractive, t.panel, t.outline, t.text);
    set(&mut v.widgets.inactive, t.raised, t.raised, t.text);
    set(&mut v.widgets.hovered, t.raised_hover, t.weak, t.strong);
    set(&mut v.widgets.active, t.accent_soft, t.accent, t.strong);
    set(&mut v.widgets.open, t.raised_hover, t.outline, t.strong);
    v
}
