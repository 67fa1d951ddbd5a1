"""Tasmota's own discovery: what a device with that firmware says of itself, and how it is spoken to.

    tasmota/discovery/<MAC>/config     retained: names, topics, relays, lights, shutters, options
    tasmota/discovery/<MAC>/sensors    retained: an example of what its sensors say
                                       (empty: taken back)

    cmnd/<topic>/Power1   ON           what it is told; STATE and STATUS 10 ask how it is
    stat/<topic>/RESULT   {"POWER":…}  what it answers, and STATUS10
    stat/<topic>/POWER1   ON           the same, plain; with SetOption4 every answer has its own topic
    tele/<topic>/STATE    {"POWER":…}  what it says by itself, every five minutes
    tele/<topic>/SENSOR   {"AM2301":{"Temperature":21.5}}
    tele/<topic>/LWT      Online       retained; Offline is its will

`<topic>`, the order of the parts (FullTopic), the three prefixes and the words for on, off, online and
offline are all in the announcement. A device of several relays is several things here, one for each name in
`fn`.

Options that are heeded: 4 (answers on their own topics), 17 (colours as decimals), 20 (dimming does not
turn on), 26 (POWER1 instead of POWER), 30 (relays are lights), 68 (each channel is a light of its own),
80 (old shutters, by what `rl` says), 82 (a narrower range of whites), 90 (no plain answers). 37 and 114
change nothing that is read here. Buttons, and switches that only pulse, are left out: nobody asks for them.

Source: Tasmota's documentation (MQTT, Commands, SetOptions, "Tasmota device discovery").
"""

from devices.discovery.tasmota.convention import Tasmota

__all__ = ["Tasmota"]
