// The few libtorch functions that tch does not bind, behind a C interface: gradients of convolution and batch norm,
// the channels-last layout, TF32 switches, the device allocator's high-water mark; a few small loops over CPU memory
// that libtorch has no single operator for; and the tensors' side of the fused loops in kernels.cpp. A C++ exception
// becomes a message that Rust reads with mf_last_error.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "kernels.h"

namespace {
thread_local std::string last_error;

at::Tensor* give(at::Tensor t) { return t.defined() ? new at::Tensor(std::move(t)) : nullptr; }

template <typename F>
int guarded(F f) {
  try {
    f();
    return 0;
  } catch (const std::exception& e) {
    last_error = e.what();
  } catch (...) {
    last_error = "unknown C++ exception";
  }
  return 1;
}

// Loops over raw memory trust sizes, so every entry point checks what it is given: an empty batch or a tensor of another
// shape is an error with a sentence, never a division by zero or a read beyond the end.
void check_planes(const at::Tensor& t, const char* what) {
  TORCH_CHECK(t.dim() == 4, what, " needs pictures (n, channels, height, width), not ", t.sizes());
  TORCH_CHECK(t.numel() > 0, what, " needs at least one value, and the batch is empty: ", t.sizes());
}

void check_like(const at::Tensor& t, at::IntArrayRef sizes, const at::Tensor& kind, const char* what) {
  TORCH_CHECK(t.sizes() == sizes, what, " needs a tensor of shape ", sizes, ", not ", t.sizes());
  TORCH_CHECK(t.scalar_type() == kind.scalar_type() && t.device() == kind.device(), what, " needs tensors of one kind, not ",
              t.toString(), " beside ", kind.toString());
}

void check_channels(const at::Tensor* t, int64_t channels, const char* what) {
  TORCH_CHECK(!t || t->numel() == channels, what, " needs one value for each of ", channels, " channels, not ",
              t ? t->numel() : 0);
}

void check_rows(const at::Tensor& t, int64_t rows, int64_t channels, const char* what) {
  TORCH_CHECK(t.dim() == 2 && t.size(0) >= rows && t.size(1) == channels, what, " needs coefficients of shape [", rows, ", ",
              channels, "], not ", t.sizes());
}

// What all four loops of a fused stage trust of pictures, kernel and bias.
void check_stage(const at::Tensor& x, const at::Tensor& weight, const at::Tensor* bias) {
  const char* what = "a fused stage";
  check_planes(x, what);
  TORCH_CHECK(x.size(2) >= 2 && x.size(3) >= 2, what, " needs pictures of at least 2 x 2 pixels, not ", x.sizes());
  TORCH_CHECK(weight.dim() == 4 && weight.size(0) > 0 && weight.size(1) == x.size(1) && weight.size(2) == weight.size(3) &&
                  weight.size(2) % 2 == 1, what, " has a kernel of shape ", weight.sizes(), " for pictures ", x.sizes());
  TORCH_CHECK(weight.scalar_type() == x.scalar_type() && weight.is_cpu(), what, " needs tensors of one kind, not ",
              weight.toString(), " beside ", x.toString());
  check_channels(bias, weight.size(0), what);
}

// A tensor with one value for every 2 x 2 of the stage's output.
void check_pooled(const at::Tensor& t, const at::Tensor& x, const at::Tensor& weight, at::ScalarType kind) {
  const std::vector<int64_t> sizes{x.size(0), weight.size(0), x.size(2) / 2, x.size(3) / 2};
  TORCH_CHECK(t.sizes() == at::IntArrayRef(sizes) && t.scalar_type() == kind && t.is_cpu(),
              "a fused stage needs pooled values of shape ", at::IntArrayRef(sizes), ", not ", t.toString(), " ", t.sizes());
}

// Places of maxima are read by a picture's stride, so their layout counts too.
void check_places(const at::Tensor& which, const at::Tensor& x, const at::Tensor& weight) {
  check_pooled(which, x, weight, at::kByte);
  TORCH_CHECK(which.is_contiguous(at::MemoryFormat::ChannelsLast), "a fused stage needs its own places of maxima");
}

// What the way back through a stage trusts besides.
void check_back(const at::Tensor& x, const at::Tensor& weight, const at::Tensor* bias, const at::Tensor& u,
                const at::Tensor& which, const at::Tensor& coefficients, const at::Tensor* before) {
  check_stage(x, weight, bias);
  check_pooled(u, x, weight, x.scalar_type());
  check_places(which, x, weight);
  check_rows(coefficients, 3, weight.size(0), "a fused stage");
  if (before) check_like(*before, x.sizes(), x, "a fused stage");
}

// A dense (N, C, H, W) tensor in either layout.
struct Layout {
  int64_t n, c, hw;
  bool channels_last;
  explicit Layout(const at::Tensor& t)
      : n(t.size(0)), c(t.size(1)), hw(t.size(2) * t.size(3)),
        channels_last(!t.is_contiguous() && t.is_contiguous(at::MemoryFormat::ChannelsLast)) {}
  at::MemoryFormat format() const {
    return channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  }
};

template <typename T>
bool gather_maxima(const at::Tensor& t, const at::Tensor& index, at::Tensor& out) {
  Layout in(t), small(out);
  const T* from = t.const_data_ptr<T>();
  const int64_t* places = index.const_data_ptr<int64_t>();
  T* to = out.mutable_data_ptr<T>();
  std::atomic<bool> inside{true};
  // A place outside its plane is read nowhere; the caller turns that into an error.
  auto place = [&](int64_t j) {
    const int64_t p = places[j];
    if (p >= 0 && p < in.hw) return p;
    inside = false;
    return int64_t(0);
  };
  at::parallel_for(0, in.n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const T* plane = from + n * in.c * in.hw;
      const int64_t base = n * in.c * small.hw;
      if (in.channels_last) {
        for (int64_t k = 0; k < small.hw; k++)
          for (int64_t c = 0; c < in.c; c++) {
            const int64_t j = base + k * in.c + c;
            to[j] = plane[place(j) * in.c + c];
          }
      } else {
        for (int64_t c = 0; c < in.c; c++)
          for (int64_t k = 0; k < small.hw; k++) {
            const int64_t j = base + c * small.hw + k;
            to[j] = plane[c * in.hw + place(j)];
          }
      }
    }
  });
  return inside;
}

