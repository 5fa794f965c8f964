//! Operators: what a network is made of. Their rules stand in `evaluate` (forward), `reverse`, `tangent` and
//! `second_order`; those marked so have a forward rule alone and are differentiated by libtorch, once.

/// One operator. Numbers such as `weight` are positions in the parameter list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Op {
    /// The picture.
    Input,
    /// Convolution.
    Conv { weight: usize, bias: Option<usize>, shape: ConvShape },
    /// max(x, 0).
    Relu,
    /// x where positive, 0.2 x elsewhere.
    LeakyRelu,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
    /// tanh(x); smooth, for checks against finite differences.
    Tanh,
    /// Normalisation a channel, then scale and shift. `index` counts the batch norms of the graph.
    BatchNorm { scale: usize, shift: usize, index: usize },
    /// Largest of each window; windows overlap or not, all halve the side.
    MaxPool(PoolShape),
    /// Mean of each k x k.
    AvgPool(i64),
    /// Mean of overlapping 3x3 windows at every other pixel, of what lies inside the picture.
    AvgPoolSame,
    /// Bilinear reduction by k: the mean of the middle 2x2 of each k x k.
    Shrink(i64),
    /// Shares of uniform local binary patterns in HSV and YCbCr, as a picture of one pixel. Nothing flows back through it.
    Texture,
    /// Normalisation a channel without scale and shift. `index` counts as `BatchNorm`'s does.
    Standardise { index: usize },
    /// Mean of every channel, as a picture of one pixel.
    GlobalMean,
    /// Mean and maximum over channels, as two channels.
    ChannelStats,
    /// Channels one behind the other.
    Concat,
    /// Sum of two values.
    Add,
    /// The first value times the second, whose one channel goes for all.
    Scale,
    /// Some of the channels, from `first` on.
    Slice { first: i64 },
    /// Three channels, each (x - mean) / deviation with constants.
    Fixed { mean: [f64; 3], deviation: [f64; 3] },
    /// Every pixel four times.
    Double,
    /// Half the sum of two values.
    Mean,
    /// Shares of e^x over channels.
    Softmax,
}

/// How a convolution walks over its input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ConvShape {
    /// Steps of its window: 1 or 2.
    pub stride: i64,
    /// Zeros put above and to the left.
    pub before: i64,
    /// Zeros put below and to the right.
    pub after: i64,
    /// Central difference (CDCN's theta): the kernel's centre loses this share of the kernel's sum. 0 is plain.
    pub theta: f64,
}

impl ConvShape {
    /// Whether derivatives of every order are there: stride 1, as much padding on both sides.
    fn is_simple(self) -> bool {
        self.stride == 1 && self.before == self.after
    }
}

/// Windows of a max pool that halves the side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolShape {
    /// 2x2, side by side.
    Two,
    /// 3x3 at every other pixel, the first hanging over the upper and left border (`PyTorch`'s padding 1).
    Three,
    /// 3x3 at every other pixel, the last hanging over the lower and right border (`TensorFlow`'s SAME).
    ThreeSame,
}

impl PoolShape {
    /// Kernel, stride and padding, and whether the last window may hang over.
    pub fn parts(self) -> ([i64; 2], [i64; 2], [i64; 2], bool) {
        match self {
            Self::Two => ([2, 2], [2, 2], [0, 0], false),
            Self::Three => ([3, 3], [2, 2], [1, 1], false),
            Self::ThreeSame => ([3, 3], [2, 2], [0, 0], true),
        }
    }
}

/// Side of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The picture's, halved so often.
    Halved(u32),
    /// The same, rounded up every time.
    HalvedUp(u32),
    /// One pixel.
    One,
}

impl Side {
    pub fn of(self, size: i64) -> i64 {
        match self {
            Self::Halved(times) => size >> times,
            Self::HalvedUp(times) => (size + (1 << times) - 1) >> times,
            Self::One => 1,
        }
    }
}

/// The pattern of operations without rules by hand; one that is new is in here or has all of them, or nothing compiles.
macro_rules! without_rules {
    () => {
        $crate::nets::op::Op::LeakyRelu
            | $crate::nets::op::Op::Sigmoid
            | $crate::nets::op::Op::AvgPoolSame
            | $crate::nets::op::Op::Texture
            | $crate::nets::op::Op::Standardise { .. }
            | $crate::nets::op::Op::GlobalMean
            | $crate::nets::op::Op::ChannelStats
            | $crate::nets::op::Op::Scale
            | $crate::nets::op::Op::Slice { .. }
            | $crate::nets::op::Op::Fixed { .. }
            | $crate::nets::op::Op::Double
            | $crate::nets::op::Op::Mean
            | $crate::nets::op::Op::Softmax
    };
}
pub(super) use without_rules;

impl Op {
    /// Whether it has all four rules.
    pub fn is_by_hand(&self) -> bool {
        match self {
            Self::Conv { shape, .. } => shape.is_simple(),
            Self::MaxPool(shape) => *shape != PoolShape::ThreeSame,
            Self::Input
            | Self::Relu
            | Self::Tanh
            | Self::BatchNorm { .. }
            | Self::AvgPool(_)
            | Self::Shrink(_)
            | Self::Concat
            | Self::Add => true,
            without_rules!() => false,
        }
    }
}
