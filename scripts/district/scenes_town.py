"""Scene data of the town's cameras: gate, crossroads, car park, station forecourt, market street."""

from __future__ import annotations

from scripts.district.geometry import PinholeCamera
from scripts.district.scene import Block, Ground, Pole, Route, Rule, Scene, Stripe
from scripts.district.shapes import bays, fence, hatching, lamps, parked, patch, rectangle, trees, zebra

CARS = ("sedan", "sedan", "suv", "suv", "van", "police")
TRUCKS = ("box_truck", "tipper", "box_truck")
PEOPLE = ("person",)
BIKES = ("bicycle",)

MAIN_GATE = Scene(
    id="cam-01",
    name="北门",
    osd="CAM-01 MAIN GATE",
    unit="矿山路派出所",
    grid="网格01",
    vendor="北原安防",
    place=(41.7712, 109.9701, 12.0),
    camera=PinholeCamera(6.2, 16.0, 950),
    light="day",
    base="paving",
    grounds=(
        patch("grass", -60, -5.6, 25, 160),
        patch("grass", 5.6, 60, 25, 160),
        patch("concrete", -60, 60, 44, 56),
        patch("grass", -17, -6.6, 19.5, 24),
        patch("grass", 9.5, 30, 17, 24),
        patch("kerb", -4.9, 4.9, 0, 160),
        patch("asphalt", -4.6, 4.6, 0, 160),
        patch("asphalt", -60, 60, 46, 54),
    ),
    stripes=(
        Stripe(((0, 0), (0, 17)), 0.15, "yellow"),
        Stripe(((0, 22), (0, 46)), 0.15, "yellow", (3, 3)),
        Stripe(((0.2, 17.2), (4.4, 17.2)), 0.35),
        Stripe(((-4.3, 0), (-4.3, 46)), 0.12),
        Stripe(((4.3, 0), (4.3, 46)), 0.12),
        *hatching(-4.2, -0.4, 19.4, 22.4),
    ),
    blocks=(
        Block(-23, 68, 40, 14, 13.5, "plaster", (168, 196, 214), seed=11),
        Block(24, 72, 38, 16, 20, "plaster", (196, 204, 206), seed=12),
        Block(-54, 86, 26, 18, 24, "plaster", (150, 172, 196), seed=13),
        Block(54, 92, 22, 18, 30, "glass", (150, 150, 150), seed=14),
        Block(-5.7, 24, 1.0, 1.0, 3.4, "brick", (92, 110, 158), seed=1),
        Block(5.7, 24, 1.0, 1.0, 3.4, "brick", (92, 110, 158), seed=2),
        Block(7.7, 21.3, 2.4, 2.4, 2.7, "glass", (200, 190, 180), seed=3),
        Block(7.7, 21.3, 3.0, 3.0, 0.25, "plain", (120, 70, 40), base_m=2.7, seed=4),
        Block(5.05, 18.6, 0.42, 0.42, 1.1, "hazard", seed=5),
        Block(-5.05, 18.6, 0.42, 0.42, 1.1, "hazard", seed=6),
    ),
    fences=(
        fence("wall", 2.3, (-60, 24.5), (-6.2, 24.5)),
        fence("wall", 2.3, (6.2, 24.5), (60, 24.5)),
    ),
    trees=(
        *trees("broad", 6.5, 4.6, (-9, 31), (-9.5, 38), (9, 33), (10, 41), (-16, 29), (18, 30)),
        *trees("poplar", 12, 3.4, (-26, 60), (-19, 60), (-12, 60), (12, 62), (19, 62), (32, 60)),
        *trees("bush", 1.2, 1.8, (13, 19.5), (15.6, 19.4), (18.2, 19.8), (11, 22.8)),
    ),
    poles=(*lamps(7.5, 1.6, (-6.0, 29), (6.2, 38)), Pole(6.0, 16.4, 2.6, top="sign"), Pole(5.05, 18.5, 4.4)),
    parked=parked(90, 45.0, ("sedan", -15), ("suv", -21), ("sedan", 17)),
    routes=(
        Route(((2.2, -8), (2.2, 44), (5, 48.6), (50, 48.6)), (*CARS, *TRUCKS), (6.5, 8.5), 0.3, "gate-in"),
        Route(((-20, 13.5), (-13, 16), (-10, 20.8), (-9.2, 15.5), (-8.6, 2)), PEOPLE, (1.5, 2.4), 0.5, "wall-zone"),
        Route(((-9, 3), (-9.5, 16), (-10.2, 20.2), (-14, 16.4), (-26, 14)), PEOPLE, (1.5, 2.3), 0.5, "wall-zone"),
        Route(((50, 51.6), (0, 51.6), (-2.2, 46), (-2.2, -8)), (*CARS, *TRUCKS), (6.0, 8.0), 0.25),
        Route(((7.2, 2), (7.0, 13), (6.6, 15.6), (11, 16.0), (26, 15.0)), PEOPLE, (1.1, 1.6), 0.3, rate=1.4),
        Route(((-7.0, 2), (-6.2, 14.5), (-14, 15.0), (-28, 15.4)), PEOPLE, (1.1, 1.7), 0.2),
        Route(((-60, 51.5), (60, 51.5)), ("sedan", "suv", "van"), (8, 11), 0.3),
        Route(((6.6, 1), (6.3, 14), (10, 15.0), (26, 13.5)), (*BIKES, "dog"), (2.6, 3.6), 0.2),
        Route(((-50, 42), (50, 43)), PEOPLE, (1.2, 1.6), 0.6),
    ),
    rules=(
        Rule("gate-in", "车辆驶入", "line_crossing", ((-4.4, 19.0), (4.4, 19.0)), ("car", "truck"), "yellow", "left"),
        Rule("wall-zone", "围墙防攀区入侵", "zone_intrusion", rectangle(-15, -6.9, 17.6, 23.4), PEOPLE, "orange"),
    ),
    sub_stream=True,
)

