"""What differs between the firmware that was measured (ArduCopter 3.5.7), ArduCopter 4 and ArduCopter 4.7.

3.5 is as measured; 4 and 4.7 are as their source code and release notes say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

# MAV_PROTOCOL_CAPABILITY bits
_MISSION_FLOAT, _PARAM_FLOAT, _MISSION_INT, _COMMAND_INT = 0x1, 0x2, 0x4, 0x8
_FTP, _ATTITUDE, _LOCAL_NED, _GLOBAL_INT, _TERRAIN = 0x20, 0x40, 0x80, 0x100, 0x200
_TERMINATION, _COMPASS, _MAVLINK2, _FENCE, _RALLY = 0x800, 0x1000, 0x2000, 0x4000, 0x8000

_OLD_CAPABILITIES = (
    _MISSION_FLOAT | _PARAM_FLOAT | _MISSION_INT | _COMMAND_INT | _ATTITUDE | _LOCAL_NED | _GLOBAL_INT | _TERRAIN
) | (_TERMINATION | _COMPASS | _MAVLINK2)

_OLD_LONG = frozenset(
    {17, 20, 21, 22, 115, 178, 179, 181, 183, 185, 201, 203, 204, 205, 206, 207, 241, 246, 300, 400, 410, 520}
)
_OLD_INT = frozenset({179, 201})
_NEW_LONG = _OLD_LONG | {176, 193, 195, 197, 224, 511, 510, 512, 1000, 2000, 2001}


@dataclass(frozen=True)
class Profile:
    """One firmware's manners.

    Attributes:
        location_frames: MAV_FRAMEs it takes in a mission item that has a position.
        knows_who_asks: addresses its requests to whoever uploads; otherwise to 0/0 until a download told it.
        acks_empty_plan: answers MISSION_COUNT 0 with an ACK.
        has_plan_types: keeps fence and rally apart by mission_type; otherwise the field is not looked at.
        gives_up_on_bad_item: a refused item ends the upload; otherwise it goes on asking for the same one.
        acks_timeout: says OPERATION_CANCELLED when an upload times out.
        gcs_failsafe_everywhere: losing the ground station matters in every mode, else in GUIDED or with RC override.
        acks_set_mode: answers a SET_MODE message with a COMMAND_ACK for command 11.
        says_failsafe: a battery or fence failsafe comes with a text.
        cuts_corners: goes on to the next waypoint, and reports this one, a leash's length before it.
        si_parameters: parameters have the names and units of 4.7 (metres, not centimetres).
    """

    name: str
    version: tuple[int, int, int]
    capabilities: int
    commands_long: frozenset[int]
    commands_int: frozenset[int]
    location_frames: frozenset[int]
    acks_set_mode: bool
    knows_who_asks: bool
    acks_empty_plan: bool
    has_plan_types: bool
    gives_up_on_bad_item: bool
    acks_timeout: bool
    gcs_failsafe_everywhere: bool
    says_failsafe: bool
    cuts_corners: bool = False
    si_parameters: bool = False
    mission_capacity: int = 724

    @property
    def is_modern(self) -> bool:
        """ArduCopter 4 or later."""
        return self.version >= (4, 0, 0)


ARDUCOPTER_3_5 = Profile(
    name="arducopter-3.5",
    version=(3, 5, 7),
    capabilities=_OLD_CAPABILITIES,
    commands_long=_OLD_LONG,
    commands_int=_OLD_INT,
    location_frames=frozenset({0, 2, 3, 10}),
    acks_set_mode=True,
    knows_who_asks=False,
    acks_empty_plan=False,
    has_plan_types=False,
    gives_up_on_bad_item=False,
    acks_timeout=False,
    gcs_failsafe_everywhere=False,
    says_failsafe=False,
    cuts_corners=True,
)

ARDUCOPTER_4 = Profile(
    name="arducopter-4",
    version=(4, 5, 7),
    capabilities=_OLD_CAPABILITIES | _FTP | _FENCE | _RALLY,
    commands_long=_NEW_LONG,
    commands_int=_NEW_LONG | {192},
    location_frames=frozenset({0, 2, 3, 5, 6, 10, 11}),
    acks_set_mode=False,
    knows_who_asks=True,
    acks_empty_plan=True,
    has_plan_types=True,
    gives_up_on_bad_item=True,
    acks_timeout=True,
    gcs_failsafe_everywhere=True,
    says_failsafe=True,
)

ARDUCOPTER_4_7 = replace(ARDUCOPTER_4, name="arducopter-4.7", version=(4, 7, 0), si_parameters=True)

PROFILES = {profile.name: profile for profile in (ARDUCOPTER_3_5, ARDUCOPTER_4, ARDUCOPTER_4_7)}
