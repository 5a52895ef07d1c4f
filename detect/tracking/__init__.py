"""Detections of successive frames -> tracks of objects, per camera."""

from detect.tracking.tracker import Track, Tracker, TrackerSettings

__all__ = ["Track", "Tracker", "TrackerSettings"]
