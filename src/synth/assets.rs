//! The embedded files of the built-in faces. Where they come from stands in `assets/LICENSES.md`.

/// The packed head model.
pub const HEAD_MODEL: &[u8] = include_bytes!("../../assets/head_model.bin");

/// The measured papers.
pub const PAPERS: &str = include_str!("../../assets/print_primaries.toml");

macro_rules! environments {
    ($($name:literal),*) => { [$(($name, include_bytes!(concat!("../../assets/hdri/", $name, ".exr")))),*] };
}

/// Environment maps, by name.
pub const ENVIRONMENTS: [(&str, &[u8]); 18] = environments![
    "apartment",
    "bridge",
    "city",
    "dawn",
    "esplanade",
    "forest",
    "hall",
    "lab",
    "lobby",
    "night",
    "park",
    "sky",
    "studio",
    "sunrise",
    "sunset",
    "venice",
    "warehouse",
    "workshop"
];
