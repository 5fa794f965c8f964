//! Safe Rust faces of `ops.cpp`: the handful of libtorch functions that tch does not bind. Like tch's own operators
//! they panic with a message when libtorch throws or a size is wrong (a shape that cannot be, memory that is not there); the
//! engine turns such a panic into a message and keeps the session. This is the one place of the program where tensors
//! cross as raw pointers.
#![expect(unsafe_code, reason = "calls C functions whose contracts stand beside each call")]

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use tch::{Device, Tensor};

use crate::panics::LIBTORCH;

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
    fn mf_stage_forward(out: *mut Raw, x: Raw, weight: Raw, bias: Raw, scale: Raw) -> c_int;
    fn mf_stage_tangent(
        out: *mut Raw,
        x: Raw,
        x_t: Raw,
        weight: Raw,
        bias: Raw,
        v: Raw,
        bias_t: Raw,
        which: Raw,
        mean: Raw,
    ) -> c_int;
    fn mf_stage_reverse(
        out: *mut Raw,
        x: Raw,
        weight: Raw,
        bias: Raw,
        u: Raw,
        which: Raw,
        coefficients: Raw,
        want_input: c_int,
        before: Raw,
    ) -> c_int;
    fn mf_stage_second(
        out: *mut Raw,
        x: Raw,
        x_t: Raw,
        weight: Raw,
        bias: Raw,
        v: Raw,
        bias_t: Raw,
        u: Raw,
        u_t: Raw,
        which: Raw,
        coefficients: Raw,
        coefficients_t: Raw,
        want_input: c_int,
        before: Raw,
        before_t: Raw,
    ) -> c_int;
    fn mf_channel_affine(out: *mut Raw, p: Raw, q: Raw, coefficients: Raw, reuse: c_int) -> c_int;
    fn mf_centred_sums(out: *mut Raw, a: Raw, b: Raw, centre: Raw) -> c_int;
    fn mf_pictures(out: *mut Raw, pictures: *const *const u8, n: i64, side: i64, to: Raw) -> c_int;
    fn mf_set_tf32(allow: c_int) -> c_int;
    fn mf_set_deterministic(on: c_int) -> c_int;
    fn mf_cuda_peak(bytes: *mut i64, index: c_int, reset: c_int) -> c_int;
}

fn raw(tensor: &Tensor) -> Raw {
    tensor.as_ptr().cast_mut().cast()
}

fn raw_or_null(tensor: Option<&Tensor>) -> Raw {
    tensor.map_or(ptr::null_mut(), raw)
}

/// Takes over a tensor that C++ allocated; `None` for a null pointer.
fn take(pointer: Raw) -> Option<Tensor> {
    // SAFETY: `give` in ops.cpp made the pointer with `new at::Tensor` and keeps no copy of it, and tch's Tensor frees
    // it the same way.
    (!pointer.is_null()).then(|| unsafe { Tensor::from_ptr(pointer.cast()) })
}

#[expect(clippy::expect_used, reason = "ops.cpp sets every result that it says it sets")]
fn expected(pointer: Raw) -> Tensor {
    take(pointer).expect("tensor")
}

fn message() -> String {
    // SAFETY: the string is thread-local in ops.cpp, ends in NUL and lives until this thread's next call.
    unsafe { CStr::from_ptr(mf_last_error()) }.to_string_lossy().into_owned()
}

fn check(status: c_int) {
    assert!(status == 0, "{LIBTORCH}{}", message());
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
    let (grad, input) = (&summable(grad), &summable(input));
    let mut out = [ptr::null_mut(); 3];
    // SAFETY: as in `convolution_backward`.
    check(unsafe {
        mf_batch_norm_backward(out.as_mut_ptr(), raw(grad), raw(input), raw(scale), raw(mean), raw(invstd), eps)
    });
    let [input, scale, shift] = out.map(take);
    #[expect(clippy::expect_used, reason = "libtorch returns every gradient whose mask is set, and all three are")]
    (input.expect("input gradient"), scale.expect("scale gradient"), shift.expect("shift gradient"))
}

