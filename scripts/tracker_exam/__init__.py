"""Rendered loops -> the model's detections at 5 analysed frames a second -> trackers -> MOTA, IDF1, HOTA."""