// Sums over blocks of 256 pixels in T, over blocks in double; one partial sum a picture, so that the result does not
// depend on the number of threads.
template <typename T>
void dot(const at::Tensor& a, const at::Tensor& b, at::Tensor& partial) {
  Layout l(a);
  const T* pa = a.const_data_ptr<T>();
  const T* pb = b.const_data_ptr<T>();
  double* sums = partial.mutable_data_ptr<double>();
  constexpr int64_t block = 256;
  at::parallel_for(0, l.n, 1, [&](int64_t begin, int64_t end) {
    std::vector<T> acc(l.c);
    for (int64_t n = begin; n < end; n++) {
      const T* x = pa + n * l.c * l.hw;
      const T* y = pb + n * l.c * l.hw;
      double* sum = sums + n * l.c;
      for (int64_t start = 0; start < l.hw; start += block) {
        const int64_t stop = std::min(l.hw, start + block);
        if (l.channels_last) {
          std::fill(acc.begin(), acc.end(), T(0));
          for (int64_t k = start; k < stop; k++)
            for (int64_t c = 0; c < l.c; c++) acc[c] += x[k * l.c + c] * y[k * l.c + c];
          for (int64_t c = 0; c < l.c; c++) sum[c] += acc[c];
        } else {
          for (int64_t c = 0; c < l.c; c++) {
            T s = 0;
            for (int64_t k = start; k < stop; k++) s += x[c * l.hw + k] * y[c * l.hw + k];
            sum[c] += s;
          }
        }
      }
    }
  });
}

bool plain_cpu(const at::Tensor& t) {
  return t.is_cpu() && (t.scalar_type() == at::kFloat || t.scalar_type() == at::kDouble);
}

using metafas::Band;
using metafas::Picture;
using metafas::Shape;

// The loops for the best instruction set that this processor has.
const metafas::Kernels& kernels() {
#if defined(MF_X86)
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  static const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  // libtorch's own switch for running as an older processor holds here too.
  static const std::string wish = [] {
    const char* set = std::getenv("ATEN_CPU_CAPABILITY");
    return std::string(set ? set : "avx512");
  }();
  if (avx512 && wish == "avx512") return metafas::avx512::kernels;
  return avx2 && wish != "default" ? metafas::avx2::kernels : metafas::baseline::kernels;
#else
  return metafas::baseline::kernels;
#endif
}

template <typename T> const metafas::Loops<T>& loops() {
  if constexpr (std::is_same_v<T, float>) return kernels().of_float;
  else return kernels().of_double;
}

template <typename T> using Loop = void (*)(const Band<T>&);

