//! Stored bi-level problems with their hypergradient, as another engine computed them: one safetensors file a case, in
//! the layout of the reference script's `--dump`. Reading one says in a sentence what is wrong with it; checking one
//! runs our own derivative on it and compares.
//!
//! A file holds `theta.00` .. `theta.17`, `omega.*`, `omega_hat.*` and `hypergradient.*` in the order of Light-16's
//! parameters, the batches `x_t` (2M, 3, S, S), `y_t` (2M), `x_v` (2N, 3, S, S), `y_v` (2N) with 1 for spoof, and in
//! its metadata `alpha` and `k`. The file's precision is that of its hypergradient; inputs may be stored in either.
//! `theta_k.*`, `l_t` and `l_v` may be there and are then checked for their shape.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::hypergradient::{Batch, BnModes, Mode, Problem, Reduction, hypergradient};
use crate::nets::{Graph, ParamList, light};

/// In what arithmetic a case is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CasePrecision {
    /// Single.
    Fp32,
    /// Double.
    Fp64,
}

impl CasePrecision {
    fn kind(self) -> Kind {
        match self {
            Self::Fp32 => Kind::Float,
            Self::Fp64 => Kind::Double,
        }
    }
}

/// Why a file is not a case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file has another format, or is cut off.
    #[error("{}: not a safetensors file, or a damaged one: {source}; write it with the reference script's --dump", path.display())]
    NotSafetensors {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: safetensors::SafeTensorError,
    },
    /// A label that is neither live nor spoof.
    #[error("{}: tensor `{name}` holds {found}; labels are 0 (live) or 1 (spoof)", path.display())]
    Label {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The first other value.
        found: f64,
    },
    /// No such metadata.
    #[error("{}: the metadata has no `{key}`; a case needs `alpha` (inner step size) and `k` (inner steps)", path.display())]
    NoMetadata {
        /// The file.
        path: PathBuf,
        /// What is missing.
        key: &'static str,
    },
    /// Metadata that is no number of the kind wanted.
    #[error("{}: metadata `{key}` is `{value}`, which is not {want}", path.display())]
    BadMetadata {
        /// The file.
        path: PathBuf,
        /// Which.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        want: &'static str,
    },
    /// Too few or too many tensors of one group.
    #[error("{}: {found} tensors named `{group}.*`, where Light-16 has {want} parameters ({group}.00 to {group}.{last:02})", path.display(), last = want - 1)]
    Count {
        /// The file.
        path: PathBuf,
        /// `theta`, `omega`, `omega_hat`, `hypergradient` or `theta_k`.
        group: &'static str,
        /// How many there should be.
        want: usize,
        /// How many there are.
        found: usize,
    },
    /// A tensor is missing.
    #[error("{}: no tensor `{name}`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// Which.
        name: String,
    },
    /// A tensor has a wrong shape.
    #[error("{}: tensor `{name}` has shape {found:?}, not {want}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// Which.
        name: String,
        /// What it should be, in words or numbers.
        want: String,
        /// What it is.
        found: Vec<usize>,
    },
    /// A tensor is neither single nor double precision.
    #[error("{}: tensor `{name}` holds {found}, not 32 or 64 bit floating-point numbers", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// Which.
        name: String,
        /// What it holds.
        found: String,
    },
    /// A tensor holds NaN or infinity.
    #[error("{}: tensor `{name}` holds values that are not finite", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// Which.
        name: String,
    },
}

/// A bi-level problem with the hypergradient another engine found for it.
#[derive(Debug)]
pub struct StoredCase {
    /// Detector's parameters before the inner steps.
    pub theta: ParamList,
    /// Teacher's parameters.
    pub omega: ParamList,
    /// Momentum teacher's parameters.
    pub omega_hat: ParamList,
    /// Inner batch.
    pub train: Batch,
    /// Validation batch.
    pub validation: Batch,
    /// Inner step size.
    pub alpha: f64,
    /// Inner steps.
    pub k: usize,
    /// The stored hypergradient, in double precision.
    pub hypergradient: ParamList,
}

