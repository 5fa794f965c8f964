//! Compiles the small C++ file that gives Rust the few libtorch functions tch leaves out, and lets every binary and
//! test find libtorch without `LD_LIBRARY_PATH`: the folder that torch-sys linked against becomes an rpath. It knows
//! nothing of how libtorch got there; `cargo xtask setup` does.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    println!("cargo:rerun-if-env-changed=LIBTORCH_INCLUDE");
    println!("cargo:rerun-if-changed=src/nets/native/ops.cpp");
    let Some(lib) = env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from) else {
        println!("cargo:warning=torch-sys did not say where libtorch is; run `cargo xtask setup` first");
        return;
    };
    // The old kind of rpath: it also serves what libtorch's libraries load later by name alone (NVRTC's parts have no
    // rpath of their own); the new kind serves only what the executable itself names.
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{}", lib.display());
    let include =
        env::var_os("LIBTORCH_INCLUDE").map_or_else(|| lib.join("../include"), |p| PathBuf::from(p).join("include"));
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .opt_level(2)
        .warnings(false)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .define("_GLIBCXX_USE_CXX11_ABI", env::var("LIBTORCH_CXX11_ABI").as_deref().unwrap_or("1"))
        .file("src/nets/native/ops.cpp")
        .compile("metafas_native");
}
