import json
from datetime import UTC, datetime

import pytest

from skills.api import Ability, Kind, MqttCommand
from skills.navigation import Navigation
from skills.testing import ScriptedWeb, Trial, home, thing

HOME = {"latitude": 60.17, "longitude": 24.94}
VALHALLA = "http://127.0.0.1:8002"
OSRM = "https://osrm.example"
ORS = "https://ors.example"
OVERPASS = "https://overpass.example/api/interpreter"
PHOTON = "https://photon.example"
# The shapes of real answers, cut down to what is read.
VALHALLA_ROUTE = {
    "trip": {
        "locations": [
            {"type": "break", "lat": 60.17, "lon": 24.94},
            {"type": "break", "lat": 61.5, "lon": 23.79},
        ],
        "legs": [{"summary": {"time": 6540.2, "length": 178.204}}],
        "summary": {"has_toll": False, "time": 6540.2, "length": 178.204, "cost": 7001.5},
        "status_message": "Found route between points",
        "status": 0,
        "units": "kilometers",
    }
}
OSRM_ROUTE = {
    "code": "Ok",
    "routes": [
        {
            "legs": [{"steps": [], "distance": 178_204.1, "duration": 6540.2}],
            "distance": 178_204.1,
            "duration": 6540.2,
        }
    ],
    "waypoints": [{"name": "Mannerheimintie", "location": [24.94, 60.17]}],
}
ORS_ROUTE = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {"summary": {"distance": 178_204.1, "duration": 6540.2}}}],
}
STATIONS = {
    "elements": [
        {
            "type": "way",
            "id": 1,
            "center": {"lat": 60.19, "lon": 24.96},
            "tags": {"amenity": "fuel", "name": "Far"},
        },
        {"type": "node", "id": 2, "lat": 60.171, "lon": 24.945, "tags": {"amenity": "fuel", "name": "Neste"}},
        {"type": "node", "id": 3, "lat": "broken"},
    ]
}
FOUND = {
    "features": [
        {
            "geometry": {"coordinates": [24.9, 60.2], "type": "Point"},
            "properties": {"name": "Pasila", "type": "house"},
        }
    ]
}


def asked(**settings):
    return Trial(Navigation, **HOME, **settings)


@pytest.mark.parametrize(
    ("text", "language", "call"),
    [
        ("take me to the main station", "en", ("navigation.go", {"place": "the main station"})),
        ("navigate to Bremen via Hamburg", "en", ("navigation.go", {"place": "Bremen", "via": "Hamburg"})),
        ("i want to go somewhere", "en", ("navigation.go", {})),
        ("drive home", "en", ("navigation.go", {"place": "home"})),
        ("let's go to grandma's house", "en", ("navigation.head", {"place": "grandma's house"})),
        ("find me a petrol station", "en", ("navigation.nearest", {"what": "fuel"})),
        ("where's the nearest pharmacy", "en", ("navigation.where_is", {"what": "pharmacy"})),
        ("when will we arrive", "en", ("navigation.how_far", {})),
        ("where are we", "en", ("navigation.where", {})),
        ("回家。", "zh", ("navigation.go", {"place": "家"})),
        ("去外婆家。", "zh", ("navigation.head", {"place": "外婆家"})),
        ("中间绕一下幼儿园接娃", "zh", ("navigation.go", {"via": "幼儿园"})),
        ("憋不住了，得上个厕所", "zh", ("navigation.nearest", {"what": "toilet"})),
        ("照现在这个路况几点能到家？", "zh", ("navigation.how_far", {"place": "家"})),
    ],
)
def test_the_way_is_asked_in_many_words(understand, text, language, call):
    assert understand(text, language, skills=[Navigation]) == [call]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("go to sleep", "en"),
        ("go to bed", "en"),
        ("I'm going to the shops", "en"),
        ("去睡觉", "zh"),
        ("去打开灯", "zh"),
        ("卫生间", "zh"),
    ],
)
def test_going_elsewhere_is_no_navigation(understand, text, language):
    assert understand(text, language, skills=[Navigation]) == []


@pytest.mark.parametrize(
    ("router", "url", "address", "answer"),
    [
        ("valhalla", VALHALLA, f"{VALHALLA}/route", VALHALLA_ROUTE),
        ("osrm", OSRM, f"{OSRM}/route/v1/driving/24.940000,60.170000;23.787000,61.499000", OSRM_ROUTE),
        ("openrouteservice", ORS, f"{ORS}/v2/directions/driving-car", ORS_ROUTE),
    ],
)
def test_a_router_tells_the_way(router, url, address, answer):
    trial = asked(router=router, router_url=url)
    told = trial.call("how_far", trial.context(web=ScriptedWeb({address: answer})), place="Tampere")
    assert told.reply == "Tampere is 178 kilometres away, 1 hour and 49 minutes by car: there at 4:09 pm."


