// The few libtorch functions that tch does not bind, behind a C interface: gradients of convolution and batch norm,
// the channels-last layout, TF32 switches, the device allocator's high-water mark; and two small loops over CPU memory
// that libtorch has no single operator for. A C++ exception becomes a message that Rust reads with mf_last_error.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <string>
#include <tuple>

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
void gather_maxima(const at::Tensor& t, const at::Tensor& index, at::Tensor& out) {
  Layout in(t), small(out);
  const T* from = t.const_data_ptr<T>();
  const int64_t* places = index.const_data_ptr<int64_t>();
  T* to = out.mutable_data_ptr<T>();
  at::parallel_for(0, in.n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const T* plane = from + n * in.c * in.hw;
      const int64_t base = n * in.c * small.hw;
      if (in.channels_last) {
        for (int64_t k = 0; k < small.hw; k++)
          for (int64_t c = 0; c < in.c; c++) {
            const int64_t j = base + k * in.c + c;
            to[j] = plane[places[j] * in.c + c];
          }
      } else {
        for (int64_t c = 0; c < in.c; c++)
          for (int64_t k = 0; k < small.hw; k++) {
            const int64_t j = base + c * small.hw + k;
            to[j] = plane[c * in.hw + places[j]];
          }
      }
    }
  });
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
    const auto format = Layout(*t).format();
    if (!plain_cpu(*t)) {
      auto flat = t->flatten(2).gather(2, index->flatten(2)).view_as(*index);
      out[0] = give(flat.contiguous(format));
      return;
    }
    auto dense = t->contiguous(format);
    auto places = index->contiguous(format);
    auto result = at::empty(index->sizes(), t->options(), format);
    if (t->scalar_type() == at::kFloat) gather_maxima<float>(dense, places, result);
    else gather_maxima<double>(dense, places, result);
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
    const auto format = Layout(*a).format();
    auto x = a->contiguous(format), y = b->contiguous(format);
    auto partial = at::zeros({a->size(0), a->size(1)}, a->options().dtype(at::kDouble));
    if (a->scalar_type() == at::kFloat) dot<float>(x, y, partial);
    else dot<double>(x, y, partial);
    out[0] = give(partial.sum(0).to(a->scalar_type()));
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
