// The loops of kernels.h. Compiled once for every instruction set into a namespace of its own (MF_ISA); everything but
// the table at the end is local, and no library header with functions is included, so that no code for a newer
// processor can be linked into the older one's paths.
#include "kernels.h"

namespace metafas::MF_ISA {
namespace {

// Bytes of a register; how many sums a kernel's gradient and how many pixels a convolution keep in registers at once.
#if defined(__AVX512F__)
constexpr int kBytes = 64, kChunk = 24;
template <typename T> constexpr int kPixels = 16;
#elif defined(__AVX2__)
constexpr int kBytes = 32, kChunk = 12;
template <typename T> constexpr int kPixels = 12;
#else
constexpr int kBytes = 16, kChunk = 12;
template <typename T> constexpr int kPixels = 12;
#endif
template <typename T> constexpr int kLanes = kBytes / sizeof(T);

template <typename T> struct Lanes;
template <> struct Lanes<float> {
  typedef float V __attribute__((vector_size(kBytes)));
  typedef int32_t I __attribute__((vector_size(kBytes)));
  typedef uint8_t Bytes __attribute__((vector_size(kLanes<float>)));
};
template <> struct Lanes<double> {
  typedef double V __attribute__((vector_size(kBytes)));
  typedef int64_t I __attribute__((vector_size(kBytes)));
  typedef uint8_t Bytes __attribute__((vector_size(kLanes<double>)));
};

template <typename T> using V = typename Lanes<T>::V;
template <typename T> using I = typename Lanes<T>::I;
template <typename T> using Bytes = typename Lanes<T>::Bytes;

template <typename T> inline V<T> load(const T* p) {
  V<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <typename T> inline void store(T* p, V<T> v) { __builtin_memcpy(p, &v, sizeof v); }

// The first n lanes alone, the others 0: channels of a block that is not full.
template <typename T> inline V<T> load(const T* p, int64_t n) {
  if (n >= kLanes<T>) return load(p);
  V<T> v = {};
  for (int64_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}
template <typename T> inline void store(T* p, V<T> v, int64_t n) {
  if (n >= kLanes<T>) return store(p, v);
  for (int64_t i = 0; i < n; i++) p[i] = v[i];
}
template <typename T> inline I<T> load_places(const uint8_t* p, int64_t n) {
  Bytes<T> b = {};
  if (n >= kLanes<T>) __builtin_memcpy(&b, p, sizeof b);
  else for (int64_t i = 0; i < n; i++) b[i] = p[i];
  return __builtin_convertvector(b, I<T>);
}

// A NaN stays one, as in libtorch.
template <typename T> inline V<T> relu(V<T> a) { return a < 0 ? V<T>{} : a; }

// Rows of pixels in the cache, channels last.
template <typename T>
struct Slab {
  T* data;
  int64_t row, px;
  T* at(int64_t r, int64_t c) const { return data + r * row + c * px; }
};

// Cuts slabs off the scratch memory.
template <typename T>
struct Scratch {
  T* next;
  Slab<T> take(int64_t rows, int64_t cols, int64_t px) {
    Slab<T> s{next, cols * px, px};
    next += rows * cols * px;
    return s;
  }
};

// Rows begin .. end of a picture with `pad` zeros on both sides; rows outside the picture are 0.
template <typename T>
void pack(const Picture<T>& x, const Shape& s, int64_t begin, int64_t end, const Slab<T>& to) {
  const int64_t pad = s.pad(), px = to.px;
  for (int64_t r = begin; r < end; r++) {
    T* row = to.at(r - begin, 0);
    if (r < 0 || r >= s.height) {
      for (int64_t i = 0; i < to.row; i++) row[i] = 0;
      continue;
    }
    for (int64_t i = 0; i < pad * px; i++) row[i] = row[(s.width + pad) * px + i] = 0;
    const T* from = x.data + r * x.row;
    T* inner = row + pad * px;
    if (x.channel == 1 && x.col == px) {
      __builtin_memcpy(inner, from, sizeof(T) * s.width * px);
      continue;
    }
    for (int64_t c = 0; c < px; c++)
      for (int64_t k = 0; k < s.width; k++) inner[k * px + c] = c < s.in ? from[c * x.channel + k * x.col] : T(0);
  }
}

// P neighbouring pixels of one row of a convolution, one block of output channels. PX is the pixels' distance where
// it is known when compiling, else 0.
template <typename T, int P, int PX>
inline void conv_pixels(const T* in, int64_t row, int64_t px, int64_t channels, int64_t kernel, const T* w, V<T> bias,
                        T* out, int64_t out_px, bool add) {
  if (PX) px = PX;
  V<T> acc[P];
#pragma GCC unroll 16
  for (int p = 0; p < P; p++) acc[p] = add ? bias + load(out + p * out_px) : bias;
  for (int64_t ky = 0; ky < kernel; ky++)
    for (int64_t kx = 0; kx < kernel; kx++) {
      const T* from = in + ky * row + kx * px;
      for (int64_t c = 0; c < channels; c++, w += kLanes<T>) {
        const V<T> weight = load(w);
#pragma GCC unroll 16
        for (int p = 0; p < P; p++) acc[p] += weight * from[p * px + c];
      }
    }
#pragma GCC unroll 16
  for (int p = 0; p < P; p++) store(out + p * out_px, acc[p]);
}

template <typename T, int PX>
void conv_rows(const Slab<T>& in, int64_t from, int64_t rows, int64_t cols, int64_t channels, int64_t kernel,
               const T* w, const T* bias, int64_t blocks, const Slab<T>& out, int64_t to, int64_t shift, bool add) {
  constexpr int P = kPixels<T>;
  for (int64_t b = 0; b < blocks; b++) {
    const V<T> base = bias ? load(bias + b * kLanes<T>) : V<T>{};
    const T* weights = w + b * kernel * kernel * channels * kLanes<T>;
    for (int64_t r = 0; r < rows; r++) {
      int64_t c = 0;
      for (; c + P <= cols; c += P)
        conv_pixels<T, P, PX>(in.at(from + r, c), in.row, in.px, channels, kernel, weights, base,
                              out.at(to + r, shift + c) + b * kLanes<T>, out.px, add);
      for (; c < cols; c++)
        conv_pixels<T, 1, PX>(in.at(from + r, c), in.row, in.px, channels, kernel, weights, base,
                              out.at(to + r, shift + c) + b * kLanes<T>, out.px, add);
    }
  }
}

// Convolution of the padded rows from `from` of `in` into rows from `to` of `out`, columns from `shift`; added to what
// stands there where `add` says so.
template <typename T>
void conv(const Slab<T>& in, int64_t from, int64_t rows, int64_t cols, int64_t channels, int64_t kernel, const T* w,
          const T* bias, int64_t blocks, const Slab<T>& out, int64_t to, int64_t shift, bool add) {
  switch (in.px) {
    case 4: return conv_rows<T, 4>(in, from, rows, cols, channels, kernel, w, bias, blocks, out, to, shift, add);
    case 16: return conv_rows<T, 16>(in, from, rows, cols, channels, kernel, w, bias, blocks, out, to, shift, add);
    case 32: return conv_rows<T, 32>(in, from, rows, cols, channels, kernel, w, bias, blocks, out, to, shift, add);
    case 48: return conv_rows<T, 48>(in, from, rows, cols, channels, kernel, w, bias, blocks, out, to, shift, add);
    default: return conv_rows<T, 0>(in, from, rows, cols, channels, kernel, w, bias, blocks, out, to, shift, add);
  }
}

// One row's part of a kernel's gradient: J neighbouring values of x against one block of d.
template <typename T, int J>
inline void outer_row(const T* d, int64_t d_px, const T* x, int64_t x_px, int64_t cols, T* out) {
  V<T> acc[J] = {};
  for (int64_t c = 0; c < cols; c++, d += d_px, x += x_px) {
    const V<T> grad = load(d);
#pragma GCC unroll 24
    for (int j = 0; j < J; j++) acc[j] += grad * x[j];
  }
#pragma GCC unroll 24
  for (int j = 0; j < J; j++) store(out + j * kLanes<T>, load(out + j * kLanes<T>) + acc[j]);
}

// Adds d (x) x over `rows` rows to out, [block][ky][kx][in_px][lane]. Row r of d belongs to rows r .. r + kernel of x.
template <typename T>
void outer(const Slab<T>& d, int64_t d_from, int64_t d_shift, const Slab<T>& x, int64_t x_from, int64_t rows,
           const Shape& s, T* out) {
  const int64_t taps = s.kernel * x.px;
  for (int64_t b = 0; b < s.blocks(); b++)
    for (int64_t r = 0; r < rows; r++)
      for (int64_t ky = 0; ky < s.kernel; ky++) {
        const T* grad = d.at(d_from + r, d_shift) + b * kLanes<T>;
        const T* from = x.at(x_from + r + ky, 0);
        T* sum = out + (b * s.kernel + ky) * taps * kLanes<T>;
        int64_t j = 0;
        for (; j + kChunk <= taps; j += kChunk)
          outer_row<T, kChunk>(grad, d.px, from + j, x.px, s.width, sum + j * kLanes<T>);
        for (; j + 12 <= taps; j += 12) outer_row<T, 12>(grad, d.px, from + j, x.px, s.width, sum + j * kLanes<T>);
        for (; j < taps; j += 4) outer_row<T, 4>(grad, d.px, from + j, x.px, s.width, sum + j * kLanes<T>);
      }
}

template <typename T> inline void add_to(double* to, V<T> v, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] += v[i];
}

// y = ReLU(conv(x)); of each 2x2 the extreme and its place, and the sums for the batch's mean and variance. Sums run
// over two rows in T around the mean of the band's first two, over rows and bands in double.
template <typename T>
void forward(const Band<T>& a) {
  const Shape& s = a.shape;
  Scratch<T> scratch{a.scratch};
  const auto x = scratch.take(a.end - a.begin + 2 * s.pad(), s.width + 2 * s.pad(), s.in_px());
  const auto y = scratch.take(2, s.width, s.wide());
  T* pivot = scratch.take(1, 1, s.wide()).data;
  pack(a.x, s, a.begin - s.pad(), a.end + s.pad(), x);
  for (int64_t i = 0; i < s.out; i++) a.mean[i] = a.square[i] = 0;
  for (int64_t r = a.begin; r < a.end; r += 2) {
    conv(x, r - a.begin, 2, s.width, s.in, s.kernel, a.w, a.bias, s.blocks(), y, 0, 0, false);
    for (int64_t b = 0; b < s.blocks(); b++) {
      const int64_t first = b * kLanes<T>, n = s.out - first;
      if (r == a.begin) {
        V<T> sum = {};
        for (int64_t c = 0; c < 2 * s.width; c++) sum += relu<T>(load(y.at(0, c) + first));
        store(pivot + first, sum / T(2 * s.width));
      }
      const V<T> sign = load(a.sign + first), origin = load(pivot + first);
      V<T> sum = {}, square = {};
      const int64_t pooled = (r / 2) * (s.width / 2) * s.out + first;
      for (int64_t c = 0; c < s.width; c += 2) {
        V<T> best = {}, key = {};
        I<T> place = {};
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
          const V<T> value = relu<T>(load(y.at(j / 2, c + j % 2) + first));
          const V<T> off = value - origin, rank = value * sign;
          sum += off;
          square += off * off;
          const I<T> better = j == 0 ? ~I<T>{} : (rank > key) | (rank != rank);
          best = better ? value : best;
          key = better ? rank : key;
          place = better ? I<T>{} + j : place;
        }
        const int64_t to = pooled + c / 2 * s.out;
        store(a.extreme + to, best, n);
        const Bytes<T> narrow = __builtin_convertvector(place, Bytes<T>);
        if (n >= kLanes<T>) __builtin_memcpy(a.which + to, &narrow, sizeof narrow);
        else for (int64_t i = 0; i < n; i++) a.which[to + i] = narrow[i];
      }
      const int64_t live = n < kLanes<T> ? n : kLanes<T>;
      add_to<T>(a.mean + first, sum, live);
      add_to<T>(a.square + first, square, live);
    }
  }
  const double count = double((a.end - a.begin) * s.width);
  for (int64_t i = 0; i < s.out; i++) {
    const double off = a.mean[i] / count;
    a.square[i] -= off * off * count;
    a.mean[i] = pivot[i] + off;
  }
}

// y' = [y > 0] (conv(x', W) + conv(x, V) + v_b) at the places of the extremes, and its two sums over all pixels.
template <typename T>
void tangent(const Band<T>& a) {
  const Shape& s = a.shape;
  Scratch<T> scratch{a.scratch};
  const int64_t rows = a.end - a.begin + 2 * s.pad(), cols = s.width + 2 * s.pad();
  const auto x = scratch.take(rows, cols, s.in_px()), x_t = scratch.take(rows, cols, s.in_px());
  const auto y = scratch.take(2, s.width, s.wide()), y_t = scratch.take(2, s.width, s.wide());
  pack(a.x, s, a.begin - s.pad(), a.end + s.pad(), x);
  if (a.x_t.data) pack(a.x_t, s, a.begin - s.pad(), a.end + s.pad(), x_t);
  for (int64_t i = 0; i < s.out; i++) a.sum_t[i] = a.product_t[i] = 0;
  for (int64_t r = a.begin; r < a.end; r += 2) {
    conv(x, r - a.begin, 2, s.width, s.in, s.kernel, a.w, a.bias, s.blocks(), y, 0, 0, false);
    conv(x, r - a.begin, 2, s.width, s.in, s.kernel, a.v, a.bias_t, s.blocks(), y_t, 0, 0, false);
    if (a.x_t.data)
      conv<T>(x_t, r - a.begin, 2, s.width, s.in, s.kernel, a.w, nullptr, s.blocks(), y_t, 0, 0, true);
    for (int64_t b = 0; b < s.blocks(); b++) {
      const int64_t first = b * kLanes<T>, n = s.out - first;
      const V<T> centre = load(a.centre + first);
      V<T> sum = {}, product = {};
      const int64_t pooled = (r / 2) * (s.width / 2) * s.out + first;
      for (int64_t c = 0; c < s.width; c += 2) {
        const int64_t to = pooled + c / 2 * s.out;
        const I<T> place = load_places<T>(a.at + to, n);
        V<T> chosen = {};
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
          const V<T> value = load(y.at(j / 2, c + j % 2) + first);
          const V<T> moved = value > 0 ? load(y_t.at(j / 2, c + j % 2) + first) : V<T>{};
          sum += moved;
          product += moved * (value - centre);
          chosen = place == j ? moved : chosen;
        }
        store(a.extreme_t + to, chosen, n);
      }
      const int64_t live = n < kLanes<T> ? n : kLanes<T>;
      add_to<T>(a.sum_t + first, sum, live);
      add_to<T>(a.product_t + first, product, live);
    }
  }
}

template <typename T> inline void clear(T* p, int64_t n) {
  for (int64_t i = 0; i < n; i++) p[i] = 0;
}

template <typename T> void write_row(const Slab<T>& from, const Shape& s, int64_t r, bool add, T* to) {
  for (int64_t c = 0; c < s.width; c++)
    for (int64_t first = 0; first < s.in; first += kLanes<T>) {
      T* at = to + (r * s.width + c) * s.in + first;
      const V<T> value = load(from.at(0, c) + first);
      store(at, add ? value + load(at, s.in - first) : value, s.in - first);
    }
}

// Gradients of kernel, bias and input. The pooled cotangent goes to the places of the extremes, batch norm spreads it
// over all pixels (first[] holds its rule as an affine map a channel), ReLU masks it.
template <typename T>
void reverse(const Band<T>& a) {
  const Shape& s = a.shape;
  Scratch<T> scratch{a.scratch};
  const int64_t pad = s.pad(), halo = a.dx ? pad : 0;  // the input's gradient reads d beyond the band
  const int64_t begin = a.begin - halo, end = a.end + halo, cols = s.width + 2 * pad;
  const auto x = scratch.take(end - begin + 2 * pad, cols, s.in_px());
  const auto d = scratch.take(end - begin, cols, s.wide());
  const auto dx = scratch.take(1, s.width, s.in_wide());
  pack(a.x, s, begin - pad, end + pad, x);
  clear(d.data, (end - begin) * d.row);
  clear(a.kernel_sum, s.outer());
  clear(a.bias_sum, s.wide());
  for (int64_t r = begin < 0 ? 0 : begin; r < end && r < s.height; r++) {
    conv(x, r - begin, 1, s.width, s.in, s.kernel, a.w, a.bias, s.blocks(), d, r - begin, pad, false);
    for (int64_t b = 0; b < s.blocks(); b++) {
      const int64_t first = b * kLanes<T>, n = s.out - first;
      const V<T> by_u = load(a.first[0] + first), by_y = load(a.first[1] + first), base = load(a.first[2] + first);
      V<T> sum = {};
      for (int64_t c = 0; c < s.width; c++) {
        T* at = d.at(r - begin, pad + c) + first;
        const int64_t from = ((r / 2) * (s.width / 2) + c / 2) * s.out + first;
        const int place = int(r % 2) * 2 + int(c % 2);
        const V<T> y = load(at), u = load_places<T>(a.at + from, n) == place ? load(a.u + from, n) : V<T>{};
        const V<T> grad = y > 0 ? by_u * u + by_y * y + base : V<T>{};
        sum += grad;
        store(at, grad);
      }
      if (r >= a.begin && r < a.end) store(a.bias_sum + first, load(a.bias_sum + first) + sum);
    }
  }
  outer(d, a.begin - begin, pad, x, a.begin - begin, a.end - a.begin, s, a.kernel_sum);
  if (!a.dx) return;
  for (int64_t r = a.begin; r < a.end; r++) {
    conv<T>(d, r - a.begin, 1, s.width, s.out, s.kernel, a.w_back, nullptr, s.in_wide() / kLanes<T>, dx, 0, 0, false);
    write_row(dx, s, r, a.add, a.dx);
  }
}

// The same and its tangent, forward over reverse.
template <typename T>
void second(const Band<T>& a) {
  const Shape& s = a.shape;
  Scratch<T> scratch{a.scratch};
  const int64_t pad = s.pad(), halo = a.dx ? pad : 0;
  const int64_t begin = a.begin - halo, end = a.end + halo, cols = s.width + 2 * pad;
  const auto x = scratch.take(end - begin + 2 * pad, cols, s.in_px());
  const auto x_t = scratch.take(end - begin + 2 * pad, cols, s.in_px());
  const auto d = scratch.take(end - begin, cols, s.wide()), d_t = scratch.take(end - begin, cols, s.wide());
  const auto dx = scratch.take(1, s.width, s.in_wide());
  pack(a.x, s, begin - pad, end + pad, x);
  if (a.x_t.data) pack(a.x_t, s, begin - pad, end + pad, x_t);
  clear(d.data, (end - begin) * d.row);
  clear(d_t.data, (end - begin) * d.row);
  clear(a.kernel_sum, s.outer());
  clear(a.bias_sum, s.wide());
  for (int64_t r = begin < 0 ? 0 : begin; r < end && r < s.height; r++) {
    const int64_t row = r - begin;
    conv(x, row, 1, s.width, s.in, s.kernel, a.w, a.bias, s.blocks(), d, row, pad, false);
    conv(x, row, 1, s.width, s.in, s.kernel, a.v, a.bias_t, s.blocks(), d_t, row, pad, false);
    if (a.x_t.data) conv<T>(x_t, row, 1, s.width, s.in, s.kernel, a.w, nullptr, s.blocks(), d_t, row, pad, true);
    for (int64_t b = 0; b < s.blocks(); b++) {
      const int64_t first = b * kLanes<T>, n = s.out - first;
      const V<T> by_u = load(a.first[0] + first), by_y = load(a.first[1] + first), base = load(a.first[2] + first);
      const V<T> u_moved = load(a.second[0] + first), by_yt = load(a.second[1] + first);
      const V<T> y_moved = load(a.second[2] + first), base_moved = load(a.second[3] + first);
      V<T> sum = {};
      for (int64_t c = 0; c < s.width; c++) {
        T *at = d.at(row, pad + c) + first, *at_t = d_t.at(row, pad + c) + first;
        const int64_t from = ((r / 2) * (s.width / 2) + c / 2) * s.out + first;
        const int place = int(r % 2) * 2 + int(c % 2);
        const I<T> here = load_places<T>(a.at + from, n) == place;
        const V<T> y = load(at), y_t = load(at_t);
        const V<T> u = here ? load(a.u + from, n) : V<T>{}, u_t = here ? load(a.u_t + from, n) : V<T>{};
        const V<T> grad = by_u * u + by_y * y + base;
        const V<T> grad_t = by_u * u_t + u_moved * u + by_yt * y_t + y_moved * y + base_moved;
        const V<T> masked_t = y > 0 ? grad_t : V<T>{};
        sum += masked_t;
        store(at, y > 0 ? grad : V<T>{});
        store(at_t, masked_t);
      }
      if (r >= a.begin && r < a.end) store(a.bias_sum + first, load(a.bias_sum + first) + sum);
    }
  }
  const int64_t rows = a.end - a.begin, from = a.begin - begin;
  outer(d_t, from, pad, x, from, rows, s, a.kernel_sum);
  if (a.x_t.data) outer(d, from, pad, x_t, from, rows, s, a.kernel_sum);
  if (!a.dx) return;
  const int64_t blocks = s.in_wide() / kLanes<T>;
  for (int64_t r = a.begin; r < a.end; r++) {
    const int64_t row = r - a.begin;
    conv<T>(d, row, 1, s.width, s.out, s.kernel, a.w_back, nullptr, blocks, dx, 0, 0, false);
    write_row(dx, s, r, a.add, a.dx);
    conv<T>(d_t, row, 1, s.width, s.out, s.kernel, a.w_back, nullptr, blocks, dx, 0, 0, false);
    conv<T>(d, row, 1, s.width, s.out, s.kernel, a.v_back, nullptr, blocks, dx, 0, 0, true);
    write_row(dx, s, r, a.add, a.dx_t);
  }
}

// A last block that is not full reads its channels' constants one by one; pixels stay whole.
template <typename T>
void affine(T* to, const T* p, const T* q, const T* a, const T* b, const T* c, int64_t pixels, int64_t channels) {
  for (int64_t first = 0; first < channels; first += kLanes<T>) {
    const int64_t n = channels - first;
    const V<T> by_p = load(a + first, n), by_q = load(b + first, n), base = load(c + first, n);
    for (int64_t i = first; i < pixels * channels; i += channels) {
      V<T> sum = by_p * load(p + i, n) + base;
      if (q) sum += by_q * load(q + i, n);
      store(to + i, sum, n);
    }
  }
}

template <typename T>
void sums(const T* u, const T* m, const T* centre, int64_t pixels, int64_t channels, T* sum, T* product) {
  for (int64_t first = 0; first < channels; first += kLanes<T>) {
    const int64_t n = channels - first;
    const V<T> origin = load(centre + first, n);
    V<T> s = {}, p = {};
    for (int64_t i = first; i < pixels * channels; i += channels) {
      const V<T> value = load(u + i, n);
      s += value;
      p += value * (load(m + i, n) - origin);
    }
    store(sum + first, load(sum + first, n) + s, n);
    store(product + first, load(product + first, n) + p, n);
  }
}

typedef uint8_t Sixteen __attribute__((vector_size(16)));
typedef int32_t Four __attribute__((vector_size(16)));
typedef float FourNumbers __attribute__((vector_size(16)));

// Four pixels of three bytes, a register's lane each: red in its lowest byte, then green, then blue. Sixteen bytes are
// read.
inline Four four_pixels(const uint8_t* rgb) {
#if defined(__SSSE3__) && !defined(__clang__)
  Sixteen bytes;
  __builtin_memcpy(&bytes, rgb, 16);
  return (Four)__builtin_shuffle(bytes, (Sixteen){0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11});
#else
  int32_t lanes[4];
  for (int i = 0; i < 4; i++) __builtin_memcpy(&lanes[i], rgb + 3 * i, 4);
  return (Four){lanes[0], lanes[1], lanes[2], lanes[3]};
#endif
}

void planes(float* to, const uint8_t* rgb, int64_t pixels) {
  int64_t i = 0;
  for (; 3 * i + 16 <= 3 * pixels; i += 4) {
    const Four four = four_pixels(rgb + 3 * i);
    for (int c = 0; c < 3; c++) {
      const Four one = (four >> (8 * c)) & 255;
      const FourNumbers numbers = __builtin_convertvector(one, FourNumbers) * (1 / 128.f) - 127.5f / 128.f;
      __builtin_memcpy(to + c * pixels + i, &numbers, 16);
    }
  }
  for (; i < pixels; i++)
    for (int c = 0; c < 3; c++) to[c * pixels + i] = rgb[3 * i + c] * (1 / 128.f) - 127.5f / 128.f;
}

template <typename T>
constexpr Loops<T> loops = {kLanes<T>, forward<T>, tangent<T>, reverse<T>, second<T>, affine<T>, sums<T>};

}  // namespace

extern const Kernels kernels = {loops<float>, loops<double>, planes};

}  // namespace metafas::MF_ISA
