from __future__ import annotations

from collections import Counter

import pytest

from detect.batching.schedule import Lane, Schedule


def schedule(
    cameras: int,
    capacity_fps: float,
    fps: float = 5.0,
    full_batch: int = 2,
    batch_max: int = 8,
    deadline_s: float = 0.06,
) -> Schedule:
    made = Schedule({"m": Lane(capacity_fps, full_batch)}, fps, batch_max, deadline_s)
    names = [f"cam-{index:02}" for index in range(cameras)]
    made.add(dict.fromkeys(names, "m"), 0.0)
    made.share_out(names)
    return made


def run(made: Schedule, for_s: float, picture_s: float, silent: frozenset[str] = frozenset()) -> Counter[str]:
    """Let time pass: every camera but the silent ones always has a fresh frame; a picture takes `picture_s`."""
    now_s, analysed = 0.0, Counter[str]()
    while now_s < for_s:
        batch = made.batch([camera for camera in made.due(now_s) if camera not in silent], now_s)
        for camera in batch:
            made.taken(camera, now_s)
            analysed[camera] += 1
        now_s += picture_s * len(batch) if batch else 0.002
    return analysed


def test_every_camera_gets_the_rate_it_asks_for_when_there_is_enough() -> None:
    analysed = run(schedule(8, capacity_fps=60), for_s=20, picture_s=1 / 60)
    assert set(analysed) == {f"cam-{index:02}" for index in range(8)}
    for frames in analysed.values():
        assert frames == pytest.approx(100, abs=3)


def test_all_get_evenly_less_when_there_is_not_enough() -> None:
    made = schedule(16, capacity_fps=40)
    assert made.load == pytest.approx(2.0)
    assert made.granted_fps == pytest.approx(0.9 * 40 / 16)
    analysed = run(made, for_s=20, picture_s=1 / 40)
    assert sum(analysed.values()) == pytest.approx(800, abs=8), "the engine is never idle"
    assert min(analysed.values()) == pytest.approx(50, abs=2)
    assert max(analysed.values()) - min(analysed.values()) <= 1


def test_an_engine_slower_than_measured_still_serves_all_alike() -> None:
    analysed = run(schedule(8, capacity_fps=100), for_s=20, picture_s=1 / 20)
    assert sum(analysed.values()) == pytest.approx(400, rel=0.05)
    assert max(analysed.values()) - min(analysed.values()) <= 2


def test_silent_cameras_take_nothing_from_the_others() -> None:
    made = schedule(16, capacity_fps=50)
    delivering = [f"cam-{index:02}" for index in range(8)]
    made.share_out(delivering)
    assert made.granted_fps == pytest.approx(5.0)
    analysed = run(made, for_s=20, picture_s=1 / 50, silent=frozenset(f"cam-{index:02}" for index in range(8, 16)))
    assert set(analysed) == set(delivering)
    assert min(analysed.values()) == pytest.approx(100, abs=3)


def test_under_light_load_a_frame_leaves_at_once() -> None:
    made = schedule(2, capacity_fps=60)
    assert made.batch(made.due(0.0), 0.0) == ("cam-00",)


def test_under_load_a_frame_waits_for_company_but_not_past_the_deadline() -> None:
    made = schedule(8, capacity_fps=60)
    assert made.batch(["cam-00"], 0.0) == ()
    assert made.batch(["cam-00"], 0.05) == ()
    assert made.batch(["cam-00"], 0.06) == ("cam-00",)


def test_a_full_batch_leaves_at_once() -> None:
    made = schedule(8, capacity_fps=60)
    assert made.batch(["cam-00"], 0.0) == ()
    assert made.batch(["cam-01", "cam-00"], 0.01) == ("cam-00", "cam-01")


