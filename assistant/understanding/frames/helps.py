"""What the things of a place can do about a need: the first of several ways that changes anything."""

from collections.abc import Callable, Mapping, Sequence

from assistant.understanding.frames.frame import Step
from devices.home import Ability, Device, Kind

A = Ability
_Found = list[tuple[Device, Step]]
_Way = Callable[[Sequence[Device], str], _Found]

_SEATS = ("座", "seat")
_HEATERS = (
    "暖",
    "浴霸",
    "电热毯",
    "电褥子",
    "油汀",
    "小太阳",
    "壁炉",
    "炉",
    "heater",
    "heating",
    "radiator",
    "blanket",
)
_HOODS = ("油烟", "hood", "extractor", "排气", "排风", "换气", "新风", "抽风", "ventilat")
_PURIFIERS = ("净化", "purifier")
_SHADES = ("curtain", "blind", "shade", "shutter")
_SHADE_NAMES = ("帘", "遮阳", "百叶", "curtain", "blind", "shade")
_AWNINGS = ("遮阳棚", "遮阳篷", "雨棚", "awning")
_READING = ("台灯", "阅读", "床头", "desk", "reading", "bedside")
_READS = ("书", "作业", "字", "read", "报")


def help_for(
    need: str, text: str, near: tuple[Sequence[Device], Sequence[Device]], named: Sequence[Device]
) -> _Found:
    """Return what to do: with the things named where they can, else with those of the place, or of none."""
    for way in _WAYS.get(need, ()):
        for devices in (named, *near) if named else near:
            if found := way(devices, text):
                return found
    return []


def _called(device: Device, words: Sequence[str]) -> bool:
    names = " ".join((device.name, *device.aliases)).casefold()
    return any(word in names for word in words)


def _is_off(device: Device) -> bool:
    off = device.state.get(A.ON) is False or device.state.get(A.MODE) == "off"
    return off or device.state.get(A.PRESET) == "off"


def _switched(device: Device, on: bool, mode: str = "") -> Step | None:
    if A.ON in device.abilities:
        return Step(A.ON, on)
    if A.MODE in device.abilities:
        modes = device.options.get(A.MODE, ())
        wished = next((each for each in (mode, "auto", "heat_cool") if each in modes), mode)
        return Step(A.MODE, wished if on else "off") if wished or not on else None
    return None


def _on(devices: Sequence[Device], mode: str = "") -> _Found:
    off = [each for each in devices if _is_off(each)]
    return [(each, step) for each in off if (step := _switched(each, True, mode)) is not None]


def _faster(devices: Sequence[Device], by: float = 20.0) -> _Found:
    running = [each for each in devices if A.FAN_SPEED in each.abilities and not _is_off(each)]
    return [(each, Step(A.FAN_SPEED, by=by)) for each in running]


# -- light ---------------------------------------------------------------------------------------------------


def _lights(devices: Sequence[Device]) -> list[Device]:
    return [each for each in devices if each.kind is Kind.LIGHT]


def _lighter(devices: Sequence[Device], text: str) -> _Found:
    lights = _lights(devices)
    dark = [each for each in lights if _is_off(each) and A.ON in each.abilities]
    if any(word in text for word in _READS) and (desk := [each for each in dark if _called(each, _READING)]):
        return [(each, Step(A.ON, True)) for each in desk]
    lit = [each for each in lights if not _is_off(each) and A.BRIGHTNESS in each.abilities]
    raised = [(each, Step(A.BRIGHTNESS, by=20.0)) for each in lit if not _is_full(each)]
    return raised or [(each, Step(A.ON, True)) for each in dark]


def _is_full(device: Device) -> bool:
    now = device.state.get(A.BRIGHTNESS)
    return isinstance(now, int | float) and now >= 100


def _darker(devices: Sequence[Device], _text: str) -> _Found:
    lit = [each for each in _lights(devices) if not _is_off(each) and A.BRIGHTNESS in each.abilities]
    return [(each, Step(A.BRIGHTNESS, by=-20.0)) for each in lit]


def _is_shade(device: Device) -> bool:
    if device.kind is not Kind.COVER or _is_awning(device):
        return False
    if device.device_class:
        return device.device_class in _SHADES
    return _called(device, _SHADE_NAMES)


