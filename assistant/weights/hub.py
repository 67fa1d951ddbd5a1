"""The model hub, Hugging Face or one that speaks like it (`HF_ENDPOINT`)."""

import os
from pathlib import Path
from urllib.parse import quote

from assistant.weights.catalogue import Model, ModelFile
from assistant.weights.download import download
from assistant.weights.source import Progress, SourceError


class Hub:
    """Files by repository, revision and path."""

    name = "hub"

    def __init__(self, endpoint: str | None = None) -> None:
        self._endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")

    def fetch(self, model: Model, file: ModelFile, part: Path, progress: Progress) -> None:
        """Download from the hub, resuming."""
        if file.hub is None:
            raise SourceError(f"{model.id} is not there")
        place = file.hub
        url = f"{self._endpoint}/{place.repo}/resolve/{quote(place.revision)}/{quote(place.path)}"
        download(url, file, part, progress)
