//! Everything that touches files or asks the system, on threads of its own, so that no frame ever waits. One thread does
//! sessions in order, one shows dialogs, one makes pictures, one opens data, one reads clips, one cuts faces, one looks for
//! sessions and one runs sweeps; answers come back over a bounded channel and wake the window.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::ablations::{SweepDone, SweepJob, do_sweep_job};
use super::data::{DataDone, DataJob, DataWorker, RootId};
use super::export::{ExportDone, ExportJob, do_export_job};
use super::faces::{Judged, judge};
use super::notes::Written;
use super::patterns::{MadeRow, PatternJob, PatternSheet};
use super::pixel::{PixelJob, PixelPoints};
use super::portal::Dialogs;
use super::run::{RunId, SessionReader, SessionUpdate};
use super::workspace::Workspace;
use crate::data::PICTURES;
use crate::data::builtin::gallery;
use crate::session::{MapSet, Row, Session};

/// What a folder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderFor {
    /// A session to open.
    Session,
    /// Faces to train on.
    Data,
    /// A list of clips to train on: a file.
    Manifest,
    /// A place for the next run.
    Out,
    /// A data set, or whatever else holds data.
    Root,
    /// A list of clips: a file.
    RootFile,
    /// The pictures of a root's lists.
    Pictures(RootId),
    /// A folder to look for sessions in.
    Shelf,
    /// A picture of a face: a file.
    Picture,
    /// A place for a figure or table: a file.
    ExportOut,
    /// A place for maps side by side: a file.
    PatternsOut,
    /// A place for a manifest: a file.
    ManifestOut(RootId),
}

impl FolderFor {
    fn title(self) -> &'static str {
        match self {
            Self::Session => "Open a session folder",
            Self::Shelf => "Folder with sessions",
            Self::Data => "Folder with live and spoof pictures",
            Self::Manifest | Self::RootFile => "List of clips (CSV)",
            Self::Out => "Empty folder for the run",
            Self::Root => "Folder with data",
            Self::Pictures(_) => "Folder with the pictures",
            Self::Picture => "Picture of a face",
            Self::ExportOut => "Where the figure or table goes",
            Self::PatternsOut => "Where the picture goes",
            Self::ManifestOut(_) => "Where the manifest goes",
        }
    }

    /// Asks the person.
    fn ask(self) -> Option<PathBuf> {
        let dialog = rfd::FileDialog::new().set_title(self.title());
        match self {
            Self::Manifest | Self::RootFile => dialog.add_filter("Lists of clips", &["csv", "tsv", "txt"]).pick_file(),
            Self::ManifestOut(_) => dialog.add_filter("Lists of clips", &["csv"]).save_file(),
            Self::Picture => dialog.add_filter("Pictures", &PICTURES).pick_file(),
            Self::ExportOut => dialog.save_file(),
            Self::PatternsOut => dialog.add_filter("Pictures", &["png"]).save_file(),
            _ => dialog.pick_folder(),
        }
    }
}

/// One thing to do.
#[derive(Debug, Clone)]
pub enum Job {
    /// Look what is new in a session folder.
    Poll {
        /// Whose folder.
        run: RunId,
        /// The folder.
        folder: PathBuf,
    },
    /// Read the maps of one iteration.
    Maps {
        /// Whose maps.
        run: RunId,
        /// The session folder.
        folder: PathBuf,
        /// Which iteration.
        iteration: u64,
    },
    /// Read all rows of a session.
    Rows {
        /// Whose rows.
        run: RunId,
        /// The session folder.
        folder: PathBuf,
    },
    /// Find a folder `parent/stem-N` that does not exist yet.
    FreeFolder {
        /// Where.
        parent: PathBuf,
        /// Its name's start.
        stem: String,
    },
    /// Look whether the sample session is there.
    FindSample(PathBuf),
    /// Make one picture of the gallery.
    Picture {
        /// Which table it belongs to.
        generation: u64,
        /// Which place in it.
        index: usize,
        /// Seed of the people.
        seed: u64,
        /// Side of the square it is cut from, in pixels.
        side: usize,
        /// What it shows.
        clip: Box<gallery::Clip>,
    },
    /// Ask the person for a folder or a file.
    Ask(FolderFor),
    /// Write the arrangement of the window.
    Keep(PathBuf, Box<Workspace>),
    /// Something to do with data.
    Data(Box<DataJob>),
    /// Read one pixel through all stored iterations.
    Pixel(PixelJob),
    /// Draw or write a figure or table.
    Export(Box<ExportJob>),
    /// Read the notes of a session.
    ReadNotes(PathBuf),
    /// Write them.
    WriteNotes(PathBuf, Written),
    /// Read the scored test part of a session.
    Judge(PathBuf),
    /// Something to do with a sweep.
    Sweep(Box<SweepJob>),
    /// Look for sessions below these folders.
    Shelf(Vec<PathBuf>),
    /// Make hand-made maps.
    Patterns(Box<PatternJob>),
    /// Write them side by side.
    PatternSheet(Box<PatternSheet>),
}

