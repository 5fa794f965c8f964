//! Compiles the small C++ file that gives Rust the few libtorch functions tch leaves out, and lets every binary and
//! test find libtorch without `LD_LIBRARY_PATH`: the folder that torch-sys linked against becomes an rpath. It knows
//! nothing of how libtorch got there; `cargo xtask setup` does.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    println!("cargo:rerun-if-env-changed=LIBTORCH_INCLUDE");
    println!("cargo:rerun-if-changed=src/nets/native");
    let Some(lib) = env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from) else {
        println!("cargo:warning=torch-sys did not say where libtorch is; run `cargo xtask setup` first");
        return;
    };
    // The old kind of rpath: it also serves what libtorch's libraries load later by name alone (NVRTC's parts have no
    // rpath of their own); the new kind serves only what the executable itself names.
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{}", lib.display());
    let include =
        env::var_os("LIBTORCH_INCLUDE").map_or_else(|| lib.join("../include"), |p| PathBuf::from(p).join("include"));
    let x86 = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64");
    let common = || {
        let mut build = cc::Build::new();
        build.cpp(true).std("c++17").warnings(false).flag_if_supported("-Wno-psabi");
        if x86 {
            build.define("MF_X86", None);
        }
        build
    };
    common()
        .opt_level(2)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .define("_GLIBCXX_USE_CXX11_ABI", env::var("LIBTORCH_CXX11_ABI").as_deref().unwrap_or("1"))
        .file("src/nets/native/ops.cpp")
        .compile("metafas_native");
    // The same loops once for every instruction set; ops.cpp chooses when the program starts.
    let sets: [(&str, &[&str]); 3] = [
        ("baseline", &[]),
        ("avx2", &["-mavx2", "-mfma"]),
        ("avx512", &["-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mavx2", "-mfma"]),
    ];
    for (name, flags) in &sets[..if x86 { 3 } else { 1 }] {
        let mut build = common();
        build.opt_level(3).define("MF_ISA", *name).file("src/nets/native/kernels.cpp");
        for flag in *flags {
            build.flag(flag);
        }
        build.compile(&format!("metafas_kernels_{name}"));
    }
}
