"""The seats of a vehicle as rooms: what they are called, and which of them VSS means.

Whoever sits there speaks from there: "my window" is the one of the room that the microphone is in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DRIVER, PASSENGER, REAR = "driver", "passenger", "rear"

ROOMS: Mapping[str, tuple[str, ...]] = {
    DRIVER: ("driver's seat", "driver's side", "driver seat", "主驾", "主驾驶", "驾驶位", "驾驶座", "司机位"),
    PASSENGER: (
        "passenger seat",
        "passenger side",
        "front passenger",
        "副驾",
        "副驾驶",
        "副驾驶位",
        "副驾座",
    ),
    REAR: ("back seat", "back seats", "rear seat", "rear seats", "后排", "后座", "后排座位"),
}
"""The rooms of a car and their other names, for a home that names none of them itself."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat: `row` and `driver_side` as VSS has them, its names and its room."""

    row: int
    driver_side: bool
    english: str
    chinese: str
    room: str

    @property
    def side(self) -> str:
        """As in "Door.Row1.DriverSide"."""
        return f"Row{self.row}.{'DriverSide' if self.driver_side else 'PassengerSide'}"

    @property
    def station(self) -> str:
        """As in "HVAC.Station.Row1.Driver"."""
        return f"Row{self.row}.{'Driver' if self.driver_side else 'Passenger'}"


def seats(*, driver_on_the_right: bool) -> tuple[Seat, ...]:
    """Return the seats of two rows; in the rear people say left and right."""
    near = ("Right", "右") if driver_on_the_right else ("Left", "左")
    far = ("Left", "左") if driver_on_the_right else ("Right", "右")
    return (
        Seat(1, True, "Driver", "主驾", DRIVER),
        Seat(1, False, "Passenger", "副驾", PASSENGER),
        Seat(2, True, f"{near[0]} Rear", f"{near[1]}后", REAR),
        Seat(2, False, f"{far[0]} Rear", f"{far[1]}后", REAR),
    )
