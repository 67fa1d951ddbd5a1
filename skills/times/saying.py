"""Times in words again, as a person says them; `reading` reads them back as the same."""

from datetime import datetime, timedelta

_ENGLISH_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_ENGLISH_MONTHS = ["January", "February", "March", "April", "May", "June"]
_ENGLISH_MONTHS += ["July", "August", "September", "October", "November", "December"]
_CHINESE_DAYS = "一二三四五六日"
_UNITS = ((86_400, "day", "天"), (3_600, "hour", "小时"), (60, "minute", "分钟"), (1, "second", "秒"))


def say_duration(seconds: float, language: str) -> str:
    """Return a length in words, to the second: "1 hour and 10 minutes", 1小时10分钟."""
    left = max(0, round(seconds))
    parts: list[str] = []
    for size, english, chinese in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(
                f"{count}{chinese}" if language == "zh" else f"{count} {english}{'s' * (count != 1)}"
            )
    if not parts:
        return "0秒" if language == "zh" else "0 seconds"
    if language == "zh":
        return "".join(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def say_clock(at: datetime, language: str) -> str:
    """Return a time of day: "7:30 am", 早上7点30分."""
    if language == "zh":
        return f"{_chinese_part(at.hour)}{_chinese_hour(at.hour)}点{f'{at.minute}分' if at.minute else ''}"
    if at.minute == 0 and at.hour in (0, 12):
        return "midnight" if at.hour == 0 else "noon"
    hour = (at.hour + 11) % 12 + 1
    return f"{hour}{f':{at.minute:02}' if at.minute else ''} {'am' if at.hour < 12 else 'pm'}"


def say_day(at: datetime, now: datetime, language: str) -> str:
    """Return a day beside today: "" for today, "tomorrow", "on Wednesday", "on 3 May"."""
    ahead = (at.date() - now.date()).days
    if language == "zh":
        near = {0: "", 1: "明天", 2: "后天"}.get(ahead)
        if near is not None:
            return near
        return f"周{_CHINESE_DAYS[at.weekday()]}" if 0 < ahead < 7 else f"{at.month}月{at.day}日"
    if ahead in (0, 1):
        return "tomorrow" if ahead else ""
    return (
        f"on {_ENGLISH_DAYS[at.weekday()]}"
        if 0 < ahead < 7
        else f"on {at.day} {_ENGLISH_MONTHS[at.month - 1]}"
    )


def say_moment(at: datetime, now: datetime, language: str) -> str:
    """Return a moment as it is said behind a verb: "at 7 am tomorrow", 明天早上7点."""
    day, clock = say_day(at, now, language), say_clock(at, language)
    if language == "zh":
        return (
            f"{day or ('今天' if at - now < timedelta(hours=24) and at.date() == now.date() else '')}{clock}"
        )
    if clock == "midnight":  # that of a day may be the one that begins or the one that ends it
        return "at midnight" if timedelta(0) < at - now < timedelta(days=1) else f"at 12 am {day}"
    return f"at {clock} {day or ('today' if at <= now else '')}".rstrip()


def say_days(days: frozenset[int], language: str) -> str:
    """Return the weekdays on which something is repeated: "every day", "on weekdays", 每周一、周三."""
    if len(days) == 7:
        return "每天" if language == "zh" else "every day"
    if days == frozenset(range(5)):
        return "工作日" if language == "zh" else "on weekdays"
    if days == frozenset({5, 6}):
        return "每个周末" if language == "zh" else "every weekend"
    if language == "zh":
        return "每周" + "、".join(_CHINESE_DAYS[each] for each in sorted(days))
    named = [_ENGLISH_DAYS[each] for each in sorted(days)]
    return "every " + (named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}")


def _chinese_part(hour: int) -> str:
    for until, part in ((6, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上")):
        if hour < until:
            return part
    raise ValueError(f"{hour} is no hour")


def _chinese_hour(hour: int) -> int:
    return hour if hour <= 12 else hour - 12
