//! Safe Rust faces of `ops.cpp`: the handful of libtorch functions that tch does not bind. Like tch's own operators
//! they panic with libtorch's message when libtorch throws (a shape that cannot be, memory that is not there); the
//! engine turns such a panic into a message and keeps the session. This is the one place of the program where tensors
//! cross as raw pointers.
#![expect(unsafe_code, reason = "calls C functions whose contracts stand beside each call")]

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use tch::Tensor;

type Raw = *mut std::ffi::c_void;

unsafe extern "C" {
    fn mf_last_error() -> *const c_char;
    fn mf_convolution_backward(
        out: *mut Raw,
        grad: Raw,
        input: Raw,
        weight: Raw,
        padding: i64,
        want_input: c_int,
        want_weight: c_int,
        want_bias: c_int,
    ) -> c_int;
    fn mf_batch_norm_backward(
        out: *mut Raw,
        grad: Raw,
        input: Raw,
        scale: Raw,
        mean: Raw,
        invstd: Raw,
        eps: f64,
    ) -> c_int;
    fn mf_max_pool_gather(out: *mut Raw, tensor: Raw, index: Raw) -> c_int;
    fn mf_channel_dot(out: *mut Raw, a: Raw, b: Raw) -> c_int;
    fn mf_channels_last(out: *mut Raw, tensor: Raw) -> c_int;
    fn mf_set_tf32(allow: c_int) -> c_int;
    fn mf_set_deterministic(on: c_int) -> c_int;
    fn mf_cuda_peak(bytes: *mut i64, index: c_int, reset: c_int) -> c_int;
}

fn raw(tensor: &Tensor) -> Raw {
    tensor.as_ptr().cast_mut().cast()
}

/// Takes over a tensor that C++ allocated; `None` for a null pointer.
fn take(pointer: Raw) -> Option<Tensor> {
    // SAFETY: `give` in ops.cpp made the pointer with `new at::Tensor` and keeps no copy of it, and tch's Tensor frees
    // it the same way.
    (!pointer.is_null()).then(|| unsafe { Tensor::from_ptr(pointer.cast()) })
}

fn message() -> String {
    // SAFETY: the string is thread-local in ops.cpp, ends in NUL and lives until this thread's next call.
    unsafe { CStr::from_ptr(mf_last_error()) }.to_string_lossy().into_owned()
}

fn check(status: c_int) {
    assert!(status == 0, "libtorch: {}", message());
}

/// Gradients of a convolution (stride 1, `padding` on every side) for the cotangent `grad` of its output.
#[derive(Debug)]
pub struct ConvGradients {
    /// Gradient of the input, where it was asked for.
    pub input: Option<Tensor>,
    /// Gradient of the kernel.
    pub weight: Tensor,
    /// Gradient of the bias, where there is one.
    pub bias: Option<Tensor>,
}

/// Gradients of `conv2d(input, weight, bias)` with stride 1.
pub fn convolution_backward(
    grad: &Tensor,
    input: &Tensor,
    weight: &Tensor,
    padding: i64,
    want_input: bool,
    want_bias: bool,
) -> ConvGradients {
    let mut out = [ptr::null_mut(); 3];
    // SAFETY: all pointers are live tensors for the length of the call, `out` has room for three.
    check(unsafe {
        mf_convolution_backward(
            out.as_mut_ptr(),
            raw(grad),
            raw(input),
            raw(weight),
            padding,
            c_int::from(want_input),
            1,
            c_int::from(want_bias),
        )
    });
    let [input, weight, bias] = out.map(take);
    #[expect(clippy::expect_used, reason = "libtorch returns every gradient whose mask is set, and the weight's is")]
    ConvGradients { input, weight: weight.expect("weight gradient"), bias }
}