def _is_awning(device: Device) -> bool:
    return device.kind is Kind.COVER and (device.device_class == "awning" or _called(device, _AWNINGS))


def _moved(device: Device, opened: bool) -> Step:
    return Step(A.OPEN, opened) if A.OPEN in device.abilities else Step(A.POSITION, 100 if opened else 0)


def _shaded(devices: Sequence[Device], _text: str) -> _Found:
    awnings = [(each, _moved(each, True)) for each in devices if _is_awning(each)]
    shades = [(each, _moved(each, False)) for each in devices if _is_shade(each) and not _is_shut(each)]
    return shades + awnings


def _is_shut(device: Device) -> bool:
    return device.state.get(A.OPEN) is False or device.state.get(A.POSITION) == 0


def _unshaded(devices: Sequence[Device], _text: str) -> _Found:
    return [(each, _moved(each, True)) for each in devices if _is_shade(each)]


# -- warm and cold -------------------------------------------------------------------------------------------


def _only_heats(device: Device) -> bool:
    if _called(device, _SEATS) or _called(device, ("方向盘", "wheel", "挡")):
        return False
    if device.kind is Kind.CLIMATE:
        return not {"cool", "dry", "fan_only"} & set(device.options.get(A.MODE, ())) and _called(
            device, _HEATERS
        )
    return device.kind in (Kind.SWITCH, Kind.FAN, Kind.OTHER) and _called(device, _HEATERS)


def _warmer(devices: Sequence[Device], _text: str) -> _Found:
    heaters = [each for each in devices if _only_heats(each)]
    if found := _on(heaters, "heat"):
        return found
    climates = [each for each in devices if each.kind is Kind.CLIMATE and A.SETPOINT in each.abilities]
    climates = [each for each in climates if each in heaters] or climates
    return _on(climates, "heat") or [(each, Step(A.SETPOINT, by=1.0)) for each in climates]


def _cooler(devices: Sequence[Device], _text: str) -> _Found:
    climates = [
        each
        for each in devices
        if each.kind is Kind.CLIMATE and A.SETPOINT in each.abilities and not _only_heats(each)
    ]
    return _on(climates, "cool") or [(each, Step(A.SETPOINT, by=-1.0)) for each in climates]


def _less_heated(devices: Sequence[Device], _text: str) -> _Found:
    heaters = [each for each in devices if _only_heats(each) and not _is_off(each)]
    return [
        (each, Step(A.SETPOINT, by=-1.0) if A.SETPOINT in each.abilities else Step(A.ON, False))
        for each in heaters
    ]


def _seats(devices: Sequence[Device]) -> list[Device]:
    return [each for each in devices if _called(each, _SEATS) and _called(each, ("热", "暖", "heat", "warm"))]


def _seat_on(devices: Sequence[Device], _text: str) -> _Found:
    return _on(_seats(devices))


def _seat_off(devices: Sequence[Device], _text: str) -> _Found:
    running = [each for each in _seats(devices) if not _is_off(each)]
    return [(each, Step(A.ON, False)) for each in running if A.ON in each.abilities]


# -- air -----------------------------------------------------------------------------------------------------


def _fans(devices: Sequence[Device]) -> list[Device]:
    return [each for each in devices if each.kind is Kind.FAN and not _called(each, _SEATS)]


def _plain_fans(devices: Sequence[Device]) -> list[Device]:
    return [each for each in _fans(devices) if not _called(each, (*_HOODS, *_PURIFIERS, "湿"))]


def _blowing(devices: Sequence[Device], _text: str) -> _Found:
    fans = _plain_fans(devices)
    return _on(fans) or _faster(fans)


def _less_wind(devices: Sequence[Device], _text: str) -> _Found:
    return _faster(devices, -20.0)


def _more_wind(devices: Sequence[Device], _text: str) -> _Found:
    return _faster(devices)


def _by_name(*names: str) -> _Way:
    """Switch on what is called so, or make it work harder."""

    def way(devices: Sequence[Device], _text: str) -> _Found:
        those = [
            each
            for each in devices
            if each.kind in (Kind.FAN, Kind.SWITCH, Kind.OTHER, Kind.CLIMATE) and _called(each, names)
        ]
        return _on(those) or _faster(those)

    return way


