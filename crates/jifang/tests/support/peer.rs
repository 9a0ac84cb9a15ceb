//! Cameras that are not our code: clips made by ffmpeg, served over RTSP by GStreamer in a process of its own.
//!
//! The clips have a picture in which every frame is another one (a test image with a counter), so that a lost, doubled or
//! swapped frame is seen. A clip is repeated into one long file before it is served: a peer that loops would begin anew.

use super::free_port;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Folder with clips `*h264.mp4` and `*h265.mp4` to use instead of made ones.
const CLIPS: &str = "JIFANG_TEST_CLIPS";

/// The peer: one mount per clip, each client begins at its first frame. The system's interpreter has the bindings.
const SCRIPT: &str = r#"
import sys, gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
for word in sys.argv[2:]:
    name, path = word.split("=", 1)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f'( filesrc location="{path}" ! qtdemux ! {name}parse ! rtp{name}pay name=pay0 pt=96 config-interval=-1 )')
    server.get_mount_points().add_factory("/" + name, factory)
assert server.attach(None) != 0
print("ready", flush=True)
GLib.MainLoop().run()
"#;

/// What GStreamer calls a codec, as part of names: `h264`, `h265`.
pub const CODECS: [&str; 2] = ["h264", "h265"];

/// The clip of a codec: from the folder that the environment names, else made now.
#[track_caller]
pub fn clip(folder: &Path, codec: &str) -> PathBuf {
    if let Ok(given) = std::env::var(CLIPS) {
        let files = std::fs::read_dir(given).expect("the folder of clips can be read");
        let ending = format!("{codec}.mp4");
        let mut found = files.flatten().filter(|f| f.file_name().to_string_lossy().ends_with(&ending));
        return found.next().expect("a clip of this codec in the folder").path();
    }
    let path = folder.join(format!("clip-{codec}.mp4"));
    let encoder: &[&str] = match codec {
        "h264" => &["-c:v", "libx264", "-preset", "veryfast", "-x264-params", "keyint=20:scenecut=0:bframes=0"],
        _ => &[
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "keyint=20:scenecut=0:bframes=0:log-level=error",
            "-tag:v",
            "hvc1",
        ],
    };
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=768x576:rate=10:duration=20"]);
    ffmpeg.args(encoder).args(["-pix_fmt", "yuv420p", "-movflags", "+faststart"]).arg(&path);
    run(ffmpeg);
    path
}

/// The clip again and again in one file of at least `seconds`.
#[track_caller]
pub fn repeated(clip: &Path, folder: &Path, codec: &str, seconds: u64) -> PathBuf {
    let path = folder.join(format!("long-{codec}.mp4"));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y", "-stream_loop", "-1", "-i"]).arg(clip);
    ffmpeg.args(["-map", "0:v", "-c", "copy", "-t", &seconds.to_string()]).arg(&path);
    run(ffmpeg);
    path
}

/// Runs a tool to its end; answers what it wrote.
#[track_caller]
pub fn run(mut command: Command) -> String {
    let done = command.stdin(Stdio::null()).output();
    let done =
        done.unwrap_or_else(|error| panic!("{:?}: {error}; `cargo xtask test` installs it", command.get_program()));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// A running RTSP server.
pub struct Peer {
    child: Child,
    port: u16,
}

impl Peer {
    /// Serves each file under the name of its codec.
    #[track_caller]
    pub fn serve(folder: &Path, files: &[(&str, PathBuf)]) -> Self {
        let script = folder.join("peer.py");
        std::fs::write(&script, SCRIPT).expect("a temporary folder can be written");
        let port = free_port();
        let mut command = Command::new("/usr/bin/python3");
        command.arg(&script).arg(port.to_string());
        command.args(files.iter().map(|(codec, path)| format!("{codec}={}", path.display())));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("python3 starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("the peer speaks");
        assert_eq!(
            line.trim(),
            "ready",
            "the GStreamer RTSP server did not start; `cargo xtask test` installs what it needs"
        );
        Self { child, port }
    }

    /// Address of a clip.
    pub fn url(&self, codec: &str) -> String {
        format!("rtsp://127.0.0.1:{}/{codec}", self.port)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Presentation times of the packets of a file, in its own order, seconds.
#[track_caller]
pub fn packet_times(file: &Path) -> Vec<f64> {
    let mut probe = Command::new("ffprobe");
    probe
        .args(["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0"])
        .arg(file);
    run(probe).lines().filter_map(|line| line.trim_end_matches(',').trim().parse().ok()).collect()
}

/// Digest of each decoded frame, in order.
#[track_caller]
pub fn frame_digests(file: &Path) -> Vec<String> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-i"]).arg(file).args([
        "-map",
        "0:v:0",
        "-fps_mode",
        "passthrough",
        "-f",
        "framemd5",
        "-",
    ]);
    let text = run(ffmpeg);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit(',').next()).map(|digest| digest.trim().to_owned()).collect()
}
