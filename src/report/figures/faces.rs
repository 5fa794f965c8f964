//! Faces that were classified rightly and wrongly, with their maps (MT-FAS Fig. 11): those of the scored test part where the
//! session keeps them, else its watched faces. The decision is that on the presentation a face belongs to; of each outcome
//! the faces furthest from the threshold are shown, as many as fit.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::maps::{LIMITS, map_bar, moment};
use super::{Drawn, chosen, species};
use crate::eval::{Level, Polarity, Score};
use crate::report::figure::{Figure, GridRow, ImageGrid, Panel, Raster};
use crate::report::runs::{Run, rule_of, score_notes};
use crate::report::scores::Scored;
use crate::report::{FaceChoice, FigureRequest, Outcome, ReportError};
use crate::session::{MapKind, MapSet, WatchedFace, WatchedFaces};

/// Least width of a face.
const LEAST: f64 = 33.0;
/// Width from which on figures have two columns.
const WIDE: f64 = 400.0;

/// What can become of a face: whether it is live, whether it was accepted as live, and what that is called.
const OUTCOMES: [(bool, bool, &str); 4] = [
    (true, true, "Live, accepted"),
    (false, false, "Spoof, rejected"),
    (true, false, "Live, rejected (counts in BPCER)"),
    (false, true, "Spoof, accepted (counts in APCER)"),
];

/// The faces that the session holds, with their maps.
struct Held {
    faces: WatchedFaces,
    maps: MapSet,
    /// Whether they are those of the scored test part, whose keys are clips; else the watched ones.
    scored: bool,
}

impl Held {
    fn of(request: &FigureRequest, run: &Run) -> Result<Self, ReportError> {
        let files = [run.session.scored_faces_file(), run.session.scored_maps_file()];
        // Maps of another moment are those of the watched faces.
        if request.iteration.is_none() && files.iter().all(|f| f.is_file()) {
            return Ok(Self { faces: WatchedFaces::read(&files[0])?, maps: MapSet::read(&files[1])?, scored: true });
        }
        Ok(Self { faces: run.watched()?, maps: run.maps(request.iteration)?, scored: false })
    }

    /// The score of the presentation that each face belongs to, live-high, by the face's key.
    fn scores<'a>(&self, scored: &'a Scored) -> HashMap<&'a str, f64> {
        let mut by_clip: HashMap<&str, f64> = HashMap::new();
        for score in &scored.presentations.scores {
            by_clip.entry(&score.test_label).or_insert(score.score);
        }
        if self.scored {
            return by_clip;
        }
        let of_frame = |s: &'a Score| match scored.level {
            Level::Video => Some((s.frame.as_str(), *by_clip.get(s.test_label.as_str())?)),
            Level::Frame => Some((s.frame.as_str(), s.score)),
        };
        scored.frames.scores.iter().filter_map(of_frame).collect()
    }
}

/// Whether a face with this live-high score is among those that are asked for.
fn passes(choice: &FaceChoice, scored: &Scored, face: &WatchedFace, score: f64) -> bool {
    let (live, accepted) = (face.label.value() == 0.0, score >= scored.threshold);
    let of = scored.presentations.scores.iter().find(|s| s.test_label == face.key);
    let subject = of.map_or("", |s| s.claimed_id.as_str());
    let said = format!("{} {subject} {}", face.key, face.species).to_lowercase();
    let high_spoof = Polarity::SpoofHigh.to_live_high(score);
    choice.outcome.is_none_or(|o| o == Outcome::of(live, accepted))
        && (!choice.flipped || accepted != (score >= scored.own_threshold))
        && choice.words.split_whitespace().all(|word| said.contains(&word.to_lowercase()))
        && choice.scores.is_none_or(|(low, high)| high_spoof >= low && high_spoof <= high)
}

/// The filter as a reader of the figure is told.
fn filter_words(choice: &FaceChoice) -> Option<String> {
    let outcome = choice.outcome.and_then(|o| OUTCOMES.iter().find(|(live, yes, _)| Outcome::of(*live, *yes) == o));
    let mut words: Vec<String> = outcome.map(|(.., name)| name.to_lowercase()).into_iter().collect();
    words.extend(choice.flipped.then(|| "judged otherwise than at the run's threshold".to_owned()));
    let said = choice.words.trim();
    words.extend((!said.is_empty()).then(|| format!("with the words '{said}'")));
    words.extend(choice.scores.map(|(low, high)| format!("scores from {low:.4} to {high:.4}")));
    (!words.is_empty()).then(|| words.join(", "))
}

fn filter_facts(choice: &FaceChoice) -> Value {
    json!({
        "outcome": choice.outcome.map(Outcome::name),
        "flipped": choice.flipped,
        "words": choice.words.trim(),
        "scores": choice.scores.map(|(low, high)| [low, high]),
    })
}

