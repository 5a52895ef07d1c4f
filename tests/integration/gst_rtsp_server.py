"""A real RTSP server that is not ours: GStreamer's gst-rtsp-server, run by the system's python3 as a subprocess.

    python3 gst_rtsp_server.py '{"mounts": {"/cam": {"codec": "h264", "fps": 15}}, "user": "u", "password": "p"}'

A mount is a test picture (`codec` h264|h265, `fps`, `width_px`, `height_px`, `b_frames`, `audio`), or a real clip
(`file`, with its `codec`). With a user every mount asks for digest authentication. Prints `ready PORT` once it listens
on 127.0.0.1, and ends when its standard input ends.
"""

import json
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def launch_line(mount: dict[str, Any]) -> str:
    """The pipeline of one mount, in gst-launch syntax."""
    codec = mount.get("codec", "h264")
    payloader = "rtph264pay" if codec == "h264" else "rtph265pay"
    parser = "h264parse" if codec == "h264" else "h265parse"
    if "file" in mount:
        source = f'filesrc location="{mount["file"]}" ! qtdemux ! {parser}'
    else:
        fps = mount.get("fps", 15)
        size = f"width={mount.get('width_px', 640)},height={mount.get('height_px', 360)}"
        encoder = (
            f"x264enc key-int-max={fps} bitrate={mount.get('kbit_s', 800)} "
            + (
                f"speed-preset=veryfast bframes={mount['b_frames']} b-adapt=false ! video/x-h264,profile=main"
                if mount.get("b_frames")
                else "speed-preset=ultrafast tune=zerolatency sliced-threads=false"
            )
            if codec == "h264"
            else f"x265enc speed-preset=ultrafast tune=zerolatency key-int-max={fps} bitrate=800"
        )
        picture = f"videotestsrc is-live=true pattern={mount.get('pattern', 'ball')}"
        source = f"{picture} ! video/x-raw,{size},framerate={fps}/1,format=I420 ! {encoder} ! {parser}"
    # Several slices a picture are one access unit: without alignment=au a payloader may mark each slice as a picture.
    caps = "video/x-h264,alignment=au" if codec == "h264" else "video/x-h265,alignment=au"
    line = f"{source} ! {caps} ! {payloader} name=pay0 pt=96 config-interval={mount.get('config_interval', -1)}"
    if mount.get("audio"):
        line += " audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=8"
    return f"( {line} )"


def main() -> None:
    """Serve the mounts of the JSON argument until standard input ends."""
    wanted = json.loads(sys.argv[1])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wanted.get("port", 0)))
    if "user" in wanted:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_digest(wanted["user"], wanted["password"], token)
        server.set_auth(auth)
    for path, mount in wanted["mounts"].items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(launch_line(mount))
        factory.set_shared(True)
        if "user" in wanted:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("viewer", "media.factory.access", True)
            permissions.add_permission_for_role("viewer", "media.factory.construct", True)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(path, factory)
    loop = GLib.MainLoop()
    if server.attach(None) == 0:
        sys.exit("gst-rtsp-server: cannot listen on 127.0.0.1")
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_HUP | GLib.IO_IN, lambda *_: loop.quit())
    print(f"ready {server.get_bound_port()}", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