template <typename T>
Shape shape_of(const at::Tensor& x, const at::Tensor& weight) {
  return Shape{x.size(2), x.size(3), x.size(1), weight.size(0), weight.size(2), loops<T>().lanes};
}

// Rows of one band, a power of two: few enough for the second-level cache, and a function of the shapes alone.
template <typename T>
int64_t band_rows(const Shape& s) {
  int64_t rows = 32;
  while (rows > 4 && rows * s.width * (s.wide() + s.in_px()) * int64_t(sizeof(T)) > (1 << 20)) rows /= 2;
  return rows;
}

// A kernel (out, in, k, k) as blocks of neighbouring output channels.
template <typename T>
std::vector<T> pack(const at::Tensor& weight, const Shape& s) {
  const auto w = weight.contiguous();
  const T* from = w.const_data_ptr<T>();
  std::vector<T> to(s.packed());
  const int64_t area = s.kernel * s.kernel;
  for (int64_t o = 0; o < s.out; o++)
    for (int64_t i = 0; i < s.in; i++)
      for (int64_t k = 0; k < area; k++)
        to[((o / s.lanes * area + k) * s.in + i) * s.lanes + o % s.lanes] = from[(o * s.in + i) * area + k];
  return to;
}

// The same for the transposed convolution: input and output change places, the kernel is turned around.
template <typename T>
std::vector<T> pack_back(const at::Tensor& weight, const Shape& s) {
  const auto w = weight.contiguous();
  const T* from = w.const_data_ptr<T>();
  std::vector<T> to(s.packed_back());
  const int64_t area = s.kernel * s.kernel;
  for (int64_t o = 0; o < s.out; o++)
    for (int64_t i = 0; i < s.in; i++)
      for (int64_t k = 0; k < area; k++)
        to[((i / s.lanes * area + area - 1 - k) * s.out + o) * s.lanes + i % s.lanes] = from[(o * s.in + i) * area + k];
  return to;
}

// One value a channel, rounded up with zeros; zeros alone where there is no tensor.
template <typename T>
std::vector<T> pack_channels(const at::Tensor* values, const Shape& s) {
  std::vector<T> to(s.wide());
  if (!values) return to;
  const auto v = values->to(at::kDouble).contiguous();
  const double* from = v.const_data_ptr<double>();
  for (int64_t i = 0; i < s.out; i++) to[i] = T(from[i]);
  return to;
}

// Picture n of a batch, whatever its layout.
template <typename T>
Picture<T> picture(const at::Tensor* t, int64_t n) {
  if (!t) return {};
  return {t->const_data_ptr<T>() + n * t->stride(0), t->stride(1), t->stride(2), t->stride(3)};
}

// Runs `loop` over all bands of all pictures. `fill(band, n, index)` sets what differs between them. A thread takes
// the next band when it is done with one, so that a slow or busy core holds nobody up; where a band's results go
// depends on its index alone.
template <typename T, typename Fill>
void over_bands(int64_t pictures, const Band<T>& common, Loop<T> loop, Fill fill) {
  const Shape& s = common.shape;
  const int64_t rows = band_rows<T>(s), bands = (s.height + rows - 1) / rows;
  const int64_t total = pictures * bands, threads = std::min<int64_t>(total, at::get_num_threads());
  std::atomic<int64_t> next{0};
  at::parallel_for(0, threads, 1, [&](int64_t, int64_t) {
    std::vector<T> scratch(metafas::scratch_size(s, rows));
    for (int64_t index = next++; index < total; index = next++) {
      Band<T> band = common;
      band.begin = index % bands * rows;
      band.end = std::min(s.height, band.begin + rows);
      band.scratch = scratch.data();
      fill(band, index / bands, index);
      loop(band);
    }
  });
}

template <typename T>
int64_t band_count(const at::Tensor& x, const Shape& s) {
  const int64_t rows = band_rows<T>(s);
  return x.size(0) * ((s.height + rows - 1) / rows);
}

at::Tensor pooled(const at::Tensor& x, const Shape& s, at::ScalarType kind) {
  return at::empty({x.size(0), s.out, s.height / 2, s.width / 2}, x.options().dtype(kind), at::MemoryFormat::ChannelsLast);
}

at::Tensor sums(const std::vector<double>& values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kDouble));
}