pub(super) fn build(request: &FigureRequest, run: &Run) -> Result<Drawn, ReportError> {
    let scored = Scored::at(run, request.choice.threshold)?;
    let held = Held::of(request, run)?;
    let (faces, set) = (&held.faces, &held.maps);
    let scores = held.scores(&scored);
    let known: Vec<(usize, f64)> = chosen(request, faces)?
        .into_iter()
        .filter_map(|i| Some((i, *scores.get(faces.faces[i].key.as_str())?)))
        .collect();
    let kept = known.len();
    let known: Vec<(usize, f64)> =
        known.into_iter().filter(|&(i, score)| passes(&request.choice, &scored, &faces.faces[i], score)).collect();
    if kept > 0 && known.is_empty() {
        return Err(ReportError::wrong("no face passes the filter at this threshold; take a condition away"));
    }
    if known.is_empty() {
        let what =
            "none of the faces that the session keeps has a score on the test part; score it with `metafas evaluate`";
        return Err(ReportError::lacks(&run.path, what));
    }
    let has = |kind: MapKind| set.samples.iter().any(|s| s.get(kind).is_some());
    // The paper's are stretched to 0 to 1 as the detector learns them; runs of earlier versions keep the teacher's
    // own alone.
    let teacher = if has(MapKind::Target) { MapKind::Target } else { MapKind::Teacher };
    let kinds: Vec<MapKind> = [teacher, MapKind::Detector].into_iter().filter(|k| has(*k)).collect();
    let scale = map_bar(request).scale;
    let width = request.width.points();
    // On wide pages right decisions stand on the left, wrong ones on the right.
    let sides = if width >= WIDE { 2 } else { 1 };
    let columns = ((width / f64::from(sides) - 50.0) / LEAST) as usize;
    let mut halves = [vec![], vec![]];
    let mut told = vec![];
    for (live, accepted, name) in OUTCOMES {
        let panels = &mut halves[usize::from(live != accepted)];
        let belongs = |&(i, score): &(usize, f64)| {
            (faces.faces[i].label.value() == 0.0, score >= scored.threshold) == (live, accepted)
        };
        let mut here: Vec<(usize, f64)> = known.iter().copied().filter(belongs).collect();
        let away = |score: f64| (score - scored.threshold).abs();
        here.sort_by(|a, b| away(b.1).total_cmp(&away(a.1)).then(a.0.cmp(&b.0)));
        let count = here.len();
        here.truncate(columns);
        let face = |&(i, score): &(usize, f64)| json!({ "key": faces.faces[i].key, "score": score });
        told.push(json!({ "outcome": name, "n": count, "faces": here.iter().map(face).collect::<Vec<_>>() }));
        if here.is_empty() {
            panels.push(Panel::Text(format!("{name}: none")));
            continue;
        }
        let some = if here.len() < count { format!(", shown {}", here.len()) } else { String::new() };
        panels.push(Panel::Text(format!("{name}: {count}{some}")));
        let photo = |&(i, _): &(usize, f64)| Some(Raster::photo(faces.size, faces.faces[i].rgb.clone()));
        let mut rows = vec![GridRow { label: "Face".to_owned(), cells: here.iter().map(photo).collect() }];
        for kind in &kinds {
            let map = |&(i, _): &(usize, f64)| Some(Raster::map(set.side, set.samples.get(i)?.get(*kind)?, &scale));
            let label = match kind {
                MapKind::Teacher => "Teacher",
                MapKind::Target => "Target",
                _ => "Detector",
            };
            rows.push(GridRow { label: label.to_owned(), cells: here.iter().map(map).collect() });
        }
        let mut heads: Vec<String> = here.iter().map(|&(i, _)| species(&faces.faces[i].species)).collect();
        // Grids of few faces have pictures of the same size as those of many.
        heads.resize(columns, String::new());
        panels.push(Panel::Grid(ImageGrid { heads, rows, split: false }));
    }
    let [right, wrong] = halves;
    let mut panels = if sides == 2 { vec![Panel::Columns(vec![right, wrong])] } else { [right, wrong].concat() };
    if !kinds.is_empty() {
        panels.push(Panel::Bars(vec![map_bar(request)]));
    }
    let (live, attacks) = scored.ranked.counts();
    let which = if held.scored {
        format!("Faces of {} of the {} presentations of the test part.", known.len(), live + attacks)
    } else {
        "Watched faces only: the session keeps no pictures of the others.".to_owned()
    };
    let (rule, level) = (rule_of(&scored.results), scored.level);
    let which = match filter_words(&request.choice) {
        Some(filter) => format!("{which} Of these only: {filter}."),
        None => which,
    };
    let mut notes = vec![
        which,
        format!("Decisions on {level}s at the threshold of {rule}; those furthest from it are shown. {}", moment(set)),
    ];
    notes.extend(score_notes(std::slice::from_ref(run), &[&scored.results]));
    let figure = Figure { width, title: "Faces classified rightly and wrongly".to_owned(), panels, notes };
    let mut facts = Map::new();
    facts.insert("iteration".to_owned(), json!(set.iteration));
    facts.insert("colormap".to_owned(), json!(request.colormap.name()));
    facts.insert("limits".to_owned(), json!({ "maps": [LIMITS.0, LIMITS.1] }));
    facts.insert("only_watched_faces".to_owned(), json!(!held.scored));
    facts.insert("outcomes".to_owned(), json!(told));
    facts.insert("n".to_owned(), json!(known.len()));
    facts.insert("threshold".to_owned(), scored.threshold_facts());
    if request.choice.is_filter() {
        facts.insert("filter".to_owned(), filter_facts(&request.choice));
    }
    Ok(Drawn { figure, facts, warnings: vec![] })
}
