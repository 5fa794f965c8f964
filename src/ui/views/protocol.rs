//! Choosing a protocol: by name with its fold and, across sets, what counts as a whole set. Those that cannot be used
//! say why.

use std::collections::BTreeMap;

use eframe::egui::{ComboBox, RichText, ScrollArea, Ui};

use crate::data::protocol::{Offer, Protocol, Whole};
use crate::ui::widgets::number::number;

/// What can be chosen.
#[derive(Clone, Copy)]
pub struct Offered<'a> {
    /// The protocols.
    pub offers: &'a [Offer],
    /// Those that cannot be used, with the reason, once that is known.
    pub unusable: Option<&'a BTreeMap<String, String>>,
    /// Whether they are laid over the built-in sets.
    pub built_in: bool,
}

impl<'a> Offered<'a> {
    fn find(&self, name: &str) -> Option<&'a Offer> {
        self.offers.iter().find(|o| o.name == name)
    }

    fn reason(&self, name: &str) -> Option<&'a str> {
        self.unusable.and_then(|u| u.get(name)).map(String::as_str)
    }
}

/// A menu of all protocols, set by set; the one that was chosen.
pub fn menu(ui: &mut Ui, salt: &str, offered: &Offered<'_>, name: &str) -> Option<String> {
    let id = ui.label("Protocol").id;
    let now = offered.find(name);
    let width = (ui.available_width() - if now.is_some_and(|o| o.folds > 1) { 96.0 } else { 8.0 }).min(420.0);
    let title = now.map_or(name, |o| o.title.as_str());
    let mut chosen = None;
    ui.label_inputs_by(id, |ui| {
        let combo = ComboBox::from_id_salt(salt).selected_text(title).width(width).truncate();
        combo.height(420.0).show_ui(ui, |ui| {
            ScrollArea::vertical().show(ui, |ui| lines(ui, offered, name, &mut chosen));
        });
    });
    chosen
}

fn lines(ui: &mut Ui, offered: &Offered<'_>, now: &str, chosen: &mut Option<String>) {
    let mut last = "";
    for offer in offered.offers {
        let family = offer.name.split('/').next().unwrap_or_default();
        if family != last {
            last = family;
            ui.add_space(4.0);
            ui.label(RichText::new(heading(family, offered.built_in)).strong());
        }
        let reason = offered.reason(&offer.name);
        let mut text = RichText::new(format!("{}  ({})", offer.title, offer.name));
        if reason.is_some() {
            text = text.weak();
        }
        let mut line = ui.selectable_label(offer.name == now, text);
        if let Some(reason) = reason {
            line = line.on_hover_text(crate::ui::data::for_window(reason));
        }
        if line.clicked() {
            *chosen = Some(offer.name.clone());
        }
    }
}

/// A field for the fold, where the protocol has several; the one that was chosen.
pub fn fold(ui: &mut Ui, offered: &Offered<'_>, name: &str, now: u32) -> Option<u32> {
    let offer = offered.find(name).filter(|o| o.folds > 1)?;
    let mut fold = now;
    let id = ui.label("Fold").id;
    let field = number(ui, &mut fold).range(1..=offer.folds);
    ui.add(field).labelled_by(id).changed().then_some(fold)
}

/// Whether a protocol is laid across whole sets.
pub fn is_across(name: &str) -> bool {
    Protocol::parse(name, 1, Whole::EveryVideo).is_ok_and(|protocol| protocol.is_across())
}

/// What counts as a whole set; what was chosen.
pub fn whole(ui: &mut Ui, now: Whole) -> Option<Whole> {
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.label("A whole set is");
        for (whole, name, help) in [
            (Whole::EveryVideo, "every video", "As Meta Pattern has it; only enrolment is left out"),
            (Whole::NoDev, "train and test", "As SSDG has it; dev and devel parts are left out"),
        ] {
            if ui.radio(now == whole, name).on_hover_text(help).clicked() {
                chosen = Some(whole);
            }
        }
    });
    chosen
}

/// A family of protocols, and the built-in sets that stand in for the originals.
fn heading(family: &str, built_in: bool) -> &'static str {
    match (family, built_in) {
        ("oulu_npu", true) => "OULU-NPU: SynthO",
        ("siw_m", true) => "SiW-M: SynthW",
        ("casia_fasd", true) => "CASIA-FASD: SynthC",
        ("replay_attack", true) => "Replay-Attack: SynthI",
        ("msu_mfsd", true) => "MSU-MFSD: SynthM",
        ("rose_youtu", true) => "ROSE-YOUTU: SynthY",
        ("oulu_npu", false) => "OULU-NPU",
        ("siw_m", false) => "SiW-M v1",
        ("siw_mv2", _) => "SiW-Mv2",
        ("casia_fasd", false) => "CASIA-FASD",
        ("replay_attack", false) => "Replay-Attack",
        ("msu_mfsd", false) => "MSU-MFSD",
        ("rose_youtu", false) => "ROSE-YOUTU",
        ("mico", _) => "Across M, I, C and O",
        ("micy", _) => "Across M, I, C and Y",
        _ => "From M and I alone",
    }
}
