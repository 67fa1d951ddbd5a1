"""What nobody means, to be said on a broker: odd values, odd topics, and real words bent in one place."""

import copy
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.devices.discovery.cells import components
from tests.devices.discovery.cells import tasmota as tasmota_cells
from tests.devices.discovery.cells import zigbee2mqtt as zigbee2mqtt_cells
from tests.devices.discovery.cells.cell import Said
from tests.devices.discovery.healthy_house import HEALTHY, MAC, RELAY, SHELLY

ODD = (
    None, True, False, 0, -1, 2**63, 10**400, 1e400, float("nan"), "NaN", "1e999", [], [[[]]], {}, {"": None},
    "", " ", "x" * 300, "\ud800", ["\ud800"], "\u202e", "\0", "#", "a/+/b", "$SYS/x",
    "{{ value.__class__ }}", "{{ '%9999999d' % 1 }}", "{% for a in value %}",
)  # fmt: skip
"""Values that no device means."""

ANNOUNCED: Sequence[Said] = (
    *((f"homeassistant/{each['component']}/x/config", each) for each in components.EVERYTHING),
    *zigbee2mqtt_cells.EVERYTHING,
    ("zigbee2mqtt/bridge/groups", [{"id": 7, "friendly_name": "all", "members": []}]),
    *tasmota_cells.EVERYTHING,
    *(said for healthy in HEALTHY for said in (*healthy.announced, *healthy.answers)),
)
OWN_TOPICS = sorted(
    {topic for healthy in HEALTHY for topic, _ in (*healthy.announced, *healthy.answers)}
    | {"it/on", "zigbee2mqtt/plug/availability", "zigbee2mqtt/bridge/state", "zigbee2mqtt/bridge/logging"}
    | {f"tele/{RELAY}/LWT", f"tele/{RELAY}/STATE", f"tele/{RELAY}/SENSOR", f"stat/{RELAY}/STATUS10"}
    | {f"{SHELLY.prefix}/status/switch:0", "sotto_voce/k3x9/rpc"}
)
LEVELS = st.sampled_from(
    ["a", "light", "device", "it", MAC, "config", "plug", "状态", "$SYS", "+x", "x" * 200]
)
FILTERS = (
    "homeassistant/+/+/config", "homeassistant/+/+/+/config", "zigbee2mqtt/+", "zigbee2mqtt/bridge/+",
    "tasmota/discovery/+/config", "tasmota/discovery/+/sensors", "+/online", "+/+/online", "+/+", "+",
)  # fmt: skip


@st.composite
def topics(draw: st.DrawFn) -> str:
    """A topic of a healthy thing, or any that a filter lets in."""
    if draw(st.booleans()):
        return draw(st.sampled_from(OWN_TOPICS))
    levels = draw(st.sampled_from(FILTERS)).split("/")
    return "/".join(draw(LEVELS) if level == "+" else level for level in levels)


trees = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
payloads = (
    st.binary(max_size=80)
    | trees.map(lambda tree: json.dumps(tree).encode())
    | st.sampled_from(
        [b"", b"true", b"false", b"online", b"offline", b"Offline", b"ON", b"\xff\xfe", b"[" * 5_000]
    )
    | st.builds(
        lambda number, result: json.dumps({"id": number, "src": SHELLY.id, "result": result}).encode(),
        st.integers(0, 9),
        trees,
    )
)


@st.composite
def bent(draw: st.DrawFn) -> Said:
    """A real announcement or answer in which one or two values are not what they should be."""
    topic, payload = draw(st.sampled_from(ANNOUNCED))
    tree = copy.deepcopy(json.loads(payload) if isinstance(payload, str) and payload[:1] in "{[" else payload)
    for _ in range(draw(st.integers(1, 2))):
        tree = _replaced(draw, tree, copy.deepcopy(draw(st.sampled_from(ODD))))
    return topic, json.dumps(tree).encode() if not isinstance(tree, str) else tree.encode(errors="replace")


def _replaced(draw: st.DrawFn, tree: Any, odd: Any) -> Any:
    if not isinstance(tree, dict | list) or not tree or draw(st.integers(0, 9)) == 0:
        return odd
    key = draw(st.sampled_from(sorted(tree) if isinstance(tree, dict) else range(len(tree))))
    tree[key] = _replaced(draw, tree[key], odd)
    return tree


heard = st.lists(st.tuples(st.tuples(topics(), payloads) | bent(), st.booleans()), min_size=1, max_size=12)
many = settings(
    max_examples=80,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would outlast a test's time limit
    suppress_health_check=[HealthCheck.too_slow],
)
