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
    /// Which of a detector's outputs a score is made of.
    ScoredBy {
        /// Those that its authors take.
        Authors = "authors",
        /// The mean of its map alone.
        Map = "map",
        /// Its classifier alone.
        Class = "class",
        /// Halfway between both.
        Both = "both",
    }
}

choice! {
    /// Where batch norms take their statistics from in bi-level training.
    BnTraining {
        /// The batch itself, and derivatives go through them.
        Batch = "batch",
        /// Averages over the batches before it, as constants.
        Running = "running",
    }
}

choice! {
    /// Of what the two halves of a bi-level batch may not share any.
    Disjoint {
        /// Faces.
        Face = "face",
        /// Clips: no two frames of a video stand on both sides.
        Clip = "clip",
    }
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
        /// Nearly all of the originals' people, each in a few of the clips.
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
    /// Who is held out of a protocol's training part where the protocol has no part to choose thresholds on.
    HoldOut {
        /// A fifth of the training subjects.
        Fifth = "fifth",
        /// Nobody: all of them are learnt from, and the threshold must come from elsewhere.
        Nobody = "nobody",
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
        /// FAS-DR with a branch that also gives P(spoof), the detector across data sets.
        FasDrBc = "fas_dr_bc",
        /// ResNet-8, the ablation's teacher.
        Resnet8 = "resnet8",
        /// CDCN: central difference convolutions.
        Cdcn = "cdcn",
        /// CDCN++: searched widths and attention over space.
        CdcnPp = "cdcn_pp",
        /// DTN: a tree that sends every picture to one of eight leaves.
        Dtn = "dtn",
        /// Auxiliary(Depth): CDCN's skeleton with plain convolutions.
        Auxiliary = "auxiliary",
        /// Color Texture: shares of local binary patterns in HSV and YCbCr, and a linear support vector machine.
        ColorTexture = "color_texture",
        /// Binary CNN: plain convolutions, a mean and a linear layer, the label alone.
        BinaryCnn = "binary_cnn",
        /// RFMetaFAS: features, a depth estimator and a meta learner, trained across domains as `rf_meta` says.
        RfMetaFas = "rf_meta_fas",
        /// HFN: two ResNet-50 trunks, one for the picture and one for a pattern of it, fused level by level.
        Hfn = "hfn",
    }
}

choice! {
    /// How the network of RFMetaFAS learns from several domains.
    RfAlgorithm {
        /// Regularized fine-grained meta-learning, the paper's Algorithm 1.
        RfMeta = "rf_meta",
        /// All source domains at once, no inner step: "wo/meta" of the paper's Fig. 5.
        Joint = "joint",
        /// MLDG (Li et al., AAAI 2018) on F and M.
        Mldg = "mldg",
        /// Reptile (Nichol et al., 2018) on F and M, a domain a step.
        Reptile = "reptile",
        /// MetaReg (Balaji et al., NeurIPS 2018) on F and M.
        MetaReg = "meta_reg",
    }
}

choice! {
    /// Which pattern of a picture HFN's second stream sees (Meta Pattern, Table I).
    Pattern {
        /// The Meta Pattern, which a small network learns to make.
        Mp = "mp",
        /// Local binary patterns of red, green and blue.
        ColorLbp = "color_lbp",
        /// Albedo by shape from shading.
        Albedo = "albedo",
        /// Depth by shape from shading.
        Depth = "depth",
        /// Reflectance by shape from shading.
        Reflectance = "reflectance",
        /// None: HFN has one stream, the picture's. The control that the paper does not have.
        Nothing = "none",
    }
}

choice! {
    /// How scales of RFMetaFAS's batch norms start (D-RF4).
    ScaleInit {
        /// One.
        Ones = "ones",
        /// Uniform between 0.02 and 1, what the published code asks for.
        Uniform = "uniform",
    }
}

choice! {
    /// How the extractor of the Meta Pattern and HFN learn (Meta Pattern, Fig. 7).
    PatternLearning {
        /// Algorithm 1: the extractor on faces of one domain, then HFN on those of the others.
        Alternating = "alternating",
        /// Both at once, on faces of every domain.
        EndToEnd = "end_to_end",
    }
}

choice! {
    /// The extractor of the Meta Pattern (Meta Pattern, Fig. 8): how many convolutions, and of which kind.
    Extractor {
        /// One convolution.
        Conv1 = "conv1",
        /// Two, the paper's.
        Conv2 = "conv2",
        /// Three.
        Conv3 = "conv3",
        /// One central difference convolution.
        Cdc1 = "cdc1",
        /// Two.
        Cdc2 = "cdc2",
        /// Three.
        Cdc3 = "cdc3",
    }
}

