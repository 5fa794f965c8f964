//! What a screen reader and a keyboard find: every control of every pane, page, dialog and menu has a name.

use std::collections::BTreeSet;
use std::path::PathBuf;

use eframe::egui::accesskit::{Action, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _, by};
use metafas::engine::Event;
use metafas::session::State;
use metafas::ui::{
    AblationCommand, AblationPage, CompareCommand, ComparePage, DataCommand, Dialog, FacesCommand, Page, Pane, Probe,
    ScorePlot, UiCommand,
};

use crate::script::{Bench, maps, phase, row};

fn send(bench: &mut Bench, command: UiCommand) {
    bench.harness.state().send(command);
    bench.settle();
    bench.settle();
}

/// The controls that can be pressed, typed into or moved: role and name.
fn controls(bench: &Bench) -> Vec<(Role, String, eframe::egui::Rect)> {
    let pressed = by().recursive(true).predicate(|node| {
        let data = node.data();
        data.supports_action(Action::Click) || data.supports_action(Action::SetValue)
    });
    let all = bench.harness.query_all(pressed);
    // The toolkit's own have no names: bars belong to what they scroll, and where panes are dragged and parted (bars 28 high,
    // gaps 6 wide) the mouse alone is of use; layouts are chosen by name.
    let own = |n: &egui_kittest::Node<'_>| match n.accesskit_node().role() {
        Role::ScrollBar => true,
        // Without a place there is nothing to press: the row that a table's head stands in.
        _ if !n.rect().is_finite() => true,
        // An empty cell of a grid.
        Role::Label if n.rect().width() == 0.0 => true,
        Role::Unknown => {
            let size = n.rect().size();
            size.min_elem() < 6.5 || (size.y - 28.0).abs() < 0.5
        }
        _ => false,
    };
    let all = all.filter(|n| !own(n));
    // A text that can be marked and copied is named by its words, which AccessKit keeps as its value.
    let name = |n: &egui_kittest::Node<'_>| match n.accesskit_node().role() {
        Role::Label => n.accesskit_node().value().unwrap_or_default(),
        _ => n.accesskit_node().label().unwrap_or_default(),
    };
    all.map(|n| (n.accesskit_node().role(), name(&n), n.rect())).collect()
}

/// Notes the controls without a name that are seen now, and how many there are in all.
fn nameless(bench: &Bench, place: &str, found: &mut BTreeSet<String>) -> usize {
    let all = controls(bench);
    for (role, name, at) in &all {
        if name.trim().is_empty() {
            found.insert(format!("{place}: {role:?} at {at:?}"));
        }
    }
    all.len()
}

#[test]
fn every_control_has_a_name() {
    let mut found = BTreeSet::new();
    let mut bench = Bench::new();
    assert!(nameless(&bench, "welcome", &mut found) > 30);
    for pane in [Pane::Gallery, Pane::Data, Pane::Ablations, Pane::Compare, Pane::Patterns] {
        send(&mut bench, UiCommand::Focus(pane));
        assert!(nameless(&bench, &format!("{} without a run", pane.title()), &mut found) > 10);
    }
    let demo = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sessions/demo");
    let mut bench = Bench::with(|_| vec![demo.clone()]);
    for pane in Pane::ALL {
        send(&mut bench, UiCommand::Focus(pane));
        nameless(&bench, pane.title(), &mut found);
        send(&mut bench, UiCommand::Fill(Some(pane)));
        nameless(&bench, &format!("{} filling the window", pane.title()), &mut found);
        send(&mut bench, UiCommand::Fill(None));
    }
    send(&mut bench, UiCommand::Focus(Pane::Faces));
    send(&mut bench, UiCommand::Faces(FacesCommand::Pick(Some(0))));
    for plot in ScorePlot::ALL {
        send(&mut bench, UiCommand::Faces(FacesCommand::Plot(plot)));
        nameless(&bench, plot.title(), &mut found);
    }
    send(&mut bench, UiCommand::Focus(Pane::Compare));
    send(&mut bench, UiCommand::Compare(CompareCommand::Pick(demo, true)));
    for page in ComparePage::ALL {
        send(&mut bench, UiCommand::Compare(CompareCommand::Turn(page)));
        nameless(&bench, &format!("Compare, {}", page.title()), &mut found);
    }
    for sweep in ["mt_fas_table6", "mt_fas_fig7"] {
        send(&mut bench, UiCommand::Ablations(AblationCommand::Choose(sweep.to_owned())));
        for page in AblationPage::ALL {
            send(&mut bench, UiCommand::Focus(Pane::Ablations));
            send(&mut bench, UiCommand::Ablations(AblationCommand::Turn(page)));
            nameless(&bench, &format!("{sweep}, {}", page.title()), &mut found);
        }
    }
    send(&mut bench, UiCommand::Focus(Pane::Data));
    for page in [Page::Overview, Page::Clips, Page::Protocol] {
        send(&mut bench, UiCommand::Data(DataCommand::Turn(page)));
        nameless(&bench, &format!("Data, {page:?}"), &mut found);
    }
    send(&mut bench, UiCommand::Focus(Pane::Live));
    send(
        &mut bench,
        UiCommand::Point { probe: Some(Probe { face: 0, row: 1, column: 1 }), pin: true, from: Pane::Live },
    );
    send(&mut bench, UiCommand::ShowPixel(true));
    nameless(&bench, "a kept pixel", &mut found);
    for menu in ["File", "Edit", "View", "Help"] {
        bench.harness.get_by_label(menu).click();
        bench.settle();
        nameless(&bench, menu, &mut found);
        bench.harness.key_press(eframe::egui::Key::Escape);
        bench.settle();
    }

    let mut bench = Bench::paused_in_bilevel(5);
    bench.script(|s| {
        s.tell(Event::Maps(maps(305)));
        s.tell(Event::Metrics(row(305, f64::NAN)));
        s.tell(phase(305, 6, Some(5)));
        s.tell(Event::State(State::Paused));
    });
    for pane in [Pane::Step, Pane::Run, Pane::Curves, Pane::Log] {
        send(&mut bench, UiCommand::Focus(pane));
        nameless(&bench, &format!("{} of a run under way", pane.title()), &mut found);
    }
    send(&mut bench, UiCommand::EditNext(true));
    nameless(&bench, "the next run", &mut found);
    for dialog in [
        Dialog::RunTo(310),
        Dialog::RewindTo(300),
        Dialog::OpenPath(String::new()),
        Dialog::About,
        Dialog::Shortcuts,
        Dialog::Quit,
        Dialog::Palette(String::new(), 0),
        Dialog::NameScene(String::new()),
    ] {
        send(&mut bench, UiCommand::Show(dialog.clone()));
        nameless(&bench, &format!("{dialog:?}"), &mut found);
        send(&mut bench, UiCommand::CloseDialog);
    }
    send(&mut bench, UiCommand::Tour(true));
    nameless(&bench, "the tour", &mut found);
    assert!(found.is_empty(), "without a name:\n{}", found.into_iter().collect::<Vec<_>>().join("\n"));
}
