//! The scored test part face by face: how each was judged, what a moved threshold changes, and the faces behind a part of
//! a curve (MT-FAS Fig. 11, with the teacher's and the detector's maps).

mod grid;
mod plots;
mod rates;

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{Button, CentralPanel, ComboBox, Frame, Margin, Panel, RichText, Slider, TextEdit, Ui};

use crate::eval::Rates;
use crate::ui::command::{CommandQueue, UiCommand};
use crate::ui::faces::{FaceFilter, FaceSort, FacesCommand, Judged, Listing, Verdict, fingerprint, listed};
use crate::ui::state::AppState;
use crate::ui::theme;
use crate::ui::widgets::{badge, empty, provenance_badges, value_text};

/// What was computed of the scores, and textures.
#[derive(Default)]
pub struct FacesCache {
    key: Option<Key>,
    judged: Option<Arc<Judged>>,
    listing: Listing,
    rates: Option<(u64, Rates, rates::Table)>,
    plots: plots::PlotCache,
    grid: grid::GridCache,
}

/// What the list depends on.
#[derive(Debug, PartialEq, Clone)]
struct Key {
    folder: PathBuf,
    threshold: u64,
    filter: FaceFilter,
    sort: FaceSort,
    reversed: bool,
}

impl FacesCache {
    fn prepare(&mut self, state: &AppState, folder: &std::path::Path, judged: &Arc<Judged>, threshold: f64) {
        let faces = &state.faces;
        let key = Key {
            folder: folder.to_owned(),
            threshold: threshold.to_bits(),
            filter: faces.filter.clone(),
            sort: faces.sort,
            reversed: faces.reversed,
        };
        let same = self.judged.as_ref().is_some_and(|j| Arc::ptr_eq(j, judged));
        if same && self.key.as_ref() == Some(&key) {
            return;
        }
        if !same {
            self.plots = plots::PlotCache::of(judged);
        }
        self.listing = listed(judged, &faces.filter, (faces.sort, faces.reversed), threshold);
        // Exact intervals cost more than a frame may: not again where only the list changes.
        if !same || self.rates.as_ref().is_none_or(|(of, ..)| *of != key.threshold) {
            let rates = judged.ranked.rates_at(-threshold);
            let table = rates::Table::of(judged, &rates);
            self.rates = Some((key.threshold, rates, table));
        }
        self.judged = Some(Arc::clone(judged));
        self.key = Some(key);
    }
}

fn send(queue: &CommandQueue, command: FacesCommand) {
    queue.send(UiCommand::Faces(command));
}

/// Shows the pane.
pub fn show(ui: &mut Ui, state: &AppState, cache: &mut FacesCache, queue: &CommandQueue) {
    let Some(run) = state.run() else { return empty(ui, "Scored faces appear here after an evaluation") };
    let Some(results) = run.1.results.as_ref() else {
        return empty(ui, "Scored faces appear here once the detector has been scored");
    };
    if state.faces.wants(&run.folder, &fingerprint(results)) {
        send(queue, FacesCommand::Read);
    }
    let judged = match state.faces.of(&run.folder) {
        None => return empty(ui, "Scores are being read…"),
        Some(Err(why)) => return empty(ui, why),
        Some(Ok(judged)) => judged,
    };
    let threshold = state.faces.threshold.or(judged.threshold).unwrap_or(0.5);
    cache.prepare(state, &run.folder, judged, threshold);
    let frame = Frame::new().inner_margin(Margin::symmetric(10, 6));
    Panel::top("faces threshold").frame(frame).show_separator_line(false).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("Faces").strong().color(theme::tokens(ui).strong));
            provenance_badges(ui, run.1);
            threshold_line(ui, state, judged, threshold, queue);
        });
    });
    let side = Panel::left("faces rates").frame(frame).resizable(true).default_size(300.0).size_range(220.0..=460.0);
    side.show(ui, |ui| {
        if let Some((_, _, table)) = &cache.rates {
            rates::show(ui, judged, table);
        }
        let rates = cache.rates.as_ref().map(|(_, rates, _)| rates);
        plots::show(ui, state, &cache.plots, (judged, rates), threshold, queue);
    });
    Panel::top("faces filter").frame(frame).show_separator_line(false).show(ui, |ui| {
        filter(ui, state, &cache.listing, judged, queue);
    });
    CentralPanel::no_frame().frame(Frame::new().inner_margin(Margin::symmetric(10, 0))).show(ui, |ui| {
        if cache.listing.shown.is_empty() {
            return empty(ui, "No face is judged so, or has these words, at this threshold");
        }
        grid::show(ui, state, judged, &cache.listing, &mut cache.grid, threshold, queue);
    });
}