CROSSROADS = Scene(
    id="cam-02",
    name="矿山路口",
    osd="CAM-02 KUANGSHAN CROSSING",
    unit="矿山路派出所",
    grid="网格02",
    vendor="蒙西视讯",
    place=(41.7689, 109.9745, 95.0),
    camera=PinholeCamera(8.2, 19.0, 900),
    light="day",
    base="paving",
    grounds=(
        patch("kerb", -120, 120, 17.7, 32.3),
        patch("kerb", -6.3, 6.3, 0, 220),
        patch("asphalt", -120, 120, 18, 32),
        patch("asphalt", -6, 6, 0, 220),
        *zebra(8, 12, 18.4, 31.8, "x"),
        *zebra(-5.6, 5.6, 12.6, 16.4, "y"),
        *zebra(-5.6, 5.6, 33.6, 37.4, "y"),
        patch("grass", -40, -14, 34, 36.5),
        patch("grass", 14, 40, 34, 36.5),
    ),
    stripes=(
        Stripe(((-120, 24.9), (-13, 24.9)), 0.14, "yellow"),
        Stripe(((-120, 25.2), (-13, 25.2)), 0.14, "yellow"),
        Stripe(((13, 24.9), (120, 24.9)), 0.14, "yellow"),
        Stripe(((13, 25.2), (120, 25.2)), 0.14, "yellow"),
        Stripe(((-120, 21.5), (-13, 21.5)), 0.14, "white", (4, 5)),
        Stripe(((-120, 28.5), (-13, 28.5)), 0.14, "white", (4, 5)),
        Stripe(((13, 21.5), (120, 21.5)), 0.14, "white", (4, 5)),
        Stripe(((13, 28.5), (120, 28.5)), 0.14, "white", (4, 5)),
        Stripe(((-12.4, 18.2), (-12.4, 24.7)), 0.35),
        Stripe(((13.0, 25.3), (13.0, 31.8)), 0.35),
        Stripe(((0, 0), (0, 11.4)), 0.14, "yellow"),
        Stripe(((0, 39), (0, 200)), 0.14, "yellow"),
        Stripe(((0.2, 11.6), (5.8, 11.6)), 0.35),
    ),
    blocks=(
        Block(-27, 47, 38, 14, 13.0, "shop", (176, 196, 210), seed=21),
        Block(28, 48, 38, 15, 19.0, "shop", (190, 196, 200), seed=22),
        Block(-34, 80, 40, 20, 28, "plaster", (168, 182, 204), seed=23),
        Block(34, 84, 36, 20, 34, "plaster", (192, 200, 204), seed=24),
        Block(-14, 120, 14, 14, 24, "plaster", (160, 190, 210), seed=25),
        Block(16, 130, 16, 14, 36, "plaster", (170, 180, 200), seed=26),
        Block(-13.5, 39.3, 0.9, 0.6, 1.3, "metal", (120, 140, 80), seed=27),
    ),
    fences=(fence("rail", 1.0, (13.5, 17.2), (34, 17.2)), fence("rail", 1.0, (-34, 17.2), (-13.5, 17.2))),
    trees=(
        *trees("broad", 5.6, 4.2, (-17, 37.3), (-24, 37.3), (-31, 37.3), (17, 37.3), (24, 37.3), (31, 37.3)),
        *trees("broad", 6.5, 5.0, (-17.5, 14.6), (19, 14.2)),
    ),
    poles=(
        Pole(7.2, 33.0, 6.2, -4.0, top="signal"),
        Pole(-7.4, 17.0, 6.2, 3.6, top="signal"),
        *lamps(9, 2.0, (-21, 33), (21, 33)),
        Pole(8.0, 40, 3.2, top="sign"),
    ),
    routes=(
        Route(
            ((-7.6, 12), (-4.2, 19.0), (-0.5, 24), (4.2, 29), (8.5, 33.6), (16, 39)), PEOPLE, (2.0, 2.8), 0.4, "roadway"
        ),
        Route(
            ((7.6, 10), (4.4, 19.0), (0.5, 25), (-4.5, 30), (-8.5, 33.8), (-16, 39)), PEOPLE, (2.0, 2.8), 0.4, "roadway"
        ),
        Route(((-70, 20.0), (70, 20.0)), TRUCKS, (7, 9.5), 0.2, "truck-ban"),
        Route(((-70, 23.1), (70, 23.1)), CARS, (8, 11), 0.2, rate=1.5),
        Route(((70, 26.9), (-70, 26.9)), (*CARS, "tipper"), (8, 11), 0.2, rate=1.5),
        Route(((70, 30.2), (-70, 30.2)), (*CARS, "box_truck"), (7, 10), 0.2),
        Route(((70, 30.9), (-70, 30.9)), BIKES, (3.4, 4.6), 0.25),
        Route(((-70, 18.9), (70, 18.9)), BIKES, (3.4, 4.6), 0.25, rate=0.8),
        Route(((10, 6), (10, 14), (10, 36), (13, 39), (60, 39.2)), PEOPLE, (1.3, 1.8), 1.1, rate=2.0),
        Route(((-30, 15.2), (-8, 14.5), (8, 14.5), (30, 15.2)), PEOPLE, (1.2, 1.7), 0.7, rate=1.5),
        Route(((-50, 38.8), (-7.5, 35.5), (7.5, 35.5), (50, 38.8)), PEOPLE, (1.2, 1.7), 0.6, rate=1.2),
        Route(((-9.5, 4), (-9.2, 15.5), (-30, 16.2)), (*PEOPLE, "dog"), (1.2, 1.6), 0.3),
    ),
    rules=(
        Rule("roadway", "行人闯入路口", "zone_intrusion", rectangle(-5.0, 5.0, 20.2, 29.8), PEOPLE, "orange"),
        Rule("truck-ban", "货车闯禁行线", "line_crossing", ((-8.5, 18.2), (-8.5, 24.6)), ("truck",), "red", "right"),
    ),
    traffic=22,
)

