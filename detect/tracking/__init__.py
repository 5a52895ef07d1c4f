"""Detections of successive frames -> tracks of objects, per camera."""

from detect.tracking.track import Track, TrackerSettings
from detect.tracking.tracker import Tracker, update_together

__all__ = ["Track", "Tracker", "TrackerSettings", "update_together"]
