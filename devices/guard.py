"""Keeps messages of a skill's own away from what takes more than a word: no lock opens by its raw topic."""

from devices.discovery.keeper import Keeper
from devices.policy import Policy

_ORDER_WORDS = frozenset({"set", "rpc", "cmd", "command"})
"""A topic that ends so has brothers that do the same (`lock/set`, `lock/set/state`)."""

_ADDRESS_LENGTH = 8
"""Of a hardware address in a topic; anything shorter may be there by chance."""


class Guard:
    """Knows the topics on which guarded things are ordered, those of hidden announcements included.

    Its sight ends where a convention has ways that it does not use itself, such as group topics; the rights
    of our user at the broker are the last word on that.
    """

    def __init__(self, keeper: Keeper, policy: Policy) -> None:
        self._keeper = keeper
        self._policy = policy
        self._as_of = -1
        self._topics: frozenset[str] = frozenset()
        self._branches: frozenset[str] = frozenset()
        self._addresses: frozenset[str] = frozenset()

    def objection(self, topic: str) -> str:
        """Why nothing may be published there; empty when it may."""
        if self._keeper.announces(topic):
            return "devices are announced there, and nobody else may"
        if self._as_of != self._keeper.revision:
            self._look()
        folded = topic.casefold()
        levels = folded.split("/")
        above = {"/".join(levels[:count]) for count in range(1, len(levels) + 1)}
        if (
            folded in self._topics
            or above & self._branches
            or any(each in folded for each in self._addresses)
        ):
            return (
                "a device is ordered there that takes a yes or is not open to voice: order the device itself"
            )
        return ""

    def _look(self) -> None:
        topics: set[str] = set()
        addresses: set[str] = set()
        announced = {device.id: device for device in self._keeper.announced()}
        guarded = {each.id for each in announced.values() if any(self._policy.guarded(each))}
        for device in announced.values():
            commands = list(self._policy.guarded(device))
            if not commands and not guarded.isdisjoint(device.members):  # a group, by which a member obeys
                commands = list(self._policy.examples(device))
            for command in commands:
                topics |= {each.casefold() for each in self._keeper.command_topics(command)}
            if commands:
                values = {each.partition(":")[2].casefold() for each in device.identities}
                addresses |= {each for each in values if len(each) >= _ADDRESS_LENGTH}
        self._topics = frozenset(topics)
        self._branches = frozenset(branch for each in topics if (branch := _branch(each)))
        self._addresses = frozenset(addresses)
        self._as_of = self._keeper.revision


def _branch(topic: str) -> str:
    """The branch that belongs to the thing as a whole; empty where the topic does not show one."""
    levels = topic.split("/")
    if len(levels) > 1 and (levels[-1] in _ORDER_WORDS or (levels[0] == "cmnd" and len(levels) > 2)):
        return "/".join(levels[:-1])
    return ""
