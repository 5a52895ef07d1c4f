"""docs/patrols.md: its example flies, and every reason there is stands in it."""

from __future__ import annotations

import re
from pathlib import Path

from drone.checks.judge import judge
from kernel.config import load_config
from tests.unit.drone.patrol_configs import NOON

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "patrols.md").read_text(encoding="utf-8")


def test_the_least_config_of_the_guide_may_be_flown(tmp_path: Path) -> None:
    least = GUIDE.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "c.yaml").write_text(least, encoding="utf-8")
    config = load_config(tmp_path / "c.yaml")
    judged = judge(config, config.patrols[0], config.fleet[0], NOON, None)
    assert judged.is_allowed, judged.reasons


def test_every_reason_of_the_code_is_in_the_guide() -> None:
    wording = (ROOT / "drone" / "reasons" / "wording.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'reason\(\s*"([a-z_]+)"|_zone\("([a-z_]+)"', wording))
    named = {first or second for first, second in codes}
    assert len(named) > 20
    told = set(re.findall(r"`([a-z_]+)`", GUIDE.partition("## Reasons to refuse")[2]))
    assert named <= told, named - told


def test_relative_links_of_the_guide_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", GUIDE):
        assert (ROOT / "docs" / target).exists(), target
