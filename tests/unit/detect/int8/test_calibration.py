from __future__ import annotations

import pytest

from detect.int8.calibration import needs_seven_bits


@pytest.mark.parametrize(
    ("flags", "needed"),
    [
        ("fpu avx avx2 fma", True),
        ("fpu avx avx2 avx512f avx512bw", True),
        ("fpu avx2 avx512f avx512_vnni", False),
        ("fpu avx2 avx_vnni", False),
        ("fpu sse4_2 avx", False),
        ("", False),
    ],
)
def test_weights_get_seven_bits_where_sums_of_eight_overflow(flags: str, needed: bool) -> None:
    assert needs_seven_bits(flags.split()) is needed
