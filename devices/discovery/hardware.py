"""The names of hardware that all conventions share: what is announced twice can be seen to be one thing.

ieee:0x00158d0001a2b3c4   a Zigbee address; bridges put their own name before it
mac:a4cf12345678          of a network card
id:<word>                 whatever else an announcement calls itself
"""

import re

from devices.discovery.components.settings import plain_text

OURSELVES = "sotto_voce"
"""What the identifiers of our own devices begin with: we do not order ourselves about."""

_IEEE = re.compile(r"(?:.*_)?(0x[0-9a-f]{16})")
_ZIGBEE = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){7}")
_MAC = re.compile(r"[0-9a-f]{12}|[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}")


def identity_of(word: str | int) -> str:
    """The identity that an identifier or a connection's address stands for; empty for none."""
    said = plain_text(word, 200)
    lower = said.lower()
    if address := _IEEE.fullmatch(lower):
        return f"ieee:{address[1]}"
    if _ZIGBEE.fullmatch(lower):
        return "ieee:0x" + lower.replace(":", "")
    if _MAC.fullmatch(lower):
        return "mac:" + re.sub("[:-]", "", lower)
    return f"id:{said}" if said else ""


def is_ourselves(identity: str) -> bool:
    """Whether an identity is one of our own devices'."""
    return identity.startswith(f"id:{OURSELVES}")
