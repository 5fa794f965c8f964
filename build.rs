//! Lets every binary, test, bench and example find libtorch without `LD_LIBRARY_PATH`: the folder that torch-sys linked
//! against becomes an rpath. It knows nothing of how libtorch got there; `cargo xtask setup` does.
//!
//! The old kind of rpath, because it also serves what libtorch's libraries load later on by name alone (NVRTC's parts
//! have no rpath of their own); the new kind serves only what the executable itself names.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if let Some(folder) = std::env::var_os("DEP_TCH_LIBTORCH_LIB") {
        let folder = folder.to_string_lossy();
        println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{folder}");
    } else {
        println!("cargo:warning=torch-sys did not say where libtorch is; the program may not find it when it starts");
    }
}
