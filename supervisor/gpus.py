"""How many detectors an installation runs: one for each GPU, or one."""

from __future__ import annotations

import logging
import subprocess
import sys

from detect.engines.devices import ON_CPU, has_driver
from kernel.config.lookout import LookoutConfig

LOG = logging.getLogger(__name__)
ANSWER_WITHIN_S = 120.0


def detector_devices(config: LookoutConfig) -> list[str]:
    """A device for each detector where there are several, else nothing: the one detector finds its own.

    PyTorch is asked in a process of its own, so that the supervisor stays small, and only where there is a driver.
    """
    detect = config.detect
    if detect.device != "auto" or detect.backend in ON_CPU or not has_driver():
        return []
    found = told_by_pytorch()[: len(config.cameras)]
    return found if len(found) > 1 else []


def told_by_pytorch() -> list[str]:
    """The GPUs that a process of the detector would find."""
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "detect.engines.devices"], capture_output=True, text=True, timeout=ANSWER_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        LOG.warning("PyTorch did not tell its GPUs within %.0f s; one detector is started", ANSWER_WITHIN_S)
        return []
    if asked.returncode != 0:
        LOG.warning("PyTorch does not tell its GPUs; one detector is started: %s", asked.stderr.strip()[-200:])
        return []
    return asked.stdout.split()
