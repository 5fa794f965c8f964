//! Lets every binary and test find libtorch without `LD_LIBRARY_PATH`: the folder that torch-sys linked against becomes
//! an rpath. It knows nothing of how libtorch got there; `cargo xtask setup` does.

fn main() {
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    if let Some(folder) = std::env::var_os("DEP_TCH_LIBTORCH_LIB") {
        let folder = folder.to_string_lossy();
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
