"""Cameras whose every picture carries its number, for measuring how old a picture is when its boxes are known.

district's scenes -> number drawn in -> H.264 loops (kept) -> RTSP server -> sent.csv: which picture left when
"""
