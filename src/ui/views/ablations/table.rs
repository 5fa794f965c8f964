//! What the runs of a sweep came to, put together over seeds, beside what the paper's table reports.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use crate::papers::{self, Row};
use crate::sweep::Group;
use crate::ui::ablations::SweepLook;
use crate::ui::theme;
use crate::ui::views::names::{RATES, spread_text};
use crate::ui::widgets::copyable;
use crate::ui::widgets::{badge, synthetic};

/// Shows the page.
pub fn show(ui: &mut Ui, look: &SweepLook) {
    copyable(ui);
    let tokens = theme::tokens(ui);
    if look.groups.iter().all(|g| g.missing == g.cases) {
        ui.weak("Rates appear here as runs are finished");
    }
    let over = look.groups.first().map(|g| g.over.clone()).unwrap_or_default();
    ui.weak(format!("Mean over {over}; in brackets its 95 % interval by Student's t"));
    ScrollArea::both().auto_shrink(false).id_salt("ablation table").show(ui, |ui| {
        Grid::new("ablation table").striped(true).spacing([18.0, 4.0]).show(ui, |ui| {
            let reported = look.table.is_some().then_some("The paper reports");
            let heads = ["", "Runs"].into_iter().chain(RATES.iter().map(|r| r.1)).chain(["L_v"]).chain(reported);
            for head in heads {
                ui.label(RichText::new(head).small().color(tokens.weak));
            }
            ui.end_row();
            for group in look.groups.iter().filter(|g| g.over == over) {
                ui.horizontal(|ui| {
                    let name = ui.label(RichText::new(title(group)).color(tokens.strong));
                    if !group.warnings.is_empty() {
                        name.on_hover_text(group.warnings.join("\n"));
                        badge(ui, "note", tokens.warn).on_hover_text(group.warnings.join("\n"));
                    }
                    if group.origin == "synthetic" {
                        synthetic(ui);
                    }
                });
                ui.label(format!("{} of {}", group.cases - group.missing, group.cases));
                for (key, ..) in RATES {
                    ui.label(cell(group, key, true));
                }
                ui.label(cell(group, "l_v", false));
                if let Some(row) = printed(look, group) {
                    let text: Vec<String> = row.0.iter().zip(&row.1.values).map(|(h, v)| format!("{h} {v}")).collect();
                    ui.label(RichText::new(text.join(", ")).small().color(tokens.weak))
                        .on_hover_text("As printed: real faces, the paper's own size");
                }
                ui.end_row();
            }
        });
    });
}

/// What tells a group apart: its variant and protocol, else the settings that vary.
pub fn title(group: &Group) -> String {
    let of = |key: &str| group.settings.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    if let Some(variant) = of("variant") {
        return [Some(variant), of("data.protocol")].into_iter().flatten().collect::<Vec<_>>().join(" on ");
    }
    let all: Vec<String> = group.settings.iter().map(|(k, v)| format!("{k} {v}")).collect();
    all.join(", ")
}

fn cell(group: &Group, key: &str, percent: bool) -> String {
    let spread = group.spreads.iter().find(|(k, _)| *k == key).and_then(|(_, s)| *s);
    match spread {
        None => "–".to_owned(),
        Some(s) if percent => spread_text(&s),
        Some(s) => format!("{:.4}", s.mean),
    }
}

/// The paper's row of this group's variant, under its protocol where the table has several, with the columns' heads.
fn printed(look: &SweepLook, group: &Group) -> Option<(&'static [String], &'static Row)> {
    let of = |key: &str| group.settings.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let (paper, table) = papers::table(look.table.as_deref()?).ok()?;
    let variant = of("variant")?;
    let fits = |row: &&Row| {
        let runs = paper.runnable(table, row).map(|r| r.protocols).unwrap_or_default();
        row.method == variant && of("data.protocol").is_none_or(|p| runs.as_slice() == [p.to_owned()])
    };
    Some((&table.heads, table.rows.iter().find(fits)?))
}