template <typename T>
void stage_forward(at::Tensor** out, const at::Tensor& x, const at::Tensor& weight, const at::Tensor* bias,
                   const at::Tensor& scale) {
  const Shape s = shape_of<T>(x, weight);
  const auto w = pack<T>(weight, s);
  const auto b = pack_channels<T>(bias, s);
  auto sign = pack_channels<T>(&scale, s);
  for (T& v : sign) v = v > 0 ? T(1) : v < 0 ? T(-1) : T(0);
  auto extreme = pooled(x, s, x.scalar_type()), which = pooled(x, s, at::kByte);
  const int64_t count = band_count<T>(x, s), area = extreme.stride(0);
  std::vector<double> mean(count * s.out), square(count * s.out);
  Band<T> band{};
  band.shape = s;
  band.w = w.data();
  band.bias = b.data();
  band.sign = sign.data();
  T* extremes = extreme.mutable_data_ptr<T>();
  uint8_t* places = which.mutable_data_ptr<uint8_t>();
  over_bands<T>(x.size(0), band, loops<T>().forward, [&](Band<T>& a, int64_t n, int64_t index) {
    a.x = picture<T>(&x, n);
    a.extreme = extremes + n * area;
    a.which = places + n * area;
    a.mean = mean.data() + index * s.out;
    a.square = square.data() + index * s.out;
  });
  // Means and squared deviations of the bands into those of the batch.
  const int64_t rows = band_rows<T>(s), bands = count / x.size(0);
  auto pixels = [&](int64_t index) {
    const int64_t begin = index % bands * rows;
    return double((std::min(s.height, begin + rows) - begin) * s.width);
  };
  const double total = double(x.size(0) * s.height * s.width);
  std::vector<double> all_mean(s.out), all_var(s.out);
  for (int64_t i = 0; i < count; i++)
    for (int64_t c = 0; c < s.out; c++) all_mean[c] += mean[i * s.out + c] * (pixels(i) / total);
  for (int64_t i = 0; i < count; i++)
    for (int64_t c = 0; c < s.out; c++) {
      const double off = mean[i * s.out + c] - all_mean[c];
      all_var[c] += square[i * s.out + c] / total + off * off * (pixels(i) / total);
    }
  out[0] = give(extreme);
  out[1] = give(which);
  out[2] = give(sums(all_mean));
  out[3] = give(sums(all_var));
}

template <typename T>
void stage_tangent(at::Tensor** out, const at::Tensor& x, const at::Tensor* x_t, const at::Tensor& weight,
                   const at::Tensor* bias, const at::Tensor& v, const at::Tensor* bias_t, const at::Tensor& which,
                   const at::Tensor& mean) {
  const Shape s = shape_of<T>(x, weight);
  const auto w = pack<T>(weight, s), vs = pack<T>(v, s);
  const auto b = pack_channels<T>(bias, s), bt = pack_channels<T>(bias_t, s), centre = pack_channels<T>(&mean, s);
  auto extreme_t = pooled(x, s, x.scalar_type());
  const int64_t count = band_count<T>(x, s), area = extreme_t.stride(0);
  std::vector<double> sum(count * s.out), product(count * s.out);
  Band<T> band{};
  band.shape = s;
  band.w = w.data();
  band.bias = b.data();
  band.v = vs.data();
  band.bias_t = bt.data();
  band.centre = centre.data();
  T* extremes = extreme_t.mutable_data_ptr<T>();
  const uint8_t* places = which.const_data_ptr<uint8_t>();
  over_bands<T>(x.size(0), band, loops<T>().tangent, [&](Band<T>& a, int64_t n, int64_t index) {
    a.x = picture<T>(&x, n);
    a.x_t = picture<T>(x_t, n);
    a.at = places + n * area;
    a.extreme_t = extremes + n * area;
    a.sum_t = sum.data() + index * s.out;
    a.product_t = product.data() + index * s.out;
  });
  std::vector<double> all_sum(s.out), all_product(s.out);
  for (int64_t i = 0; i < count; i++)
    for (int64_t c = 0; c < s.out; c++) {
      all_sum[c] += sum[i * s.out + c];
      all_product[c] += product[i * s.out + c];
    }
  out[0] = give(extreme_t);
  out[1] = give(sums(all_sum));
  out[2] = give(sums(all_product));
}

// A band's tangents, beside its values, in the second-order pass.
struct Moved {
  const at::Tensor *x, *weight, *bias, *u, *coefficients, *before;
};

