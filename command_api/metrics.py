"""Prometheus figures that are counted as things happen; the rest is read off at each scrape (`figures.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_LATENCY_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Figures that are counted as things happen."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.http_latency_s = Histogram(
            "lookout_http_latency_seconds",
            "Time from a request to the start of its answer.",
            ("method", "route", "status"),
            buckets=_LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.alert_delivery_s = Histogram(
            "lookout_alert_delivery_seconds",
            "Time from the making of an alert to its commit and hand-over to open pages.",
            buckets=_LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.bus_events = Counter(
            "lookout_bus_events_total", "Events taken from the bus.", ("stream",), registry=self.registry
        )
        self.bus_lag_s = Gauge(
            "lookout_bus_lag_seconds",
            "How long the newest event lay on the bus before it was taken in.",
            ("stream",),
            registry=self.registry,
        )

    def taken(self, stream: str, entries: Sequence[str], now: datetime) -> None:
        """Events were taken in: count them, and note how long the newest lay on the bus (its id tells since when)."""
        self.bus_events.labels(stream).inc(len(entries))
        appended_s = int(entries[-1].partition("-")[0]) / 1000
        self.bus_lag_s.labels(stream).set(max(0.0, now.timestamp() - appended_s))

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
