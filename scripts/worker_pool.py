"""Worker processes for drawing pictures: they end with the program that started them, however it ends."""

from __future__ import annotations

import os
from multiprocessing import get_context
from multiprocessing.pool import Pool

from kernel.process import die_with_parent


def worker_pool(workers: int) -> Pool:
    """So many processes, at least one; call it in the thread that lives as long as the program."""
    return get_context("spawn").Pool(max(1, workers), initializer=die_with_parent, initargs=(os.getpid(),))
