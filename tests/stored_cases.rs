//! Hypergradients that plain PyTorch computed, stored in `tests/data/hypergradient`: ours must be the same numbers, and
//! a damaged file must be refused in a sentence.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use metafas::methods::mt_fas::hypergradient::Mode;
use metafas::methods::mt_fas::stored_case::{CasePrecision, StoredCase, check};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

const CASES: [(&str, usize); 3] = [("seed3_k1", 1), ("seed3_k2", 2), ("seed3_k3", 3)];
const EXACT: [Mode; 2] = [Mode::ExactDb, Mode::JvpExactHvp];

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hypergradient").join(format!("{name}.safetensors"))
}

#[test]
fn double_precision_agrees_to_nine_digits() {
    for (name, k) in CASES {
        for &mode in Mode::ALL {
            let got = check(&case(name), mode, None).unwrap();
            let exact = EXACT.contains(&mode) || (k == 1 && mode != Mode::Fd);
            assert_eq!(got.relative_error < 1e-9, exact, "{name}, {mode:?}: {got:?}");
            assert!(got.norm > 0.0 && got.l_v > 0.0);
            if exact {
                assert!((got.cosine - 1.0).abs() < 1e-12, "{name}, {mode:?}: {got:?}");
            }
        }
    }
}

#[test]
fn single_precision_agrees_to_four_digits() {
    for (name, k) in CASES {
        for &mode in Mode::ALL {
            if EXACT.contains(&mode) || (k == 1 && mode != Mode::Fd) {
                let got = check(&case(name), mode, Some(CasePrecision::Fp32)).unwrap();
                assert!(got.relative_error < 1e-4, "{name}, {mode:?}: {got:?}");
            }
        }
    }
}

/// A tensor's kind, shape and bytes, to be tampered with.
type Stored = (Dtype, Vec<usize>, Vec<u8>);
/// What is done to a case's tensors and metadata.
type Change<'a> = &'a dyn Fn(&mut HashMap<String, Stored>, &mut Option<HashMap<String, String>>);

/// Writes a copy of the smallest case after `change` had its way with it.
fn broken(folder: &Path, change: Change<'_>) -> PathBuf {
    let bytes = std::fs::read(case("seed3_k1")).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let mut metadata = header.metadata().clone();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let own =
        |(name, view): (String, TensorView<'_>)| (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec()));
    let mut tensors: HashMap<String, Stored> = file.tensors().into_iter().map(own).collect();
    change(&mut tensors, &mut metadata);
    let views: HashMap<&String, TensorView<'_>> = tensors
        .iter()
        .map(|(name, (dtype, shape, data))| (name, TensorView::new(*dtype, shape.clone(), data).unwrap()))
        .collect();
    let path = folder.join("broken.safetensors");
    std::fs::write(&path, serialize(views, metadata).unwrap()).unwrap();
    path
}

#[test]
fn a_broken_case_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |path: &Path| {
        let error = check(path, Mode::JvpGn, None).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
        assert!(!error.contains('\n'), "one line: {error}");
        error
    };
    let edited = |want: &str, change: Change<'_>| {
        let error = refusal(&broken(folder.path(), change));
        assert!(error.contains(want), "{error}\nshould say: {want}");
    };
    edited("17 tensors named `theta.*`, where Light-16 has 18", &|t, _| drop(t.remove("theta.17")));
    edited("19 tensors named `omega_hat.*`", &|t, _| {
        let more = t["omega_hat.01"].clone();
        t.insert("omega_hat.18".to_owned(), more);
    });
    edited("tensor `omega.01` has shape [2, 8], not [16]", &|t, _| {
        t.get_mut("omega.01").unwrap().1 = vec![2, 8];
    });
    edited("tensor `y_t` has shape [3], not [4]", &|t, _| {
        let y = t.get_mut("y_t").unwrap();
        y.1 = vec![3];
        y.2.truncate(12);
    });
    edited("no tensor `x_v`", &|t, _| drop(t.remove("x_v")));
    edited("tensor `x_t` has shape [4, 3, 1024, 1]", &|t, _| {
        t.get_mut("x_t").unwrap().1 = vec![4, 3, 1024, 1];
    });
    edited("tensor `y_v` holds I32", &|t, _| t.get_mut("y_v").unwrap().0 = Dtype::I32);
    edited("`theta.01` holds values that are not finite", &|t, _| {
        t.get_mut("theta.01").unwrap().2[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    edited("the metadata has no `alpha`", &|_, m| *m = None);
    edited("the metadata has no `k`", &|_, m| drop(m.as_mut().unwrap().remove("k")));
    edited("metadata `k` is `two`", &|_, m| drop(m.as_mut().unwrap().insert("k".to_owned(), "two".to_owned())));
    edited("metadata `k` is `0`", &|_, m| drop(m.as_mut().unwrap().insert("k".to_owned(), "0".to_owned())));

    let path = folder.path().join("text.safetensors");
    std::fs::write(&path, "theta,omega\n1,2\n").unwrap();
    assert!(refusal(&path).contains("not a safetensors file"));
    let whole = std::fs::read(case("seed3_k1")).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(refusal(&path).contains("damaged"));
    assert!(refusal(&folder.path().join("nowhere.safetensors")).contains("cannot be read"));
}

#[test]
fn the_files_own_precision_is_that_of_its_hypergradient() {
    let kind = |precision| StoredCase::read(&case("seed3_k3"), precision).unwrap().theta[0].kind();
    assert_eq!(kind(None), tch::Kind::Double);
    assert_eq!(kind(Some(CasePrecision::Fp32)), tch::Kind::Float);
}
