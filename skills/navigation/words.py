"""Whether words are a place, where the sentence leaves it open: "go to the station", "go to sleep"."""

import re

from skills import places

_ENGLISH = re.compile(
    r"(?:.* )?(?:station|airport|street|road|avenue|lane|drive|square|house|home|hospital|school|"
    r"kindergarten|nursery|university|college|centre|center|mall|park|zoo|office|hotel|beach|harbour|harbor|port|"
    r"shop|store|supermarket|market|museum|theatre|theater|cinema|church|stadium|gym|pool|library|restaurant|cafe|pub|bar|garage|"
    r"work|town|village|city|place|flat|castle|lake|bridge|terminal|depot|bakery|pharmacy|chemist|dentist|doctor|vet|"
    r"mum's|mom's|dad's|grandma's|granny's|nan's|\w+'s place|\w+'s house|\d+ [a-z ]+)",
)
_CHINESE = re.compile(
    ".*(?:家|店|站|场|园|院|馆|市|县|区|镇|村|路|街|道|大厦|广场|机场|超市|公司|学校|大学|小学|中学|城|湖|山|寺|桥|港|"
    "码头|海边|沙滩|单位|办公室|宾馆|酒店|商场|中心|银行|药房|小区|公寓|那里|那儿)"
)
_BY_WAY = re.compile(r"\b(?:via|by way of|stopping)\b|途经|经过|路过|顺路|中途|先去|先到|,\s*(?:no|um|uh)\b")
_TOWARDS = re.compile(r"^(?:to |去|到)(?=.{2})", re.IGNORECASE)
_ERRAND = re.compile("(?<=.{2})(?:接|拿|取|买|送|办).{1,5}$")


def a_place(words: str) -> str:
    """Return the words if they are a place beyond doubt. Raises ValueError."""
    said = words.casefold().strip(" .,!?。！？").replace("’", "'")
    if not (_ENGLISH.fullmatch(said) or _CHINESE.fullmatch(said) or places.find(said.removeprefix("the "))):
        raise ValueError("perhaps no place")
    return words


def one_place(words: str) -> str:
    """Return the words unless they name two places. Raises ValueError."""
    if _BY_WAY.search(words.casefold()):
        raise ValueError("two places")
    return _TOWARDS.sub("", words)


def without_errand(words: str) -> str:
    """Return the place without what is done there: 幼儿园接娃 is the kindergarten."""
    return _ERRAND.sub("", words)