choice! {
    /// How HFN brings its streams together (Meta Pattern, Fig. 6; D-MP4).
    Fusion {
        /// Level by level, as the authors' code does: streams are averaged, and convolved after what comes from above is
        /// added.
        Hfm = "hfm",
        /// Level by level, as Eq. 9 writes it: streams are summed, and what comes from above is convolved first.
        HfmEq9 = "hfm_eq9",
        /// All levels side by side, at the size of the map.
        Concat = "concat",
    }
}

choice! {
    /// Which of HFN's streams is standardised with ImageNet's mean and deviation (D-MP8).
    Standardise {
        /// The pattern's alone, as in the authors' code; the picture enters as 0 to 1.
        Pattern = "pattern",
        /// Both.
        Both = "both",
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
    /// What the detector learns from. Maps are zero on live faces, but for depth, which is zero on spoofs.
    Supervision {
        /// MT: the meta-teacher's maps by Eq. 13, stretched to 0..1 a picture.
        MetaTeacher = "meta_teacher",
        /// Facial depth on live faces.
        Depth = "depth",
        /// Where the attack's material is.
        Mask = "mask",
        /// One everywhere on spoofs.
        BinaryMap = "binary_map",
        /// The label itself, of the map's mean.
        BinaryLabel = "binary_label",
        /// Maps of a big teacher that regressed the binary map (Eq. 14).
        Distill = "distill",
        /// Maps of a light teacher that did.
        DistillLight = "distill_light",
        /// Maps of a teacher of the detector's own kind: born-again networks, one generation.
        Bans = "bans",
        /// The big teacher's maps, and its features on the way.
        Fitnet = "fitnet",
        /// Two peers that learn at the same time, each other's teachers, the leader theirs.
        Okddip = "okddip",
    }
}

choice! {
    /// How far a map is from its target.
    MapLoss {
        /// As the network's authors have it: with contrast for CDCN and its kin, without elsewhere.
        Paper = "paper",
        /// Mean squared error.
        Mse = "mse",
        /// The same, and that of differences to the eight neighbours: contrastive depth loss.
        MseCdl = "mse_cdl",
    }
}

choice! {
    /// What of a picture the detector sees.
    Colour {
        /// RGB.
        Rgb = "rgb",
        /// RGB and HSV, six channels.
        RgbHsv = "rgb_hsv",
    }
}

choice! {
    /// Which faces a teacher learns from.
    TeacherProtocol {
        /// The run's own training part.
        Same = "same",
        /// That of OULU-NPU's first protocol, whatever the run's: the paper's habit (D-MT26). It shows the teacher
        /// instruments and cameras that the other protocols hold back.
        P1 = "p1",
    }
}

impl Pattern {
    /// Its name in the paper, as in HFN+ColorLBP.
    pub fn title(self) -> &'static str {
        match self {
            Self::Mp => "MP",
            Self::ColorLbp => "ColorLBP",
            Self::Albedo => "Albedo",
            Self::Depth => "Depth",
            Self::Reflectance => "Reflectance",
            Self::Nothing => "no pattern",
        }
    }
}

impl Extractor {
    /// How many convolutions it has, and whether they are central difference ones.
    pub fn layers(self) -> (usize, bool) {
        match self {
            Self::Conv1 => (1, false),
            Self::Conv2 => (2, false),
            Self::Conv3 => (3, false),
            Self::Cdc1 => (1, true),
            Self::Cdc2 => (2, true),
            Self::Cdc3 => (3, true),
        }
    }
}

impl Network {
    /// Whether its derivatives are written by hand, which a teacher and a surrogate need.
    pub fn can_teach(self) -> bool {
        matches!(self, Self::Light | Self::FasDr | Self::FasDrBig | Self::Resnet8 | Self::Cdcn | Self::Auxiliary)
    }

    /// Whether it says something of every part of a picture; others give one value a picture.
    pub fn has_map(self) -> bool {
        !matches!(self, Self::ColorTexture | Self::BinaryCnn)
    }

    /// Whether it classifies beside its map.
    pub fn classifies_too(self) -> bool {
        matches!(self, Self::FasDrBc | Self::Hfn | Self::RfMetaFas)
    }

