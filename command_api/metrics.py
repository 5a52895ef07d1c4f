"""Prometheus figures of the API and of what it knows: counted here, the rest read off at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

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
        self.alerts = Gauge("lookout_alerts", "Alerts in the store.", ("level", "state"), registry=self.registry)
        self.bus_events = Counter(
            "lookout_bus_events_total", "Events taken from the bus.", ("stream",), registry=self.registry
        )
        self.bus_lag_s = Gauge(
            "lookout_bus_lag_seconds",
            "Age of the newest event when it was taken in.",
            ("stream",),
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class Reading(Collector):
    """Figures that are read off when asked for.

    Args:
        read: gives the metric families.
    """

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """The families, as they are now."""
        return self._read()


def gauge(
    name: str, help_text: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    """A gauge family with its values by label."""
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def info(name: str, help_text: str, labels: tuple[str, ...], values: Iterable[tuple[str, ...]]) -> Metric:
    """An info family, one line per tuple of label values."""
    family = InfoMetricFamily(name, help_text, labels=labels)
    for label_values in values:
        family.add_metric(label_values, {})
    return family