def test_nobody_who_is_late_waits_for_company() -> None:
    """Four cameras at 25 frames/s used to lose turns waiting for a batch that they could not fill."""
    made = schedule(4, capacity_fps=150, fps=25.0, full_batch=8)
    assert made.batch(["cam-00"], 0.005) == ()
    assert made.batch(["cam-00"], 0.012) == ("cam-00",)
    made.taken("cam-00", 0.012)
    assert made.batch(["cam-01", "cam-02", "cam-03"], 0.013, away={"cam-00"}) == ("cam-01", "cam-02", "cam-03")


def test_no_batch_waits_while_there_is_too_much_to_do() -> None:
    made = schedule(8, capacity_fps=30, full_batch=4)
    assert made.batch(["cam-07"], 0.0) == ("cam-07",)


def test_a_batch_is_no_larger_than_its_engine_takes_at_a_time() -> None:
    made = schedule(8, capacity_fps=20)
    made.lanes["m"].batch_most = 3
    assert len(made.batch([f"cam-{index:02}" for index in range(8)], 1.0)) == 3


def test_a_backlog_leaves_in_batches_of_the_largest_size_longest_waiting_first() -> None:
    made = schedule(12, capacity_fps=80, batch_max=8)
    assert made.batch(["cam-11"], 0.19) == ()
    batch = made.batch([f"cam-{index:02}" for index in range(12)], 1.0)
    assert len(batch) == 8
    assert batch[0] == "cam-11"


def test_cameras_of_different_models_do_not_share_a_batch() -> None:
    made = Schedule({"a": Lane(20, 2), "b": Lane(20, 2)}, 5.0, 8, 0.06)
    made.add({"cam-1": "a", "cam-2": "b", "cam-3": "a"}, 0.0)
    made.share_out(["cam-1", "cam-2", "cam-3"])
    assert made.batch(["cam-1"], 0.05) == ()
    assert made.batch(["cam-1", "cam-2", "cam-3"], 0.14) == ("cam-1", "cam-3")


def test_capacity_of_two_models_is_for_the_cameras_mix() -> None:
    made = Schedule({"fast": Lane(100, 2), "slow": Lane(10, 2)}, 5.0, 8, 0.06)
    made.add({"cam-1": "fast", "cam-2": "slow"}, 0.0)
    made.share_out(["cam-1", "cam-2"])
    assert made.load == pytest.approx(0.55)
    assert made.capacity_fps == pytest.approx(10 / 0.55)


def test_cameras_of_a_failed_engine_are_not_due_and_free_their_share() -> None:
    made = Schedule({"a": Lane(20, 2), "b": Lane(20, 2)}, 5.0, 8, 0.06)
    made.add({"cam-1": "a", "cam-2": "b"}, 0.0)
    made.share_out(["cam-1", "cam-2"])
    made.lanes["a"].is_open = False
    assert made.due(1.0) == ["cam-2"]
    assert made.wanted_fps == 5.0


def test_turns_passed_over_are_counted() -> None:
    made = schedule(8, capacity_fps=60)
    made.batch(["cam-00"], 0.0)
    made.taken("cam-00", 0.65)
    assert made.dropped("cam-00") == 3


def test_a_camera_that_was_away_does_not_catch_up_in_a_burst() -> None:
    made = schedule(1, capacity_fps=60)
    made.taken("cam-00", 10.0)
    assert made.due(10.05) == []
    assert made.due(10.1) == ["cam-00"]


def test_first_turns_are_spread_over_one_period() -> None:
    made = schedule(4, capacity_fps=60, fps=5.0)
    assert made.due(0.0) == ["cam-00"]
    assert made.due(0.11) == ["cam-00", "cam-01", "cam-02"]


def test_sleeps_until_the_next_turn_and_looks_again_while_a_frame_is_awaited() -> None:
    made = schedule(1, capacity_fps=60)
    assert made.wake_s(0.0, 0.008) == 0.008
    made.taken("cam-00", 0.0)
    assert made.wake_s(0.195, 0.008) == pytest.approx(0.005)


