"""RTSP camera -> access units (live view, GOP ring, clips) and frames (shared-memory ring); camera state -> bus."""