/// Gradient of an input alone: the transposed convolution.
pub fn convolution_backward_input(grad: &Tensor, input: &Tensor, weight: &Tensor, padding: i64) -> Tensor {
    let mut out = [ptr::null_mut(); 3];
    // SAFETY: as in `convolution_backward`.
    check(unsafe { mf_convolution_backward(out.as_mut_ptr(), raw(grad), raw(input), raw(weight), padding, 1, 0, 0) });
    #[expect(clippy::expect_used, reason = "libtorch returns every gradient whose mask is set, and the input's is")]
    take(out[0]).expect("input gradient")
}

/// Gradients `(input, scale, shift)` of batch norm with batch statistics `mean` and `invstd` = 1/sqrt(var + eps).
pub fn batch_norm_backward(
    grad: &Tensor,
    input: &Tensor,
    scale: &Tensor,
    mean: &Tensor,
    invstd: &Tensor,
    eps: f64,
) -> (Tensor, Tensor, Tensor) {
    let mut out = [ptr::null_mut(); 3];
    // SAFETY: as in `convolution_backward`.
    check(unsafe {
        mf_batch_norm_backward(out.as_mut_ptr(), raw(grad), raw(input), raw(scale), raw(mean), raw(invstd), eps)
    });
    let [input, scale, shift] = out.map(take);
    #[expect(clippy::expect_used, reason = "libtorch returns every gradient whose mask is set, and all three are")]
    (input.expect("input gradient"), scale.expect("scale gradient"), shift.expect("shift gradient"))
}

/// The same values laid out channel by channel last (NHWC), which convolutions on a CPU like best.
pub fn channels_last(tensor: &Tensor) -> Tensor {
    let mut out = [ptr::null_mut(); 1];
    // SAFETY: as in `convolution_backward`, with room for one.
    check(unsafe { mf_channels_last(out.as_mut_ptr(), raw(tensor)) });
    #[expect(clippy::expect_used, reason = "contiguous() always returns a defined tensor")]
    take(out[0]).expect("tensor")
}

/// The values of `t` at the places of a 2x2 max pool's maxima: the pool's tangent.
pub fn max_pool_gather(t: &Tensor, maxima: &Tensor) -> Tensor {
    let mut out = [ptr::null_mut(); 1];
    // SAFETY: as in `convolution_backward`, with room for one; indices come from a pool over a value of `t`'s shape.
    check(unsafe { mf_max_pool_gather(out.as_mut_ptr(), raw(t), raw(maxima)) });
    #[expect(clippy::expect_used, reason = "ops.cpp always sets the result")]
    take(out[0]).expect("tensor")
}

/// Sum of `a * b` over pictures and pixels: one value a channel.
pub fn channel_dot(a: &Tensor, b: &Tensor) -> Tensor {
    let mut out = [ptr::null_mut(); 1];
    // SAFETY: as in `convolution_backward`, with room for one; both tensors have the same shape.
    check(unsafe { mf_channel_dot(out.as_mut_ptr(), raw(a), raw(b)) });
    #[expect(clippy::expect_used, reason = "ops.cpp always sets the result")]
    take(out[0]).expect("tensor")
}

/// Whether matrix products and convolutions on CUDA may round to TF32 (default of the program: no).
pub fn set_tf32(allow: bool) {
    // SAFETY: sets two booleans of libtorch's global context.
    check(unsafe { mf_set_tf32(c_int::from(allow)) });
}

/// Makes cuDNN choose deterministic algorithms, and stop choosing by timing.
pub fn set_deterministic(on: bool) {
    // SAFETY: sets two booleans of libtorch's global context.
    check(unsafe { mf_set_deterministic(c_int::from(on)) });
}

/// High-water mark of CUDA memory on device `index` in bytes since the last reset; `None` where there is no CUDA.
pub fn cuda_peak_bytes(index: usize, reset: bool) -> Option<u64> {
    let mut bytes = 0_i64;
    if !tch::Cuda::is_available() {
        return None;
    }
    // SAFETY: `bytes` outlives the call; the CUDA allocator exists since CUDA is available.
    let status = unsafe { mf_cuda_peak(&raw mut bytes, index as c_int, c_int::from(reset)) };
    (status == 0).then_some(bytes.max(0) as u64)
}