def test_valhalla_is_asked_by_all_the_places_on_the_way():
    trial = asked(router="valhalla", router_url=VALHALLA)
    web = ScriptedWeb({f"{VALHALLA}/route": VALHALLA_ROUTE})
    trial.call("go", trial.context(web=web), place="Tampere", via="Lahti")
    ((_url, parameters),) = web.asked
    locations = json.loads(parameters["json"])["locations"]
    assert [round(each["lat"], 1) for each in locations] == [60.2, 61.0, 61.5]


@pytest.mark.parametrize(
    "answer", [{"error": "No path could be found"}, [], {"routes": []}, {"trip": {"summary": {}}}]
)
@pytest.mark.parametrize("router", ["valhalla", "osrm"])
def test_an_answer_without_a_way_is_said(router, answer):
    trial = asked(router=router, router_url=OSRM)
    addresses = (f"{OSRM}/route", f"{OSRM}/route/v1/driving/24.940000,60.170000;23.787000,61.499000")
    done = trial.call(
        "how_far", trial.context(web=ScriptedWeb(dict.fromkeys(addresses, answer))), place="Tampere"
    )
    assert done.reply == "I find no way there."


def test_without_a_router_the_distance_is_that_of_the_crow():
    assert asked().call("how_far", place="Tampere").reply == (
        "Tampere is 160 kilometres away as the crow flies. I have no router for the roads."
    )


def test_the_head_unit_gets_a_geo_address():
    done = asked(head_unit="geo", car="volvo").call("go", place="Tampere")
    assert done.messages == [("volvo/navigation/destination", "geo:61.499000,23.787000?q=Tampere")]
    assert done.reply == "Leading to Tampere, 160 kilometres from here as the crow flies."


def test_vss_gets_both_parts_of_the_destination_in_one_message():
    (command,) = asked(head_unit="vss").call("go", place="Tampere").commands
    assert isinstance(command, MqttCommand)
    assert command.topic == "car/vss/set"
    assert json.loads(command.payload) == {
        "Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Latitude": 61.499,
        "Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Longitude": 23.787,
    }


def test_the_nearest_is_looked_for_around_us():
    trial = asked(overpass_url=OVERPASS, head_unit="geo")
    web = ScriptedWeb({OVERPASS: STATIONS})
    assert trial.call("where_is", trial.context(web=web), what="fuel").reply == "Neste, 300 metres from here."
    query = web.asked[0][1]["data"]
    assert '"amenity"="fuel"' in query
    assert "(around:3000,60.1700,24.9400)" in query
    assert trial.call("nearest", trial.context(web=web), what="fuel").reply.startswith("Leading to Neste")


def test_an_address_is_looked_up_near_to_us():
    trial = asked(geocoder_url=PHOTON)
    web = ScriptedWeb({f"{PHOTON}/api": FOUND})
    assert trial.call("how_far", trial.context(web=web), place="Ratapihantie 6").reply.startswith(
        "Pasila is 4.0 kilometres"
    )
    assert web.asked[0][1] == {"q": "Ratapihantie 6", "limit": 1, "lat": 60.17, "lon": 24.94}


def test_own_places_go_before_those_of_the_world():
    trial = asked(places={"grandma": "61.5,23.8", "外婆家": "61.5,23.8"})
    assert trial.call("how_far", place="grandma").reply.startswith("grandma is 160 kilometres")
    chinese = trial.context(language="zh")
    assert (
        trial.call("how_far", chinese, place="外婆家").reply == "外婆家直线距离160公里。我没有查路线的服务。"
    )


def test_the_way_goes_on_to_where_it_went():
    trial = asked()
    assert trial.call("how_far").reply == "We aren't on the way to anywhere."
    trial.call("go", place="Tampere")
    assert trial.call("how_far").reply.startswith("Tampere is 160 kilometres")
    assert trial.call("go", via="Lahti").reply.startswith("By way of Lahti. Tampere")
    assert trial.call("stop").reply == "The navigation has ended."
    assert trial.call("stop").refused


def test_the_position_comes_from_the_car_where_it_tells():
    car = home(thing("Car Position", Kind.SENSOR, reading="61.5,23.8"))
    trial = asked(position_device="Car Position")
    assert trial.call("where", trial.context(home=car)).reply == "In Tampere."
    broken = home(thing("Car Position", Kind.SENSOR, **{Ability.READING: "unavailable"}))
    assert trial.call("where", trial.context(home=broken)).reply == "In Helsinki."


def test_it_asks_where_to_and_says_what_it_does_not_know():
    trial = asked()
    chinese = trial.context(language="zh", now=datetime(2025, 6, 2, 14, 20, tzinfo=UTC))
    question = trial.call("go", chinese)
    assert question.reply == "去哪里？"
    assert trial.answer("go", question, "杭州西湖", chinese).reply == "我不知道杭州西湖在哪里。"
    assert Trial(Navigation).call("where").reply.startswith("I don't know where we are.")
    assert trial.call("nearest", what="fuel").reply.startswith("I have no map")
