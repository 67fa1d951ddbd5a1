"""Recogniser and language model on a GPU, against the same on this machine's processor, in one run.

Every engine looks for a GPU by itself (CTranslate2 and torch for CUDA, llama.cpp for whatever it was built
with). What sees none is left out, and the conditions say so; where none sees any, nothing is measured.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from benchmarks import intervals
from benchmarks.heard import By, Heard, Said, accuracy, judged, looped, ratio, speeds
from benchmarks.plots import OURS, PEERS
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.recognisers import kept, no_torch
from benchmarks.recordings import HOW, load, recordings
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.language.llama_cpp import LlamaCppModel
    from speech.audio import Samples
    from speech.recognition.engine import Recogniser

RECOGNITION = "whisper-base"
LANGUAGE = "qwen2.5-coder-0.5b-instruct"
NEW_TOKENS = 64
PROMPTS = (
    "Name three things that a lamp can do.",
    "What would you switch off at night, and why?",
    "How warm should a bedroom be?",
    "Say in two sentences what a thermostat is.",
    "Which rooms need the most light?",
    "Why does bread rise?",
    "What is a good time to water plants?",
)
ALL_LAYERS = -1


@dataclass(frozen=True, slots=True)
class Engine:
    """One that can run on a GPU: what it says of the GPUs it sees, empty when it sees none."""

    name: str
    sees: str


def engines() -> Sequence[Engine]:
    """What each engine sees. One that is not installed sees nothing."""
    return (
        Engine("ctranslate2", _ctranslate2()),
        Engine("torch", _torch()),
        Engine("llama.cpp", _llama_cpp()),
    )


def _ctranslate2() -> str:
    import ctranslate2

    count = ctranslate2.get_cuda_device_count()
    return f"{count} with CUDA" if count else ""


def _torch() -> str:
    if find_spec("torch") is None or no_torch() is not None:
        return ""
    import torch

    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else ""


def _llama_cpp() -> str:
    import xllamacpp

    kinds = xllamacpp.ggml_backend_dev_type
    gpus = (kinds.GGML_BACKEND_DEVICE_TYPE_GPU, kinds.GGML_BACKEND_DEVICE_TYPE_IGPU)
    return ", ".join(each["description"] for each in xllamacpp.get_device_info() if each["type"] in gpus)


class Gpu:
    """Seconds an order, words wrong, and the language model's answers: GPU against CPU."""

    name = "gpu"

    def __init__(
        self,
        most: int | None = None,
        device: str = "cuda",
        recognition: str = RECOGNITION,
        language: str = LANGUAGE,
        look: Callable[[], Sequence[Engine]] = engines,
    ) -> None:
        """With `most` only so many orders and prompts. `device` "cpu" measures the processor against itself,
        to try the benchmark out; `look` finds the engines that see a GPU.
        """
        self._most = most
        self._device = device
        self._recognition = recognition
        self._language = language
        self._look = look

    def lacks(self) -> str | None:
        """A GPU, weights and recordings."""
        seen = self._look()
        if not any(each.sees for each in seen):
            return f"no GPU is seen by any of {', '.join(each.name for each in seen)}"
        return missing([self._recognition, self._language]) or (
            None if recordings("orders") else f"no recordings: {HOW}"
        )

    def run(self, tell: Tell) -> Results:
        """Those engines that see a GPU, one after the other."""
        seen = {each.name: each.sees for each in self._look()}
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        for name, prefix, opened in (
            ("ctranslate2", "orders", self._ours),
            ("torch", "torch_orders", self._on_torch),
        ):
            if seen.get(name):
                tell(f"orders, {name}")
                figures |= self._orders(prefix, opened, samples)
        if seen.get("llama.cpp"):
            tell("answers, llama.cpp")
            figures |= self._answers(samples)
        gpus = {name: sees or "sees no GPU: not measured" for name, sees in seen.items()}
        precision = "float16 on the GPU; int8 (ctranslate2) and float32 (torch) on the CPU"
        return Results(figures, samples, {**gpus, "precision": precision})

    def draw(self, results: Results, axes: "Axes") -> None:
        """Seconds an order, both devices, an engine a row."""
        prefixes = [each for each in ("torch_orders", "orders") if f"{each}_gpu_s" in results.figures]
        labels = {"orders": "CTranslate2", "torch_orders": "torch"}
        for shift, who, colour in ((0.2, "gpu", OURS), (-0.2, "cpu", PEERS)):
            values = [results.figures[f"{prefix}_{who}_s"].value for prefix in prefixes]
            places = [place + shift for place in range(len(prefixes))]
            bars = axes.barh(places, values, 0.38, color=colour, label=who.upper())
            axes.bar_label(bars, labels=[f"{value:.3f} s" for value in values], padding=4)
        axes.set(yticks=range(len(prefixes)), yticklabels=[labels[each] for each in prefixes])
        axes.set(xlabel="seconds an order (median)")
        axes.margins(x=0.15)
        axes.legend(loc="lower right")

    def _orders(
        self, prefix: str, opened: Callable[[str], "Recogniser"], samples: dict[str, list[float]]
    ) -> dict[str, Figure]:
        """Every order on both devices, taking turns in going first."""
        from speech.recognition.engine import RecognitionError

        clips = recordings("orders", named_by_text=True)[: self._most]
        try:
            with closing(opened(self._device)) as gpu, closing(opened("cpu")) as cpu:
                heard = _heard({"gpu": gpu, "cpu": cpu}, [(load(clip), clip.text) for clip in clips])
        except RecognitionError as error:  # say a driver that is older than the library
            raise BenchmarkError(str(error)) from error
        figures = dict(speeds(prefix, heard, samples))
        figures[f"{prefix}_times_as_fast"] = ratio(heard["gpu"], heard["cpu"])
        return {**figures, **dict(accuracy(prefix, heard, "gpu", "cpu")), **dict(looped(prefix, heard))}

    def _ours(self, device: str) -> "Recogniser":
        from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

        threads = min(4, os.cpu_count() or 1)
        return WhisperRecogniser(
            folder_of(self._recognition), WhisperSettings(device=device, threads=threads, cache=kept())
        )

    def _on_torch(self, device: str) -> "Recogniser":
        from speech.recognition.openai_whisper import OpenAIWhisperRecogniser

        return OpenAIWhisperRecogniser(folder_of(self._recognition), device=device, cache=kept())

    def _answers(self, samples: dict[str, list[float]]) -> dict[str, Figure]:
        """The wait for the first piece of an answer, and pieces a second after it."""
        from assistant.language.engine import LanguageModelError
        from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

        path = next(folder_of(self._language).glob("*.gguf"))
        layers = {"gpu": 0 if self._device == "cpu" else ALL_LAYERS, "cpu": 0}
        figures: dict[str, Figure] = {}
        for who, gpu_layers in layers.items():
            try:
                with closing(LlamaCppModel(path, LlamaSettings(gpu_layers=gpu_layers))) as model:
                    first_s, per_s = asyncio.run(_answered(model, PROMPTS[: self._most]))
            except LanguageModelError as error:
                raise BenchmarkError(str(error)) from error
            samples[f"answers_{who}_first_s"], samples[f"answers_{who}_written_per_s"] = first_s, per_s
            figures[f"answers_{who}_first_s"] = intervals.of_samples(first_s, "s")
            if per_s:
                figures[f"answers_{who}_written_per_s"] = intervals.of_samples(per_s, "tokens/s")
        return figures


