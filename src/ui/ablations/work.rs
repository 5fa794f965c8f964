//! What the window does with sweeps, on threads of its own: looking how far one is and what it came to, and running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::config::Preset;
use crate::eval::Spread;
use crate::papers::{self, FigureValue};
use crate::session::{MapSet, Session, WatchedFaces};
use crate::sweep::{
    Adjust, CaseState, Collected, Group, PoolOptions, PoolProgress, PoolReport, SweepError, SweepFolder, SweepSpec,
    ahead, collect, find_spec, group, run_pool,
};

/// The setting that gives a curve or a group of bars of its own.
pub const PROTOCOL: &str = "data.protocol";

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseLine {
    /// What differs from the other runs.
    pub title: String,
    /// Where it stands.
    pub state: CaseState,
    /// Why it failed, or what else is to be known of it.
    pub note: String,
    /// Its session.
    pub session: PathBuf,
}

/// Maps of the run of a variant that was finished first in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantMaps {
    /// The variant, or what else tells it apart.
    pub title: String,
    /// The session.
    pub folder: PathBuf,
    /// Its watched faces.
    pub watched: Arc<WatchedFaces>,
    /// Their newest maps.
    pub maps: Arc<MapSet>,
}

/// One point of a curve over the setting that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePoint {
    /// The setting's value.
    pub x: f64,
    /// Its rates by key of results.json.
    pub spreads: Vec<(&'static str, Option<Spread>)>,
}

/// Rates over the one number that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The setting.
    pub key: String,
    /// A line a protocol, with its name where there are several; points in order.
    pub lines: Vec<(String, Vec<CurvePoint>)>,
}

/// What is known of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepLook {
    /// Its name.
    pub name: String,
    /// A sentence for people.
    pub about: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it lies there already; else what it would be.
    pub planned: bool,
    /// Its preset.
    pub preset: String,
    /// How many seeds every row is run with.
    pub seeds: u32,
    /// Its runs.
    pub cases: Vec<CaseLine>,
    /// Runs put together over seeds and folds, without numbers before one is finished.
    pub groups: Vec<Group>,
    /// Maps of each variant.
    pub maps: Vec<VariantMaps>,
    /// The curve over the one numeric setting that varies besides protocol and seed.
    pub curve: Option<Curve>,
    /// What the paper's text gives of the figure that the sweep is.
    pub figure: Vec<&'static FigureValue>,
    /// The paper's table that the sweep is, as `mt_fas/6`.
    pub table: Option<String>,
}

impl SweepLook {
    /// How many runs are in `state`.
    pub fn count(&self, state: CaseState) -> usize {
        self.cases.iter().filter(|c| c.state == state).count()
    }
}

/// Something to do with a sweep.
#[derive(Debug, Clone)]
pub enum SweepJob {
    /// How far is it, and what did it come to?
    Look {
        /// The built-in sweep.
        name: String,
        /// Where it lies, if it does.
        folder: PathBuf,
        /// At which size it would be planned.
        preset: Preset,
        /// With how many seeds, where not with its own.
        seeds: Option<u32>,
        /// What was known before: maps of runs that are still finished are not read again.
        before: Option<Arc<SweepLook>>,
    },
    /// Plan it if it is not, and do all its runs.
    Run {
        /// The built-in sweep.
        name: String,
        /// Where it lies, or shall lie.
        folder: PathBuf,
        /// At which size it is planned.
        preset: Preset,
        /// With how many seeds, where not with its own.
        seeds: Option<u32>,
        /// The program that does a run: this one.
        program: PathBuf,
        /// How many at a time.
        jobs: usize,
        /// Set to stop.
        stop: Arc<AtomicBool>,
    },
}

/// What became of it.
#[derive(Debug)]
pub enum SweepDone {
    /// It was looked at.
    Looked(Result<Arc<SweepLook>, String>),
    /// How far it is.
    Told(PoolProgress),
    /// It ended.
    Ended(Result<PoolReport, String>),
}

/// Does `job`; `tell` hears how far it is meanwhile.
pub fn do_sweep_job(job: SweepJob, tell: &dyn Fn(SweepDone)) -> SweepDone {
    match job {
        SweepJob::Look { name, folder, preset, seeds, before } => {
            let look = look(&name, &folder, (preset, seeds), before.as_deref());
            SweepDone::Looked(look.map(Arc::new).map_err(|e| e.to_string()))
        }
        SweepJob::Run { name, folder, preset, seeds, program, jobs, stop } => {
            let run = || -> Result<PoolReport, SweepError> {
                let sweep = if folder.join("sweep.toml").is_file() {
                    SweepFolder::open(&folder)?
                } else {
                    SweepFolder::plan(&folder, &spec_of(&name, preset, seeds)?, &name)?.0
                };
                let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
                let threads = sweep.threads(None, (cores / jobs).max(1))?;
                let options = PoolOptions { program, jobs, threads, retry: true };
                run_pool(&sweep, &options, &stop, &mut |progress| tell(SweepDone::Told(*progress)))
            };
            SweepDone::Ended(run().map_err(|e| e.to_string()))
        }
    }
}

