"""Whisper through CTranslate2, encoding only the sound that is there.

Whisper was trained on windows of 30 s, and its reference code pads every clip to that, so that two seconds
cost as much as thirty. Here the clip's own frames and a margin are encoded, and behind them comes silence
that was encoded before (`silence.py`): cross-attention sees the picture it knows, and the decoder does not
loop.
What still looks wrong is decoded again before all of the silence, and then padded.
"""

import logging
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import ctranslate2
import numpy as np
import tokenizers

from speech.audio import RATE_HZ, Samples
from speech.recognition import limits
from speech.recognition.decoder import Decoder
from speech.recognition.engine import Abilities, RecognitionError, Transcript
from speech.recognition.folding import Progress, Written, fold
from speech.recognition.log_mel import log_mel
from speech.recognition.onnx_writer import OnnxWriter, quick_here
from speech.recognition.silence import POSITIONS, Encoded, Silence, fingerprint
from speech.recognition.steps import OnnxStepper, Stepper
from speech.recognition.writer import TOKENS_AT_MOST, CTranslate2Writer, Wish, Writer, Writing

_log = logging.getLogger(__name__)
_WINDOW = limits.WINDOW_S * RATE_HZ
_DOUBTED = -0.4
"""Mean log-probability under which CTranslate2 decodes a text once more, with two beams: 6 of 73 short
orders. That mends 5 of 18 wrong words; two beams for all would mend 8, and take it 35 % longer.
"""
FOLDED_WELL = 0.02
"""Error of a folded silence above which it is not used; base has 0.004 behind sixty spoken sentences."""


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """How the model runs. `device` and `compute_type` "auto": CUDA in float16 if there is one, else int8.

    `languages` are those that may be recognised; the likeliest of them is taken when none is asked for.
    `cache` is a folder where the encoding of silence may be kept, so that it costs its second only once,
    and our own decoder (`onnx_writer.py`), which writes in half the time; without it, and on CUDA,
    CTranslate2 decodes, as it does everywhere with `decoder` "ctranslate2".
    """

    device: str = "auto"
    compute_type: str = "auto"
    threads: int = 0
    beam_size: int = 0  # 0: what the decoder has time for; what is doubted is decoded with two at least
    languages: tuple[str, ...] = ("en", "zh")
    cache: Path | None = None
    decoder: Literal["auto", "ctranslate2"] = "auto"


