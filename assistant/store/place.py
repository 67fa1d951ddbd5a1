"""Where the conversations lie."""

from pathlib import Path

from platformdirs import user_data_path


def conversations_path() -> Path:
    """The database of this user."""
    return Path(user_data_path("sotto-voce")) / "conversations.sqlite"
