import pytest

from skills.places import find, nearest


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Sydney", "Australia/Sydney"),
        ("悉尼", "Australia/Sydney"),
        ("cologne", "Europe/Berlin"),
        ("reykjavik", "Atlantic/Reykjavik"),
        ("St. Petersburg", "Europe/Moscow"),
        ("纽约", "America/New_York"),
        ("Japan", "Asia/Tokyo"),
        ("California", "America/Los_Angeles"),
        ("北京市", "Asia/Shanghai"),
    ],
)
def test_a_place_is_found_by_any_of_its_names(name, zone):
    found = find(name)
    assert found is not None
    assert found.zone == zone


def test_a_country_with_several_times_of_day_is_its_capital():
    found = find("美国")
    assert found is not None
    assert found.name == "Washington"


def test_nobody_is_sent_to_a_place_that_is_not_there():
    assert find("Atlantis") is None
    assert find("") is None


def test_the_city_around_a_point_goes_before_its_quarter():
    assert nearest(52.52, 13.40).name == "Berlin"
    assert nearest(31.2, 121.4, chinese=True).name == "上海"
