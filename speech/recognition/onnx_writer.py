"""Writes texts with our own decoder: greedily, or with a few beams that share each reading of the weights.

The rules are openai/whisper's (`decoding.py`): tokens that stand for no speech are never written, the first
is neither a space nor the end, and a text is as likely as the mean of its tokens.
"""

import contextlib
import json
import platform
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tokenizers

from speech.recognition.ct2_weights import write_encoder
from speech.recognition.engine import RecognitionError
from speech.recognition.onnx_decoder import Array, Next, OnnxDecoder, Sound, Tokens
from speech.recognition.silence import Encoded, fingerprint
from speech.recognition.writer import TOKENS_AT_MOST, Text, Wish, Writing

_MULTILINGUAL = 51_865  # tokens, from which on there are languages


@dataclass(frozen=True, slots=True)
class _Beam:
    """Tokens so far, the sum of the logarithms of their chances, and the row it goes on from."""

    tokens: tuple[int, ...]
    score: float
    row: int

    def text(self) -> Text:
        """What it has come to."""
        return Text(self.tokens, self.score / max(1, len(self.tokens)))


class OnnxWriter:
    """A loaded decoder with the tokens that it knows by name. Thread-safe."""

    name = "onnxruntime"
    beams = 2  # a sixth more time than one, since both read the weights together

    def __init__(self, folder: Path, tokenizer: tokenizers.Tokenizer, cache: Path, threads: int) -> None:
        """Load it; its graphs are made in `cache` the first time. Raises `RecognitionError`."""
        weights = folder / "model.bin"
        try:
            config = json.loads((folder / "config.json").read_text("utf-8"))
            never, self._not_first = config["suppress_ids"], config["suppress_ids_begin"]
            names = {token: tokenizer.id_to_token(token) for token in config.get("lang_ids", ())}
            self._named = {name.strip("<|>"): token for token, name in names.items() if name}
            self._begin = _known(tokenizer, "<|startoftranscript|>")
            self._end = _known(tokenizer, "<|endoftext|>")
            self._no_speech = _known(tokenizer, "<|nospeech|>", "<|nocaptions|>")
            times = _known(tokenizer, "<|notimestamps|>")
            known = fingerprint(weights)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecognitionError(f"{folder} does not tell what its tokens mean: {error}") from error
        self.decoder = OnnxDecoder(weights, known, (times, never), cache, threads)
        others = {*never, *range(times, self.decoder.vocabulary)} - {self._no_speech}
        self._unsaid = np.array([self._no_speech, *sorted(others)])
        self.multilingual = self.decoder.vocabulary >= _MULTILINGUAL
        self.encoder = cache / f"encoder-{known}"
        """A folder that holds the model without its decoder."""
        if not self.encoder.exists():
            _keep_encoder(folder, self.encoder)
        self._kept: tuple[Encoded, Encoded, Sound] | None = None
        self._lock = threading.Lock()

    def languages(self, own: Encoded, behind: Encoded) -> Mapping[str, float]:
        """Return how likely each language is behind the first token."""
        tokens = np.array([[self._begin]])
        _, found = self.decoder.read(self._sound(own, behind), None, tokens, [0], [0])
        ids = np.array(list(self._named.values()), np.int64)
        chances = np.exp(self.decoder.told(found, ids)[0, 0])
        return dict(zip(self._named, chances.tolist(), strict=True))

    def write(self, own: Encoded, behind: Encoded, wish: Wish) -> Writing:
        """Search until what has ended is likelier than anything that goes on."""
        sound = self._sound(own, behind)
        prompt = list(wish.prompt)
        rows = [prompt.index(self._begin), len(prompt) - 1]
        past, found = self.decoder.read(sound, None, np.array([prompt]), [0], rows)
        silent = self._silent(found)
        chances = _without(found, self._not_first)
        beams, ended = [_Beam((), 0.0, 0)], list[_Beam]()
        most = min(wish.limit, TOKENS_AT_MOST - len(prompt) - 1)
        for step in range(most + 1):
            beams = self._onwards(beams, found.tokens[:, -1], chances[:, -1], wish.beams, ended)
            best = max((each.score for each in ended), default=-np.inf)
            if step == most or (len(ended) >= wish.texts and best >= max(each.score for each in beams)):
                break
            parents, last = [each.row for each in beams], np.array([[each.tokens[-1]] for each in beams])
            past, found = self.decoder.read(sound, past, last, parents, [0])
            chances = found.chances
        # One that has used up its tokens is cut before the last, which nobody has looked behind.
        texts = [each.text() for each in (*ended, *beams[: max(0, wish.texts - len(ended))])]
        texts.sort(key=lambda each: -each.log_probability)
        return Writing(texts[: wish.texts], silent)

    def _silent(self, found: Next) -> float:
        """The chance of "no speech" at the first row. It is among the tokens that are never written, which
        have no part in the chances that were found; there they may have most.
        """
        unsaid = self.decoder.told(found, self._unsaid)[0, 0]
        return float(np.exp(unsaid[0] - np.logaddexp(0, np.logaddexp.reduce(unsaid))))

    def _onwards(
        self, beams: Sequence[_Beam], tokens: Tokens, chances: Array, most: int, ended: list[_Beam]
    ) -> list[_Beam]:
        """Return the best beams one token on; put those that end here, if they are among the best, into
        `ended`.
        """
        totals = chances + np.array([[beam.score] for beam in beams])
        grown: list[_Beam] = []
        for rank, place in enumerate(np.argsort(-totals, axis=None)[: 2 * most]):
            row, column = divmod(int(place), totals.shape[1])
            token, score = int(tokens[row, column]), float(totals[row, column])
            if token != self._end:
                grown.append(_Beam((*beams[row].tokens, token), score, row))
            elif rank < most:
                ended.append(_Beam(beams[row].tokens, score, row))
            if len(grown) == most:
                break
        return grown

    def _sound(self, own: Encoded, behind: Encoded) -> Sound:
        """The clip as the layers see it; the last one is at hand, for its language and a second decode."""
        with self._lock:
            kept = self._kept
        if kept is None or kept[0] is not own or kept[1] is not behind:
            kept = (own, behind, self.decoder.sound(own, behind))
            with self._lock:
                self._kept = kept
        return kept[2]


def quick_here() -> bool:
    """Whether this processor has the products that make it worth while; measured on x86-64 alone."""
    return platform.machine().lower() in ("x86_64", "amd64")


def _keep_encoder(folder: Path, target: Path) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as making:
            made = Path(making) / "encoder"
            write_encoder(folder, made)
            with contextlib.suppress(FileExistsError):  # somebody else was quicker
                made.rename(target)
    except OSError as error:
        raise RecognitionError(f"{target} cannot be written ({error.strerror})") from error


def _without(found: Next, never: Sequence[int]) -> Array:
    """The chances of the last row, where some tokens have none and the others share theirs."""
    gone = np.isin(found.tokens, never)
    left = 1 - np.where(gone, np.exp(found.chances), 0).sum(-1, keepdims=True)
    shared: Array = np.where(gone, np.float32(-1e9), found.chances - np.log(np.maximum(left, 1e-9)))
    return shared


def _known(tokenizer: tokenizers.Tokenizer, *names: str) -> int:
    for name in names:
        found = tokenizer.token_to_id(name)
        if found is not None:
            return int(found)
    raise KeyError(names[0])
