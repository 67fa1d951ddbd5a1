import json

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, Asks, Refused
from devices.discovery.vss import Viss
from devices.home import Ability

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_request_names_the_topic_that_is_answered_on() -> None:
    convention = Viss("VIN1", "abc", token="secret")
    assert convention.greeting is not None
    asked = json.loads(convention.greeting.payload)
    assert convention.greeting.topic == "VIN1/Vehicle"
    assert asked["topic"] == "sotto/viss/abc" == convention.filters[0]
    assert asked["request"]["action"] == "get"
    assert asked["request"]["filter"]["variant"] == "paths"
    assert asked["request"]["authorization"] == "secret"


def test_what_the_vehicle_has_is_subscribed_to_and_set_and_its_no_is_a_refusal() -> None:
    convention = Viss("VIN1", "abc")
    path = "Vehicle.Cabin.Light.IsDomeOn"
    data = {"action": "get", "requestId": "0", "data": [{"path": path, "dp": {"value": "false", "ts": "x"}}]}
    changes = convention.heard("sotto/viss/abc", json.dumps(data).encode())
    (dome,) = [change.device for change in changes if isinstance(change, Appeared)]
    (asks,) = [change for change in changes if isinstance(change, Asks)]
    subscription = json.loads(asks.messages[0].payload)["request"]
    assert (asks.device_id, subscription["action"]) == (dome.id, "subscribe")
    assert subscription["filter"][0]["parameter"] == ["Cabin.Light.IsDomeOn"]
    (order,) = convention.messages(DeviceCommand(dome.id, Ability.ON, True), {})
    request = json.loads(order.payload)["request"]
    assert (request["action"], request["path"], request["value"]) == ("set", path, "true")
    no = {
        "action": "set",
        "requestId": request["requestId"],
        "error": {"number": "403", "reason": "forbidden_request", "description": "not now"},
    }
    assert convention.heard("sotto/viss/abc", json.dumps(no).encode()) == (Refused(dome.id, "not now"),)


@settings(max_examples=30, deadline=None)
@given(JSON)
def test_nothing_that_is_answered_breaks_the_convention(answer: object) -> None:
    Viss("V", "s").heard("sotto/viss/s", json.dumps(answer).encode())
    Viss("V", "s").heard(
        "sotto/viss/s", json.dumps({"data": [{"path": "Vehicle.Speed", "dp": answer}]}).encode()
    )


@settings(max_examples=50, deadline=None)
@given(st.binary())
def test_no_bytes_break_the_convention(payload: bytes) -> None:
    assert not Viss("V", "s").heard("sotto/viss/s", payload) or payload