// The way back through a stage; with `moved` its tangent too. `coefficients` are rows of Band::first (Band::second).
// The input's gradient is added to `before`, in place, where that is there.
template <typename T>
void stage_reverse(at::Tensor** out, const at::Tensor& x, const at::Tensor& weight, const at::Tensor* bias,
                   const at::Tensor& u, const at::Tensor& which, const at::Tensor& coefficients, bool want_input,
                   const at::Tensor* before, const Moved* moved) {
  const Shape s = shape_of<T>(x, weight);
  const auto w = pack<T>(weight, s), w_back = want_input ? pack_back<T>(weight, s) : std::vector<T>{};
  const auto b = pack_channels<T>(bias, s);
  const auto cotangent = u.contiguous(at::MemoryFormat::ChannelsLast);
  std::vector<std::vector<T>> rows;
  Band<T> band{};
  band.shape = s;
  band.w = w.data();
  band.bias = b.data();
  band.w_back = w_back.data();
  auto channels = [&](const at::Tensor& t) {
    rows.push_back(pack_channels<T>(&t, s));
    return rows.back().data();
  };
  for (int i = 0; i < 3; i++) band.first[i] = channels(coefficients[i]);
  std::vector<T> v, v_back, bt;
  at::Tensor cotangent_t, dx, dx_t;
  if (moved) {
    v = pack<T>(*moved->weight, s);
    if (want_input) v_back = pack_back<T>(*moved->weight, s);
    bt = pack_channels<T>(moved->bias, s);
    cotangent_t = moved->u->contiguous(at::MemoryFormat::ChannelsLast);
    for (int i = 0; i < 4; i++) band.second[i] = channels((*moved->coefficients)[i]);
    band.v = v.data();
    band.v_back = v_back.data();
    band.bias_t = bt.data();
  }
  // The input's gradient starts from `before`, else from what the loop writes first.
  band.add = before || (moved && moved->before);
  auto start = [&](const at::Tensor* before) {
    if (before) return before->contiguous(at::MemoryFormat::ChannelsLast);
    auto fresh = at::empty(x.sizes(), x.options(), at::MemoryFormat::ChannelsLast);
    return band.add ? fresh.zero_() : fresh;
  };
  if (want_input) dx = start(before);
  if (want_input && moved) dx_t = start(moved->before);
  T* to = want_input ? dx.mutable_data_ptr<T>() : nullptr;
  T* to_t = want_input && moved ? dx_t.mutable_data_ptr<T>() : nullptr;
  const int64_t count = band_count<T>(x, s), area = which.stride(0), input = s.in * s.height * s.width;
  std::vector<T> kernel_sums(count * s.outer()), bias_sums(count * s.wide());
  over_bands<T>(x.size(0), band, moved ? loops<T>().second : loops<T>().reverse, [&](Band<T>& a, int64_t n, int64_t index) {
    a.x = picture<T>(&x, n);
    a.at = which.const_data_ptr<uint8_t>() + n * area;
    a.u = cotangent.const_data_ptr<T>() + n * area;
    if (moved) {
      a.x_t = picture<T>(moved->x, n);
      a.u_t = cotangent_t.const_data_ptr<T>() + n * area;
    }
    if (to) a.dx = to + n * input;
    if (to_t) a.dx_t = to_t + n * input;
    a.kernel_sum = kernel_sums.data() + index * s.outer();
    a.bias_sum = bias_sums.data() + index * s.wide();
  });
  auto add_up = [&](const std::vector<T>& parts, int64_t size) {
    std::vector<double> sum(size);
    for (int64_t i = 0; i < count; i++)
      for (int64_t j = 0; j < size; j++) sum[j] += parts[i * size + j];
    return sum;
  };
  const auto kernel_sum = add_up(kernel_sums, s.outer()), bias_sum = add_up(bias_sums, s.wide());
  auto dw = at::empty(weight.sizes(), weight.options()), db = at::empty({s.out}, weight.options());
  T *pw = dw.mutable_data_ptr<T>(), *pb = db.mutable_data_ptr<T>();
  const int64_t square = s.kernel * s.kernel;
  for (int64_t o = 0; o < s.out; o++) {
    pb[o] = T(bias_sum[o]);
    for (int64_t i = 0; i < s.in; i++)
      for (int64_t k = 0; k < square; k++)
        pw[(o * s.in + i) * square + k] =
            T(kernel_sum[((o / s.lanes * square + k) * s.in_px() + i) * s.lanes + o % s.lanes]);
  }
  out[0] = give(dx);
  out[1] = give(dw);
  out[2] = give(db);
  if (moved) out[3] = give(dx_t);
}

