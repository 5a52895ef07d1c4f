"""The online rate, pure: events -> intervals and watched spans (fold) -> seconds, rates, outages, verdict, strip.

    CameraStateChanged, ObserverHeartbeat, AnalysisHeartbeat --LedgerFold--> StateInterval, WatchedSpan (rows to keep)
    rows + window --rates--> RateFigures per camera --aggregate--> per station, grid, district --verdict

Instants are seconds since the epoch. Every second of a window is exactly one of: online, offline, out of service,
unobserved. Unobserved time is in no rate; it is shown beside it.
"""

from kernel.ledger.fold import LedgerChanges, LedgerFold, fold
from kernel.ledger.rates import Outage, RateFigures, Verdict, aggregate, rates, total
from kernel.ledger.rows import StateInterval, WatchedSpan, WatchKind
from kernel.ledger.spans import Span
from kernel.ledger.strip import not_analysed_strip, state_strip

__all__ = [
    "LedgerChanges",
    "LedgerFold",
    "Outage",
    "RateFigures",
    "Span",
    "StateInterval",
    "Verdict",
    "WatchKind",
    "WatchedSpan",
    "aggregate",
    "fold",
    "not_analysed_strip",
    "rates",
    "state_strip",
    "total",
]
