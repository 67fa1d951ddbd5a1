"""Home Assistant's little templates, which anybody on the broker may have written.

Only what can neither run long nor grow large is let in: no loops, no macros, no powers, a short list of
filters and string methods, and a bound on every value that could be used twice. So no time limit is needed.
"""

import contextlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes

MAX_TEMPLATE = 2_000
"""Characters of a template; real ones have 20 to 500."""
MAX_DEPTH = 40
MAX_TEXT = 20_000
"""Characters of what goes in, of what comes out, and of any value between."""
MAX_NUMBER = 1e15

_NODES = frozenset(
    "Template Output TemplateData If CondExpr Name Getattr Getitem Slice Const Compare Operand And Or Not "  # noqa: SIM905 - words read best as words
    "Filter Test Add Sub Mul Div FloorDiv Mod Neg Pos Concat List Tuple Dict Pair Assign Call Keyword".split()
)
_METHODS = frozenset(
    "lower upper strip lstrip rstrip title capitalize split startswith endswith find count get keys values "  # noqa: SIM905 - as above
    "items isdigit".split()
)
_JINJAS_OWN_FILTERS = (
    "default d abs lower upper title capitalize trim length count first last string".split()  # noqa: SIM905 - as above
)
_JINJAS_OWN_TESTS = (
    "defined undefined none true false boolean integer float number string mapping sequence in eq == equalto "  # noqa: SIM905 - as above
    "ne != lt < le <= gt > ge >=".split()
)
# Not among them: `divisibleby`, `even` and `odd`, which would let a text be formatted by `%`.


class TemplateError(Exception):
    """The template is not one that we run, or it failed on this payload; one line."""


class Template:
    """One template, or none: then the payload is the value. Made once, used for each message."""

    def __init__(self, source: str | None) -> None:
        self._compiled = None if source is None else _compile(source)

    def read(self, payload: str) -> str:
        """The value within a payload that came. Raises `TemplateError`."""
        if self._compiled is None:
            return payload
        if len(payload) > MAX_TEXT:
            raise TemplateError(f"a payload of {len(payload)} characters is too long for a template")
        values: dict[str, Any] = {"value": payload}
        with contextlib.suppress(ValueError, RecursionError):  # then the template must do without it
            values["value_json"] = json.loads(payload)
        return self._render(values).strip()

    def write(self, plain: str, values: Mapping[str, Any]) -> str:
        """The payload for a command: `plain` without a template. Raises `TemplateError`, so when empty."""
        if self._compiled is None:
            return plain
        payload = self._render(values)
        if not payload:
            raise TemplateError("it came out empty")
        try:
            payload.encode()
        except UnicodeEncodeError:
            raise TemplateError("it came out with half a character") from None
        return payload

    def _render(self, values: Mapping[str, Any]) -> str:
        assert self._compiled is not None
        try:
            return str(_bounded(self._compiled.render(values)))
        except Exception as error:  # a foreign program ran: jinja lets all its errors through
            raise TemplateError(f"{type(error).__name__}: {error}"[:200]) from None


@lru_cache(maxsize=2_000)
def _compile(source: str) -> "jinja2.Template":
    if len(source) > MAX_TEMPLATE:
        raise TemplateError(f"a template of {len(source)} characters is too long")
    environment = _environment()
    try:
        tree = environment.parse(source)
        _check(tree, 0)
        return environment.from_string(tree)
    except TemplateError:
        raise
    except Exception as error:  # the parser and Python's compiler meet a stranger's text
        raise TemplateError(f"{type(error).__name__}: {error}"[:200]) from None


def _check(node: "nodes.Node", depth: int) -> None:
    from jinja2 import nodes

    name = type(node).__name__
    if name not in _NODES:
        raise TemplateError(f"{name.lower()} is not supported in templates")
    if depth > MAX_DEPTH:
        raise TemplateError("the template is nested too deeply")
    for child in node.iter_child_nodes():
        _check(child, depth + 1)
    if isinstance(node, nodes.Assign):  # what has a name can be used twice, so it must stay small
        node.node = nodes.Filter(node.node, "bounded", [], [], None, None, lineno=node.lineno)


