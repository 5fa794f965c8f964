//! Reads a session folder for the window, again and again: what is new since the last time. Runs on a job thread. The
//! folder may be written by another process meanwhile, so what is missing or torn is left for the next time.

use std::path::{Path, PathBuf};

use crate::config::RunConfig;
use crate::session::{Follower, Provenance, Row, Session, SessionError, Status, WatchedFaces};

/// What stands in run.toml.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The configuration.
    pub config: RunConfig,
    /// Where the numbers come from.
    pub provenance: Provenance,
}

/// What one look into a session folder found.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionUpdate {
    /// The folder.
    pub folder: PathBuf,
    /// run.toml, the first time.
    pub opened: Option<Opened>,
    /// The watched faces, once they are there.
    pub watched: Option<WatchedFaces>,
    /// Whether rows given earlier are void.
    pub restarted: bool,
    /// New rows.
    pub rows: Vec<Row>,
    /// status.json, where it can be read.
    pub status: Option<Status>,
    /// Seconds since the run's last sign of life; more than `STALE_SECS` wherever nobody writes the session.
    pub silent_secs: Option<u64>,
    /// Counted iterations that have maps.
    pub map_iterations: Vec<u64>,
    /// scores/results.json, where it is there.
    pub results: Option<serde_json::Value>,
}

/// One session folder and how far it was read.
#[derive(Debug)]
pub struct SessionReader {
    session: Session,
    follower: Follower,
    opened: bool,
    watched: bool,
}

impl SessionReader {
    /// Opens `folder`; a folder that is no session is a sentence.
    pub fn open(folder: &Path) -> Result<Self, SessionError> {
        let session = Session::open(folder)?;
        let follower = Follower::new(&session.metrics_file());
        Ok(Self { session, follower, opened: false, watched: false })
    }

    /// Looks for what is new.
    pub fn poll(&mut self) -> Result<SessionUpdate, SessionError> {
        let session = &self.session;
        if self.opened && !session.run_file().is_file() {
            return Err(SessionError::Gone(session.path().to_owned()));
        }
        let status = session.status().ok();
        let opened = if self.opened {
            None
        } else {
            Some(Opened { config: session.config()?, provenance: session.provenance()? })
        };
        let watched = if self.watched { None } else { session.watched().ok() };
        let rows = self.follower.poll()?;
        let results = std::fs::read(session.results_file()).ok().and_then(|b| serde_json::from_slice(&b).ok());
        self.opened = true;
        self.watched |= watched.is_some();
        Ok(SessionUpdate {
            folder: session.path().to_owned(),
            opened,
            watched,
            restarted: self.follower.restarted,
            rows,
            silent_secs: status.as_ref().map(|status| status.silent_secs(session.path())),
            status,
            map_iterations: session.map_iterations(),
            results,
        })
    }
}