CAR_PARK = Scene(
    id="cam-05",
    name="政务停车场",
    osd="CAM-05 CIVIC CAR PARK",
    unit="白云路派出所",
    grid="网格05",
    vendor="青山电子",
    place=(41.7661, 109.9688, 200.0),
    camera=PinholeCamera(7.4, 20.0, 880),
    light="day",
    base="asphalt",
    grounds=(
        patch("paving", -80, 80, 41.5, 80),
        patch("kerb", -80, 80, 41.2, 41.5),
        patch("grass", -60, -17, 12.4, 19.0),
        patch("kerb", -17, -16.7, 12.4, 19.0),
        patch("grass", 17, 60, 36.2, 40.2),
        patch("red", 10.0, 16.2, 19.4, 26.6),
    ),
    stripes=(
        *bays(-15.5, 9, 2.6, 13.0, 18.2),
        *bays(-24, 12, 2.6, 28.2, 33.4),
        *bays(-24, 12, 2.6, 33.4, 38.6),
        Stripe(((-24, 33.4), (7.2, 33.4)), 0.1),
        *hatching(10.0, 16.2, 19.4, 26.6),
        Stripe(((-60, 23.2), (9.4, 23.2)), 0.14, "white", (3, 4)),
    ),
    blocks=(
        Block(-8, 58, 64, 14, 17, "plaster", (196, 206, 212), seed=31),
        Block(-8, 50.4, 16, 3.2, 0.5, "plain", (150, 156, 160), base_m=4.6, seed=32),
        Block(-14.5, 49.4, 0.7, 0.7, 4.6, "plain", (190, 196, 200), seed=33),
        Block(-1.5, 49.4, 0.7, 0.7, 4.6, "plain", (190, 196, 200), seed=34),
        Block(44, 64, 26, 18, 25, "glass", (160, 156, 150), seed=35),
        Block(15.6, 30, 0.5, 0.5, 1.2, "hazard", seed=36),
    ),
    fences=(fence("rail", 0.9, (17, 35.8), (60, 35.8)),),
    trees=(
        *trees("broad", 5.8, 4.4, (-21, 16), (-27, 15), (21, 38.2), (28, 38.2), (36, 38.2)),
        *trees("pine", 7, 3.4, (-34, 46), (20, 46), (26, 46)),
        *trees("bush", 1.1, 1.6, (-18.4, 13.4), (-18.4, 18.0)),
    ),
    poles=(*lamps(8, 1.2, (-16.2, 27.6), (8.6, 27.6)), Pole(15.4, 27.2, 2.4, top="sign")),
    parked=(
        *parked(90, 15.7, ("sedan", -14.2), ("suv", -11.6), ("sedan", -6.4), ("van", 1.4), ("sedan", 6.6)),
        *parked(
            -90,
            30.8,
            ("suv", -20.1),
            ("sedan", -17.5),
            ("sedan", -12.3),
            ("police", -9.7),
            ("police", -7.1),
            ("suv", 0.7),
        ),
        *parked(90, 36.0, ("sedan", -22.7), ("suv", -14.9), ("sedan", -4.5), ("sedan", 3.3), ("box_truck", 5.9)),
    ),
    routes=(
        Route(((50, 23.0), (14, 23.2), (9.5, 24.2), (-40, 24.8)), (*CARS, "box_truck"), (4.2, 5.6), 0.2, "fire-lane"),
        Route(((-45, 21.4), (-14, 21.4), (5.5, 21.3), (9.0, 18), (9.3, 4)), BIKES, (3.0, 4.0), 0.2, "bike-in"),
        Route(
            ((-45, 21.6), (-12, 21.4), (5.5, 21.6), (8.2, 28), (8.6, 36), (20, 41.5), (60, 42.5)), CARS, (5.5, 7.5), 0.2
        ),
        Route(((-50, 9.6), (50, 9.6)), CARS, (6, 8), 0.3, rate=0.6),
        Route(((-8, 47), (-3, 40), (8.5, 37), (8.7, 20), (8.5, 4)), PEOPLE, (1.2, 1.7), 0.3, rate=1.5),
        Route(((-50, 44), (50, 45)), PEOPLE, (1.1, 1.6), 1.2, rate=1.5),
        Route(((24, 14), (18.5, 28), (30, 34.5), (50, 35)), PEOPLE, (1.2, 1.6), 0.3),
        Route(((-40, 19.6), (5, 19.6), (12.4, 17.8), (30, 16)), (*PEOPLE, "dog"), (1.3, 1.8), 0.2),
        Route(((50, 27.4), (9, 27.5), (-40, 27.3)), BIKES, (3.2, 4.2), 0.1, rate=0.7),
    ),
    rules=(
        Rule("fire-lane", "占用消防通道", "zone_intrusion", rectangle(10.0, 16.2, 19.4, 26.6), ("car", "truck"), "red"),
        Rule("bike-in", "非机动车驶入", "line_crossing", ((-7.0, 19.2), (-7.0, 23.4)), BIKES, "blue", "right"),
    ),
    traffic=14,
)