fn threshold_line(ui: &mut Ui, state: &AppState, judged: &Judged, threshold: f64, queue: &CommandQueue) {
    let tokens = theme::tokens(ui);
    ui.label("threshold");
    let (low, high) = judged.range;
    let room = ((high - low) * 0.02).max(1e-9);
    let mut at = threshold;
    ui.spacing_mut().slider_width = 220.0;
    let slider = Slider::new(&mut at, (low - room).min(threshold)..=(high + room).max(threshold)).show_value(false);
    let help = "A face whose score is at or below it passes as live";
    if ui.add(slider).accessible_name("Threshold").on_hover_text(help).changed() {
        send(queue, FacesCommand::Threshold(Some(at)));
    }
    ui.monospace(value_text(threshold));
    let own = state.faces.threshold.is_none();
    if ui.add_enabled(!own, Button::new("The run's own").small()).on_hover_text(format!("By {}", judged.rule)).clicked()
    {
        send(queue, FacesCommand::Threshold(None));
    }
    if let Some(eer) = judged.eer_threshold() {
        let help = "Where both errors are equal on this very part: chosen with its labels";
        if ui.small_button("EER of the test part").on_hover_text(help).clicked() {
            send(queue, FacesCommand::Threshold(Some(eer)));
        }
    }
    if own && !judged.oracle {
        ui.weak(format!("by {}", judged.rule));
    } else {
        let text = if own { "oracle threshold" } else { "moved: an oracle" };
        badge(ui, text, tokens.error)
            .on_hover_text("Chosen with the labels of the test part: nothing deployed could know it");
    }
}

/// Which clips the next run watches by name.
fn watch(ui: &mut Ui, state: &AppState, judged: &Judged, queue: &CommandQueue) {
    let config = &state.form.config.watch;
    ui.menu_button(format!("Watch next ({})", config.clips.len()), |ui| {
        let worst = format!("The {} worst errors", config.samples);
        let help = "The next run keeps maps of these faces over time; on other data or people they may not be there";
        if ui.button(worst).on_hover_text(help).clicked() {
            let threshold = state.faces.threshold.or(judged.threshold).unwrap_or(0.5);
            let order = (FaceSort::Error, false);
            let all = listed(judged, &FaceFilter::default(), order, threshold);
            let wrong = all.shown.iter().map(|&i| &judged.faces[i]).filter(|f| Verdict::of(f, threshold).is_wrong());
            let clips: Vec<String> = wrong.take(config.samples).map(|f| f.name.clone()).collect();
            queue.send(UiCommand::WatchNext(clips));
            ui.close();
        }
        if let Some(face) = state.faces.picked.and_then(|i| judged.faces.get(i)) {
            let there = config.clips.contains(&face.name);
            if ui.button(if there { "Not the face below" } else { "The face below" }).clicked() {
                let mut clips = config.clips.clone();
                clips.retain(|c| *c != face.name);
                if !there {
                    clips.push(face.name.clone());
                }
                queue.send(UiCommand::WatchNext(clips));
                ui.close();
            }
        }
        if ui.add_enabled(!config.clips.is_empty(), Button::new("None by name")).clicked() {
            queue.send(UiCommand::WatchNext(vec![]));
            ui.close();
        }
        for clip in &config.clips {
            ui.weak(clip);
        }
    });
}

fn filter(ui: &mut Ui, state: &AppState, listing: &Listing, judged: &Judged, queue: &CommandQueue) {
    let (faces, tokens) = (&state.faces, theme::tokens(ui));
    let with = |change: &dyn Fn(&mut FaceFilter)| {
        let mut filter = faces.filter.clone();
        change(&mut filter);
        send(queue, FacesCommand::Filter(filter));
    };
    ui.horizontal_wrapped(|ui| {
        if ui.selectable_label(faces.filter.verdict.is_none(), format!("All {}", judged.faces.len())).clicked() {
            with(&|f| f.verdict = None);
        }
        for (verdict, count) in Verdict::ALL.into_iter().zip(listing.counts) {
            let color = if verdict.is_wrong() { tokens.error } else { tokens.good };
            let text = RichText::new(format!("{} {count}", verdict.title())).color(color);
            let chosen = faces.filter.verdict == Some(verdict);
            if ui.selectable_label(chosen, text).on_hover_text(verdict.help()).clicked() {
                with(&|f| f.verdict = (!chosen).then_some(verdict));
            }
        }
        let mut flipped = faces.filter.flipped;
        let help = "Faces that the moved threshold judges otherwise than the run's own";
        if ui.checkbox(&mut flipped, format!("flipped {}", listing.flipped)).on_hover_text(help).changed() {
            with(&|f| f.flipped = flipped);
        }
        if let Some((low, high)) = faces.filter.scores {
            let text = format!("scores {} to {}  ✕", value_text(low), value_text(high));
            if ui.small_button(text).on_hover_text("Shows all scores again").clicked() {
                with(&|f| f.scores = None);
            }
        }
        let mut words = faces.filter.words.clone();
        let edit = TextEdit::singleline(&mut words).hint_text("clip, subject, species").desired_width(130.0);
        if ui.add(edit).accessible_name("Faces with these words").changed() {
            with(&|f| f.words.clone_from(&words));
        }
        ui.name_inputs("Order of faces", |ui| {
            let arrow = if faces.reversed { " ▲" } else { "" };
            let combo = ComboBox::from_id_salt("order of faces").width(110.0);
            combo.selected_text(format!("by {}{arrow}", faces.sort.title())).show_ui(ui, |ui| {
                for by in FaceSort::ALL {
                    let help = "Choose it again to turn the order round";
                    if ui.selectable_label(faces.sort == by, by.title()).on_hover_text(help).clicked() {
                        send(queue, FacesCommand::Sort(by));
                    }
                }
            });
        });
        watch(ui, state, judged, queue);
        if judged.maps.is_some() {
            let mut maps = faces.maps;
            if ui.checkbox(&mut maps, "maps").on_hover_text("Teacher's and detector's maps beside each face").changed()
            {
                send(queue, FacesCommand::Maps(maps));
            }
        }
    });
}