    /// Whether it can be told where in a picture its value comes from, since it ends in a mean and a linear layer.
    pub fn has_attention(self) -> bool {
        matches!(self, Self::BinaryCnn | Self::RfMetaFas)
    }

    /// Whether it can learn from `supervision`.
    pub fn learns_from(self, supervision: Supervision) -> bool {
        use Supervision::{Bans, BinaryLabel, Fitnet, Okddip};
        match self {
            Self::ColorTexture | Self::BinaryCnn => supervision == BinaryLabel,
            // Features and peers have no place beside a meta learner.
            Self::RfMetaFas => !matches!(supervision, Fitnet | Okddip),
            // It has ways of its own to learn, in which there is no place for peers, hints or an earlier self.
            Self::Hfn => !matches!(supervision, Bans | BinaryLabel | Fitnet | Okddip),
            _ => true,
        }
    }

    /// Whether it learns across domains, in a way of its own, instead of from one batch at a time.
    pub fn learns_across_domains(self) -> bool {
        matches!(self, Self::RfMetaFas | Self::Hfn)
    }

    /// Its name in papers.
    pub fn title(self) -> &'static str {
        match self {
            Self::Light => "FAS-DR-Light",
            Self::FasDr => "FAS-DR",
            Self::FasDrBig => "FAS-DR-Big",
            Self::FasDrBc => "FAS-DR-BC",
            Self::Resnet8 => "ResNet-8",
            Self::Cdcn => "CDCN",
            Self::CdcnPp => "CDCN++",
            Self::Dtn => "DTN",
            Self::Auxiliary => "Auxiliary",
            Self::ColorTexture => "Color Texture",
            Self::BinaryCnn => "Binary CNN",
            Self::RfMetaFas => "RFMetaFAS",
            Self::Hfn => "HFN",
        }
    }
}

/// Whom a supervision needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teaching {
    /// Nobody: the labels are there.
    Nobody,
    /// The meta-teacher: pretraining and bi-level training come first.
    Meta,
    /// A rival teacher, of this network, that regresses the binary map first.
    Rival(RivalNetwork),
    /// Peers that learn beside the detector.
    Peers,
}

/// Which network a rival teacher has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RivalNetwork {
    /// FAS-DR with one more convolution a stage, of `rival.width`.
    Big,
    /// FAS-DR-Light, of the teacher's width.
    Light,
    /// The detector's own.
    Same,
}

impl RfAlgorithm {
    /// Whether D is part of it; MLDG, Reptile and `MetaReg` have F and M alone.
    pub fn has_depth(self) -> bool {
        matches!(self, Self::RfMeta | Self::Joint)
    }

    /// Its name in papers.
    pub fn title(self) -> &'static str {
        match self {
            Self::RfMeta => "RFMetaFAS",
            Self::Joint => "RFMetaFAS w/o meta",
            Self::Mldg => "MLDG",
            Self::Reptile => "Reptile",
            Self::MetaReg => "MetaReg",
        }
    }
}

impl Supervision {
    /// Whom it needs.
    pub fn teaching(self) -> Teaching {
        match self {
            Self::MetaTeacher => Teaching::Meta,
            Self::Depth | Self::Mask | Self::BinaryMap | Self::BinaryLabel => Teaching::Nobody,
            Self::Distill | Self::Fitnet => Teaching::Rival(RivalNetwork::Big),
            Self::DistillLight => Teaching::Rival(RivalNetwork::Light),
            Self::Bans => Teaching::Rival(RivalNetwork::Same),
            Self::Okddip => Teaching::Peers,
        }
    }

    /// Whether high values of the map mean a live face.
    pub fn live_is_high(self) -> bool {
        self == Self::Depth
    }

    /// What papers write in parentheses behind the detector's name.
    pub fn title(self) -> &'static str {
        match self {
            Self::MetaTeacher => "MT",
            Self::Depth => "Depth",
            Self::Mask => "Mask",
            Self::BinaryMap => "Binary map",
            Self::BinaryLabel => "Label",
            Self::Distill => "Distill",
            Self::DistillLight => "Distill-Light",
            Self::Bans => "BANs",
            Self::Fitnet => "FitNet",
            Self::Okddip => "OKDDip",
        }
    }
}

choice! {
    /// How the watched faces of a run are chosen.
    WatchChoice {
        /// At even distances over the test part.
        Spread = "spread",
        /// By the run's seed.
        Random = "random",
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
        /// The averages kept while the detector learnt, most published code's habit.
        Trained = "trained",
    }
}