/// The same values in a layout in which libtorch sums a batch norm's channels precisely: on the CPU not channels last,
/// where it adds one long row in single precision (relative errors of 1e-5 and more).
pub fn summable(tensor: &Tensor) -> Tensor {
    if tensor.device() == Device::Cpu { tensor.contiguous() } else { tensor.shallow_clone() }
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

/// The convolution of a fused stage: stride 1, odd kernel, padding that keeps the size.
#[derive(Debug, Clone, Copy)]
pub struct StageConv<'a> {
    /// Kernel (out, in, k, k).
    pub weight: &'a Tensor,
    /// Bias (out).
    pub bias: Option<&'a Tensor>,
}

/// What a fused stage's forward loop finds.
#[derive(Debug)]
pub struct StageValues {
    /// Of each 2x2 of ReLU(conv) the largest where the batch norm's scale is not negative, else the smallest.
    pub extreme: Tensor,
    /// Its place in the 2x2, 0..3 in reading order, the first of equals (bytes).
    pub which: Tensor,
    /// Mean of ReLU(conv) over batch and pixels, a channel (double).
    pub mean: Tensor,
    /// Its biased variance (double).
    pub var: Tensor,
}

/// First half of conv -> `ReLU` -> BN -> 2x2 max pool on the CPU, in one pass that stores no value of full size.
pub fn stage_forward(x: &Tensor, conv: StageConv<'_>, scale: &Tensor) -> StageValues {
    let mut out = [ptr::null_mut(); 4];
    // SAFETY: all pointers are live tensors or null where optional, `out` has room for what the function sets; shapes
    // are those of one convolution, which `Graph` guarantees; kinds and device are checked in ops.cpp.
    check(unsafe { mf_stage_forward(out.as_mut_ptr(), raw(x), raw(conv.weight), raw_or_null(conv.bias), raw(scale)) });
    let [extreme, which, mean, var] = out.map(expected);
    StageValues { extreme, which, mean, var }
}

/// Tangent of a fused stage's extremes along `v`, with the sums of y' and of (y - mean) y' over batch and pixels, a
/// channel (double); `x_t` is the input's own tangent.
pub fn stage_tangent(
    x: &Tensor,
    x_t: Option<&Tensor>,
    conv: StageConv<'_>,
    v: StageConv<'_>,
    which: &Tensor,
    mean: &Tensor,
) -> (Tensor, Tensor, Tensor) {
    let mut out = [ptr::null_mut(); 3];
    // SAFETY: as in `stage_forward`.
    check(unsafe {
        mf_stage_tangent(
            out.as_mut_ptr(),
            raw(x),
            raw_or_null(x_t),
            raw(conv.weight),
            raw_or_null(conv.bias),
            raw(v.weight),
            raw_or_null(v.bias),
            raw(which),
            raw(mean),
        )
    });
    let [extreme, sum, product] = out.map(expected);
    (extreme, sum, product)
}

/// Gradients of a fused stage's convolution for the cotangent `u` of its normalised, pooled output. With y =
/// ReLU(conv), U = `u` at the places `which` and 0 elsewhere, the cotangent of y is c0 U + c1 y + c2 with the rows c0,
/// c1, c2 of `coefficients` (3, channels; double). The input's gradient is added to `before`, in its memory.
#[expect(clippy::needless_pass_by_value, reason = "its memory becomes the result's")]
pub fn stage_reverse(
    x: &Tensor,
    conv: StageConv<'_>,
    u: &Tensor,
    which: &Tensor,
    coefficients: &Tensor,
    want_input: bool,
    before: Option<Tensor>,
) -> ConvGradients {
    let mut out = [ptr::null_mut(); 3];
    // SAFETY: as in `stage_forward`.
    check(unsafe {
        mf_stage_reverse(
            out.as_mut_ptr(),
            raw(x),
            raw(conv.weight),
            raw_or_null(conv.bias),
            raw(u),
            raw(which),
            raw(coefficients),
            c_int::from(want_input),
            raw_or_null(before.as_ref()),
        )
    });
    let [input, weight, bias] = out;
    ConvGradients { input: take(input), weight: expected(weight), bias: conv.bias.and(take(bias)) }
}

/// A fused stage's second-order sweep: what moves besides the values of [`stage_reverse`].
#[derive(Debug, Clone, Copy)]
pub struct StageMoved<'a> {
    /// Tangent of the input; `None` for the picture itself.
    pub x: Option<&'a Tensor>,
    /// Tangents of kernel and bias.
    pub conv: StageConv<'a>,
    /// Tangent of the cotangent.
    pub u: &'a Tensor,
    /// Rows d0..d3 (4, channels; double): the tangent of y's cotangent is c0 U' + d0 U + d1 y' + d2 y + d3.
    pub coefficients: &'a Tensor,
}

