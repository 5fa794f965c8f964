//! Which display the window opens on. A variable may name a Wayland compositor that is gone (tmux, ssh -X, a snap):
//! winit then looks no further, though X11 works. Asked before the window is opened.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use eframe::EventLoopBuilderHook;
use winit::platform::x11::EventLoopBuilderExtX11 as _;

/// What a variable says, unless it is empty.
fn set(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether the compositor that `WAYLAND_DISPLAY` names answers; `None` if the variable names none.
fn wayland() -> Option<bool> {
    let name = PathBuf::from(set("WAYLAND_DISPLAY")?);
    // An absolute name stays as it is; others are sockets in the user's runtime folder.
    let socket = PathBuf::from(set("XDG_RUNTIME_DIR").unwrap_or_default()).join(name);
    Some(UnixStream::connect(socket).is_ok())
}

/// Has the window open on X11 where Wayland is named but does not answer and `DISPLAY` is set.
pub fn x11_instead() -> Option<EventLoopBuilderHook> {
    if wayland() != Some(false) || set("DISPLAY").is_none() {
        return None;
    }
    tracing::warn!("WAYLAND_DISPLAY names a compositor that does not answer; the window opens on DISPLAY");
    Some(Box::new(|builder| {
        builder.with_x11();
    }))
}

/// Why there is no display, from what the variables say.
pub fn problem() -> String {
    let name = |name: &str| set(name).map(|value| format!("{name}={}", value.to_string_lossy()));
    let named: Vec<String> = ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().filter_map(name).collect();
    if named.is_empty() {
        "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned()
    } else {
        format!("there is no display: nothing answers at {}", named.join(" or "))
    }
}