/// The built-in sweep `name`, with its own seeds or as many.
fn spec_of(name: &str, preset: Preset, seeds: Option<u32>) -> Result<SweepSpec, SweepError> {
    let mut spec = find_spec(name, preset)?;
    Adjust { seeds, ..Adjust::default() }.apply(&mut spec)?;
    Ok(spec)
}

/// How many seeds every row of `spec` is run with.
fn seeds_of(spec: &SweepSpec) -> u32 {
    let list = spec.grid.get("seed").and_then(|seeds| seeds.as_array());
    list.map_or(1, |seeds| u32::try_from(seeds.len()).unwrap_or(u32::MAX))
}

fn look(
    name: &str,
    folder: &Path,
    (preset, seeds): (Preset, Option<u32>),
    before: Option<&SweepLook>,
) -> Result<SweepLook, SweepError> {
    let planned = folder.join("sweep.toml").is_file();
    let table = table_of(name);
    let figure = figure_of(name);
    if !planned {
        let spec = spec_of(name, preset, seeds)?;
        let cases = crate::sweep::expand(&spec, name)?;
        let ahead = ahead(&spec, &cases)?;
        let line = |case: &crate::sweep::Case| CaseLine {
            title: case.title.clone(),
            state: CaseState::Planned,
            note: String::new(),
            session: folder.join(&case.folder),
        };
        return Ok(SweepLook {
            name: name.to_owned(),
            seeds: seeds_of(&spec),
            about: spec.about,
            folder: folder.to_owned(),
            planned,
            preset: spec.preset,
            cases: cases.iter().map(line).collect(),
            groups: group(&ahead),
            maps: vec![],
            curve: curve_of(&ahead),
            figure,
            table,
        });
    }
    let sweep = SweepFolder::open(folder)?;
    let collected = collect(&sweep)?;
    let line = |f: &crate::sweep::Finding| CaseLine {
        title: f.case.title.clone(),
        state: f.state,
        note: f.note.clone(),
        session: sweep.session_path(&f.case),
    };
    Ok(SweepLook {
        name: name.to_owned(),
        about: sweep.spec.about.clone(),
        folder: folder.to_owned(),
        planned,
        preset: sweep.spec.preset.clone(),
        seeds: seeds_of(&sweep.spec),
        cases: collected.findings.iter().map(line).collect(),
        groups: group(&collected),
        maps: maps_of(&sweep, &collected, before),
        curve: curve_of(&collected),
        figure,
        table,
    })
}

/// The newest maps of one finished run of every variant: of the first in the list.
fn maps_of(sweep: &SweepFolder, collected: &Collected, before: Option<&SweepLook>) -> Vec<VariantMaps> {
    let over: Vec<usize> =
        (0..collected.varying.len()).filter(|&i| !collected.average.contains(&collected.varying[i])).collect();
    // Settings that a variant sets are told by its name.
    let told: Vec<usize> = match collected.varying.iter().position(|k| k == "variant") {
        Some(variant) => {
            over.iter().copied().filter(|&i| i == variant || collected.varying[i] == "data.protocol").collect()
        }
        None => over,
    };
    let mut first: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    let mut order = vec![];
    for (at, finding) in collected.findings.iter().enumerate().filter(|(_, f)| f.state == CaseState::Finished) {
        let key: Vec<&str> = told.iter().map(|&i| finding.settings[i].as_str()).collect();
        if first.insert(key.clone(), at).is_none() {
            order.push((key, at));
        } else if let Some((_, kept)) = order.iter().find(|(k, _)| *k == key) {
            first.insert(key, *kept);
        }
    }
    let read = |(key, at): &(Vec<&str>, usize)| {
        let folder = sweep.session_path(&collected.findings[*at].case);
        let title = key.join(", ");
        if let Some(known) = before.and_then(|b| b.maps.iter().find(|m| m.folder == folder && m.title == title)) {
            return Some(known.clone());
        }
        let session = Session::open(&folder).ok()?;
        let watched = Arc::new(session.watched().ok()?);
        let maps = Arc::new(session.map_set(*session.map_iterations().last()?).ok()?);
        Some(VariantMaps { title, folder, watched, maps })
    };
    order.iter().filter_map(read).collect()
}