STATION = Scene(
    id="cam-06",
    name="火车站站前",
    osd="CAM-06 STATION FORECOURT",
    unit="白云路派出所",
    grid="网格06",
    vendor="北原安防",
    place=(41.7634, 109.9776, 340.0),
    camera=PinholeCamera(7.0, 16.0, 930),
    light="rain",
    base="paving",
    grounds=(
        patch("kerb", -120, 120, 9.7, 17.9),
        patch("asphalt", -120, 120, 0, 17.6),
        patch("concrete", -60, 60, 45, 62),
        patch("grass", -30, -13, 28, 36),
        patch("kerb", 13, 30, 27.8, 36.2),
        patch("grass", 13.3, 30, 28, 36),
    ),
    stripes=(
        Stripe(((-80, 13.6), (80, 13.6)), 0.14, "white", (4, 5)),
        Stripe(((-80, 17.2), (80, 17.2)), 0.12, "yellow"),
        Stripe((*rectangle(-9, 3, 22, 32), (-9, 22)), 0.12, "yellow"),
        Stripe(((5.5, 29), (12.5, 29)), 0.2),
    ),
    blocks=(
        Block(0, 66, 78, 12, 12, "glass", (176, 180, 184), seed=41),
        Block(0, 65.5, 26, 14, 17, "glass", (150, 160, 170), seed=42),
        Block(0, 57.8, 80, 5, 0.6, "plain", (170, 176, 180), base_m=5.2, seed=43),
        Block(0, 58.4, 15, 0.4, 1.9, "lightbox", (40, 40, 190), base_m=13.2, seed=47),
        *(Block(x, 56.4, 0.8, 0.8, 5.2, "plain", (186, 190, 192), seed=44) for x in (-36, -24, -12, 12, 24, 36)),
        Block(-54, 74, 22, 16, 22, "plaster", (170, 186, 200), seed=45),
        Block(56, 78, 26, 16, 30, "plaster", (180, 190, 196), seed=46),
        Block(-18.5, 22.2, 3.4, 1.4, 0.25, "plain", (90, 110, 60), base_m=2.5, seed=48),
        Block(-18.5, 22.8, 3.2, 0.12, 2.4, "glass", (140, 140, 140), seed=49),
    ),
    fences=(fence("rail", 1.05, (5.5, 29), (5.5, 38)), fence("rail", 1.05, (12.5, 29), (12.5, 38))),
    trees=(
        *trees("broad", 5.5, 4.0, (-16, 32), (-22, 32), (17, 32), (23, 32)),
        *trees("bush", 1.0, 1.5, (-14, 29.2), (-14.2, 34.8), (15, 29.4), (20, 29.6), (26, 29.2)),
    ),
    poles=(
        *lamps(8.5, 1.8, (-11, 20.5), (14, 20.5), (-12, 40), (14, 40), (-30, 24), (30, 24)),
        Pole(4.4, 19.4, 2.8, top="sign"),
    ),
    parked=parked(0, 16.0, ("sedan", -21.5), ("sedan", -15.2)),
    routes=(
        Route(((-40, 19.6), (-14, 20.6), (-7, 26), (-2, 27), (6, 20.5), (40, 20.0)), BIKES, (3.0, 4.2), 0.4, "plaza"),
        Route(((40, 21.0), (8, 21.0), (1, 27.5), (-5, 26), (-12, 21.2), (-40, 20.4)), BIKES, (3.0, 4.2), 0.4, "plaza"),
        Route(((10.6, 18.6), (9, 24), (9, 33), (9.5, 42), (24, 48), (50, 50)), PEOPLE, (2.0, 2.9), 1.0, "gate-rush"),
        Route(((-70, 11.6), (70, 11.6)), CARS, (7, 10), 0.2, rate=1.4),
        Route(((70, 8.8), (-70, 8.8)), CARS, (7, 10), 0.2, rate=0.8),
        Route(((-6, 56), (-4, 40), (-2, 26), (2, 19), (20, 18.6), (50, 18.8)), PEOPLE, (1.3, 1.9), 1.5, rate=1.6),
        Route(((20, 56), (3.5, 36), (-4, 24), (-24, 20), (-50, 19)), PEOPLE, (1.3, 1.9), 1.0, rate=1.4),
        Route(((-50, 42), (50, 44)), PEOPLE, (1.2, 1.8), 2.0, rate=1.6),
        Route(((50, 25), (14.5, 24.5), (3.8, 24), (-50, 23.0)), PEOPLE, (1.2, 1.8), 0.8, rate=1.0),
        Route(((-50, 51), (50, 52)), ("litter", "dog"), (1.4, 2.4), 0.5, rate=0.4),
    ),
    rules=(
        Rule(
            "plaza", "车辆进入广场", "zone_intrusion", rectangle(-9, 3, 22, 32), ("bicycle", "car", "truck"), "yellow"
        ),
        Rule("gate-rush", "逆向冲闸", "line_crossing", ((5.6, 29.0), (12.4, 29.0)), PEOPLE, "orange", "left"),
    ),
    traffic=20,
)

