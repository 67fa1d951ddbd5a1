"""What people call the parts of a device. The friendly name is its owner's; what tells parts apart is ours.

A name with Chinese characters in it gets Chinese words, any other one English ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from devices.discovery.zigbee2mqtt.exposes import Feature


@dataclass(frozen=True, slots=True)
class Label:
    """What a reading is: Home Assistant's class for it, and its name in the two languages."""

    device_class: str
    en: str
    zh: str


READINGS = {
    "temperature": Label("temperature", "temperature", "温度"),
    "humidity": Label("humidity", "humidity", "湿度"),
    "pressure": Label("atmospheric_pressure", "air pressure", "气压"),
    "illuminance": Label("illuminance", "illuminance", "光照"),
    "co2": Label("carbon_dioxide", "CO2", "二氧化碳"),
    "pm25": Label("pm25", "PM2.5", "PM2.5"),
    "pm10": Label("pm10", "PM10", "PM10"),
    "voc": Label("volatile_organic_compounds", "VOC", "挥发物"),
    "formaldehyd": Label("", "formaldehyde", "甲醛"),
    "formaldehyde": Label("", "formaldehyde", "甲醛"),
    "soil_moisture": Label("moisture", "soil moisture", "土壤湿度"),
    "noise": Label("sound_pressure", "noise", "噪音"),
    "uv_index": Label("", "UV index", "紫外线"),
    "wind_speed": Label("wind_speed", "wind speed", "风速"),
    "power": Label("power", "power", "功率"),
    "energy": Label("energy", "energy", "用电量"),
    "water_consumed": Label("water", "water used", "用水量"),
    "battery": Label("battery", "battery", "电量"),
}
"""Numbers that people ask for, by Zigbee2MQTT's name for them."""

SIGNS = {
    "occupancy": Label("occupancy", "motion", "移动"),
    "presence": Label("occupancy", "presence", "有人"),
    "contact": Label("door", "contact", "开合"),
    "garage_door_contact": Label("garage_door", "contact", "开合"),
    "water_leak": Label("moisture", "water leak", "漏水"),
    "rain_status": Label("moisture", "rain", "下雨"),
    "smoke": Label("smoke", "smoke", "烟雾"),
    "carbon_monoxide": Label("carbon_monoxide", "carbon monoxide", "一氧化碳"),
    "gas": Label("gas", "gas", "燃气"),
    "vibration": Label("vibration", "vibration", "震动"),
    "battery_low": Label("battery", "battery", "电量"),
}
"""Yes or no that people ask for."""

_PLACES = {
    "left": Label("", "left", "左"),
    "right": Label("", "right", "右"),
    "center": Label("", "center", "中"),
    "top": Label("", "top", "上"),
    "bottom": Label("", "bottom", "下"),
}

_KINDS = {
    "light": Label("", "light", "灯"),
    "switch": Label("", "switch", "开关"),
    "cover": Label("", "cover", "窗帘"),
    "climate": Label("", "thermostat", "温控"),
    "fan": Label("", "fan", "风扇"),
    "lock": Label("", "lock", "门锁"),
    "alarm": Label("", "siren", "警报"),
}

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NUMBERED = re.compile(r"l?(\d{1,2})", re.ASCII)


def spoken(friendly_name: str) -> str:
    """A friendly name as it is said: "hall/ceiling_lamp" is the hall ceiling lamp."""
    return " ".join(re.sub(r"[/_]+", " ", friendly_name).split())


def with_label(name: str, label: Label) -> str:
    """The name of one reading of a device, unless the owner said it already."""
    word = label.zh if _CHINESE.search(name) else label.en
    return name if word.casefold() in name.casefold() else _joined(name, word)


def with_kind(name: str, kind: str) -> str:
    """The name of the lesser of two things in one device, a fan's lamp for example."""
    return with_label(name, _KINDS[kind]) if kind in _KINDS else name


def with_endpoint(name: str, endpoint: str) -> str:
    """The name of one of several things of a kind: its left half, its second switch."""
    if numbered := _NUMBERED.fullmatch(endpoint):
        return _joined(name, numbered[1])
    words = [_PLACES.get(part) for part in endpoint.split("_")]
    if all(words):
        chinese = bool(_CHINESE.search(name))
        said = ("" if chinese else " ").join(word.zh if chinese else word.en for word in words if word)
        return _joined(name, said)
    return _joined(name, endpoint.replace("_", " "))


def plain(readings: Sequence[Feature]) -> Feature | None:
    """The reading that a person means by the device's name alone, if there is one.

    That is its only one besides the battery, or its only yes or no: a door's contact is the door.
    """
    main = [each for each in readings if not each.name.startswith("battery")]
    signs = [each for each in main if each.name in SIGNS]
    return main[0] if len(main) == 1 else signs[0] if len(signs) == 1 else None


def _joined(name: str, word: str) -> str:
    return name + word if _CHINESE.search(name) and _CHINESE.search(word) else f"{name} {word}"
