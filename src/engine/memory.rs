//! How much memory this process has, as the system tells it. Where it does not tell, nothing is known.

use tch::Device;

use crate::nets::native;
use crate::session::Memory;

/// Memory of this process now, and the most that libtorch had of `device` where that is a card.
pub fn memory(device: Device) -> Option<Memory> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let gpu = if let Device::Cuda(index) = device { native::cuda_peak_bytes(index, false) } else { None };
    Some(Memory { gpu_peak_mib: gpu.map(|bytes| bytes as f64 / f64::from(1 << 20)), ..parse(&text)? })
}

/// The resident set and its peak out of Linux's `/proc/PID/status`, which counts in KiB.
fn parse(text: &str) -> Option<Memory> {
    let mib = |name: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))?;
        let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib / 1024.0)
    };
    Some(Memory { resident_mib: mib("VmRSS")?, peak_mib: mib("VmHWM")?, gpu_peak_mib: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_set_and_its_peak_are_read() {
        let text = "Name:\tmetafas\nVmPeak:\t  900000 kB\nVmHWM:\t  204800 kB\nVmRSS:\t  153600 kB\nThreads:\t3\n";
        assert_eq!(parse(text), Some(Memory { resident_mib: 150.0, peak_mib: 200.0, gpu_peak_mib: None }));
        assert_eq!(parse("Name:\tmetafas\nVmHWM:\t  204800 kB\n"), None);
        assert_eq!(parse("VmHWM:\t many kB\nVmRSS:\t 1 kB\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_some() {
        let memory = memory(Device::Cpu).unwrap();
        assert!(memory.resident_mib > 1.0 && memory.peak_mib >= memory.resident_mib && memory.gpu_peak_mib.is_none());
    }
}