/// How our hypergradient compares with the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CaseReport {
    /// Our validation loss after the inner steps.
    pub l_v: f64,
    /// 2-norm of our hypergradient.
    pub norm: f64,
    /// |h - h*| / |h*|, 2-norms over all parameters; not a number (null in JSON) where h* is zero.
    pub relative_error: f64,
    /// Cosine between ours and the stored one; not a number (null in JSON) where one of them is zero.
    pub cosine: f64,
}

/// An open file with sentences for what it lacks.
struct File<'a> {
    path: &'a Path,
    tensors: SafeTensors<'a>,
}

impl File<'_> {
    fn shape_error(&self, name: &str, want: String, found: &[usize]) -> CaseError {
        CaseError::Shape { path: self.path.to_owned(), name: name.to_owned(), want, found: found.to_vec() }
    }

    /// Tensor `name` in kind `kind`; `fits` says whether its shape is what `want` describes.
    fn tensor(
        &self,
        name: &str,
        kind: Option<Kind>,
        want: &dyn Fn() -> String,
        fits: impl Fn(&[usize]) -> bool,
    ) -> Result<Tensor, CaseError> {
        let (path, own) = (|| self.path.to_owned(), || name.to_owned());
        let view = self.tensors.tensor(name).map_err(|_absent| CaseError::Missing { path: path(), name: own() })?;
        if !fits(view.shape()) {
            return Err(self.shape_error(name, want(), view.shape()));
        }
        let stored = match view.dtype() {
            Dtype::F32 => Kind::Float,
            Dtype::F64 => Kind::Double,
            other => return Err(CaseError::Kind { path: path(), name: own(), found: format!("{other:?}") }),
        };
        let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
        let tensor = Tensor::from_data_size(view.data(), &shape, stored);
        if !bool::try_from(tensor.isfinite().all()).unwrap_or(false) {
            return Err(CaseError::NotFinite { path: path(), name: own() });
        }
        Ok(tensor.to_kind(kind.unwrap_or(stored)))
    }

    fn fixed(&self, name: &str, kind: Option<Kind>, shape: &[i64]) -> Result<Tensor, CaseError> {
        let fits = |found: &[usize]| found.iter().map(|&n| n as i64).eq(shape.iter().copied());
        self.tensor(name, kind, &|| format!("{shape:?}"), fits)
    }

    /// All parameters of one group, as many and of such shapes as `net` has.
    fn group(&self, group: &'static str, kind: Option<Kind>, net: &Graph) -> Result<ParamList, CaseError> {
        let want = net.params().len();
        let named = |name: &String| name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'));
        let found: BTreeSet<String> = self.tensors.names().into_iter().map(str::to_owned).filter(named).collect();
        if found.len() != want {
            return Err(CaseError::Count { path: self.path.to_owned(), group, want, found: found.len() });
        }
        let one =
            |(j, spec): (usize, &crate::nets::ParamSpec)| self.fixed(&format!("{group}.{j:02}"), kind, &spec.shape);
        net.params().iter().enumerate().map(one).collect()
    }

    /// `x` with its labels `y`.
    fn batch(&self, x: &str, y: &str, kind: Kind, net: &Graph) -> Result<Batch, CaseError> {
        let step = net.reduction() as usize;
        let square = |s: &[usize]| matches!(*s, [b, 3, h, w] if b > 0 && h == w && h > 0 && h % step == 0);
        let pictures =
            self.tensor(x, Some(kind), &|| format!("(pictures, 3, S, S) with S a multiple of {step}"), square)?;
        let count = pictures.size()[0];
        let labels = self.fixed(y, Some(kind), &[count])?;
        let values: Vec<f64> = (0..count).map(|i| labels.double_value(&[i])).collect();
        if let Some(&found) = values.iter().find(|&&v| v != 0.0 && v != 1.0) {
            return Err(CaseError::Label { path: self.path.to_owned(), name: y.to_owned(), found });
        }
        Ok(Batch { x: pictures, y: labels.view([-1, 1, 1, 1]) })
    }
}