/// What became of it.
#[derive(Debug)]
pub enum Done {
    /// A session folder was read.
    Polled(RunId, Box<Result<SessionUpdate, String>>),
    /// Maps were read.
    Maps(RunId, u64, Result<Box<MapSet>, String>),
    /// Rows were read.
    Rows(RunId, Result<Vec<Row>, String>),
    /// A free folder was found.
    FreeFolder(PathBuf),
    /// The sample session, where there is one.
    Sample(Option<PathBuf>),
    /// A picture of the gallery was made.
    Picture(u64, usize, Result<Arc<gallery::Shown>, String>),
    /// The person chose a folder or a file, or none.
    Asked(FolderFor, Option<PathBuf>),
    /// No dialog can be shown: why, and what to do.
    NoDialog(&'static str),
    /// The arrangement was written, or why it was not.
    Kept(Option<String>),
    /// Something to do with data.
    Data(Box<DataDone>),
    /// One pixel was read through all stored iterations.
    Pixel(PixelJob, PixelPoints),
    /// A figure or table was drawn or written.
    Export(Box<ExportDone>),
    /// The notes of a session were read.
    NotesRead(PathBuf, Result<Written, String>),
    /// They were written.
    NotesKept(Result<(), String>),
    /// The scored test part of a session was read.
    Judged(PathBuf, Box<Result<Arc<Judged>, String>>),
    /// Something to do with a sweep.
    Sweep(Box<SweepDone>),
    /// Sessions were looked for.
    Shelf(crate::sweep::Found),
    /// Hand-made maps were made.
    Patterns(Vec<MadeRow>),
    /// They were written, or why not.
    PatternSheet(Result<PathBuf, String>),
}

type Waker = Arc<dyn Fn() + Send + Sync>;

struct Threads {
    files: Sender<Job>,
    dialogs: Sender<Job>,
    pictures: Sender<Job>,
    data: Sender<Job>,
    clips: Sender<Job>,
    faces: Sender<Job>,
    shelf: Sender<Job>,
    sweeps: Sender<Job>,
}

enum Runner {
    Threads(Threads),
    Inline { worker: Box<Mutex<Worker>>, answers: Sender<Done> },
}

/// Where jobs go and answers come from.
pub struct Jobs {
    runner: Runner,
    answers: Receiver<Done>,
}

/// How many jobs and answers may wait.
const WAITING: usize = 256;

impl Jobs {
    /// Starts the threads; `waker` is called after each answer.
    pub fn threads(waker: &Waker) -> std::io::Result<Self> {
        let (answers_in, answers) = bounded(WAITING);
        let start = |name: &str| {
            let (jobs_in, jobs) = bounded::<Job>(WAITING);
            let (answers, waker) = (answers_in.clone(), Arc::clone(waker));
            thread::Builder::new().name(name.to_owned()).spawn(move || {
                let mut worker = Worker::default();
                // What is told on the way may be lost; what ends a job may not.
                let (telling, wake) = (answers.clone(), Arc::clone(&waker));
                let tell = move |done: Done| {
                    if telling.try_send(done).is_ok() {
                        wake();
                    }
                };
                for job in jobs {
                    if answers.send(worker.run(job, &tell)).is_err() {
                        return;
                    }
                    waker();
                }
            })?;
            Ok::<_, std::io::Error>(jobs_in)
        };
        Ok(Self {
            runner: Runner::Threads(Threads {
                files: start("files")?,
                dialogs: start("dialogs")?,
                pictures: start("pictures")?,
                data: start("data")?,
                clips: start("clips")?,
                faces: start("faces")?,
                shelf: start("shelf")?,
                sweeps: start("sweeps")?,
            }),
            answers,
        })
    }

    /// Does every job at once, on the caller's thread: for tests, which must not depend on timing.
    pub fn inline() -> Self {
        let (answers_in, answers) = bounded(WAITING);
        Self { runner: Runner::Inline { worker: Box::default(), answers: answers_in }, answers }
    }

    /// Hands a job over; false if too many wait already.
    #[must_use]
    pub fn submit(&self, job: Job) -> bool {
        match &self.runner {
            Runner::Threads(threads) => {
                let to = match &job {
                    Job::Ask(_) => &threads.dialogs,
                    Job::Shelf(_) | Job::Pixel(_) => &threads.shelf,
                    Job::Sweep(job) => match **job {
                        SweepJob::Look { .. } => &threads.shelf,
                        SweepJob::Run { .. } => &threads.sweeps,
                    },
                    Job::Picture { .. } | Job::Patterns(_) | Job::PatternSheet(_) | Job::Export(_) => &threads.pictures,
                    Job::Data(job) => match **job {
                        DataJob::Look { .. } | DataJob::Face { .. } => &threads.clips,
                        DataJob::Pack { .. } => &threads.faces,
                        _ => &threads.data,
                    },
                    _ => &threads.files,
                };
                to.try_send(job).is_ok()
            }
            Runner::Inline { worker, answers } => {
                let Ok(mut worker) = worker.lock() else { return false };
                let done = match job {
                    Job::Ask(what) => Done::Asked(what, None),
                    job => worker.run(job, &|_| {}),
                };
                answers.try_send(done).is_ok()
            }
        }
    }

