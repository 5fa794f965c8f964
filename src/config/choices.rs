//! Settings with a fixed set of values, under the names configurations and the command line use.

use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// All values, in the order they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name configurations and the command line use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|c| c.name() == text).ok_or_else(|| {
                    let all: Vec<&str> = Self::ALL.iter().map(|c| c.name()).collect();
                    format!("'{text}' is none of {}", all.join(", "))
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

choice! {
    /// Where the faces come from.
    DataSource {
        /// Rendered by the program.
        Builtin = "builtin",
        /// A folder with live/ and spoof/ pictures.
        Folder = "folder",
        /// Data sets as their makers laid them out, and a protocol.
        Datasets = "datasets",
        /// A CSV file that lists clips and pictures.
        Manifest = "manifest",
    }
}

choice! {
    /// Who finds faces where a set's own files do not tell.
    FaceFinder {
        /// MediaPipe's detector and mesh, which come with the program.
        MediaPipe = "mediapipe",
        /// MTCNN, with weights that the user has put in place.
        Mtcnn = "mtcnn",
    }
}

choice! {
    /// What batches are balanced over.
    Balance {
        /// Live faces and attacks.
        Label = "label",
        /// Live faces and attacks, each in equal numbers from every domain.
        LabelAndDomain = "label_and_domain",
    }
}

choice! {
    /// Which stages see augmented pictures; scores never do.
    AugmentStages {
        /// None.
        None = "none",
        /// The detector's training.
        Detector = "detector",
        /// Pretraining, bi-level training and the detector's training.
        All = "all",
    }
}

choice! {
    /// What may happen to a picture.
    AugmentSet {
        /// Every other picture is mirrored: Meta Pattern, SSDG.
        Flips = "flips",
        /// CDCN's: crops, colours, erasing, mirror images, cutout.
        Cdcn = "cdcn",
        /// What the other settings of the section say.
        Custom = "custom",
    }
}

choice! {
    /// Size of the built-in benchmark.
    Benchmark {
        /// A person or two a part, to try things out.
        Tiny = "tiny",
        /// A tenth to a fifth of the originals' clips.
        Mini = "mini",
        /// As many people and clips as the originals have.
        Full = "full",
    }
}

choice! {
    /// What counts as a whole set in cross-set protocols; published work differs.
    WholeSet {
        /// Every video but enrolment.
        EveryVideo = "every_video",
        /// Without dev and devel parts.
        NoDev = "no_dev",
    }
}

choice! {
    /// A network by name.
    Network {
        /// FAS-DR-Light: one convolution a stage, the meta-teacher and the surrogate detector.
        Light = "light",
        /// FAS-DR: three convolutions a stage, the detector.
        FasDr = "fas_dr",
        /// FAS-DR with one more convolution a stage, the big teacher of the distillation baselines.
        FasDrBig = "fas_dr_big",
        /// ResNet-8, the ablation's teacher.
        Resnet8 = "resnet8",
    }
}

choice! {
    /// Arithmetic of matrix products and convolutions; everything else is single precision.
    Precision {
        /// IEEE single precision.
        Fp32 = "fp32",
        /// Products rounded to TF32 on GPUs that have it; the same as fp32 on a CPU.
        Tf32 = "tf32",
        /// Operands of convolutions rounded to bfloat16.
        Bf16 = "bf16",
    }
}

choice! {
    /// Which rule makes a step of a gradient.
    OptimizerKind {
        /// Plain gradient descent.
        Sgd = "sgd",
        /// Adam with betas 0.9 and 0.999, eps 1e-8, no weight decay.
        Adam = "adam",
    }
}

choice! {
    /// How the hypergradient is computed.
    HyperMode {
        /// Exact: libtorch's double backward through the unrolled steps. The oracle; memory grows with K.
        ExactDb = "exact_db",
        /// Exact: hand-written tangents and forward-over-reverse Hessian-vector products. Memory flat in K.
        JvpExactHvp = "jvp_exact_hvp",
        /// Gauss-Newton: H v is replaced by (2/n) J^T J v; right where residuals are small, after pretraining.
        JvpGn = "jvp_gn",
        /// Central differences for J v and H v.
        Fd = "fd",
        /// H v dropped (v_k = v_{k+1}).
        Truncated = "truncated",
    }
}

choice! {
    /// What a map loss averages over (D-MT8).
    Reduction {
        /// Mean over pictures and pixels, the MSE of the paper's text.
        Mean = "mean",
        /// Mean over pictures of the sum over pixels, the squared norm of the paper's formulae.
        SumPixels = "sum_pixels",
    }
}

choice! {
    /// Which faces the mu term averages over (D-MT5).
    MuScope {
        /// All pictures of the inner batch, as Algorithm 1 writes it.
        All = "all",
        /// Spoofs alone.
        Spoof = "spoof",
    }
}

choice! {
    /// Which teacher gives the deployed maps (D-MT21).
    Deployed {
        /// w, MT_t, as the paper has it.
        Teacher = "teacher",
        /// w^, MT_v.
        Momentum = "momentum_teacher",
    }
}

choice! {
    /// What the detector regresses on spoofs; live faces always regress zero.
    Supervision {
        /// Eq. 13: the deployed teacher's map, stretched to 0..1 a picture.
        MetaTeacher = "meta_teacher",
        /// One everywhere.
        Binary = "binary",
    }
}

choice! {
    /// Whether the frames of a video are averaged before a threshold is applied.
    Level {
        /// One score a video.
        Video = "video",
        /// One score a frame.
        Frame = "frame",
    }
}

choice! {
    /// How the scores of a video's frames become one, at level video.
    VideoRule {
        /// Their mean, as the papers have it.
        Mean = "mean",
        /// Their median.
        Median = "median",
        /// That of the frame most like an attack.
        Max = "max",
    }
}

choice! {
    /// What becomes of clips of dev and test in which no face was found; published work differs.
    MissingFaces {
        /// They are left out of the rates.
        Drop = "drop",
        /// They count as rejected: an error where they are live, a success where they are attacks.
        Reject = "reject",
    }
}

choice! {
    /// Statistics of the detector's batch norms at test time (D-MT12).
    BnTest {
        /// Calibrated ones, so that a score depends on its picture alone.
        Running = "running",
        /// The test batch's own, FAS-DR's published habit.
        Batch = "batch",
    }
}
