"""A folder or an HTTP mirror of the user's own, laid out as `<model id>/<file>`."""

from pathlib import Path
from urllib.parse import quote

from assistant.weights.catalogue import Model, ModelFile
from assistant.weights.download import download
from assistant.weights.source import Progress, SourceError

STEP = 1 << 20


class Mirror:
    """Files by model and name; `place` is a path or an http(s) URL."""

    name = "mirror"

    def __init__(self, place: str) -> None:
        self._place = place

    def fetch(self, model: Model, file: ModelFile, part: Path, progress: Progress) -> None:
        """Copy or download the file."""
        if self._place.startswith(("http://", "https://")):
            url = f"{self._place.rstrip('/')}/{quote(model.id)}/{quote(file.name)}"
            download(url, file, part, progress)
            return
        _copy(Path(self._place) / model.id / file.name, file, part, progress)


def _copy(origin: Path, file: ModelFile, part: Path, progress: Progress) -> None:
    try:
        source = origin.open("rb")
    except OSError as error:
        raise SourceError(f"{origin}: {error.strerror}") from error
    done = 0
    with source, part.open("wb") as out:
        while piece := source.read(STEP):
            done += out.write(piece)
            progress.at(file.name, done, file.size)