// Runs f with a value of the tensor's type; the caller has checked that it is one of the two.
template <typename F>
void with_type(const at::Tensor& t, F f) {
  TORCH_CHECK(plain_cpu(t), "fused stages take float or double tensors on the CPU, not ", t.toString());
  if (t.scalar_type() == at::kFloat) f(float{});
  else f(double{});
}

// Sums of u and of u * (m - centre), a channel, over dense channels-last tensors: over 1024 pixels in T, over these in
// double, in an order that does not depend on the number of threads.
template <typename T>
void centred_sums(const T* u, const T* m, const std::vector<T>& centre, int64_t pixels, std::vector<double>& sum,
                  std::vector<double>& product) {
  constexpr int64_t block = 1024;
  const int64_t n = int64_t(centre.size()), blocks = (pixels + block - 1) / block;
  std::vector<T> parts(blocks * 2 * n);
  at::parallel_for(0, blocks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t first = i * block, count = std::min(block, pixels - first);
      T* to = parts.data() + i * 2 * n;
      loops<T>().sums(u + first * n, m + first * n, centre.data(), count, n, to, to + n);
    }
  });
  sum.assign(n, 0);
  product.assign(n, 0);
  for (int64_t i = 0; i < blocks; i++)
    for (int64_t c = 0; c < n; c++) {
      sum[c] += parts[i * 2 * n + c];
      product[c] += parts[i * 2 * n + n + c];
    }
}

template <typename T>
std::vector<T> values(const at::Tensor& t) {
  const auto v = t.to(at::kDouble).contiguous();
  const double* p = v.const_data_ptr<double>();
  return std::vector<T>(p, p + v.numel());
}
}  // namespace