/// Metadata `alpha` and `k`.
fn metadata(path: &Path, bytes: &[u8]) -> Result<(f64, usize), CaseError> {
    let damaged = |source| CaseError::NotSafetensors { path: path.to_owned(), source };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let text = |key: &'static str| {
        let found = header.metadata().as_ref().and_then(|m| m.get(key));
        found.cloned().ok_or_else(|| CaseError::NoMetadata { path: path.to_owned(), key })
    };
    let bad =
        |key, value: &str, want| CaseError::BadMetadata { path: path.to_owned(), key, value: value.to_owned(), want };
    let (alpha, k) = (text("alpha")?, text("k")?);
    let step = alpha.trim().parse().ok().filter(|a: &f64| a.is_finite());
    let step = step.ok_or_else(|| bad("alpha", &alpha, "a finite number"))?;
    let count = k.trim().parse().ok().filter(|&k: &usize| k >= 1);
    let count = count.ok_or_else(|| bad("k", &k, "a whole number of at least 1"))?;
    Ok((step, count))
}

impl StoredCase {
    /// Reads the case at `path`, in `precision` or else in the file's own.
    pub fn read(path: &Path, precision: Option<CasePrecision>) -> Result<Self, CaseError> {
        let unreadable = |source| CaseError::Unreadable { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let damaged = |source| CaseError::NotSafetensors { path: path.to_owned(), source };
        let file = File { path, tensors: SafeTensors::deserialize(&bytes).map_err(damaged)? };
        let (alpha, k) = metadata(path, &bytes)?;
        let net = light(3, 16);
        let stored = file.group("hypergradient", None, &net)?;
        let kind = precision.map_or_else(|| stored[0].kind(), CasePrecision::kind);
        let has = |name: &str| file.tensors.tensor(name).is_ok();
        if has("theta_k.00") {
            file.group("theta_k", None, &net)?;
        }
        if has("l_t") {
            drop(file.fixed("l_t", None, &[k as i64])?);
        }
        if has("l_v") {
            drop(file.fixed("l_v", None, &[1])?);
        }
        Ok(Self {
            theta: file.group("theta", Some(kind), &net)?,
            omega: file.group("omega", Some(kind), &net)?,
            omega_hat: file.group("omega_hat", Some(kind), &net)?,
            train: file.batch("x_t", "y_t", kind, &net)?,
            validation: file.batch("x_v", "y_v", kind, &net)?,
            alpha,
            k,
            hypergradient: stored.iter().map(|h| h.to_kind(Kind::Double)).collect(),
        })
    }

    /// Our own hypergradient in `mode`, against the stored one.
    pub fn check(&self, mode: Mode) -> CaseReport {
        let net = light(3, 16);
        let problem = Problem {
            surrogate: &net,
            teacher: &net,
            theta: &self.theta,
            omega: &self.omega,
            omega_hat: &self.omega_hat,
            train: &self.train,
            validation: &self.validation,
            alpha: self.alpha,
            k: self.k,
            reduction: Reduction::Mean,
            fd_eps: 1e-3,
            modes: BnModes::BATCH,
        };
        let ours = hypergradient(problem, mode);
        let (h, stored) = (flat(&ours.gradient), flat(&self.hypergradient));
        let norm = |t: &Tensor| t.norm().double_value(&[]);
        let (size, reference) = (norm(&h), norm(&stored));
        // Undefined where there is nothing to compare with: a quotient by zero is not a number.
        let over = |value: f64, by: f64| if by > 0.0 { value / by } else { f64::NAN };
        CaseReport {
            l_v: ours.l_v,
            norm: size,
            relative_error: over(norm(&(&h - &stored)), reference),
            cosine: over(h.dot(&stored).double_value(&[]), size * reference),
        }
    }
}

fn flat(tensors: &[Tensor]) -> Tensor {
    let parts: Vec<Tensor> = tensors.iter().map(|t| t.to_kind(Kind::Double).flatten(0, -1)).collect();
    Tensor::cat(&parts, 0)
}

/// Reads the case at `path` and checks `mode` against it, in `precision` or else in the file's own.
pub fn check(path: &Path, mode: Mode, precision: Option<CasePrecision>) -> Result<CaseReport, CaseError> {
    Ok(StoredCase::read(path, precision)?.check(mode))
}
