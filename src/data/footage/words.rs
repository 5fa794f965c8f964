//! What ffmpeg says on stderr, with `-loglevel level+info`: whether the picture is to be turned, and what went wrong.

/// The rotation that the container asks for, in degrees as ffmpeg prints it; `None` where it says nothing. Old versions
/// write `displaymatrix`, new ones `Display Matrix`.
pub fn rotation(stderr: &str) -> Option<f32> {
    let mut video = false;
    for line in stderr.lines() {
        let line = line.trim_start_matches("[info]").trim_start();
        if line.starts_with("Stream #") {
            if video {
                // The first video stream is the one that is read; what follows belongs to others.
                break;
            }
            video = line.contains(": Video:") && !line.contains("(attached pic)");
        } else if line.starts_with("Output #") || line.starts_with("Stream mapping") {
            break;
        }
        let low = line.to_ascii_lowercase();
        if video && (low.starts_with("displaymatrix:") || low.starts_with("display matrix:")) {
            let rest = low.split_once("rotation of ")?.1;
            return rest.split_whitespace().next()?.parse().ok();
        }
    }
    None
}

/// The first error, without the memory address that comes before it; without one, the last line.
pub fn error(stderr: &str) -> String {
    let marked = |line: &str| {
        ["[error] ", "[fatal] "].iter().find_map(|mark| line.split_once(mark).map(|(_, rest)| rest.trim().to_owned()))
    };
    let first = stderr.lines().find_map(marked).filter(|words| !words.is_empty());
    let last = || stderr.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
    first.or_else(last).unwrap_or_else(|| "ffmpeg gave no reason".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "\
[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'a.mp4':
[info]   Stream #0:0[0x1](und): Audio: aac
[info]   Stream #0:1[0x2](und): Video: h264 (High), yuv420p, 720x480, 29.97 fps (default)
[info]       Metadata:
[info]         rotate          : 180
[info]       Side data:
[info]         displaymatrix: rotation of -180.00 degrees
[info] Stream mapping:
";

    #[test]
    fn both_spellings_of_the_matrix_are_known() {
        assert_eq!(rotation(OLD), Some(-180.0));
        let new = OLD.replace("displaymatrix", "Display Matrix");
        assert_eq!(rotation(&new), Some(-180.0));
        assert_eq!(rotation(&OLD.replace("displaymatrix", "cpb")), None);
        // A matrix of the output, or of another stream, is none of the picture's.
        let later = "[info] Input #0, avi, from 'a':\n[info]   Stream #0:0: Video: mpeg4\n[info] Output #0, null:\n\
                     [info]   Stream #0:0: Video: x\n[info]  displaymatrix: rotation of 90.00 degrees\n";
        assert_eq!(rotation(later), None);
        let cover = "[info] Stream #0:0: Video: mjpeg (attached pic)\n[info] displaymatrix: rotation of 90.00 degrees\n\
                     [info] Stream #0:1: Video: h264\n[info] displaymatrix: rotation of -90.00 degrees\n";
        assert_eq!(rotation(cover), Some(-90.0));
    }

    #[test]
    fn the_first_error_is_what_a_person_needs() {
        let text = "[info] x\n[mov,mp4 @ 0x2497fec0] [error] moov atom not found\n[fatal] Error opening input files\n";
        assert_eq!(error(text), "moov atom not found");
        assert_eq!(error("sh: 1: not found\n\n"), "sh: 1: not found");
        assert_eq!(error(""), "ffmpeg gave no reason");
    }
}