MARKET = Scene(
    id="cam-07",
    name="集市街",
    osd="CAM-07 MARKET STREET",
    unit="白云路派出所",
    grid="网格07",
    vendor="长河通信",
    place=(41.7648, 109.9722, 5.0),
    camera=PinholeCamera(6.0, 16.0, 900),
    light="dusk",
    base="paving",
    grounds=(
        patch("kerb", -5.2, 5.2, 0, 140),
        patch("asphalt", -4.9, 4.9, 0, 140),
        *zebra(-4.6, 4.6, 11.6, 14.8, "y"),
        Ground("concrete", rectangle(-40, 40, 92, 104)),
    ),
    stripes=(
        Stripe(((0, 16), (0, 92)), 0.14, "white", (3, 4)),
        Stripe(((-4.6, 0), (-4.6, 92)), 0.12, "yellow"),
        Stripe(((4.6, 0), (4.6, 92)), 0.12, "yellow"),
        Stripe((*rectangle(-4.2, 4.2, 20, 29), (-4.2, 20)), 0.18, "yellow"),
    ),
    blocks=(
        Block(-14.5, 34, 11, 30, 10.5, "shop", (168, 190, 208), seed=51),
        Block(-15.0, 66, 12, 32, 14, "shop", (180, 184, 192), seed=52),
        Block(14.5, 30, 11, 24, 11, "shop", (186, 196, 200), seed=53),
        Block(15.0, 62, 12, 36, 13.5, "shop", (164, 186, 206), seed=54),
        Block(-18, 116, 26, 16, 26, "plaster", (178, 186, 194), seed=55),
        Block(16, 118, 24, 16, 32, "plaster", (168, 184, 200), seed=56),
        *(
            Block(-7.7, y, 2.2, 2.8, 0.16, "plain", tint, base_m=2.35, seed=57)
            for y, tint in ((24, (40, 40, 190)), (30, (150, 90, 40)), (36.5, (40, 130, 60)))
        ),
        *(Block(-7.8, y, 1.6, 2.2, 0.85, "plain", (96, 128, 160), seed=58) for y in (24, 30, 36.5)),
        *(
            Block(7.7, y, 2.2, 2.8, 0.16, "plain", tint, base_m=2.35, seed=59)
            for y, tint in ((27, (36, 130, 200)), (34, (40, 40, 180)), (42, (140, 80, 36)))
        ),
        *(Block(7.8, y, 1.6, 2.2, 0.85, "plain", (110, 130, 150), seed=60) for y in (27, 34, 42)),
    ),
    trees=trees("broad", 5.0, 3.2, (-6.4, 46), (6.4, 52), (-6.4, 60), (6.4, 68)),
    poles=(
        *lamps(6.5, 1.4, (-5.8, 20.4), (5.8, 31), (-5.8, 43), (5.8, 56), (-5.8, 70)),
        *(Pole(x, y, 2.4) for x in (-6.7, -8.7) for y in (22.7, 25.3, 28.7, 31.3)),
        *(Pole(x, y, 2.4) for x in (6.7, 8.7) for y in (25.7, 28.3, 32.7, 35.3)),
    ),
    routes=(
        Route(
            ((2.0, -6), (2.0, 20), (1.9, 33), (3.0, 96), (40, 98)),
            ("sedan", "suv", "van", "box_truck"),
            (8.0, 9.5),
            0.2,
            "walk-street",
        ),
        Route(
            ((-1.9, 130), (-1.9, 60), (-1.9, -8)), ("sedan", "suv", "van", "box_truck"), (9.0, 11), 0.2, "walk-street"
        ),
        Route(((-3.2, 110), (-3.2, 60), (-3.3, -8)), BIKES, (4.2, 5.2), 0.2, "bike-out"),
        Route(((3.4, -6), (3.4, 60), (5, 96), (40, 99)), BIKES, (4.0, 5.4), 0.2, rate=1.0),
        Route(((6.0, -4), (6.1, 40), (6.2, 90), (30, 97)), PEOPLE, (1.7, 2.4), 0.25, rate=1.5),
        Route(((-6.1, -4), (-6.0, 40), (-6.2, 90), (-30, 97)), PEOPLE, (1.7, 2.4), 0.25, rate=1.4),
        Route(((-12, 13.4), (12, 13.4)), PEOPLE, (1.2, 1.6), 0.8, rate=1.5),
        Route(((-12, 17.2), (0, 18), (2.6, 24), (3.0, 36), (12, 46.5)), PEOPLE, (1.3, 1.8), 0.5, rate=1.5),
        Route(((-30, 95), (30, 94)), CARS, (6, 9), 0.4),
        Route(((12, 46.8), (-12, 47.6)), (*PEOPLE, "dog", "litter"), (1.2, 1.8), 0.5),
        Route(((-12, 49.0), (12, 48.4)), PEOPLE, (1.2, 1.8), 0.5),
    ),
    rules=(
        Rule(
            "walk-street", "机动车入步行街", "zone_intrusion", rectangle(-4.2, 4.2, 20, 29), ("car", "truck"), "orange"
        ),
        Rule("bike-out", "非机动车逆行", "line_crossing", ((-4.8, 18.0), (0.0, 18.0)), BIKES, "blue", "right"),
    ),
    traffic=20,
)
