from kernel.config.camera import StreamName
from kernel.events import CameraState, OfflineCause
from kernel.ledger import LedgerChanges, Span, StateInterval, WatchedSpan, WatchKind
from supervisor.exam.observed import observed_spans

MAIN, SUB = StreamName.MAIN, StreamName.SUB


def interval(
    start_s: float, end_s: float, state: CameraState, stream: StreamName = MAIN, is_probing: bool = False
) -> StateInterval:
    return StateInterval("cam-01", stream, start_s, end_s, state, OfflineCause.NONE, is_probing=is_probing)


def watched(
    start_s: float, end_s: float, stream: StreamName | None = MAIN, kind: WatchKind = WatchKind.OBSERVED
) -> WatchedSpan:
    return WatchedSpan(kind, "cam-01", stream, start_s, end_s, "run")


def test_observed_is_watched_and_known_and_in_service_of_the_counted_stream() -> None:
    rows = LedgerChanges(
        intervals=(
            interval(0, 5, CameraState.CONNECTING, is_probing=True),
            interval(5, 30, CameraState.STREAMING),
            interval(30, 40, CameraState.STALLED),
            interval(40, 50, CameraState.DISABLED),
            interval(50, 90, CameraState.DEGRADED),
            interval(0, 90, CameraState.STREAMING, SUB),
        ),
        spans=(
            watched(0, 20),
            watched(24, 80),
            watched(0, 90, SUB),
            watched(0, 90, None, WatchKind.ANALYSED),
        ),
    )
    spans = observed_spans(rows, {"cam-01": MAIN, "cam-02": MAIN})
    assert spans == {"cam-01": [Span(5, 20), Span(24, 40), Span(50, 80)], "cam-02": []}
