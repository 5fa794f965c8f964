//! The numbers of a run for people: what they are called, in which plot they belong, and which colour is theirs for good.

use crate::eval::Spread;

/// Per cent over several runs: their mean, and its 95 % interval where there are several.
pub fn spread_text(spread: &Spread) -> String {
    let mean = 100.0 * spread.mean;
    match spread.interval {
        Some([low, high]) => format!("{mean:.1} [{:.1}, {:.1}]", 100.0 * low, 100.0 * high),
        None => format!("{mean:.1}"),
    }
}

/// Rates of tables: key in results.json, heading, and the column of papers' tables that is the same; empty where none is.
pub const RATES: [(&str, &str, &str); 7] = [
    ("apcer_max", "APCER (worst) %", "apcer"),
    ("bpcer", "BPCER %", "bpcer"),
    ("acer_max", "ACER (worst) %", "acer"),
    ("acer_pooled", "ACER (pooled) %", ""),
    ("hter", "HTER %", "hter"),
    ("eer", "EER %", "eer"),
    ("auc", "AUC %", "auc"),
];

/// A plot of its own.
pub struct Group {
    /// Name for people.
    pub title: &'static str,
    /// Whether its values span so many decades that only a logarithmic axis shows them.
    pub always_log: bool,
    takes: fn(&str) -> bool,
}

/// The plots, in order.
pub const GROUPS: [Group; 3] = [
    Group { title: "Losses", always_log: false, takes: |name| name.ends_with("loss") || name.starts_with("l_") },
    Group { title: "Norms", always_log: true, takes: |name| name.ends_with("_norm") },
    Group { title: "Others", always_log: false, takes: |_| true },
];

/// The plot that `name` belongs in.
pub fn group_of(name: &str) -> usize {
    GROUPS.iter().position(|g| (g.takes)(name)).unwrap_or(GROUPS.len() - 1)
}

/// Which of the theme's series colours is that of `name`: the same whatever else is shown.
pub fn color_of(name: &str) -> usize {
    if let Some(k) = name.strip_prefix("l_t_").or_else(|| name.strip_prefix("l_phi_")) {
        return [2, 5, 6, 4][k.parse::<usize>().unwrap_or(0) % 4];
    }
    match name {
        "detector_loss" | "hypergradient_norm" | "teacher_mean" | "l_cls" | "gradient_norm" | "cosine" => 0,
        "teacher_loss" | "mu_norm" | "distance" | "l_dep" | "inner_norm" => 1,
        "v_norm" | "curvature" | "map_loss" | "teacher_map_loss" | "l_cls_test" | "inner_product" => 2,
        "l_v"
        | "l_dep_test"
        | "regulariser_norm"
        | "audit_cosine"
        | "branch_loss"
        | "class_loss"
        | "hint_loss"
        | "peers_loss"
        | "teacher_branch_loss" => 3,
        "loss" => 4,
        "audit_error" => 5,
        _ => 6,
    }
}

/// Name of a number for people.
pub fn title_of(name: &str) -> String {
    if let Some(k) = name.strip_prefix("l_t_") {
        let number = k.parse::<u32>().map_or_else(|_| k.to_owned(), |k| (k + 1).to_string());
        return format!("L_t before inner step {number}");
    }
    if let Some(k) = name.strip_prefix("l_phi_") {
        let number = k.parse::<u32>().map_or_else(|_| k.to_owned(), |k| (k + 1).to_string());
        return format!("L before extractor step {number}");
    }
    // Numbers of one pair of domains, or of one domain, end in its number.
    if let Some((of, number)) = name.rsplit_once('_')
        && let (Some(title), Ok(number)) = (title_across_domains(of), number.parse::<u32>())
    {
        return format!("{title} {number}");
    }
    match name {
        "class_loss" => "Classifier's part",
        "teacher_loss" => "Teacher loss",
        "detector_loss" => "Surrogate loss",
        "loss" => "Detector loss",
        "map_loss" => "Map's part",
        "branch_loss" => "Branch's part",
        "hint_loss" => "Hint's part",
        "peers_loss" => "Peers' loss",
        "teacher_map_loss" => "Teacher: map's part",
        "teacher_branch_loss" => "Teacher: branch's part",
        "l_v" => "L_v, validation loss",
        "v_norm" => "|v|, gradient at θ*",
        "hypergradient_norm" => "|∇ω L_v|, hypergradient",
        "mu_norm" => "|μ term|",
        "teacher_mean" => "Mean of 2σ on spoofs",
        "distance" => "Distance of teacher and average",
        "curvature" => "Curvature along the step",
        "teacher_step" => "|Δω|, the teacher's step",
        "line9_step" => "|Δω| of line 9 as printed",
        "teacher_separation" => "Separation of the teacher's maps",
        "hypergradient_cosine" => "Cosine with the last hypergradient",
        "hypergradient_snr" => "Hypergradient: signal to noise",
        "l_v_binary" => "L_v against the binary map",
        "l_v_held_out" => "L_v of held-out faces, binary map",
        "adapted" => "Adapted, 1 for yes",
        "audit_cosine" => "Cosine with exact",
        "audit_error" => "Error against exact",
        other => title_across_domains(other).unwrap_or(other),
    }
    .to_owned()
}