class WhisperRecogniser:
    """One loaded model in CTranslate2's format (faster-whisper's weights). Thread-safe."""

    def __init__(self, folder: Path, settings: WhisperSettings = WhisperSettings()) -> None:
        device, compute_type = _choose(settings)
        threads = settings.threads or min(4, os.cpu_count() or 1)
        try:
            weights = fingerprint(folder / "model.bin")
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
            ours = None
            if _may_be_ours(settings, device, compute_type):
                ours = _our_writer(folder, self._tokenizer, settings.cache, threads)
            places = [folder] if ours is None else [ours.encoder, folder]
            self._model = _model(places, device=device, compute_type=compute_type, intra_threads=threads)
            self.writer: Writer = ours or CTranslate2Writer(self._model)
            self._file = folder / "model.bin"
        except Exception as error:  # tokenizers raises bare Exceptions
            raise RecognitionError(
                f"Whisper could not be loaded from {folder}: {_first_line(error)}"
            ) from error
        self._beam_size = settings.beam_size or self.writer.beams
        self._kept: tuple[tuple[int, int], Encoded] | None = None
        spoken = settings.languages if self.writer.multilingual else ("en",)
        self.abilities = Abilities(languages=frozenset(spoken), device=device, alternatives=True)
        self._languages = spoken
        self._silence = Silence(
            lambda: self._encode(_quiet(limits.WINDOW_S)), weights, f"{device}-{compute_type}", settings.cache
        )
        self._silence.prepare()

    def transcribe(
        self, samples: Samples, *, language: str | None = None, alternatives: int = 0, prompt: str = ""
    ) -> Transcript:
        """Recognise up to 30 s; longer sound is the caller's to cut.

        `prompt` stands for what was said before. Up to ten names that may have been said ("Hall Light, Attic
        Fan.") make these much likelier and all else a little less likely: it is for a second look at an
        order that names nothing known, not for the first (`docs/decisions/0006-recognition.md`).

        Raises `RecognitionError`. Sound without speech gives an empty text.
        """
        if limits.too_short(samples):
            return Transcript("", language or self._languages[0], no_speech=1.0)
        samples = samples[:_WINDOW]
        try:
            return self._guarded(samples, language, alternatives, prompt)
        except RuntimeError as error:
            raise RecognitionError(f"Whisper failed: {_first_line(error)}") from error

    @property
    def folded(self) -> bool:
        """Whether the silence behind short clips was folded for this model: they take half the time then."""
        return self._silence.folded

    def fold_silence(self, clips: Iterable[tuple[Samples, str]], progress: Progress) -> float:
        """Fold the silence, once, by spoken sentences (sound, language), sixty of them or so; half a minute.

        Returns how far it is from the real one (`Folded.error`). It is kept when that is good enough. Raises
        `RecognitionError`.
        """
        try:
            written = [self._written(samples, language) for samples, language in clips]
            found = fold(Decoder(self._file), self._silence.whole(0)[0], written, progress)
        except (ValueError, RuntimeError) as error:
            raise RecognitionError(f"the silence could not be folded: {_first_line(error)}") from error
        if found.error <= FOLDED_WELL:
            self._silence.keep_folded(found.positions[None])
        return found.error

    def encoded(self, samples: Samples) -> Encoded:
        """Return the encoding of a clip and of the quiet behind it; that of the last clip is at hand."""
        key = (len(samples), zlib.crc32(samples.tobytes()))
        kept = self._kept
        if kept is None or kept[0] != key:
            with_quiet = np.concatenate([samples, _quiet(limits.MARGIN_S)])[:_WINDOW]
            self._kept = kept = (key, self._encode(with_quiet))
        return kept[1]

    def stepper(self) -> Stepper | None:
        """Return our own decoder for a second look, where it is loaded."""
        return OnnxStepper(self.writer.decoder) if isinstance(self.writer, OnnxWriter) else None

    def close(self) -> None:
        """Unload the model."""
        self._model.unload_model()

    def _written(self, samples: Samples, language: str) -> Written:
        own = self._encode(np.concatenate([samples, _quiet(limits.MARGIN_S)])[:_WINDOW])
        prompt = self._prompt(language, "")
        wish = Wish(prompt, TOKENS_AT_MOST // 8)
        writing = self.writer.write(own, self._silence.whole(own.shape[1]), wish)
        return Written(own[0], [*prompt, *writing.texts[0].tokens])

    def _guarded(self, samples: Samples, language: str | None, alternatives: int, prompt: str) -> Transcript:
        own = self.encoded(samples)
        limit = limits.most_tokens(samples)
        for encoded, behind in self._ladder(samples, own):
            if language not in self._languages:
                language = self._likeliest(encoded, behind)
            wish = Wish(
                self._prompt(language, prompt),
                limit,
                max(self._beam_size, 1 + alternatives),
                1 + alternatives,
            )
            heard = self._decode(encoded, behind, wish, language)
            if limits.nothing(heard):
                return Transcript("", language, heard.log_probability, heard.no_speech, suspect=True)
            if not heard.suspect:
                break
        return heard

    def _ladder(self, samples: Samples, own: Encoded) -> Iterator[tuple[Encoded, Encoded]]:
        """What the decoder is given, sound and silence: first the cheapest, and as long as its text is
        suspect the next.
        """
        length = own.shape[1]
        brief = self._silence.brief(length)
        yield own, brief
        if length + brief.shape[1] < POSITIONS:
            yield own, self._silence.whole(length)
        if length < POSITIONS:
            padded = self._encode(np.concatenate([samples, _quiet(limits.WINDOW_S)])[:_WINDOW])
            yield padded, padded[:, :0]

    def _encode(self, samples: Samples) -> Encoded:
        mel = log_mel(samples)
        even = mel.shape[1] // 2 * 2
        features = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[None, :, :even]))
        encoded = self._model.encode(features, to_cpu=True)
        return np.asarray(encoded, dtype=np.float32)

    def _likeliest(self, own: Encoded, behind: Encoded) -> str:
        if len(self._languages) == 1:
            return self._languages[0]
        chances = self.writer.languages(own, behind)
        return max(self._languages, key=lambda language: chances.get(language, 0.0))

    def _decode(self, own: Encoded, behind: Encoded, wish: Wish, language: str) -> Transcript:
        heard = self._heard(self.writer.write(own, behind, wish), language)
        if heard.log_probability < _DOUBTED and wish.beams < 2:
            return self._heard(self.writer.write(own, behind, replace(wish, beams=2)), language)
        return heard

    def _heard(self, writing: Writing, language: str) -> Transcript:
        text, *others = (self._tokenizer.decode(list(each.tokens)).strip() for each in writing.texts)
        score = writing.texts[0].log_probability
        return Transcript(
            text=text,
            language=language,
            log_probability=score,
            no_speech=writing.no_speech,
            suspect=limits.suspect(text, score),
            alternatives=tuple(dict.fromkeys(each for each in others if each and each != text)),
        )

    def _prompt(self, language: str, before: str) -> Sequence[int]:
        words = ["<|startoftranscript|>"]
        if self.writer.multilingual:
            words += [f"<|{language}|>", "<|transcribe|>"]
        ids = [self._tokenizer.token_to_id(word) for word in (*words, "<|notimestamps|>")]
        if before.strip():
            told = self._tokenizer.encode(f" {before.strip()}", add_special_tokens=False).ids
            ids = [self._tokenizer.token_to_id("<|startofprev|>"), *told[: limits.PROMPT_TOKENS], *ids]
        return [token for token in ids if token is not None]


def _quiet(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE_HZ), np.int16)


def _model(places: Sequence[Path], **settings: str | int) -> ctranslate2.models.Whisper:
    """The model from the first place where it is whole."""
    *others, last = places
    for place in others:
        try:
            return ctranslate2.models.Whisper(str(place), **settings)
        except (RuntimeError, ValueError) as error:
            _log.warning("%s is damaged and is made anew at the next start: %s", place, _first_line(error))
            shutil.rmtree(place, ignore_errors=True)
    return ctranslate2.models.Whisper(str(last), **settings)


def _may_be_ours(settings: WhisperSettings, device: str, compute_type: str) -> bool:
    return settings.decoder == "auto" and device == "cpu" and compute_type == "int8"


def _our_writer(
    folder: Path, tokenizer: tokenizers.Tokenizer, cache: Path | None, threads: int
) -> OnnxWriter | None:
    """Our own decoder; None where it cannot be had."""
    if cache is None or not quick_here():
        return None
    try:
        return OnnxWriter(folder, tokenizer, cache, threads)
    except (RecognitionError, ImportError) as error:
        _log.warning("CTranslate2 decodes, which takes twice as long: %s", error)
        return None


def _choose(settings: WhisperSettings) -> tuple[str, str]:
    device = settings.device
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"
    compute_type = settings.compute_type
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "int8"
    return device, compute_type


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
