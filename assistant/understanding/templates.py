"""Templates of plain words, read into hassil's own expressions in one pass.

`hassil.parse_sentence` cuts a text into smaller and smaller texts, which for the three thousand templates of
the skills took a second of each start-up. A plain template (`normalise.plain_template`) has no spaces, no
escapes and no permutations, so that one walk over its pieces is enough. What comes of it is what hassil
itself would have read: a test compares the two for every template that there is.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property

from hassil import (
    Alternative,
    Expression,
    IntentData,
    ListReference,
    RuleReference,
    Sentence,
    Sequence,
    TextChunk,
)
from hassil.expression import Group
from hassil.parser import ParseError

_PIECE = re.compile(r"[()\[\]|]|\{([^{}]*)\}|<([^<>]*)>|[^()\[\]{}<>|]+")
_LIST = re.compile(r"\{([^{}:]+)[^{}]*\}")
_RULE = re.compile(r"<([^<>]+)>")


class Block(IntentData):
    """A block of plain templates, which are read when they are first asked for."""

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The templates, read; with wildcards, those with more literal text first, as hassil wants them."""
        return sorted(map(read_template, self.sentence_texts), key=self._sentence_order)


def read_template(template: str) -> Sentence:
    """Return a plain template as hassil sees it. Raises `hassil.parser.ParseError`."""
    groups = [_Group("")]
    at = 0
    for match in _PIECE.finditer(template):
        if match.start() != at:
            break
        at = match.end()
        piece = match.group()
        if piece in ("(", "["):
            groups.append(_Group(piece))
        elif piece in (")", "]"):
            made = groups.pop()
            if made.opened_by + piece not in ("()", "[]"):
                raise ParseError(f"'{piece}' closes nothing in: {template}")
            groups[-1].add(made.closed())
        elif piece == "|":
            groups[-1].alternate()
        else:
            groups[-1].add(_leaf(match))
    if at != len(template) or len(groups) != 1:
        raise ParseError(f"a bracket is not closed in: {template}")
    expression = groups[0].closed()
    if len(expression.items) == 1 and isinstance(expression.items[0], Group):
        expression = expression.items[0]  # one pair of brackets around everything says nothing
    return Sentence(expression=expression, text=template)


def _leaf(piece: re.Match[str]) -> Expression:
    """A list, a rule, or plain words."""
    if piece.group(1) is not None:
        return ListReference(list_name=piece.group(1), is_end_of_word=False)
    if piece.group(2) is not None:
        return RuleReference(rule_name=piece.group(2))
    written = piece.group()
    return TextChunk(unicodedata.normalize("NFC", written), written)


class _Group:
    """What stands between two brackets, while it is being read."""

    def __init__(self, opened_by: str) -> None:
        self.opened_by = opened_by
        self._first = Sequence()
        self._alternative: Alternative | None = None
        self._items = self._first.items

    def add(self, item: Expression) -> None:
        """Take the next piece in."""
        if isinstance(item, TextChunk) and self._alternative is None:
            item.parent = self._first
        self._items.append(item)

    def alternate(self) -> None:
        """Begin another way to say it."""
        if self._alternative is None:
            self._alternative = Alternative(items=[self._first])
        further = Sequence()
        self._alternative.items.append(further)
        self._items = further.items

    def closed(self) -> Group:
        """Return what was read."""
        group: Group = self._first if self._alternative is None else self._alternative
        if self.opened_by != "[":
            return group
        optional = group if isinstance(group, Alternative) else Alternative(items=[group])
        optional.is_optional = True
        optional.items.append(TextChunk(text="", parent=group))
        return optional


def lists_in(templates: Iterable[str], rules: Mapping[str, str]) -> set[str]:
    """Return the names of all lists that templates name, themselves or by a rule."""
    found: set[str] = set()
    todo, done = list(templates), set()
    while todo:
        template = todo.pop()
        found.update(_LIST.findall(template))
        for name in _RULE.findall(template):
            if name not in done and name in rules:
                done.add(name)
                todo.append(rules[name])
    return found
