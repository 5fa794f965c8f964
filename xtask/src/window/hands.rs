//! A mouse and a keyboard for one private screen, through the server's XTEST extension: to the program they are events
//! like any other.

use super::keys::{Keymap, Stroke};
use super::screen::SIZE;
use anyhow::{Context, Result};
use std::io::IoSlice;
use std::thread::sleep;
use std::time::Duration;
use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::xproto::{AtomEnum, ConfigureWindowAux, ConnectionExt as _, InputFocus, MapState, Window};
use x11rb::rust_connection::RustConnection;

/// Between two things that a hand does: more than a frame of a quick program, so that it can answer as it would to a person.
const BEAT: Duration = Duration::from_millis(25);
/// Stops on the way from one place to another.
const STOPS: i32 = 6;

/// What XTEST is asked to play, by the numbers of X's own events.
#[derive(Clone, Copy)]
enum Act {
    KeyDown = 2,
    KeyUp = 3,
    ButtonDown = 4,
    ButtonUp = 5,
    Move = 6,
}

/// The mouse's left button, and its wheel to either side.
const LEFT: u8 = 1;
const WHEEL_UP: u8 = 4;
const WHEEL_DOWN: u8 = 5;

/// A pointer and keys.
pub(super) struct Hands {
    server: RustConnection,
    root: Window,
    /// The number under which the server knows XTEST.
    xtest: u8,
    keymap: Keymap,
    at: (i32, i32),
}

impl Hands {
    /// Hands for the screen that DISPLAY calls `display`.
    pub(super) fn on(display: &str) -> Result<Self> {
        let (server, screen) =
            x11rb::connect(Some(display)).with_context(|| format!("the screen {display} cannot be reached"))?;
        let setup = server.setup();
        let root = setup.roots.get(screen).context("the private screen has no root window")?.root;
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let xtest = server.extension_information("XTEST")?.context("the private screen has no XTEST")?.major_opcode;
        let map = server.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let keymap = Keymap { first, width: map.keysyms_per_keycode.into(), keysyms: map.keysyms };
        Ok(Self { server, root, xtest, keymap, at: (0, 0) })
    }

    /// Takes the window of the class `metafas` into hand, if there is one by now: it gets the whole screen and the keys, which
    /// no window manager is there to give it.
    pub(super) fn take(&self) -> Result<bool> {
        for window in self.server.query_tree(self.root)?.reply()?.children {
            // A window that goes away in between is none of ours.
            let Ok(class) =
                self.server.get_property(false, window, AtomEnum::WM_CLASS, AtomEnum::STRING, 0, 64)?.reply()
            else {
                continue;
            };
            let Ok(state) = self.server.get_window_attributes(window)?.reply() else { continue };
            let ours = class.value.split(|&byte| byte == 0).any(|part| part == b"metafas");
            if ours && state.map_state == MapState::VIEWABLE {
                let whole = ConfigureWindowAux::new().x(0).y(0).width(u32::from(SIZE.0)).height(u32::from(SIZE.1));
                self.server.configure_window(window, &whole)?.check()?;
                self.server.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?.check()?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Moves the pointer to a place of the screen.
    pub(super) fn point(&mut self, to: (i32, i32)) -> Result<()> {
        let from = self.at;
        for stop in 1..=STOPS {
            let part = |a: i32, b: i32| a + (b - a) * stop / STOPS;
            self.at = (part(from.0, to.0), part(from.1, to.1));
            self.act(Act::Move, 0)?;
            sleep(BEAT / 2);
        }
        self.rest()
    }

    /// Presses the left button there.
    pub(super) fn click(&mut self, at: (i32, i32)) -> Result<()> {
        self.point(at)?;
        self.act(Act::ButtonDown, LEFT)?;
        sleep(BEAT);
        self.act(Act::ButtonUp, LEFT)?;
        self.rest()
    }

    /// Takes hold at one place and lets go at another.
    pub(super) fn drag(&mut self, from: (i32, i32), to: (i32, i32)) -> Result<()> {
        self.point(from)?;
        self.act(Act::ButtonDown, LEFT)?;
        sleep(BEAT);
        self.point(to)?;
        self.act(Act::ButtonUp, LEFT)?;
        self.rest()
    }

    /// Turns the wheel where the pointer is.
    pub(super) fn wheel(&mut self, down: bool) -> Result<()> {
        let button = if down { WHEEL_DOWN } else { WHEEL_UP };
        self.act(Act::ButtonDown, button)?;
        self.act(Act::ButtonUp, button)?;
        self.rest()
    }

    /// Presses keys together, as "Ctrl+P".
    pub(super) fn press(&mut self, chord: &str) -> Result<()> {
        let keys = self.keymap.chord(chord)?;
        for &key in &keys {
            self.act(Act::KeyDown, key)?;
            sleep(BEAT / 2);
        }
        for &key in keys.iter().rev() {
            self.act(Act::KeyUp, key)?;
        }
        self.rest()
    }

    /// Types a text.
    pub(super) fn write(&mut self, text: &str) -> Result<()> {
        let shift_key = self.keymap.chord("Shift")?;
        for sign in text.chars() {
            let Stroke { key, shift } = self.keymap.typing(sign)?;
            let held = if shift { shift_key.as_slice() } else { &[] };
            for &key in held {
                self.act(Act::KeyDown, key)?;
            }
            self.act(Act::KeyDown, key)?;
            self.act(Act::KeyUp, key)?;
            for &key in held {
                self.act(Act::KeyUp, key)?;
            }
            sleep(BEAT / 2);
        }
        self.rest()
    }

    fn rest(&self) -> Result<()> {
        self.server.flush()?;
        sleep(BEAT);
        Ok(())
    }

    /// XTEST's FakeInput, at once and at the pointer's place. Written by hand, since one more feature of x11rb would have
    /// winit, which shares it, compiled a second time.
    fn act(&self, act: Act, detail: u8) -> Result<()> {
        let mut request = [0_u8; 36];
        request[..2].copy_from_slice(&[self.xtest, 2]);
        request[2..4].copy_from_slice(&9_u16.to_ne_bytes());
        request[4..6].copy_from_slice(&[act as u8, detail]);
        if matches!(act, Act::Move) {
            request[12..16].copy_from_slice(&self.root.to_ne_bytes());
            request[24..26].copy_from_slice(&(self.at.0 as i16).to_ne_bytes());
            request[26..28].copy_from_slice(&(self.at.1 as i16).to_ne_bytes());
        }
        self.server.send_request_without_reply(&[IoSlice::new(&request)], vec![])?.check()?;
        Ok(())
    }
}