/// The gradient of a fused stage's input, and the tangents of its three gradients; both gradients of the input are
/// added to what is in `before`, in its memory.
#[expect(clippy::needless_pass_by_value, reason = "their memory becomes the results'")]
#[expect(clippy::too_many_arguments, reason = "one for every value of the rule")]
pub fn stage_second(
    x: &Tensor,
    conv: StageConv<'_>,
    u: &Tensor,
    which: &Tensor,
    coefficients: &Tensor,
    moved: StageMoved<'_>,
    want_input: bool,
    before: [Option<Tensor>; 2],
) -> (Option<Tensor>, ConvGradients) {
    let mut out = [ptr::null_mut(); 4];
    // SAFETY: as in `stage_forward`.
    check(unsafe {
        mf_stage_second(
            out.as_mut_ptr(),
            raw(x),
            raw_or_null(moved.x),
            raw(conv.weight),
            raw_or_null(conv.bias),
            raw(moved.conv.weight),
            raw_or_null(moved.conv.bias),
            raw(u),
            raw(moved.u),
            raw(which),
            raw(coefficients),
            raw(moved.coefficients),
            c_int::from(want_input),
            raw_or_null(before[0].as_ref()),
            raw_or_null(before[1].as_ref()),
        )
    });
    let [input, weight, bias, input_t] = out;
    let tangents = ConvGradients { input: take(input_t), weight: expected(weight), bias: conv.bias.and(take(bias)) };
    (take(input), tangents)
}

/// a p + b q + c on the CPU with one a, b, c a channel, the rows of `coefficients` (3, channels; double); without `q`
/// a p + c. The result is written over `p` where that is given away.
#[expect(clippy::needless_pass_by_value, reason = "its memory may become the result's")]
pub fn channel_affine(p: Consumed<'_>, q: Option<&Tensor>, coefficients: &Tensor) -> Tensor {
    let (p, reuse) = match &p {
        Consumed::No(p) => (*p, 0),
        Consumed::Yes(p) => (p, 1),
    };
    let mut out = [ptr::null_mut(); 1];
    // SAFETY: as in `stage_forward`; p and q have the same shape.
    check(unsafe { mf_channel_affine(out.as_mut_ptr(), raw(p), raw_or_null(q), raw(coefficients), reuse) });
    expected(out[0])
}

/// An argument that is only read, or one whose memory the result may take.
#[derive(Debug)]
pub enum Consumed<'a> {
    /// Only read.
    No(&'a Tensor),
    /// Given away.
    Yes(Tensor),
}

/// Sums of `a` and of `a` * (`b` - `centre`) over pictures and pixels on the CPU, one value a channel (double).
pub fn centred_sums(a: &Tensor, b: &Tensor, centre: &Tensor) -> (Tensor, Tensor) {
    let mut out = [ptr::null_mut(); 2];
    // SAFETY: as in `stage_forward`; a and b have the same shape.
    check(unsafe { mf_centred_sums(out.as_mut_ptr(), raw(a), raw(b), raw(centre)) });
    let [sum, product] = out.map(expected);
    (sum, product)
}

/// Pictures of `side` x `side` pixels, three bytes each, as a tensor (n, 3, side, side) of (byte - 127.5) / 128 on the
/// CPU: read once and written once, on libtorch's threads. With `over`, a batch of the same size that nobody reads any
/// more, no new memory is taken.
///
/// # Panics
/// Where a picture or the batch to write over has another size.
pub fn pictures(pictures: &[&[u8]], side: usize, over: Option<&Tensor>) -> Tensor {
    assert!(pictures.iter().all(|p| p.len() == side * side * 3), "pictures of {side} x {side} pixels");
    let pointers: Vec<*const u8> = pictures.iter().map(|p| p.as_ptr()).collect();
    let mut out = [ptr::null_mut(); 1];
    // SAFETY: every pointer is good for the side * side * 3 bytes that ops.cpp reads from it, and the slices outlive
    // the call; ops.cpp looks at the shape of what it writes over.
    check(unsafe {
        let over = raw_or_null(over);
        mf_pictures(out.as_mut_ptr(), pointers.as_ptr(), pointers.len() as i64, side as i64, over)
    });
    let [pictures] = out.map(expected);
    pictures
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

/// What the operating system counted for this process so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProcessUsage {
    /// Highest resident memory in bytes.
    pub peak_rss_bytes: u64,
    /// Time spent in user mode by all threads, seconds.
    pub user_seconds: f64,
}

