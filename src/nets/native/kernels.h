// The fused CPU loops of one stage of a network (convolution -> ReLU -> batch norm -> 2x2 max pool), on plain memory and
// with no libtorch in sight. kernels.cpp is compiled once for every instruction set; ops.cpp picks the best that the
// processor has, cuts the work into bands of rows and adds up their sums in a fixed order, so that results depend
// neither on the number of threads nor on which of them did what.
//
// A stage's full-size values are never stored: 16 channels of 256 x 256 are 4 MiB a picture and moving them costs more
// than computing them again. A band keeps a few rows of them in the cache, and what leaves it is a quarter of the size:
// batch norm is an affine map a channel, so pooling before it gives the same values when one takes the largest where
// scale >= 0 and the smallest where scale < 0.
#pragma once
#include <cstdint>

namespace metafas {

struct Shape {
  int64_t height, width;  // of the stage's input and of its convolution's output
  int64_t in, out;        // channels
  int64_t kernel;         // odd side
  int64_t lanes;          // channels of one register: they are handled in blocks of so many, rounded up with zeros
  int64_t pad() const { return kernel / 2; }
  int64_t blocks() const { return (out + lanes - 1) / lanes; }
  int64_t wide() const { return blocks() * lanes; }                     // output channels, rounded up
  int64_t in_wide() const { return (in + lanes - 1) / lanes * lanes; }  // input channels as outputs of the way back
  int64_t in_px() const { return (in + 3) / 4 * 4; }                       // input channels as stored in a band
  int64_t packed() const { return wide() * kernel * kernel * in; }         // packed kernel
  int64_t packed_back() const { return in_wide() * kernel * kernel * out; }
  int64_t outer() const { return wide() * kernel * kernel * in_px(); }     // a band's gradient of the kernel
};

// One picture of any layout, by its strides; null where there is none.
template <typename T>
struct Picture {
  const T* data = nullptr;
  int64_t channel = 0, row = 0, col = 0;
};

// Everything one band of one picture reads and writes. Small arrays have one value a channel, rounded up to wide().
// Pooled values are (height/2, width/2, out), channels last.
template <typename T>
struct Band {
  Shape shape;
  int64_t begin, end;  // rows, both even
  T* scratch;          // scratch_size() values
  Picture<T> x, x_t;   // input and its tangent
  const T *w, *bias;   // kernel as [block][ky][kx][in][lane]
  const T *v, *bias_t; // its tangent
  const T *w_back, *v_back;  // kernels of the transposed convolution, [block of in][ky][kx][out][lane]

  const T* sign;       // forward: sign of the batch norm's scale
  T* extreme;          // forward: largest or smallest of each 2x2 of ReLU(conv)
  uint8_t* which;      // forward: its place, 0..3 in reading order; first of equals
  double *mean, *square;  // forward: mean and sum of squared deviations of the band's values

  const uint8_t* at;   // derivatives: `which` again
  const T* centre;     // tangent: the batch norm's mean
  T* extreme_t;        // tangent: ReLU(conv)' at the places `at`
  double *sum_t, *product_t;  // tangent: sums of y' and of (y - mean) y'

  const T *u, *u_t;    // reverse: cotangent of the pooled, normalised values before scale; second order: its tangent
  const T* first[3];   // reverse: dy = first[0] u + first[1] y + first[2]
  const T* second[5];  // second order: dy' = first[0] u' + second[0] u + second[1] y' + second[2] y + second[3]
  T *kernel_sum, *bias_sum;  // reverse: the band's gradient; second order: its tangent
  T *dx, *dx_t;        // gradient of the input, (height, width, in); null where not wanted
  bool add;            // whether it is added to what stands there
};

// The loops for one kind of number.
template <typename T>
struct Loops {
  int64_t lanes;
  void (*forward)(const Band<T>&);
  void (*tangent)(const Band<T>&);
  void (*reverse)(const Band<T>&);
  void (*second)(const Band<T>&);
  // to = a p + b q + c over `pixels` pixels of `channels` values, with one a, b, c a channel; q may be null.
  void (*affine)(T* to, const T* p, const T* q, const T* a, const T* b, const T* c, int64_t pixels, int64_t channels);
  // Adds the sums of u and of u (m - centre), a channel, to `sum` and `product`.
  void (*sums)(const T* u, const T* m, const T* centre, int64_t pixels, int64_t channels, T* sum, T* product);
};

struct Kernels {
  Loops<float> of_float;
  Loops<double> of_double;
  // A picture's bytes, three a pixel, as three planes of (byte - 127.5) / 128, which single precision holds exactly.
  void (*planes)(float* to, const uint8_t* rgb, int64_t pixels);
};

// Values of scratch that a band of `rows` rows needs, for any of the loops.
inline int64_t scratch_size(const Shape& s, int64_t rows) {
  const int64_t wide = s.width + 2 * s.pad(), high = rows + 4 * s.pad();
  const int64_t in = high * wide * s.in_px(), out = high * wide * s.wide();
  return 2 * in + 2 * out + 4 * s.width * (s.wide() + s.in_wide());
}

namespace baseline { extern const Kernels kernels; }
#if defined(MF_X86)
namespace avx2 { extern const Kernels kernels; }
namespace avx512 { extern const Kernels kernels; }
#endif

}  // namespace metafas
