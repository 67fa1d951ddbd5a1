"""What the user's own documents say, a car's handbook or a kettle's: searched, quoted with the source."""

import asyncio
import logging
import re
import sqlite3
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Annotated

from platformdirs import user_cache_path
from pydantic import AfterValidator, BaseModel

from skills.api import Announcement, Answer, Context, Field, Say, Skill, SkillError, Slot, tool
from skills.manual.index import Found, Index

_log = logging.getLogger(__name__)

LOOK_AGAIN_S = 300.0
_SIGN = re.compile(
    r"\b(symbol|indicator|warning|icon|telltale|(error|fault|trouble) (code|message)|code [a-z]?\d+|[ep]\d+)"
    r"s?\b"
    r"|\b(engine|oil|brake|abs|airbag|battery|service|tyre|tire|fuel|dashboard|red|yellow|amber|orange|blinking|"
    r"flashing)\b.*\b(light|lamp)s?\b"
    r"|标志|符号|警告|图标|故障|代码|指示灯|(发动机|机油|刹车|电池|气囊|胎压|红色|黄色|橙色|闪)[^，,]*灯",
    re.IGNORECASE,
)
"""What a manual explains; "the hall light" is none of it."""


def _sign(text: str) -> str:
    if not _SIGN.search(text):
        raise ValueError("nothing that a manual explains")
    return text


Words = Annotated[str, Field(min_length=2, max_length=200), Slot("words")]
Sign = Annotated[str, Field(min_length=2, max_length=200), AfterValidator(_sign), Slot("words")]


class Settings(BaseModel):
    """[skills.manual]: `folder` holds the documents (txt, md, html, pdf), also in folders below it."""

    folder: str | None = None
    index: str | None = None


class Manual(Skill):
    """Questions that a document answers."""

    name = "manual"
    api = 1
    settings = Settings

    @tool(acts=False)
    async def look_up(self, context: Context, query: Words) -> Answer:
        """Quote what the user's manuals say about something (query)."""
        folder = _folder(context)
        try:
            found = await asyncio.to_thread(_search, folder, _index_path(context), query)
        except (OSError, sqlite3.Error) as error:
            _log.error("manual: %s", error)
            raise SkillError(Say("broken", {"folder": folder.name})) from None
        if found is None:
            raise SkillError(Say("not_found"))
        key = "says_on_page" if found.page else "says"
        values = {"document": found.document, "page": found.page, "quote": found.quote}
        return Answer(say=Say(key, values), facts=values)

    @tool(acts=False, offered=False)
    async def explain(self, context: Context, query: Sign) -> Answer:
        """Quote what a light, a symbol or a message (query) means."""
        return await self.look_up(context, query)

    async def background(self, context: Context) -> AsyncIterator[Announcement]:
        """Read the documents before anybody asks, and again when they change."""
        while context.settings.get("folder"):
            try:
                await asyncio.to_thread(_renew, _folder(context), _index_path(context))
            except (OSError, sqlite3.Error, SkillError) as error:
                _log.warning("manual: %s", error)
            await asyncio.sleep(LOOK_AGAIN_S)
        nothing: Announcement
        for nothing in ():
            yield nothing


def _folder(context: Context) -> Path:
    named = context.settings.get("folder")
    if not named:
        raise SkillError(Say("no_folder"))
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise SkillError(Say("folder_gone", {"folder": str(named)}))
    return folder


def _index_path(context: Context) -> Path:
    named = context.settings.get("index")
    return Path(named).expanduser() if named else user_cache_path("sotto-voce") / "manual.sqlite"


@cache
def _index(path: Path) -> Index:
    return Index(path)


def _renew(folder: Path, path: Path) -> None:
    _index(path).renew(folder)


def _search(folder: Path, path: Path, query: str) -> Found | None:
    index = _index(path)
    index.renew(folder)  # what has not changed costs a glance
    return index.search(query)
