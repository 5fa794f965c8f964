//! The tensors that stand in a phase's equation, by the symbol that the equation has for them. Methods name them; what
//! becomes of them, a picture or a few numbers, is not known here.

use tch::Tensor;

use super::mt_fas::share;
use crate::nets::ParamList;

/// One symbol of an equation, with what stands for it.
#[derive(Debug)]
pub struct Standing {
    /// As in the equation, with `_` before what is set low.
    pub symbol: String,
    /// In words.
    pub what: String,
    /// A tensor, or all parameters of a network. They share memory with those they were made from.
    pub tensors: ParamList,
    /// The same before the phase, where the phase made new ones of it.
    pub before: Option<ParamList>,
}

impl Standing {
    /// One tensor.
    pub fn one(symbol: &str, what: &str, tensor: &Tensor) -> Self {
        Self::all(symbol, what, std::slice::from_ref(tensor))
    }

    /// Parameters of a network.
    pub fn all(symbol: &str, what: &str, tensors: &[Tensor]) -> Self {
        Self { symbol: symbol.to_owned(), what: what.to_owned(), tensors: share(tensors), before: None }
    }

    /// The same with what it was before the phase.
    #[must_use]
    pub fn was(self, before: &[Tensor]) -> Self {
        Self { before: Some(share(before)), ..self }
    }
}
