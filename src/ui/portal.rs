//! Whether this machine has file dialogs. The dialog's library gives "nothing chosen" for a dialog that was cancelled and
//! for one that never came alike, so the desktop's portal is asked first, and once more where nothing was chosen.

use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;

/// How long the portal may take to start; one that is slower is called hanging.
const PATIENCE: Duration = Duration::from_secs(10);

/// What shows file dialogs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialogs {
    /// The desktop's portal answers.
    Portal,
    /// No portal; the program `zenity` is there, which the library uses then.
    Zenity,
    /// Neither.
    None,
    /// The portal neither answers nor fails.
    Hanging,
}

impl Dialogs {
    /// Looks; takes [`PATIENCE`] at most.
    pub fn look() -> Self {
        match portal() {
            Some(true) => Self::Portal,
            None => Self::Hanging,
            Some(false) if in_path("zenity") => Self::Zenity,
            Some(false) => Self::None,
        }
    }

    /// Why no file dialog can be shown, and what to do; `None` where one can.
    pub fn problem(self) -> Option<&'static str> {
        match self {
            Self::Portal | Self::Zenity => None,
            Self::None => Some("There is no file dialog on this machine; type the path instead"),
            Self::Hanging => Some("The desktop's file dialog does not answer; type the path instead"),
        }
    }
}

/// Whether the portal answers; `None` if it does neither answer nor fail.
fn portal() -> Option<bool> {
    let (answer_in, answer) = bounded(1);
    let asking = thread::Builder::new().name("portal".to_owned()).spawn(move || {
        // Nobody waits any more where the patience is over.
        answer_in.try_send(pollster::block_on(ping()).is_ok()).ok();
    });
    match asking {
        Ok(_) => answer.recv_timeout(PATIENCE).ok(),
        Err(_) => Some(false),
    }
}

/// Asks the portal for a sign of life; the session bus starts it where it does not run.
async fn ping() -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let portal = Some("org.freedesktop.portal.Desktop");
    let (path, peer) = ("/org/freedesktop/portal/desktop", Some("org.freedesktop.DBus.Peer"));
    bus.call_method(portal, path, peer, "Ping", &()).await.map(drop)
}

fn in_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}