@cache
def _environment() -> "jinja2.Environment":
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Small(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(["*", "%"])

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            for side in (left, right):
                if not isinstance(side, int | float) or abs(side) > MAX_NUMBER:
                    raise SecurityError(f"{operator} is for numbers below {MAX_NUMBER:g}")
            return super().call_binop(context, operator, left, right)

        def call(self, context: Any, called: Any, /, *arguments: Any, **named: Any) -> Any:
            method = getattr(called, "__name__", "")
            ours = called in self.globals.values()
            text = isinstance(getattr(called, "__self__", None), str | Mapping) and method in _METHODS
            if not (ours or text):
                raise SecurityError(f"{method or 'this'}() is not supported in templates")
            return _bounded(super().call(context, called, *arguments, **named))

    environment = Small()
    environment.filters = {name: _bounding(filter_) for name, filter_ in _filters(environment.filters)}
    environment.globals = {"float": _float, "int": _int, "iif": _iif, "is_number": _is_number}
    environment.tests = {name: environment.tests[name] for name in _JINJAS_OWN_TESTS}
    return environment


def _filters(known: Mapping[str, Callable[..., Any]]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in _JINJAS_OWN_FILTERS:
        yield name, known[name]
    yield from _OUR_FILTERS.items()


def _bounding(filter_: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(*arguments: Any, **named: Any) -> Any:
        return _bounded(filter_(*arguments, **named))

    if hasattr(filter_, "jinja_pass_arg"):  # jinja hands some filters its environment
        bounded.jinja_pass_arg = filter_.jinja_pass_arg  # type: ignore[attr-defined]  # functions take attributes
    return bounded


def _bounded(value: Any) -> Any:
    """Give `value` back when it is small however it is unfolded. Raises `TemplateError`."""
    left = MAX_TEXT
    waiting = [value]
    while waiting:
        each = waiting.pop()
        left -= len(each) if isinstance(each, str) else 1
        if isinstance(each, Mapping):
            waiting += [*each.keys(), *each.values()][: left + 1]
        elif isinstance(each, list | tuple):
            waiting += each[: left + 1]
        if left < 0:
            raise TemplateError("a value in the template is too large")
    return value


_MISSING = object()


def _number(value: Any, default: Any, make: Callable[[Any], Any]) -> Any:
    try:
        return make(value)
    except (TypeError, ValueError, OverflowError):
        if default is _MISSING:
            raise TemplateError(f"{str(value)[:40]!r} is no number") from None
        return default


def _float(value: Any, default: Any = _MISSING) -> Any:
    return _number(value, default, float)


def _int(value: Any, default: Any = _MISSING) -> Any:
    return _number(value, default, lambda each: int(float(each)))


def _is_number(value: Any) -> bool:
    return _number(value, None, float) is not None


def _iif(value: Any, if_true: Any = True, if_false: Any = False, if_none: Any = _MISSING) -> Any:
    if value is None and if_none is not _MISSING:
        return if_none
    return if_true if value else if_false


def _replace(value: Any, old: Any, new: Any) -> str:
    text, new = str(value), str(new)
    if (len(text) + 1) * max(1, len(new)) > MAX_TEXT * 10:
        raise TemplateError("this replacement could become too large")
    return text.replace(str(old), new)


def _join(values: Any, separator: Any = "") -> str:
    texts, between = [str(_bounded(each)) for each in values], str(separator)
    if len(texts) * len(between) > MAX_TEXT:
        raise TemplateError("this list could become too large")
    return between.join(texts)


def _round(value: Any, precision: int = 0, method: str = "common") -> float:
    if not -15 <= precision <= 15:
        raise TemplateError("more digits than a number has")
    ways: dict[str, Callable[[float], int]] = {"ceil": math.ceil, "floor": math.floor, "common": round}
    scale = 10.0**precision
    return ways[method](float(value) * scale) / scale


def _format(text: Any, *values: Any) -> str:
    if re.search(r"\d{4}|%[^a-zA-Z%]*\*", str(text)):
        raise TemplateError("a width of so many characters is not supported")
    formatted: str = str(text) % values
    return formatted


_OUR_FILTERS: Mapping[str, Callable[..., Any]] = {
    "float": _float,
    "int": _int,
    "iif": _iif,
    "is_number": _is_number,
    "replace": _replace,
    "round": _round,
    "join": _join,
    "format": _format,
    "bool": lambda value: str(value).lower() in ("1", "true", "on", "yes"),
    "to_json": json.dumps,
    "tojson": json.dumps,
    "from_json": json.loads,
    "min": min,
    "max": max,
    "bounded": lambda value: value,
}
