"""FACTS-MAVLINK, "Plan transfer": the vehicle's side of it."""

import math
import random
from typing import Any

import pytest
from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.plan_store import PlanType
from scripts.vehicle.profiles import Profile
from scripts.vehicle.radio import Quality
from tests.unit.scripts.vehicle.ground import AUTO, GUIDED, HOME, NEW, OLD, Ground, bare, item, patrol

BOTH = pytest.mark.parametrize("profile", [OLD, NEW], ids=lambda profile: profile.name)


def upload_count(count: int, plan_type: int = 0) -> Any:
    return wire.MAVLink_mission_count_message(1, 1, count, plan_type)


class TestAsking:
    def test_the_old_firmware_asks_by_mission_request_addressed_to_nobody(self) -> None:
        ground = Ground(OLD)
        request = ground.ask(upload_count(3), "MISSION_REQUEST")
        assert (request.seq, request.target_system, request.target_component) == (0, 0, 0)

    @pytest.mark.parametrize("ask_int", [False, True])
    def test_the_new_firmware_asks_us_by_the_legacy_message_and_others_by_the_integer_one(self, ask_int: bool) -> None:
        ground = Ground(NEW, ask_int=ask_int)
        ground.run(1.0)
        request = ground.ask(upload_count(3), "MISSION_REQUEST_INT" if ask_int else "MISSION_REQUEST")
        assert (request.seq, request.target_system, request.target_component) == (0, 255, 190)

    @BOTH
    def test_an_unanswered_question_is_repeated_every_second(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.send(upload_count(3))
        ground.run(4.6)
        asked = ground.all("MISSION_REQUEST") + ground.all("MISSION_REQUEST_INT")
        assert [message.seq for message in asked] == [0] * len(asked)
        assert 4 <= len(asked) <= 6

    @pytest.mark.parametrize(("profile", "said"), [(OLD, []), (NEW, [15])], ids=["old", "new"])
    def test_it_gives_up_after_eight_silent_seconds_and_only_the_new_one_says_so(
        self, profile: Profile, said: list[int]
    ) -> None:
        ground = Ground(profile)
        ground.send(upload_count(3))
        ground.run(12.0)
        assert [message.type for message in ground.all("MISSION_ACK")] == said
        asked = len(ground.heard)
        ground.run(3.0)
        assert not [m for m in ground.heard[asked:] if m.get_type().startswith("MISSION_REQUEST")]

    @BOTH
    def test_an_item_out_of_turn_is_nacked_13_and_the_upload_goes_on(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.ask(upload_count(2), "HEARTBEAT")
        ground.send(item(1, 22, alt_m=10))
        ground.send(item(0, 16))
        ground.send(item(1, 22, alt_m=10))
        ground.run(0.5)
        assert [message.type for message in ground.all("MISSION_ACK")] == [13, 0]

    @BOTH
    def test_an_item_nobody_asked_for_is_nacked(self, profile: Profile) -> None:
        assert Ground(profile).ask(item(0, 16), "MISSION_ACK").type == 1

    @BOTH
    def test_telemetry_stops_during_a_transfer_and_heartbeats_do_not(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.send(wire.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
        ground.run(2.0)
        assert ground.all("GLOBAL_POSITION_INT")
        ground.send(upload_count(5))
        kinds = {message.get_type() for message in ground.run(5.0)}
        assert "HEARTBEAT" in kinds
        assert "GLOBAL_POSITION_INT" not in kinds


class TestWhatIsTaken:
    @BOTH
    def test_a_patrol_is_taken_and_read_back(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        sent = patrol()
        assert ground.upload(sent) == 0
        back = ground.download()
        assert [message.command for message in back] == [message.command for message in sent]
        assert [(message.x, message.y, message.z) for message in back[1:5]] == [
            (message.x, message.y, message.z) for message in sent[1:5]
        ]

    @BOTH
    def test_item_zero_comes_back_as_home(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload([item(0, 16, 500, 500, 33), item(1, 22, alt_m=10)])
        home = ground.download()[0]
        assert (home.command, home.frame, home.x, home.y, home.z) == (
            16, 0, round(HOME[0] * 1e7), round(HOME[1] * 1e7), 1500.0,
        )  # fmt: skip

    @pytest.mark.parametrize("frame", [5, 6, 11])
    def test_the_old_firmware_nacks_int_frames_with_unsupported_frame(self, frame: int) -> None:
        ground = Ground(OLD)
        assert ground.upload([item(0, 16), item(1, 22, alt_m=10, frame=frame)]) == 2

    @pytest.mark.parametrize("frame", [0, 3, 10])
    def test_the_old_firmware_takes_the_plain_frames(self, frame: int) -> None:
        ground = Ground(OLD)
        assert ground.upload([item(0, 16), item(1, 22, alt_m=1600.0 if frame == 0 else 10.0, frame=frame)]) == 0

    def test_the_new_firmware_takes_int_frames_and_gives_plain_ones_back(self) -> None:
        ground = Ground(NEW)
        ground.run(1.0)
        assert ground.upload([item(0, 16), item(1, 22, alt_m=10, frame=6), item(2, 16, 9, 9, 10, frame=6)]) == 0
        assert [message.frame for message in ground.download()[1:]] == [3, 3]

    @BOTH
    def test_a_legacy_download_in_floats_is_off_by_decimetres(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload(patrol())
        exact, rough = ground.download(), ground.download(legacy=True)
        off_deg = max(abs(b.x - a.x / 1e7) for a, b in zip(exact[2:5], rough[2:5], strict=True))
        assert 1e-7 < off_deg < 1e-5

    @BOTH
    def test_parameters_without_a_meaning_are_forgotten(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        ground.upload([item(0, 16), item(1, 22, alt_m=10), item(2, 16, 9, 9, 10, params=(4.0, 3.0, 2.0, 90.0))])
        back = ground.download()[2]
        assert (back.param1, back.param2, back.param3, back.param4) == (4.0, 0.0, 0.0, 0.0)

    @BOTH
    @pytest.mark.parametrize(
        ("wrong", "result"),
        [
            (wire.MAVLink_mission_item_int_message(1, 1, 1, 3, 16, 0, 1, 0, 0, 0, 0, 950_000_000, 0, 10), 10),
            (wire.MAVLink_mission_item_int_message(1, 1, 1, 3, 16, 0, 1, 0, 0, 0, 0, 0, 1_900_000_000, 10), 11),
            (wire.MAVLink_mission_item_int_message(1, 1, 1, 3, 16, 0, 1, 0, 0, 0, 0, 0, 0, 1e6), 12),
            (wire.MAVLink_mission_item_int_message(1, 1, 1, 3, 9999, 0, 1, 0, 0, 0, 0, 0, 0, 10), 3),
        ],
        ids=["latitude 95", "longitude 190", "altitude 1e6", "unknown command"],
    )
    def test_it_refuses(self, profile: Profile, wrong: Any, result: int) -> None:
        ground = Ground(profile)
        assert ground.upload([item(0, 16), wrong]) == result

    @BOTH
    def test_it_accepts_zero_zero(self, profile: Profile) -> None:
        nowhere = wire.MAVLink_mission_item_int_message(1, 1, 1, 3, 16, 0, 1, 0, 0, 0, 0, 0, 0, 10)
        assert Ground(profile).upload([item(0, 16), nowhere]) == 0

    @pytest.mark.parametrize(("profile", "result"), [(OLD, 0), (NEW, 12)], ids=["old", "new"])
    def test_a_nan_altitude_is_taken_by_the_old_firmware(self, profile: Profile, result: int) -> None:
        assert Ground(profile).upload([item(0, 16), item(1, 22, alt_m=math.nan)]) == result

    @BOTH
    def test_too_many_items_have_no_space(self, profile: Profile) -> None:
        assert Ground(profile).ask(upload_count(725), "MISSION_ACK").type == 4

    def test_a_refused_item_ends_the_upload_only_with_the_new_firmware(self) -> None:
        for profile, goes_on in ((OLD, True), (NEW, False)):
            ground = Ground(profile)
            ground.run(1.0)
            ground.upload([item(0, 16), item(1, 9999)])
            before = len(ground.heard)
            ground.run(3.0)
            asked = [m.seq for m in ground.heard[before:] if m.get_type().startswith("MISSION_REQUEST")]
            assert (asked[:1] == [1]) is goes_on


class TestNotAtomic:
    def test_an_aborted_upload_leaves_a_mixture_without_the_return(self) -> None:
        ground = Ground(OLD)
        ground.upload(patrol())
        fresh = [item(0, 16), item(1, 22, alt_m=50), item(2, 16, 90, 90, 50), item(3, 20)]
        ground.ask(upload_count(4), "MISSION_REQUEST")
        ground.send(fresh[0])
        ground.send(fresh[1])
        ground.run(12.0)
        back = ground.download()
        assert len(back) == 4
        assert [message.z for message in back[1:]] == [50.0, 20.0, 20.0]
        assert 20 not in {message.command for message in back}

    def test_count_zero_erases_without_an_ack_even_in_auto(self) -> None:
        ground = Ground(OLD)
        ground.run(1.0)
        ground.fly(patrol())
        ground.run(10.0)
        before = len(ground.all("MISSION_ACK"))
        ground.send(upload_count(0))
        ground.run(10.0)
        assert ground.vehicle.autopilot.mode == AUTO
        assert len(ground.all("MISSION_ACK")) == before
        assert ground.download() == []

    def test_the_new_firmware_acks_count_zero(self) -> None:
        ground = Ground(NEW)
        ground.run(1.0)
        ground.upload(patrol())
        assert ground.ask(upload_count(0), "MISSION_ACK").type == 0
        assert ground.download() == []

    @BOTH
    def test_clear_all_is_refused_while_the_mission_runs(self, profile: Profile) -> None:
        ground = Ground(profile)
        ground.run(1.0)
        clear = wire.MAVLink_mission_clear_all_message(1, 1)
        ground.fly(patrol())
        assert ground.ask(clear, "MISSION_ACK").type == 1
        assert len(ground.download()) == 6
        ground.set_mode(GUIDED)
        assert ground.ask(clear, "MISSION_ACK").type == 0
        assert ground.download() == []


def square_fence() -> list[Any]:
    """A fence of one polygon with four corners."""
    corners = [(-100.0, -100.0), (-100.0, 100.0), (100.0, 100.0), (100.0, -100.0)]
    return [
        item(seq, 5001, north, east, frame=0, params=(4, 0, 0, 0), plan_type=1)
        for seq, (north, east) in enumerate(corners)
    ]


class TestPlanTypes:
    def test_a_fence_upload_destroys_the_mission_of_a_vehicle_without_the_capability(self) -> None:
        ground = Ground(OLD)
        ground.run(1.0)
        assert not ground.vehicle.options.profile.capabilities & 0xC000
        ground.upload(patrol())
        ground.upload(square_fence(), plan_type=1)
        assert len(ground.download()) < 6

    def test_a_fence_and_a_mission_live_side_by_side_with_it(self) -> None:
        ground = Ground(NEW)
        ground.run(1.0)
        assert ground.vehicle.options.profile.capabilities & 0xC000 == 0xC000
        assert ground.upload(patrol()) == 0
        assert ground.upload(square_fence(), plan_type=1) == 0
        assert len(ground.download()) == 6
        assert [message.command for message in ground.download(1)] == [5001] * 4

    def test_a_broken_fence_upload_leaves_the_old_fence_whole(self) -> None:
        ground = Ground(NEW)
        ground.run(1.0)
        ground.upload(square_fence(), plan_type=1)
        ground.ask(upload_count(3, 1), "MISSION_REQUEST")
        ground.send(square_fence()[0])
        ground.run(10.0)
        assert len(ground.download(1)) == 4

    def test_over_mavlink_1_the_new_firmware_refuses_other_types(self) -> None:
        ground = Ground(NEW)
        ground.beating = False
        ground.send(wire.MAVLink_mission_request_list_message(1, 1), mavlink1=True)
        ground.run(0.1)
        assert ground.last("MISSION_COUNT").count == 0
        assert all(frame[0] == wire.PROTOCOL_MARKER_V1 for frame in ground.frames)

    def test_legacy_fence_points_count_by_their_parameter(self) -> None:
        ground = Ground(OLD)
        ground.send(wire.MAVLink_param_set_message(1, 1, b"FENCE_TOTAL", 5, 2))
        corners = [(0.0, 0.0), (-1e-3, -1e-3), (-1e-3, 1e-3), (1e-3, 1e-3), (1e-3, -1e-3)]
        for index, (north, east) in enumerate(corners):
            ground.send(wire.MAVLink_fence_point_message(1, 1, index, 5, HOME[0] + north, HOME[1] + east))
        back = ground.ask(wire.MAVLink_fence_fetch_point_message(1, 1, 3), "FENCE_POINT")
        assert back.count == 5
        assert back.lat == pytest.approx(HOME[0] + 1e-3, abs=1e-5)
        assert ground.ask(wire.MAVLink_fence_fetch_point_message(1, 1, 9), "FENCE_POINT") is None


def lossy_upload(loss: float, seed: int) -> tuple[bool, float]:
    """Answer what is asked and ignore 13: whether all items were there in the end, and how long it took."""
    ground = Ground(OLD, uplink=Quality(loss=loss), downlink=Quality(loss=loss), seed=seed)
    items = [item(0, 16), item(1, 22, alt_m=20), *(item(seq, 16, seq, seq, 20) for seq in range(2, 29)), bare(29, 20)]
    rng = random.Random(seed)
    answered = 0
    while ground.now_s < 60.0 and ground.vehicle.plans.count(PlanType.MISSION) < len(items):
        if not ground.vehicle._transfer.receiving and rng.random() < 0.1:
            ground.send(upload_count(len(items)))
        fresh = ground.heard[answered:]
        answered += len(fresh)
        for message in fresh:
            if message.get_type() == "MISSION_REQUEST":
                ground.send(items[message.seq])
        ground.run(0.05)
    return ground.vehicle.plans.count(PlanType.MISSION) == len(items), ground.now_s


@pytest.mark.parametrize("seed", range(4))
def test_answering_what_is_asked_gets_thirty_items_through_twenty_percent_loss(seed: int) -> None:
    done, took_s = lossy_upload(0.2, seed)
    assert done
    assert 5.0 < took_s < 60.0, "with a question a second and 20 % loss each way it is neither quick nor hopeless"
