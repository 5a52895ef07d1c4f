"""How long to wait before the next try of a camera. Pure: the random source comes in.

Source: capped exponential back-off with full jitter, AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kernel.events import OfflineCause

FIRST_CEILING_S = 1.0
SHORTEST_WAIT_S = 0.1
_DOUBLINGS_MAX = 30


@dataclass(frozen=True)
class RetryPolicy:
    """Waits between tries.

    Attributes:
        retry_max_s: the cap of the exponential.
        auth_retry_s: wait after a refused password; recorders lock accounts, so there is no jitter downwards.
    """

    retry_max_s: float
    auth_retry_s: float

    def wait_s(self, failures: int, cause: OfflineCause, random: Callable[[], float]) -> float:
        """Seconds until the next try.

        Args:
            failures: tries in a row that failed, this one included (>= 1).
            cause: why this one failed.
            random: uniform on [0, 1).
        """
        if cause in (OfflineCause.WRONG_PASSWORD, OfflineCause.DIGEST_UNSUPPORTED):
            return self.auth_retry_s
        ceiling_s = min(self.retry_max_s, FIRST_CEILING_S * 2.0 ** min(failures - 1, _DOUBLINGS_MAX))
        return max(min(SHORTEST_WAIT_S, ceiling_s), random() * ceiling_s)
