//! Which protocol the next run follows on the built-in sets, and how many clips that gives it.

use eframe::egui::{ComboBox, DragValue, RichText, ScrollArea, Ui};

use crate::config::{Benchmark, WholeSet};
use crate::data::protocol::Offer;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::state::AppState;
use crate::ui::theme;

/// Shows the choice.
pub fn show(ui: &mut Ui, state: &AppState, queue: &CommandQueue) {
    let config = &state.form.config.data;
    let tokens = theme::tokens(ui);
    let set = |key: &'static str, text: String| queue.send(UiCommand::Set { key, text });
    ui.horizontal(|ui| {
        for (scale, help) in [
            (Benchmark::Tiny, "A person or two a part: to try things out in seconds"),
            (Benchmark::Mini, "A tenth to a fifth of the originals' clips; made in a minute or two"),
            (Benchmark::Full, "As many people and clips as the originals have; made in hours"),
        ] {
            if ui.radio(config.benchmark == scale, scale.name()).on_hover_text(help).clicked() {
                set("data.benchmark", scale.name().to_owned());
            }
        }
    });
    let offers = &state.offers;
    let now = offers.iter().find(|o| o.name == config.protocol);
    ui.horizontal(|ui| {
        let id = ui.label("Protocol").id;
        let width = ui.available_width() - if now.is_some_and(|o| o.folds > 1) { 96.0 } else { 8.0 };
        let title = now.map_or(config.protocol.as_str(), |o| o.title.as_str());
        ui.label_inputs_by(id, |ui| {
            let combo = ComboBox::from_id_salt("protocol").selected_text(title).width(width).truncate();
            combo.height(420.0).show_ui(ui, |ui| choices(ui, offers, &config.protocol, &set));
        });
        if let Some(offer) = now.filter(|o| o.folds > 1) {
            let mut fold = config.fold;
            let id = ui.label("Fold").id;
            if ui.add(DragValue::new(&mut fold).range(1..=offer.folds)).labelled_by(id).changed() {
                set("data.fold", fold.to_string());
            }
        }
    });
    let across = config.protocol.split('/').next().is_some_and(|f| ["mico", "micy", "limited"].contains(&f));
    if across {
        ui.horizontal(|ui| {
            ui.label("A whole set is");
            for (whole, name, help) in [
                (WholeSet::EveryVideo, "every video", "As Meta Pattern has it; only enrolment is left out"),
                (WholeSet::NoDev, "train and test", "As SSDG has it; dev and devel parts are left out"),
            ] {
                if ui.radio(config.whole_set == whole, name).on_hover_text(help).clicked() {
                    set("data.whole_set", whole.name().to_owned());
                }
            }
        });
    }
    if let Ok(summary) = &state.form.members {
        let [train, dev, test] = summary.clips.map(|[live, attack]| format!("{live} + {attack}"));
        let held = if summary.held_out { " (held out from training subjects)" } else { "" };
        let text = format!(
            "Live + attack clips: train {train}, dev {dev}{held}, test {test}. Rendered by this program; every number \
             from them is marked as synthetic"
        );
        ui.label(RichText::new(text).small().color(tokens.weak));
    }
}

/// All protocols, set by set.
fn choices(ui: &mut Ui, offers: &[Offer], now: &str, set: &dyn Fn(&'static str, String)) {
    ScrollArea::vertical().show(ui, |ui| {
        let mut last = "";
        for offer in offers {
            let family = offer.name.split('/').next().unwrap_or_default();
            if family != last {
                last = family;
                ui.add_space(4.0);
                ui.label(RichText::new(heading(family)).strong());
            }
            if ui.selectable_label(offer.name == now, format!("{}  ({})", offer.title, offer.name)).clicked() {
                set("data.protocol", offer.name.clone());
                set("data.fold", "1".to_owned());
            }
        }
    });
}

/// A family of protocols and the built-in sets that stand in for the originals.
fn heading(family: &str) -> &'static str {
    match family {
        "oulu_npu" => "OULU-NPU: SynthO",
        "siw_m" => "SiW-M: SynthW",
        "casia_fasd" => "CASIA-FASD: SynthC",
        "replay_attack" => "Replay-Attack: SynthI",
        "msu_mfsd" => "MSU-MFSD: SynthM",
        "rose_youtu" => "ROSE-YOUTU: SynthY",
        "mico" => "Across M, I, C and O",
        "micy" => "Across M, I, C and Y",
        _ => "From M and I alone",
    }
}
