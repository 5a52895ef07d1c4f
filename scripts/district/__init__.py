"""The simulated district: scene data -> rendered loops + ground truth -> H.264/H.265 packets -> our RTSP server.

Everything here is real at its edges (RTSP on a socket, encoded video) and known inside (who was where, in pixels and
metres).
"""
