//! The window from outside: a private screen, eyes that read what the window tells of its controls, hands that move the
//! mouse and press keys, and a person who has both. What a person wants there is not known here (`jobs`).

mod eyes;
mod hands;
mod keys;
mod person;
mod screen;
mod smoke;

pub(crate) use eyes::{Control, named, saying, starting};
pub(crate) use person::Person;
pub(crate) use smoke::check;