def _heard(devices: Mapping[str, "Recogniser"], clips: Sequence[tuple["Samples", str]]) -> By:
    heard: dict[str, list[Heard]] = {who: [] for who in devices}
    for recogniser in devices.values():
        # The first run allocates; a clip that was just heard would be remembered.
        recogniser.transcribe(clips[0][0][:-1], language="en")
    for at, (samples, text) in enumerate(clips):
        for who in sorted(devices, reverse=at % 2 == 1):
            began_s = time.perf_counter()
            found = devices[who].transcribe(samples, language="en").text
            seconds = time.perf_counter() - began_s
            heard[who].append(judged(Said(text, len(samples) / 16_000, text), found, seconds))
    return heard


async def _answered(model: "LlamaCppModel", prompts: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds to the first piece, and pieces a second, of each prompt's answer; one before them warms up."""
    from assistant.language.engine import Sampling

    sampling = Sampling(max_new_tokens=NEW_TOKENS)
    first_s: list[float] = []
    per_s: list[float] = []
    await model.warm([{"role": "user", "content": "Hello."}])
    for prompt in prompts:
        began_s = time.perf_counter()
        answer = model.stream([{"role": "user", "content": prompt}], sampling=sampling)
        moments = [time.perf_counter() async for _ in answer]
        if moments:
            first_s.append(moments[0] - began_s)
        if len(moments) > 10:
            per_s.append((len(moments) - 1) / (moments[-1] - moments[0]))
    if not first_s:
        raise BenchmarkError("the language model wrote nothing")
    return first_s, per_s
