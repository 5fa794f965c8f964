//! What is fetched, to the byte: the wheels that hold libtorch and the files taken out of them.

/// The version that the `tch` crate in Cargo.toml binds.
pub(crate) const LIBTORCH_VERSION: &str = "2.11.0";

/// Wheels are asked for as this Python has them, whatever Python is installed; nothing of Python is taken out of them.
pub(crate) const PYTHON_VERSION: &str = "3.12";

/// The platform tags that the wheels below carry, newest first.
pub(crate) const PLATFORMS: [&str; 7] = [
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_25_x86_64",
    "manylinux_2_18_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux2010_x86_64",
];

/// One wheel: its package, its version, what its bytes have to hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wheel {
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    pub(crate) sha256: &'static str,
}

const fn wheel(package: &'static str, version: &'static str, sha256: &'static str) -> Wheel {
    Wheel { package, version, sha256 }
}

/// What `libtorch_cpu.so` itself asks for: this build of it names the CUDA run time even when only the CPU is used.
pub(crate) const CPU_WHEELS: [Wheel; 3] = [
    wheel("torch", LIBTORCH_VERSION, "0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756"),
    wheel("nvidia-cuda-runtime", "13.0.96", "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548"),
    wheel("nvidia-cuda-cupti", "13.0.85", "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8"),
];

/// What `libtorch_cuda.so` asks for on top, in the versions that PyTorch 2.11.0 names.
pub(crate) const CUDA_WHEELS: [Wheel; 12] = [
    wheel("nvidia-cublas", "13.1.0.3", "ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171"),
    wheel("nvidia-cuda-nvrtc", "13.0.88", "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575"),
    wheel("nvidia-cudnn-cu13", "9.19.0.56", "d20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf"),
    wheel("nvidia-cufft", "12.0.0.61", "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3"),
    wheel("nvidia-cufile", "1.15.1.6", "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44"),
    wheel("nvidia-curand", "10.4.0.35", "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc"),
    wheel("nvidia-cusolver", "12.0.4.66", "0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112"),
    wheel("nvidia-cusparse", "12.6.3.3", "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b"),
    wheel("nvidia-cusparselt-cu13", "0.8.0", "25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd"),
    wheel("nvidia-nccl-cu13", "2.28.9", "e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42"),
    wheel("nvidia-nvjitlink", "13.0.88", "13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b"),
    wheel("nvidia-nvshmem-cu13", "3.4.5", "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80"),
];

/// The wheel that holds a static ffmpeg 7.0.2, and the file in it. The program is under the GPL; it is fetched for the
/// user and called, not distributed or linked with.
pub(crate) const FFMPEG_WHEEL: Wheel =
    wheel("imageio-ffmpeg", "0.6.0", "c7e46fcec401dd990405049d2e2f475e2b397779df2519b544b8aab515195282");
pub(crate) const FFMPEG_FILE: &str = "imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v7.0.2";

/// What the peer's Python gets: PyTorch without what only a GPU's compiler needs (triton, NVRTC, cuSOLVER), which
/// `import torch` does not load; measured with 2.11.0. The cuda-toolkit package fixes the versions of its parts. Beside it
/// what hand-made maps and metrics are compared with.
pub(crate) const PEER_PACKAGES: [&str; 18] = [
    "cuda-toolkit[cublas,cudart,cufft,cufile,cupti,curand,cusparse,nvjitlink]==13.0.2",
    "nvidia-cudnn-cu13==9.19.0.56",
    "nvidia-cusparselt-cu13==0.8.0",
    "nvidia-nccl-cu13==2.28.9",
    "nvidia-nvshmem-cu13==3.4.5",
    "numpy>=2",
    "safetensors>=0.5",
    "scikit-image>=0.25",
    "scikit-learn>=1.6",
    "filelock",
    "typing-extensions>=4.10.0",
    "setuptools<82",
    "sympy>=1.13.3",
    "networkx>=2.5.1",
    "jinja2",
    "fsspec>=0.8.5",
    "packaging",
    "mpmath<1.4",
];

/// Where a file of a wheel goes in our folder, if it goes there at all. `all` also takes what only a GPU needs.
pub(crate) fn destination(name: &str, all: bool) -> Option<String> {
    if let Some(header) = name.strip_prefix("torch/include/") {
        return Some(format!("include/{header}"));
    }
    if let Some(library) = name.strip_prefix("torch/lib/") {
        let cpu = matches!(library, "libc10.so" | "libtorch_cpu.so" | "libgomp.so.1");
        // `libtorch.so` would ask for libtorch_cuda.so; ours is a line for the linker. The other two are Python's.
        let gpu =
            all && !matches!(library, "libtorch.so" | "libtorch_python.so" | "libshm.so" | "libtorch_global_deps.so");
        return ((cpu || gpu) && library.contains(".so") && !library.contains('/')).then(|| format!("lib/{library}"));
    }
    if let Some((_, library)) = name.strip_prefix("nvidia/").and_then(|rest| rest.split_once("/lib/")) {
        let cpu = matches!(library, "libcudart.so.13" | "libcupti.so.13");
        return ((cpu || all) && library.contains(".so") && !library.contains('/')).then(|| format!("lib/{library}"));
    }
    let (info, text) = name.split_once(".dist-info/licenses/")?;
    Some(format!("licenses/{info}/{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_is_taken() {
        let to = |name| destination(name, false);
        assert_eq!(to("torch/lib/libtorch_cpu.so").as_deref(), Some("lib/libtorch_cpu.so"));
        assert_eq!(
            to("torch/include/torch/csrc/api/include/a.h").as_deref(),
            Some("include/torch/csrc/api/include/a.h")
        );
        assert_eq!(to("nvidia/cu13/lib/libcudart.so.13").as_deref(), Some("lib/libcudart.so.13"));
        assert_eq!(to("torch-2.11.0.dist-info/licenses/NOTICE").as_deref(), Some("licenses/torch-2.11.0/NOTICE"));
        for name in
            ["torch/lib/libtorch_cuda.so", "torch/lib/libtorch.so", "torch/nn/functional.py", "torch/lib/x/a.so"]
        {
            assert_eq!(to(name), None, "{name}");
        }
    }

    #[test]
    fn a_gpu_gets_more_but_never_the_library_that_asks_for_cuda_at_link_time() {
        let to = |name| destination(name, true);
        assert_eq!(to("torch/lib/libtorch_cuda.so").as_deref(), Some("lib/libtorch_cuda.so"));
        assert_eq!(to("nvidia/cudnn/lib/libcudnn_ops.so.9").as_deref(), Some("lib/libcudnn_ops.so.9"));
        assert_eq!(to("torch/lib/libtorch.so"), None);
        assert_eq!(to("torch/lib/libtorch_python.so"), None);
    }

    #[test]
    fn every_wheel_is_pinned() {
        for wheel in CPU_WHEELS.iter().chain(&CUDA_WHEELS).chain([&FFMPEG_WHEEL]) {
            assert_eq!(wheel.sha256.len(), 64, "{}", wheel.package);
        }
    }
}