/// Peak memory and processor time of this process.
pub fn process_usage() -> ProcessUsage {
    // SAFETY: rusage is plain numbers, for which zero bytes are a value; getrusage only writes into it.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    ProcessUsage {
        peak_rss_bytes: usage.ru_maxrss as u64 * unit,
        user_seconds: usage.ru_utime.tv_sec as f64 + usage.ru_utime.tv_usec as f64 * 1e-6,
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tch::Kind;

    use super::*;

    /// What a call that cannot work says.
    fn refused<T>(call: impl FnOnce() -> T) -> String {
        let payload = catch_unwind(AssertUnwindSafe(call)).err().expect("the sizes are wrong");
        payload.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    fn of(sizes: &[i64]) -> Tensor {
        Tensor::ones(sizes, (Kind::Float, Device::Cpu))
    }

    #[test]
    fn wrong_sizes_are_refused() {
        let (weight, bias, scale) = (of(&[4, 3, 3, 3]), of(&[4]), of(&[4]));
        let conv = StageConv { weight: &weight, bias: Some(&bias) };
        let x = of(&[2, 3, 8, 8]);
        let forward = |x: &Tensor, conv, scale: &Tensor| refused(|| stage_forward(x, conv, scale));
        assert!(forward(&of(&[0, 3, 8, 8]), conv, &scale).contains("the batch is empty"));
        assert!(forward(&of(&[2, 5, 8, 8]), conv, &scale).contains("kernel of shape"));
        assert!(forward(&of(&[2, 3, 1, 8]), conv, &scale).contains("2 x 2"));
        assert!(forward(&x.to_kind(Kind::Double), conv, &scale).contains("one kind"));
        assert!(forward(&x, conv, &of(&[3])).contains("4 channels"));
        let short = of(&[2]);
        assert!(forward(&x, StageConv { weight: &weight, bias: Some(&short) }, &scale).contains("4 channels"));

        let StageValues { extreme, which, mean, .. } = stage_forward(&x, conv, &scale);
        let rows = Tensor::ones([3, 4], (Kind::Double, Device::Cpu));
        stage_reverse(&x, conv, &extreme, &which, &rows, true, None);
        let half = of(&[1, 4, 4, 4]);
        assert!(refused(|| stage_reverse(&x, conv, &half, &which, &rows, true, None)).contains("pooled values"));
        let plain = which.contiguous();
        assert!(refused(|| stage_reverse(&x, conv, &extreme, &plain, &rows, true, None)).contains("places"));
        let few = rows.narrow(0, 0, 2);
        assert!(refused(|| stage_reverse(&x, conv, &extreme, &which, &few, true, None)).contains("coefficients"));
        let other = Some(of(&[2, 3, 8, 7]));
        assert!(refused(|| stage_reverse(&x, conv, &extreme, &which, &rows, true, other)).contains("shape"));
        let tangent = of(&[2, 3, 8, 7]);
        assert!(refused(|| stage_tangent(&x, Some(&tangent), conv, conv, &which, &mean)).contains("shape"));

        assert!(refused(|| channel_affine(Consumed::No(&of(&[0, 4, 2, 2])), None, &rows)).contains("empty"));
        assert!(refused(|| channel_affine(Consumed::No(&of(&[1, 5, 2, 2])), None, &rows)).contains("coefficients"));
        assert!(refused(|| centred_sums(&x, &half, &mean)).contains("shape"));
        assert!(refused(|| channel_dot(&x, &half)).contains("shape"));
        let outside = Tensor::full([2, 3, 4, 4], 64, (Kind::Int64, Device::Cpu));
        assert!(refused(|| max_pool_gather(&x, &outside)).contains("outside"));
        assert!(refused(|| max_pool_gather(&x, &half)).contains("do not go with"));
    }
}