def test_capacity_follows_full_batches_only() -> None:
    lane = Lane(50.0, 2)
    lane.measured(1, 0.5)
    assert lane.capacity_fps == 50.0
    for _ in range(100):
        lane.measured(2, 0.1)
    assert lane.capacity_fps == pytest.approx(20, abs=0.5)


def test_no_camera_to_analyse_is_no_capacity_and_no_error() -> None:
    made = Schedule({}, 5.0, 8, 0.06)
    made.add({}, 0.0)
    made.share_out([])
    assert (made.capacity_fps, made.wanted_fps, made.due(0.0)) == (0.0, 0.0, [])


def overloaded_with_urgent(cameras: int, urgent: int, capacity_fps: float) -> Schedule:
    made = schedule(cameras, capacity_fps)
    names = [f"cam-{index:02}" for index in range(cameras)]
    made.share_out(names, set(names[:urgent]))
    return made


def test_cameras_in_alert_keep_their_rate_and_the_others_get_evenly_less() -> None:
    made = overloaded_with_urgent(16, urgent=4, capacity_fps=40)
    analysed = run(made, for_s=20, picture_s=1 / 40)
    urgent = [analysed[f"cam-{index:02}"] for index in range(4)]
    others = [analysed[f"cam-{index:02}"] for index in range(4, 16)]
    assert min(urgent) >= 97
    assert sum(analysed.values()) == pytest.approx(800, abs=8), "the engine is never idle"
    assert min(others) == pytest.approx(400 / 12, abs=2)
    assert max(others) - min(others) <= 0.1 * min(others)


def test_many_cameras_in_alert_do_not_starve_the_others() -> None:
    made = overloaded_with_urgent(16, urgent=8, capacity_fps=30)
    analysed = run(made, for_s=20, picture_s=1 / 30)
    others = [analysed[f"cam-{index:02}"] for index in range(8, 16)]
    urgent = [analysed[f"cam-{index:02}"] for index in range(8)]
    assert sum(others) >= 0.25 * 600
    assert max(urgent) - min(urgent) <= 0.1 * min(urgent)
    assert min(urgent) > max(others)


def test_where_nearly_all_are_in_alert_nobody_fares_worse_than_the_rest() -> None:
    made = overloaded_with_urgent(16, urgent=15, capacity_fps=30)
    analysed = run(made, for_s=20, picture_s=1 / 30)
    assert max(analysed.values()) - min(analysed.values()) <= 0.1 * max(analysed.values())


def test_an_urgent_camera_leads_the_batch() -> None:
    made = overloaded_with_urgent(4, urgent=1, capacity_fps=8)
    assert made.batch(["cam-03", "cam-02", "cam-00"], 1.0)[0] == "cam-00"
    assert made.is_urgent("cam-00")
    assert not made.is_urgent("cam-03")


def test_a_frame_in_tiles_is_a_batch_of_its_own_and_costs_what_its_pictures_cost() -> None:
    made = Schedule({"a": Lane(100, 2)}, 5.0, 8, 0.06)
    made.add({"cam-1": "a", "cam-2": "a", "cam-3": "a"}, 0.0)
    made.tile("cam-2", 10)
    made.share_out(["cam-1", "cam-2", "cam-3"])
    assert made.wanted_fps == 5.0 * 12
    assert made.load == pytest.approx(0.6)
    assert made.batch(["cam-1", "cam-3"], 0.5) == ("cam-1", "cam-3")
    made.taken("cam-1", 0.5)
    made.taken("cam-3", 0.5)
    assert made.batch(["cam-2", "cam-1", "cam-3"], 1.0) == ("cam-2",)
    made.taken("cam-2", 1.0)
    made.share_out(["cam-2"])
    assert made.granted_fps == 5.0
    made.tile("cam-2", 40)
    made.share_out(["cam-2"])
    assert made.granted_fps == pytest.approx(0.9 * 100 / 40)
