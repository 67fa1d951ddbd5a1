"""What a `[vehicle]` section opens."""

from pathlib import Path

import pytest

from assistant.config.errors import ConfigError
from assistant.config.schema import Config
from assistant.config.vehicle import Vehicle
from assistant.opening.home import _bridges, _conventions, _navigation, _rooms


def config(**vehicle: object) -> Config:
    return Config.model_validate({"vehicle": vehicle})


def test_a_house_has_no_seats() -> None:
    assert "driver" not in _rooms(Config.model_validate({"home": {"rooms": ["Kitchen"]}}))


@pytest.mark.parametrize("vehicle", [{"topics": "car/vss"}, {"viss": "VIN1"}, {"kuksa": "127.0.0.1:55555"}])
def test_a_car_has_seats_with_their_names_in_both_languages(vehicle: dict[str, str]) -> None:
    rooms = _rooms(config(**vehicle))
    assert "主驾" in rooms["driver"]
    assert "back seat" in rooms["rear"]


def test_a_microphone_at_a_seat_makes_it_a_car_and_own_names_win() -> None:
    given = {"listen": {"room": "driver"}, "home": {"rooms": {"driver": ["my side"]}}}
    rooms = _rooms(Config.model_validate(given))
    assert rooms["driver"] == ("my side",)
    assert "副驾" in rooms["passenger"]


def test_each_way_to_a_car_is_opened_once_it_is_named() -> None:
    assert "vss" in {each.name for each in _conventions(Config())}
    assert "viss" not in {each.name for each in _conventions(Config())}
    wanted = config(topics=None, viss="VIN1", kuksa="127.0.0.1:55555")
    assert {"vss", "viss"} & {each.name for each in _conventions(wanted)} == {"viss"}
    bridges = _bridges(wanted)
    assert [each.name for each in bridges] == ["kuksa"]
    assert [each.name for each in _navigation(bridges)] == ["vehicle"]


@pytest.mark.parametrize("wrong", [{"kuksa": "nowhere"}, {"topics": "car/#"}, {"viss": "a+b"}, {"wheels": 4}])
def test_what_no_car_could_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="vehicle"):
        config(**wrong)


def test_a_token_is_read_from_its_file_and_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a.b.c\n")
    assert Vehicle(token_file=tmp_path / "token").token() == "a.b.c"
    assert Vehicle().token() == ""
    with pytest.raises(ConfigError, match=r"vehicle\.token_file"):
        Vehicle(token_file=tmp_path / "gone").token()
