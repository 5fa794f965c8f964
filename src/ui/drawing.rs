//! What draws the window: a graphics card, or the processors that training wants too. How often it is drawn follows from
//! it, in `pacer`.

use eframe::CreationContext;
use eframe::egui_wgpu::wgpu::DeviceType;
use eframe::glow::{self, HasContext as _};

/// What draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drawing {
    /// A graphics card: a frame costs the processors what laying it out costs.
    Gpu,
    /// The processors, all of them for as long as a frame takes. What is not known is taken for this.
    #[default]
    Software,
}

/// What drivers without a graphics card call themselves.
const SOFTWARE: [&str; 8] =
    ["llvmpipe", "softpipe", "swrast", "lavapipe", "software", "swiftshader", "microsoft basic render", "gdi generic"];

impl Drawing {
    /// By the name that a driver of OpenGL gives for what draws.
    pub fn by_name(name: &str) -> Self {
        let name = name.to_lowercase();
        if name.is_empty() || SOFTWARE.iter().any(|s| name.contains(s)) { Self::Software } else { Self::Gpu }
    }

    /// What draws the window that is being made.
    pub fn of(window: &CreationContext<'_>) -> Self {
        let (name, drawing) = if let Some(wgpu) = &window.wgpu_render_state {
            let info = wgpu.adapter.get_info();
            let drawing = if info.device_type == DeviceType::Cpu { Self::Software } else { Self::by_name(&info.name) };
            (info.name, drawing)
        } else if let Some(gl) = &window.gl {
            let name = renderer(gl);
            let drawing = Self::by_name(&name);
            (name, drawing)
        } else {
            return Self::Software;
        };
        tracing::info!("{name} draws the window ({drawing:?})");
        drawing
    }
}

#[expect(unsafe_code, reason = "asks OpenGL for a name")]
fn renderer(gl: &glow::Context) -> String {
    // SAFETY: eframe makes its context the current one of this thread before it makes the window's contents, and every
    // context has this string.
    unsafe { gl.get_parameter_string(glow::RENDERER) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_without_a_graphics_card_are_known_by_their_names() {
        for name in [
            "llvmpipe (LLVM 15.0.6, 256 bits)",
            "softpipe",
            "Software Rasterizer",
            "Apple Software Renderer",
            "Microsoft Basic Render Driver",
            "GDI Generic",
            "zink Vulkan 1.3(llvmpipe (LLVM 17.0.6, 256 bits) (MESA_LLVMPIPE))",
            "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)",
            "",
        ] {
            assert_eq!(Drawing::by_name(name), Drawing::Software, "{name}");
        }
        for name in ["NVIDIA GeForce RTX 3060/PCIe/SSE2", "Mesa Intel(R) UHD Graphics 620 (KBL GT2)", "Apple M2"] {
            assert_eq!(Drawing::by_name(name), Drawing::Gpu, "{name}");
        }
    }
}