def _any_fan(devices: Sequence[Device], _text: str) -> _Found:
    fans = _fans(devices)
    return _on(fans) or _faster(fans)


def _drying(devices: Sequence[Device], _text: str) -> _Found:
    able = [each for each in devices if "dry" in each.options.get(A.MODE, ())]
    return [(each, Step(A.MODE, "dry")) for each in able]


def _windows(opened: bool) -> _Way:
    def way(devices: Sequence[Device], _text: str) -> _Found:
        windows = [each for each in devices if each.kind is Kind.COVER and each.device_class == "window"]
        return [(each, _moved(each, opened)) for each in windows if _is_shut(each) is opened]

    return way


def _defrosted(devices: Sequence[Device], text: str) -> _Found:
    those = [
        each
        for each in devices
        if A.ON in each.abilities and _called(each, ("除雾", "除霜", "defrost", "demist"))
    ]
    side = ("后", "rear") if "后" in text else ("前", "front", "windscreen")
    return _on([each for each in those if _called(each, side)] or those)


# -- sound, floors, doors ------------------------------------------------------------------------------------


def _sounding(by: float) -> _Way:
    def way(devices: Sequence[Device], _text: str) -> _Found:
        playing = [
            each
            for each in devices
            if A.VOLUME in each.abilities
            and not _is_off(each)
            and each.state.get(A.PLAYBACK, "playing") == "playing"
        ]
        return [(each, Step(A.VOLUME, by=by)) for each in playing]

    return way


def _hushed(devices: Sequence[Device], _text: str) -> _Found:
    busy = [each for each in devices if each.state.get(A.CLEANING) == "cleaning"]
    return [(each, Step(A.CLEANING, "paused")) for each in busy]


def _cleaned(devices: Sequence[Device], _text: str) -> _Found:
    return [(each, Step(A.CLEANING, "cleaning")) for each in devices if A.CLEANING in each.abilities]


def _locked(devices: Sequence[Device], _text: str) -> _Found:
    return [(each, Step(A.LOCKED, True)) for each in devices if A.LOCKED in each.abilities]


def _off(devices: Sequence[Device], _text: str) -> _Found:
    running = [each for each in devices if A.ON in each.abilities and not _is_off(each)]
    return [(each, Step(A.ON, False)) for each in running]


_WAYS: Mapping[str, Sequence[_Way]] = {
    "fog": (_defrosted, _by_name(*_HOODS), _by_name("浴霸")),
    "wheel_cold": (_by_name("方向盘", "wheel"), _warmer),
    "seat_hot": (_seat_off,),
    "seat_cold": (_seat_on,),
    "sun": (_shaded,),
    "daylight": (_unshaded,),
    "dirty": (_cleaned,),
    "mosquitoes": (_by_name("蚊", "mosquito"),),
    "coffee": (_by_name("咖啡", "coffee", "espresso"),),
    "hot_drink": (_by_name("水壶", "烧水", "kettle", "饮水机"),),
    "hot_water": (_by_name("热水", "water heater", "boiler"),),
    "dust": (_by_name(*_PURIFIERS), _by_name(*_HOODS)),
    "smell": (_by_name(*_HOODS), _by_name(*_PURIFIERS), _any_fan),
    "stuffy": (_by_name(*_HOODS), _any_fan, _windows(True)),
    "damp": (_by_name("除湿", "抽湿", "dehumidif"), _drying, _by_name(*_HOODS)),
    "dry": (_by_name("加湿", "humidif"),),
    "draught": (_less_wind,),
    "no_wind": (_more_wind,),
    "loud": (_sounding(-10.0), _less_wind, _hushed),
    "quiet": (_sounding(10.0),),
    "glare": (_darker, _shaded),
    "dark": (_lighter,),
    "hot": (_cooler, _blowing, _less_heated),
    "cold": (_warmer,),
    "unlocked": (_locked,),
    "left_on": (_off,),
}
"""Need -> ways to meet it, the best first."""