/// The points over the one setting that varies besides the protocol and those that are averaged over, where it is a number.
fn curve_of(collected: &Collected) -> Option<Curve> {
    let mut free = collected.varying.iter().filter(|k| !collected.average.contains(k) && *k != PROTOCOL);
    let key = free.next().filter(|_| free.next().is_none())?;
    let at = collected.varying.iter().position(|k| k == key)?;
    collected.findings.iter().try_for_each(|f| f.settings[at].parse::<f64>().ok().map(|_| ()))?;
    let over = collected.average.first()?;
    let mut lines: Vec<(String, Vec<CurvePoint>)> = vec![];
    for group in group(collected).into_iter().filter(|g| g.over == *over) {
        let of = |key: &str| group.settings.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        let x = of(key)?.parse().ok()?;
        let protocol = of(PROTOCOL).unwrap_or_default().to_owned();
        let point = CurvePoint { x, spreads: group.spreads };
        match lines.iter_mut().find(|(name, _)| *name == protocol) {
            Some((_, points)) => points.push(point),
            None => lines.push((protocol, vec![point])),
        }
    }
    for (_, points) in &mut lines {
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    Some(Curve { key: key.clone(), lines })
}

/// The paper's table that a built-in sweep is.
fn table_of(name: &str) -> Option<String> {
    let (paper, number) = name.rsplit_once("_table")?;
    let (paper, roman) = match paper {
        "mt_fas" => ("mt_fas", false),
        "rf" => ("rfmetafas", false),
        "mp" => ("meta_pattern", true),
        _ => return None,
    };
    let number = match (roman, number) {
        (true, "1") => "I",
        (true, "2") => "II",
        (true, "3") => "III",
        (true, "4") => "IV",
        (_, number) => number,
    };
    let name = format!("{paper}/{number}");
    papers::table(&name).is_ok().then_some(name)
}

/// What the papers' text gives of the figure that a built-in sweep is.
fn figure_of(name: &str) -> Vec<&'static FigureValue> {
    let Some((paper, number)) = name.rsplit_once("_fig") else { return vec![] };
    let key = match paper {
        "rf" => "rfmetafas",
        "mp" => "meta_pattern",
        other => other,
    };
    let of = papers::papers().iter().filter(|p| p.key == key).flat_map(|p| &p.figure_values);
    of.filter(|v| v.figure == number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_that_is_not_planned_yet_says_what_it_would_be() {
        let dir = tempfile::tempdir().unwrap();
        let look = look("mt_fas_fig7", &dir.path().join("none"), (Preset::Demo, None), None).unwrap();
        assert_eq!((look.planned, look.cases.len(), look.count(CaseState::Planned)), (false, 35, 35));
        assert_eq!(look.figure.len(), 2, "the text gives two points of Fig. 7");
        assert!(look.groups.iter().all(|g| g.missing == g.cases) && look.groups.len() == 7);
        let ahead = look.curve.unwrap();
        assert!(ahead.lines.iter().flat_map(|l| &l.1).all(|p| p.spreads.iter().all(|(_, s)| s.is_none())));
        assert!(!dir.path().join("none").exists());
        let fewer = super::look("mt_fas_fig7", &dir.path().join("none"), (Preset::Demo, Some(2)), None).unwrap();
        assert_eq!((look.seeds, fewer.seeds, fewer.cases.len()), (5, 2, 14));
        let tables = ["mt_fas_table6", "rf_table3", "mp_table1", "mp_fig6"].map(table_of);
        assert_eq!(tables.map(Option::unwrap_or_default), ["mt_fas/6", "rfmetafas/3", "meta_pattern/I", ""]);
        assert!(super::look("nonsense", dir.path(), (Preset::Demo, None), None).is_err());
    }

    #[test]
    fn a_planned_sweep_has_a_curve_over_its_setting_and_no_points_before_runs_are_done() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("fig7");
        let spec = find_spec("mt_fas_fig7", Preset::Demo).unwrap();
        SweepFolder::plan(&folder, &spec, "test").unwrap();
        let look = look("mt_fas_fig7", &folder, (Preset::Demo, Some(9)), None).unwrap();
        assert_eq!(look.seeds, 5, "what is planned stays as it is");
        let Curve { key, lines } = look.curve.unwrap();
        let points = &lines[0].1;
        assert_eq!((key.as_str(), lines.len(), points.len()), ("bilevel.gamma", 1, 7));
        assert!(points.iter().all(|p| p.spreads.iter().all(|(_, s)| s.is_none())));
        assert!(points.windows(2).all(|w| w[0].x < w[1].x) && look.maps.is_empty());

        // Under several protocols there is a line each.
        let folder = dir.path().join("fig9");
        SweepFolder::plan(&folder, &find_spec("mp_fig9", Preset::Demo).unwrap(), "test").unwrap();
        let look = super::look("mp_fig9", &folder, (Preset::Demo, None), None).unwrap();
        let curve = look.curve.unwrap();
        assert_eq!((curve.key.as_str(), curve.lines.len()), ("meta_pattern.k", 4));
        let xs = |line: &(String, Vec<CurvePoint>)| line.1.iter().map(|p| p.x).collect::<Vec<_>>();
        assert!(curve.lines.iter().all(|l| xs(l) == [1.0, 2.0, 4.0, 8.0]));
    }
}
