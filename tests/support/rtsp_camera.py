"""A real RTSP camera for tests: a moving test picture behind digest authentication.

Run by Debian's own Python, which has GStreamer: /usr/bin/python3 rtsp_camera.py USER PASSWORD
Says its port, then serves until its standard input closes. /live is H.264, /mute sends nothing.
"""

import sys
import threading

import gi  # pyright: ignore[reportMissingImports]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import (  # noqa: E402  # pyright: ignore[reportMissingImports]
    GLib,
    Gst,
    GstRtsp,
    GstRtspServer,
)

STREAMS = {
    "/live": "videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=10/1 ! "
    "x264enc tune=zerolatency key-int-max=10 ! rtph264pay name=pay0 pt=96",
    "/mute": "appsrc is-live=true caps=video/x-raw,format=I420,width=64,height=64,"
    "framerate=10/1 ! x264enc tune=zerolatency ! rtph264pay name=pay0 pt=96",
}


def main() -> None:
    user, password = sys.argv[1:]
    Gst.init(None)
    loop = GLib.MainLoop()
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    for path, pipeline in STREAMS.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(f"( {pipeline} )")
        factory.set_shared(True)
        factory.add_role_from_structure(
            Gst.Structure.from_string(
                "viewer,media.factory.access=true,media.factory.construct=true"
            )[0]
        )
        server.get_mount_points().add_factory(path, factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)

    def wait_for_end() -> None:
        sys.stdin.read()
        loop.quit()

    threading.Thread(target=wait_for_end, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