extern "C" {

const char* mf_last_error() { return last_error.c_str(); }

// out[0..3] = gradients of input, weight, bias; null where not wanted. Stride 1, dilation 1, one group.
int mf_convolution_backward(at::Tensor** out, const at::Tensor* grad, const at::Tensor* input, const at::Tensor* weight,
                            int64_t padding, int want_input, int want_weight, int want_bias) {
  return guarded([&] {
    std::vector<int64_t> ones{1, 1}, zeros{0, 0}, pad{padding, padding}, bias{weight->size(0)};
    auto g = at::convolution_backward(*grad, *input, *weight, bias, ones, pad, ones, false, zeros, 1,
                                      {want_input != 0, want_weight != 0, want_bias != 0});
    out[0] = give(std::get<0>(g));
    out[1] = give(std::get<1>(g));
    out[2] = give(std::get<2>(g));
  });
}

// out[0..3] = gradients of input, scale, shift for batch statistics (mean, 1/sqrt(var + eps)).
int mf_batch_norm_backward(at::Tensor** out, const at::Tensor* grad, const at::Tensor* input, const at::Tensor* scale,
                           const at::Tensor* mean, const at::Tensor* invstd, double eps) {
  return guarded([&] {
    auto g = at::native_batch_norm_backward(*grad, *input, *scale, {}, {}, *mean, *invstd, true, eps, {true, true, true});
    out[0] = give(std::get<0>(g));
    out[1] = give(std::get<1>(g));
    out[2] = give(std::get<2>(g));
  });
}

int mf_channels_last(at::Tensor** out, const at::Tensor* t) {
  return guarded([&] { out[0] = give(t->contiguous(at::MemoryFormat::ChannelsLast)); });
}

// The values of t (N, C, H, W) at the places `index` of each plane, as max_pool2d_with_indices gives them.
int mf_max_pool_gather(at::Tensor** out, const at::Tensor* t, const at::Tensor* index) {
  return guarded([&] {
    check_planes(*t, "the tangent of a max pool");
    TORCH_CHECK(index->dim() == 4 && index->size(0) == t->size(0) && index->size(1) == t->size(1) &&
                    index->scalar_type() == at::kLong && index->device() == t->device(),
                "places of maxima of shape ", index->sizes(), " do not go with values of shape ", t->sizes());
    const auto format = Layout(*t).format();
    if (!plain_cpu(*t)) {
      auto flat = t->flatten(2).gather(2, index->flatten(2)).view_as(*index);
      out[0] = give(flat.contiguous(format));
      return;
    }
    auto dense = t->contiguous(format);
    auto places = index->contiguous(format);
    auto result = at::empty(index->sizes(), t->options(), format);
    const bool inside = t->scalar_type() == at::kFloat ? gather_maxima<float>(dense, places, result)
                                                       : gather_maxima<double>(dense, places, result);
    TORCH_CHECK(inside, "places of maxima lie outside their picture");
    out[0] = give(result);
  });
}

// Sum of a * b over pictures and pixels, one value a channel.
int mf_channel_dot(at::Tensor** out, const at::Tensor* a, const at::Tensor* b) {
  return guarded([&] {
    if (!plain_cpu(*a)) {
      out[0] = give((*a * *b).sum({0, 2, 3}));
      return;
    }
    check_planes(*a, "a sum over channels");
    check_like(*b, a->sizes(), *a, "a sum over channels");
    const auto format = Layout(*a).format();
    auto x = a->contiguous(format), y = b->contiguous(format);
    auto partial = at::zeros({a->size(0), a->size(1)}, a->options().dtype(at::kDouble));
    if (a->scalar_type() == at::kFloat) dot<float>(x, y, partial);
    else dot<double>(x, y, partial);
    out[0] = give(partial.sum(0).to(a->scalar_type()));
  });
}

// out[0..4] = extremes of ReLU(conv), their places, mean and biased variance of all pixels (double).
int mf_stage_forward(at::Tensor** out, const at::Tensor* x, const at::Tensor* weight, const at::Tensor* bias,
                     const at::Tensor* scale) {
  return guarded([&] {
    check_stage(*x, *weight, bias);
    check_channels(scale, weight->size(0), "a fused stage");
    with_type(*x, [&](auto t) { stage_forward<decltype(t)>(out, *x, *weight, bias, *scale); });
  });
}

// out[0..3] = tangents of the extremes, sums of y' and of (y - mean) y' over all pixels (double).
int mf_stage_tangent(at::Tensor** out, const at::Tensor* x, const at::Tensor* x_t, const at::Tensor* weight,
                     const at::Tensor* bias, const at::Tensor* v, const at::Tensor* bias_t, const at::Tensor* which,
                     const at::Tensor* mean) {
  return guarded([&] {
    check_stage(*x, *weight, bias);
    check_like(*v, weight->sizes(), *x, "a fused stage");
    if (x_t) check_like(*x_t, x->sizes(), *x, "a fused stage");
    check_channels(bias_t, weight->size(0), "a fused stage");
    check_channels(mean, weight->size(0), "a fused stage");
    check_places(*which, *x, *weight);
    with_type(*x, [&](auto t) {
      stage_tangent<decltype(t)>(out, *x, x_t, *weight, bias, *v, bias_t, *which, *mean);
    });
  });
}

// out[0..3] = gradients of input (null where not wanted; added to `before` where that is there), kernel, bias.
int mf_stage_reverse(at::Tensor** out, const at::Tensor* x, const at::Tensor* weight, const at::Tensor* bias,
                     const at::Tensor* u, const at::Tensor* which, const at::Tensor* coefficients, int want_input,
                     const at::Tensor* before) {
  return guarded([&] {
    check_back(*x, *weight, bias, *u, *which, *coefficients, before);
    with_type(*x, [&](auto t) {
      stage_reverse<decltype(t)>(out, *x, *weight, bias, *u, *which, *coefficients, want_input != 0, before, nullptr);
    });
  });
}

// out[0..4] = gradient of the input, tangents of the gradients of kernel and bias, tangent of the input's gradient.
int mf_stage_second(at::Tensor** out, const at::Tensor* x, const at::Tensor* x_t, const at::Tensor* weight,
                    const at::Tensor* bias, const at::Tensor* v, const at::Tensor* bias_t, const at::Tensor* u,
                    const at::Tensor* u_t, const at::Tensor* which, const at::Tensor* coefficients,
                    const at::Tensor* coefficients_t, int want_input, const at::Tensor* before,
                    const at::Tensor* before_t) {
  return guarded([&] {
    const Moved moved{x_t, v, bias_t, u_t, coefficients_t, before_t};
    check_back(*x, *weight, bias, *u, *which, *coefficients, before);
    check_like(*v, weight->sizes(), *x, "a fused stage");
    if (x_t) check_like(*x_t, x->sizes(), *x, "a fused stage");
    check_channels(bias_t, weight->size(0), "a fused stage");
    check_pooled(*u_t, *x, *weight, x->scalar_type());
    check_rows(*coefficients_t, 4, weight->size(0), "a fused stage");
    if (before_t) check_like(*before_t, x->sizes(), *x, "a fused stage");
    with_type(*x, [&](auto t) {
      stage_reverse<decltype(t)>(out, *x, *weight, bias, *u, *which, *coefficients, want_input != 0, before, &moved);
    });
  });
}

// a p + b q + c with one a, b, c a channel (rows of `coefficients`); without q: a p + c. `reuse` writes into p.
int mf_channel_affine(at::Tensor** out, const at::Tensor* p, const at::Tensor* q, const at::Tensor* coefficients,
                      int reuse) {
  return guarded([&] {
    check_planes(*p, "a channel's affine map");
    if (q) check_like(*q, p->sizes(), *p, "a channel's affine map");
    check_rows(*coefficients, 3, p->size(1), "a channel's affine map");
    with_type(*p, [&](auto t) {
      using T = decltype(t);
      const auto first = p->contiguous(at::MemoryFormat::ChannelsLast);
      const auto second = q ? q->contiguous(at::MemoryFormat::ChannelsLast) : at::Tensor();
      auto to = reuse ? first : at::empty_like(first);
      const auto a = values<T>((*coefficients)[0]), b = values<T>((*coefficients)[1]), c = values<T>((*coefficients)[2]);
      const T *from = first.template const_data_ptr<T>(), *other = q ? second.template const_data_ptr<T>() : nullptr;
      T* result = to.template mutable_data_ptr<T>();
      const int64_t channels = p->size(1);
      at::parallel_for(0, p->numel() / channels, 4096, [&](int64_t begin, int64_t end) {
        const int64_t at = begin * channels;
        loops<T>().affine(result + at, from + at, other ? other + at : nullptr, a.data(), b.data(), c.data(),
                          end - begin, channels);
      });
      out[0] = give(to);
    });
  });
}

// out[0..2] = sums of a and of a * (b - centre), one value a channel (double).
int mf_centred_sums(at::Tensor** out, const at::Tensor* a, const at::Tensor* b, const at::Tensor* centre) {
  return guarded([&] {
    check_planes(*a, "a centred sum");
    check_like(*b, a->sizes(), *a, "a centred sum");
    check_channels(centre, a->size(1), "a centred sum");
    with_type(*a, [&](auto t) {
      using T = decltype(t);
      const auto x = a->contiguous(at::MemoryFormat::ChannelsLast), y = b->contiguous(at::MemoryFormat::ChannelsLast);
      std::vector<double> sum, product;
      centred_sums<T>(x.template const_data_ptr<T>(), y.template const_data_ptr<T>(), values<T>(*centre),
                      a->numel() / a->size(1), sum, product);
      out[0] = give(sums(sum));
      out[1] = give(sums(product));
    });
  });
}

// `n` pictures of `side` x `side` pixels, three bytes a pixel, as (n, 3, side, side) of (byte - 127.5) / 128; into `to`,
// a dense tensor of that shape, where it is given.
int mf_pictures(at::Tensor** out, const uint8_t* const* pictures, int64_t n, int64_t side, const at::Tensor* to) {
  return guarded([&] {
    TORCH_CHECK(n >= 0 && side >= 0 && side < (int64_t(1) << 20), "no pictures of ", side, " x ", side, " pixels");
    const int64_t pixels = side * side;
    auto batch = to ? *to : at::empty({n, 3, side, side}, at::kFloat);
    TORCH_CHECK(batch.is_contiguous() && batch.numel() == n * 3 * pixels && batch.scalar_type() == at::kFloat &&
                    batch.is_cpu(), "a batch of another shape");
    float* values = batch.mutable_data_ptr<float>();
    at::parallel_for(0, n, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) kernels().planes(values + i * 3 * pixels, pictures[i], pixels);
    });
    out[0] = give(batch);
  });
}

int mf_set_tf32(int allow) {
  return guarded([&] {
    at::globalContext().setAllowTF32CuBLAS(allow != 0);
    at::globalContext().setAllowTF32CuDNN(allow != 0);
  });
}

int mf_set_deterministic(int on) {
  return guarded([&] {
    at::globalContext().setDeterministicCuDNN(on != 0);
    at::globalContext().setBenchmarkCuDNN(on == 0);
  });
}

// Highest number of bytes allocated on CUDA device `index` since the last reset.
int mf_cuda_peak(int64_t* bytes, int index, int reset) {
  return guarded([&] {
    auto* allocator = c10::getDeviceAllocator(c10::DeviceType::CUDA);
    if (reset) allocator->resetPeakStats(static_cast<c10::DeviceIndex>(index));
    *bytes = allocator->getDeviceStats(static_cast<c10::DeviceIndex>(index)).allocated_bytes[0].peak;
  });
}
}
