"""A stream that was left to FFmpeg comes back to our client, at a reconnect and after a while."""

from __future__ import annotations

from ingest.client_choice import FIRST_AGAIN_S, LAST_AGAIN_S, ClientChoice


def test_a_stream_is_ours_until_it_is_left_to_ffmpeg_and_tried_again_after_ten_minutes() -> None:
    choice = ClientChoice()
    assert choice.is_ours(5.0)
    choice.left_to_ffmpeg(10.0)
    assert [choice.is_ours(now_s) for now_s in (10.0, 300.0, 10.0 + FIRST_AGAIN_S - 0.1)] == [False] * 3
    assert choice.is_ours(10.0 + FIRST_AGAIN_S)


def test_a_try_is_one_try_whatever_became_of_it_and_the_wait_doubles_up_to_a_day() -> None:
    choice, now_s, waits_s = ClientChoice(), 0.0, []
    choice.left_to_ffmpeg(now_s)
    for _ in range(10):
        began_s = now_s
        while not choice.is_ours(now_s):
            now_s += 60.0
        waits_s.append(now_s - began_s)
        choice.left_to_ffmpeg(now_s + 1.0)  # said twice, of one try
        assert not choice.is_ours(now_s + 2.0)
    assert waits_s[:3] == [FIRST_AGAIN_S, 2 * FIRST_AGAIN_S, 4 * FIRST_AGAIN_S]
    assert waits_s[-1] == LAST_AGAIN_S


def test_a_session_of_ours_that_lasted_makes_it_ours_for_good() -> None:
    choice = ClientChoice()
    choice.left_to_ffmpeg(0.0)
    assert choice.is_ours(FIRST_AGAIN_S)
    choice.ours_lasted()
    assert choice.is_ours(FIRST_AGAIN_S + 1.0)
    choice.left_to_ffmpeg(2_000.0)
    assert choice.is_ours(2_000.0 + FIRST_AGAIN_S)


def test_what_the_configuration_leaves_to_ffmpeg_stays_there() -> None:
    choice = ClientChoice(only_ffmpeg=True)
    assert not choice.is_ours(0.0)
    assert not choice.is_ours(LAST_AGAIN_S * 2)
