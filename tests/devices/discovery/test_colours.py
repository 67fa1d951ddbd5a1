import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from devices.discovery.components import colours

part = st.integers(0, 255)


@given(st.tuples(part, part, part))
def test_a_colour_survives_each_way_of_writing_it(colour: colours.Rgb) -> None:
    assume(max(colour) > 100)  # the ways without brightness cannot tell dark colours well
    assert colours.alike(colours.from_hs(*colours.to_hs(colour)), colour)
    assert colours.alike(colours.from_xy(*colours.to_xy(colour)), colour)


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_any_pair_of_numbers_is_some_colour(one: float, other: float) -> None:
    for made in (colours.from_xy(one, other), colours.from_hs(one * 1000, other * 1000)):
        assert all(0 <= each <= 255 for each in made)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((255, 0, 0), (255, 0, 10), True),
        ((255, 0, 0), (255, 10, 0), True),
        ((255, 0, 0), (0, 255, 0), False),
        ((255, 255, 255), (250, 250, 240), True),
        ((255, 255, 255), (255, 0, 0), False),
        ((255, 165, 0), (255, 0, 0), False),
        ((255, 0, 255), (255, 0, 200), True),
    ],
)
def test_colours_are_alike_as_the_eye_finds_them(one: colours.Rgb, other: colours.Rgb, same: bool) -> None:
    assert colours.alike(one, other) is same


def test_known_colours_have_their_known_chromaticity() -> None:
    assert colours.to_xy((255, 255, 255)) == pytest.approx((0.3127, 0.3290), abs=0.001)
    assert colours.to_xy((255, 0, 0)) == pytest.approx((0.64, 0.33), abs=0.001)
    assert colours.to_xy((0, 0, 255)) == pytest.approx((0.15, 0.06), abs=0.001)
