//! Number fields. A field that cannot read what was typed keeps its value, and the window says so: egui itself drops
//! such text in silence. A decimal comma is read where it can mean nothing else.

use eframe::egui::{Context, DragValue, Id, Key, Ui, emath::Numeric};

/// A field for `value`; the only way in which views make one.
pub fn number<'a, N: Numeric>(ui: &Ui, value: &'a mut N) -> DragValue<'a> {
    let ctx = ui.ctx().clone();
    #[expect(clippy::disallowed_methods, reason = "here alone, with the parser that reports what it cannot read")]
    let field = DragValue::new(value);
    field.custom_parser(move |text| read_or_note(&ctx, text))
}

/// Reads a typed number, and notes a text that is none for [`rejected`]; for fields with a parser of their own.
pub fn read_or_note(ctx: &Context, text: &str) -> Option<f64> {
    let number = read(text);
    ctx.data_mut(|data| match number {
        Some(_) => data.remove::<String>(note()),
        None => {
            data.insert_temp(note(), text.trim().to_owned());
        }
    });
    number
}

/// What to tell of a text that a field could not read, once its typing is over.
pub fn rejected(ctx: &Context) -> Option<String> {
    if ctx.input(|input| input.key_pressed(Key::Escape)) {
        ctx.data_mut(|data| data.remove::<String>(note()));
    }
    if ctx.text_edit_focused() {
        return None;
    }
    let text = ctx.data_mut(|data| data.remove_temp::<String>(note()))?;
    Some(if text.is_empty() {
        "The number field was left empty; the value is unchanged".to_owned()
    } else {
        format!("`{text}` is not a number; the value is unchanged. Write decimals with a point, as 0.95")
    })
}

fn note() -> Id {
    Id::unique("text that a number field could not read")
}

/// The number that a text says: as Rust reads it, with blanks around it, a typographic minus, or one decimal comma.
/// A comma before exactly three digits could part thousands, so it is read as a decimal comma after a leading 0 alone.
fn read(text: &str) -> Option<f64> {
    let text = text.trim().replace('−', "-");
    let number = text.parse().ok().or_else(|| {
        let (whole, decimals) = text.split_once(',')?;
        let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        let unsigned = whole.strip_prefix('-').unwrap_or(whole);
        let thousands = decimals.len() == 3 && unsigned != "0";
        let decimal = !unsigned.is_empty() && digits(unsigned) && !decimals.is_empty() && digits(decimals);
        (decimal && !thousands).then(|| format!("{whole}.{decimals}").parse().ok())?
    });
    number.filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn decimal_commas_are_read_where_they_are_clear() {
        assert_eq!(read("0,95"), Some(0.95));
        assert_eq!(read(" -1,5 "), Some(-1.5));
        assert_eq!(read("0,999"), Some(0.999));
        assert_eq!(read("1,000"), None, "one, or a thousand");
        assert_eq!(read("1,2,3"), None);
        assert_eq!(read("1.000,5"), None);
    }

    #[test]
    fn only_finite_numbers_are_read() {
        assert_eq!(read("1e-3"), Some(1e-3));
        assert_eq!(read("−2"), Some(-2.0));
        for text in ["", "0.91abc", ",5", "5,", "nan", "inf", "５", "0x10"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