/// Where MT-FAS has the number; empty for what several methods have, and for quantities of this program alone.
pub fn source_of(name: &str) -> &'static str {
    match name.strip_prefix("l_t_").map_or(name, |_| "l_t") {
        "teacher_loss" | "detector_loss" => "MT-FAS section 3.4.1",
        "l_t" => "MT-FAS Eq. 6; Algorithm 1, lines 6-7",
        "l_v" | "v_norm" => "MT-FAS Eq. 3; Algorithm 1, line 8",
        "hypergradient_norm" | "curvature" => "MT-FAS Eqs. 8-10; Algorithm 1, line 9",
        "mu_norm" | "teacher_step" => "MT-FAS Eq. 12; Algorithm 1, line 9",
        "line9_step" => "MT-FAS Eq. 12 with β = 1e-3, section 4.1; Algorithm 1, line 9",
        "distance" => "MT-FAS Eq. 11; Algorithm 1, line 10",
        "adapted" => "MT-FAS Algorithm 1, lines 11-14",
        "teacher_mean" => "MT-FAS Eq. 2",
        _ => "",
    }
}

/// The same of numbers that `RFMetaFAS` and what it is compared with give.
fn title_across_domains(name: &str) -> Option<&'static str> {
    Some(match name {
        "l_cls" => "Classification, meta-train",
        "l_dep" => "Depth, meta-train",
        "l_cls_test" => "Classification, meta-test",
        "l_dep_test" => "Depth, meta-test",
        "inner_norm" => "|∇L_Cls|, inner step",
        "gradient_norm" => "|∇|, meta step",
        "inner_product" => "⟨∇ meta-train, ∇ meta-test⟩",
        "third_term" => "α ⟨∇ meta-train, ∇ meta-test⟩",
        "audit_first_order_fd" => "Exact from first order, F and D",
        "audit_first_order_m" => "Exact from first order, M",
        "audit_joint_fd" => "Exact from joint training, F and D",
        "audit_joint_m" => "Exact from joint training, M",
        "cosine" => "Cosine of these gradients",
        "regulariser_norm" => "|∇φ|, regulariser",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_plot_and_a_name() {
        let names = ["l_t_0", "l_v", "teacher_loss", "v_norm", "distance", "something_new"];
        assert_eq!(names.map(group_of), [0, 0, 0, 1, 2, 2]);
        let parts = ["map_loss", "branch_loss", "hint_loss", "peers_loss", "teacher_map_loss", "teacher_branch_loss"];
        assert!(parts.iter().all(|name| group_of(name) == 0 && title_of(name) != *name && color_of(name) != 4));
        let across = ["l_cls", "l_dep_test", "gradient_norm", "inner_product", "cosine"];
        assert!(across.iter().all(|name| title_of(name) != *name && color_of(name) != 6));
        assert_eq!(
            (title_of("l_cls_2").as_str(), title_of("cosine_x").as_str()),
            ("Classification, meta-train 2", "cosine_x")
        );
        assert_eq!((title_of("l_t_0").as_str(), title_of("new").as_str()), ("L_t before inner step 1", "new"));
    }
}
