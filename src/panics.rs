//! What is said about a panic. libtorch's errors reach Rust as panics whose text is that of a failed `unwrap` around a
//! C++ message with a stack trace; only the first line of that message helps a reader. All other panics are faults of this
//! program, and then the place in the source helps whoever mends it.

use std::any::Any;
use std::panic::PanicHookInfo;
use std::sync::Mutex;

/// What libtorch's messages begin with where `nets::native` reports them.
pub const LIBTORCH: &str = "libtorch: ";

/// Where the last panic of any thread happened: its text as [`text_of`] has it, and the place in the source.
static LAST: Mutex<Option<(String, String)>> = Mutex::new(None);

/// The cause of a panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// libtorch gave up, for this reason.
    Libtorch(String),
    /// A fault of this program, as one sentence.
    Fault(String),
}

impl Cause {
    /// The sentence for a user.
    pub fn sentence(self) -> String {
        match self {
            Self::Libtorch(reason) => format!("libtorch failed: {reason}"),
            Self::Fault(sentence) => sentence,
        }
    }
}

/// Keeps the place of every panic instead of printing it; whoever catches it asks [`cause`] for a sentence. The full text
/// goes to the debug log.
pub fn keep_places() {
    std::panic::set_hook(Box::new(|info| {
        tracing::debug!("{info}");
        keep(info);
    }));
}

fn keep(info: &PanicHookInfo<'_>) {
    let text = text_of(info.payload());
    // What `thread::scope` says after one of its threads panicked; the thread's own panic is kept already.
    if text == "a scoped thread panicked" {
        return;
    }
    let place = info.location().map_or_else(String::new, |l| format!("{}:{}", l.file(), l.line()));
    if let Ok(mut last) = LAST.lock() {
        *last = Some((text.to_owned(), place));
    }
}

fn text_of(payload: &(dyn Any + Send)) -> &str {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or_default()
}

/// Why code panicked, given what `catch_unwind` returned.
pub fn cause(payload: &(dyn Any + Send)) -> Cause {
    let last = LAST.lock().ok().and_then(|last| last.clone());
    let text = text_of(payload);
    match (text, last) {
        ("a scoped thread panicked", Some((text, place))) => classify(&text, &place),
        (text, Some((last, place))) if last == text => classify(text, &place),
        (text, _) => classify(text, ""),
    }
}

fn classify(text: &str, place: &str) -> Cause {
    if let Some(reason) = text.strip_prefix(LIBTORCH) {
        return Cause::Libtorch(first_line(reason));
    }
    // tch panics as `called `Result::unwrap()` on an `Err` value: Torch("MESSAGE\nException raised from …")`.
    if let Some((_, inner)) = text.split_once("Torch(\"") {
        let inner = inner.trim_end().strip_suffix("\")").unwrap_or(inner);
        return Cause::Libtorch(first_line(&inner.replace("\\n", "\n").replace("\\\"", "\"").replace("\\'", "'")));
    }
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    Cause::Fault(format!(
        "the program failed ({}{at}); this is a fault of the program: please report it with the command that was run",
        first_line(text)
    ))
}

fn first_line(text: &str) -> String {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtorch_says_its_first_line_alone() {
        let text = "called `Result::unwrap()` on an `Err` value: Torch(\"The size of tensor a (3) must match \\\"b\\\"\\n\
                    Exception raised from infer_size at /pytorch/x.cpp:1\\nframe #0: c10::Error\")";
        let reason = "The size of tensor a (3) must match \"b\"".to_owned();
        assert_eq!(classify(text, "a.rs:1"), Cause::Libtorch(reason));
        assert_eq!(
            classify("libtorch: could not create a primitive\nframe", ""),
            Cause::Libtorch("could not create a primitive".into())
        );
        assert_eq!(Cause::Libtorch("x".into()).sentence(), "libtorch failed: x");
    }

    #[test]
    fn a_fault_says_its_place() {
        let said = classify("index out of bounds: the len is 3", "src/a.rs:7").sentence();
        assert!(said.starts_with("the program failed (index out of bounds: the len is 3 at src/a.rs:7);"), "{said}");
        assert!(classify("", "").sentence().contains("(no message)"));
    }
}
