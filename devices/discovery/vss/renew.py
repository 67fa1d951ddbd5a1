"""Writes `catalogue.json` anew: the signals that are used here, of the catalogue as vss-tools exports it.

vspec export json -s spec/VehicleSignalSpecification.vspec -o vss.json
python -m devices.discovery.vss.renew vss.json
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VERSION = "6.0"
_USED = (
    r"Speed|TraveledDistance|LowVoltageSystemState",
    r"CurrentLocation\.(Latitude|Longitude)",
    r"Exterior\.AirTemperature|Diagnostics\.DTCCount",
    r"Cabin\.DriverPosition",
    r"Cabin\.HVAC\.(AmbientAirTemperature|Is(AirConditioning|FrontDefroster|RearDefroster|Recirculation)Active)",
    r"Cabin\.HVAC\.Station\.Row[12]\.(Driver|Passenger)\.(Temperature|FanSpeed)",
    r"Cabin\.Door\.Row[12]\.(Driver|Passenger)Side\.(IsLocked|IsOpen|(Window|Shade)\.(IsOpen|Position|Switch))",
    r"Cabin\.Sunroof\.(Position|Switch|Shade\.(IsOpen|Position|Switch))",
    r"Cabin\.Seat\.Row[12]\.(Driver|Passenger)Side\.(HeatingCooling|Position|IsBelted)",
    r"Cabin\.Light\.IsDomeOn",
    r"Cabin\.Light\.(Spotlight|AmbientLight)\.Row[12]\.(Driver|Passenger)Side\.(IsLightOn|Intensity|Color)",
    r"Cabin\.Infotainment\.Media\.(Action|Volume)",
    r"Cabin\.Infotainment\.Navigation\.DestinationSet\.(Latitude|Longitude)",
    r"Body\.Trunk\.Rear\.(IsOpen|Position|Switch)",
    r"Body\.Windshield\.Front\.WasherFluid\.IsLevelLow",
    r"Chassis\.SteeringWheel\.HeatingCooling",
    r"Chassis\.Axle\.Row[12]\.Wheel\.(Left|Right)\.(Tire\.(Pressure|IsPressureLow)|Brake\.(IsBrakesWorn|IsFluidLevelLow))",
    r"Powertrain\.(Range|TractionBattery\.Range|FuelSystem\.(Range|RelativeLevel|IsFuelLevelLow|IsFuelPortFlapOpen))",
    r"Powertrain\.CombustionEngine\.EngineOil\.Level",
    r"Powertrain\.(CombustionEngine|ElectricMotor)\.EngineCoolant\.Level",
    r"Powertrain\.TractionBattery\.StateOfCharge\.(Current|Displayed)",
    r"Powertrain\.TractionBattery\.Charging\.(IsCharging|StartStopCharging|TimeToComplete)",
    r"Powertrain\.TractionBattery\.Charging\.ChargingPort\.AnyPosition\.IsFlapOpen",
)
_WANTED = re.compile(rf"Vehicle\.(?:{'|'.join(_USED)})")


def _leaves(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, child in node.get("children", {}).items():
        below = f"{path}.{name}"
        if child["type"] == "branch":
            yield from _leaves(child, below)
        else:
            yield below, child


def compact(exported: dict[str, Any]) -> dict[str, Any]:
    """Return what `catalogue.json` holds of an export."""
    signals = {
        path: {key: leaf[key] for key in ("type", "datatype", "unit", "min", "max", "allowed") if key in leaf}
        for path, leaf in _leaves(exported["Vehicle"], "Vehicle")
        if _WANTED.fullmatch(path)
    }
    return {
        "source": f"COVESA Vehicle Signal Specification {VERSION}, exported by vss-tools",
        "licence": "MPL-2.0",
        "signals": dict(sorted(signals.items())),
    }


def main() -> None:
    """Read the export that the first argument names."""
    made = compact(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    lines = [f"    {json.dumps(path)}: {json.dumps(signal)}" for path, signal in made["signals"].items()]
    head = "".join(f"  {json.dumps(key)}: {json.dumps(made[key])},\n" for key in ("source", "licence"))
    text = "{\n" + head + '  "signals": {\n' + ",\n".join(lines) + "\n  }\n}\n"
    (HERE / "catalogue.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