    /// The next answer, if there is one.
    pub fn answer(&self) -> Option<Done> {
        self.answers.try_recv().ok()
    }
}

#[derive(Debug, Default)]
struct Worker {
    readers: BTreeMap<RunId, SessionReader>,
    studio: Option<gallery::Studio>,
    data: DataWorker,
    shelf: crate::sweep::Shelf,
}

type Tell<'a> = &'a (dyn Fn(Done) + Sync);

impl Worker {
    /// Does `job`; `tell` is told how far it is meanwhile.
    fn run(&mut self, job: Job, tell: Tell<'_>) -> Done {
        match job {
            Job::Data(job) => Done::Data(Box::new(self.data.run(*job, &|done| tell(Done::Data(Box::new(done)))))),
            Job::Keep(file, workspace) => {
                let told =
                    |e: std::io::Error| format!("The arrangement of the window was not kept: {e}: {}", file.display());
                Done::Kept(workspace.write(&file).err().map(told))
            }
            Job::Poll { run, folder } => Done::Polled(run, Box::new(self.poll(run, &folder))),
            Job::Maps { run, folder, iteration } => {
                let maps = Session::open(&folder).and_then(|s| s.map_set(iteration));
                Done::Maps(run, iteration, maps.map(Box::new).map_err(|e| e.to_string()))
            }
            Job::Rows { run, folder } => {
                Done::Rows(run, Session::open(&folder).and_then(|s| s.rows()).map_err(|e| e.to_string()))
            }
            Job::FreeFolder { parent, stem } => Done::FreeFolder(free_folder(&parent, &stem)),
            Job::Picture { generation, index, seed, side, clip } => {
                Done::Picture(generation, index, self.picture(seed, side, &clip))
            }
            Job::Sweep(job) => Done::Sweep(Box::new(do_sweep_job(*job, &|done| tell(Done::Sweep(Box::new(done)))))),
            Job::Pixel(job) => {
                let points = job.run();
                Done::Pixel(job, points)
            }
            Job::Export(job) => Done::Export(Box::new(do_export_job(*job))),
            Job::ReadNotes(folder) => {
                let written = Written::read(&folder);
                Done::NotesRead(folder, written)
            }
            Job::WriteNotes(folder, written) => Done::NotesKept(written.write(&folder)),
            Job::Judge(folder) => {
                let judged = judge(&folder).map(Arc::new);
                Done::Judged(folder, Box::new(judged))
            }
            Job::Shelf(roots) => Done::Shelf(self.shelf.look(&roots)),
            Job::Patterns(job) => Done::Patterns(job.run()),
            Job::PatternSheet(sheet) => Done::PatternSheet(sheet.write()),
            Job::FindSample(path) => Done::Sample(Session::open(&path).is_ok().then_some(path)),
            Job::Ask(what) => match Dialogs::look().problem() {
                Some(problem) => Done::NoDialog(problem),
                // A portal that dies while its dialog is open looks like a dialog that was cancelled.
                None => match (what.ask(), Dialogs::look().problem()) {
                    (None, Some(problem)) => Done::NoDialog(problem),
                    (answer, _) => Done::Asked(what, answer),
                },
            },
        }
    }

    fn picture(&mut self, seed: u64, side: usize, clip: &gallery::Clip) -> Result<Arc<gallery::Shown>, String> {
        let studio = match &mut self.studio {
            Some(studio) => studio,
            none => none.insert(gallery::Studio::new().map_err(|e| e.to_string())?),
        };
        Ok(Arc::new(studio.show(seed, clip, side)))
    }

    fn poll(&mut self, run: RunId, folder: &Path) -> Result<SessionUpdate, String> {
        let reader = match self.readers.entry(run) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(SessionReader::open(folder).map_err(|e| e.to_string())?)
            }
        };
        reader.poll().map_err(|e| e.to_string())
    }
}

/// The first of `parent/stem-1`, `parent/stem-2`, … that does not exist.
fn free_folder(parent: &Path, stem: &str) -> PathBuf {
    let candidate = |n: u32| parent.join(format!("{stem}-{n}"));
    (1..u32::MAX).map(candidate).find(|p| !p.exists()).unwrap_or_else(|| candidate(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_free_folder_is_the_first_number_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("demo-1")).unwrap();
        std::fs::create_dir(dir.path().join("demo-3")).unwrap();
        assert_eq!(free_folder(dir.path(), "demo"), dir.path().join("demo-2"));
    }

    #[test]
    fn threads_answer_and_wake() {
        let (woken_in, woken) = bounded(8);
        let jobs = Jobs::threads(
            &(Arc::new(move || {
                woken_in.try_send(()).ok();
            }) as Waker),
        )
        .unwrap();
        assert!(jobs.submit(Job::Poll { run: RunId(1), folder: PathBuf::from("no/such/folder") }));
        woken.recv_timeout(Duration::from_secs(5)).unwrap();
        let Some(Done::Polled(RunId(1), answer)) = jobs.answer() else { panic!("no answer") };
        assert!(answer.unwrap_err().contains("no session folder"));
    }
}
