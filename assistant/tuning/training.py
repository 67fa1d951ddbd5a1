"""Fine-tunes a small causal model on dialogues: all weights, upper layers, or adapters (extra `torch`).

Only the answer counts in the loss, and only there are the vocabulary's logits computed. A run can be broken
off and goes on where it was; its curves are lines of JSON. The weights that were best on the validation part
are kept.
"""

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from assistant.language.engine import LanguageModelError
from assistant.tuning.dialogues import Dialogue, dialogues
from assistant.tuning.homes import Part
from assistant.understanding.notation import TEMPLATE, shortened
from assistant.understanding.prompt import Prompt, compact
from skills.registry import Registry

WITHOUT = 'training a language model needs torch, transformers and gguf: pip install "sotto-voce[torch]"'
STATE, CURVES, BEST = "training.pt", "curves.jsonl", "best"
_IGNORED = -100
_WARM_UP = 0.05  # of all steps
_WARM_UP_STEPS = 40
_CLIP = 1.0


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """`steps` of `batch` dialogues; `hours` ends it earlier. `lora` is the adapters' rank, 0: all weights.

    With `layers` only so many of the upper ones are trained (0: all, and the embedding): a third of the work.
    `languages` are those of the dialogues, `seed` makes them and their order the same again.
    """

    steps: int = 1500
    batch: int = 8
    hours: float = 24.0
    learning_rate: float = 2e-4
    lora: int = 0
    layers: int = 0
    languages: tuple[str, ...] = ("en",)
    validate_every: int = 100
    validation_size: int = 120
    device: str = "auto"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the curves. Losses are in nats a token; `validation` None between two validations."""

    step: int
    loss: float
    validation: float | None
    learning_rate: float
    tokens_per_s: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of a run. Perplexities are of the validation part, per token of the answers."""

    folder: Path
    steps: int
    perplexity_before: float
    perplexity_after: float
    tokens_per_s: float
    finished: bool


Tell = Callable[[Point, float], None]
"""Takes a point of the curves, and the share of the run that is done."""


class Trainer:
    """One run in a folder. Raises `LanguageModelError` for weights that cannot be read."""

    def __init__(self, registry: Registry, base: Path, folder: Path, settings: TrainingSettings) -> None:
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
            from transformers.utils import logging as told
        except ImportError as error:
            raise LanguageModelError(f"{WITHOUT} ({error})") from error
        told.disable_progress_bar()
        self._torch, self._registry, self._folder, self._settings = torch, registry, folder, settings
        self._prompt = Prompt(registry, trained=True)
        where, extra = (base, {}) if base.is_dir() else (base.parent, {"gguf_file": base.name})
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(where, **extra)
            model = AutoModelForCausalLM.from_pretrained(where, dtype=torch.float32, **extra)
        except Exception as error:  # whatever its readers raise
            why = " ".join(str(error).split())[:200]
            raise LanguageModelError(f"the weights {base} could not be read: {why}") from error
        self.tokenizer.chat_template = TEMPLATE
        model.hf_quantizer = None  # a GGUF file's numbers were unpacked: they can be written like any others
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        chosen = settings.device
        self._device = ("cuda" if torch.cuda.is_available() else "cpu") if chosen == "auto" else chosen
        self.model = _with_adapters(_frozen_below(model, settings.layers), settings.lora).to(self._device)
        trained = [each for each in self.model.parameters() if each.requires_grad]
        self._optimizer = torch.optim.AdamW(trained, lr=settings.learning_rate, weight_decay=0.01)
        self._began_s = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)

    def fit(self, tell: Tell = lambda _point, _share: None, *, resume: bool = True) -> Fitted:
        """Train to the end, or until the time is up or somebody interrupts; what was reached is kept."""
        settings, began_s = self._settings, time.monotonic()
        state = self._resumed() if resume else None
        validation = self._encoded(Part.VALIDATION, settings.validation_size)
        before = state["before"] if state else self._loss_over(validation)
        step, best = (state["step"], state["best"]) if state else (0, before)
        self._began_s = began_s
        if state is None:
            (self._folder / CURVES).unlink(missing_ok=True)
            self._keep_best()
        tokens, spent_s, finished = 0, 0.0, False
        try:
            for batch in islice(self._batches(), step, settings.steps):
                started_s = time.monotonic()
                loss, size = self._step(batch, self._rate(step))
                tokens, spent_s, step = tokens + size, spent_s + time.monotonic() - started_s, step + 1
                over = step == settings.steps or time.monotonic() - began_s > settings.hours * 3600
                measured = (
                    self._loss_over(validation) if over or step % settings.validate_every == 0 else None
                )
                if measured is not None and measured < best:
                    best = measured
                    self._keep_best()
                rate = self._optimizer.param_groups[0]["lr"]
                point = Point(step, loss, measured, rate, tokens / max(spent_s, 1e-9))
                self._note(point)
                tell(point, step / settings.steps)
                if measured is not None:
                    self._save(step, best, before)
                if over:
                    break
            finished = step >= settings.steps
        except KeyboardInterrupt:
            pass
        self._save(step, best, before)
        rate = tokens / max(spent_s, 1e-9)
        return Fitted(self._folder / BEST, step, math.exp(before), math.exp(best), rate, finished)

    # -- a step ----------------------------------------------------------------------------------------------

    def _step(self, batch: Sequence[tuple[list[int], int]], rate: float) -> tuple[float, int]:
        torch = self._torch
        self.model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        inputs, labels, mask = self._padded(batch)
        loss = self._loss(inputs, labels, mask)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return float(loss.item()), int(mask.sum().item())

    def _loss(self, inputs: Any, labels: Any, mask: Any) -> Any:
        """The mean loss of the answers' tokens; the rest is read, and its logits are not computed."""
        whole = self.model.get_base_model() if self._settings.lora else self.model
        with self._precision():
            hidden = whole.model(input_ids=inputs, attention_mask=mask, use_cache=False).last_hidden_state
            wanted = labels[:, 1:] != _IGNORED
            logits = whole.lm_head(hidden[:, :-1][wanted])
            return self._torch.nn.functional.cross_entropy(logits.float(), labels[:, 1:][wanted])

    def _rate(self, step: int) -> float:
        """Up in a straight line, down in half a cosine, to its end with the steps or with the time."""
        steps, top = self._settings.steps, self._settings.learning_rate
        warm = max(1, min(_WARM_UP_STEPS, round(_WARM_UP * steps)))
        if step < warm:
            return top * (step + 1) / warm
        spent = (time.monotonic() - self._began_s) / max(1.0, self._settings.hours * 3600)
        share = min(1.0, max((step - warm) / max(1, steps - warm), spent))
        return top * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * share)))

    def _precision(self) -> Any:
        torch = self._torch
        half = self._device == "cuda" and torch.cuda.is_bf16_supported()
        return torch.autocast("cuda" if half else "cpu", dtype=torch.bfloat16, enabled=half)

    def _loss_over(self, encoded: Sequence[tuple[list[int], int]]) -> float:
        """The mean loss of a token of the answers."""
        torch = self._torch
        self.model.eval()
        total, count = 0.0, 0
        with torch.inference_mode():
            for at in range(0, len(encoded), self._settings.batch):
                inputs, labels, mask = self._padded(encoded[at : at + self._settings.batch])
                loss = self._loss(inputs, labels, mask)
                answers = int((labels[:, 1:] != _IGNORED).sum().item())
                total, count = total + float(loss.item()) * answers, count + answers
        return total / max(1, count)

    # -- data ------------------------------------------------------------------------------------------------

    def _batches(self) -> Iterator[list[tuple[list[int], int]]]:
        """Batches of the training part, each of about one length: what is padded is computed too."""
        settings, chance = self._settings, random.Random(self._settings.seed)  # noqa: S311 - no secret
        made = self._mixed(Part.TRAIN)
        while True:
            several = sorted(
                (self.encode(each) for each in islice(made, settings.batch * 8)),
                key=lambda each: len(each[0]),
            )
            batches = [several[at : at + settings.batch] for at in range(0, len(several), settings.batch)]
            chance.shuffle(batches)
            yield from batches

    def _encoded(self, part: Part, size: int) -> list[tuple[list[int], int]]:
        return [self.encode(each) for each in islice(self._mixed(part), size)]

    def _mixed(self, part: Part) -> Iterator[Dialogue]:
        """One of each language in turn."""
        made = [
            dialogues(self._registry, each, part, self._settings.seed) for each in self._settings.languages
        ]
        while True:
            for each in made:
                yield next(each)

    def encode(self, dialogue: Dialogue) -> tuple[list[int], int]:
        """Return the tokens, and how many of them are the prompt."""
        asked = self._prompt.whole(dialogue.said, dialogue.language, question=dialogue.question)
        prompt = self.tokenizer.apply_chat_template(
            list(asked), add_generation_prompt=True, tokenize=True, return_dict=False
        )
        short = compact(shortened(json.loads(dialogue.answer)))
        answer = self.tokenizer(short, add_special_tokens=False)["input_ids"]
        return [*prompt, *answer, self.tokenizer.eos_token_id], len(prompt)

    def _padded(self, batch: Sequence[tuple[list[int], int]]) -> tuple[Any, Any, Any]:
        torch = self._torch
        longest = max(len(tokens) for tokens, _ in batch)
        inputs = torch.full((len(batch), longest), self.tokenizer.eos_token_id)
        labels = torch.full((len(batch), longest), _IGNORED)
        mask = torch.zeros((len(batch), longest), dtype=torch.long)
        for row, (tokens, prompt) in enumerate(batch):
            inputs[row, : len(tokens)] = torch.tensor(tokens)
            labels[row, prompt : len(tokens)] = torch.tensor(tokens[prompt:])
            mask[row, : len(tokens)] = 1
        return inputs.to(self._device), labels.to(self._device), mask.to(self._device)

    # -- the folder ------------------------------------------------------------------------------------------

    def _keep_best(self) -> None:
        """Write the weights as they are now, whole: adapters are merged into a copy."""
        model = self.model
        if self._settings.lora:
            from copy import deepcopy

            model = deepcopy(model).merge_and_unload()
        model.save_pretrained(self._folder / BEST)
        self.tokenizer.save_pretrained(self._folder / BEST)

    def _save(self, step: int, best: float, before: float) -> None:
        part = self._folder / f"{STATE}.part"
        told = {
            "step": step,
            "best": best,
            "before": before,
            "settings": asdict(self._settings),
            "model": self._trained(),
            "optimizer": self._optimizer.state_dict(),
        }
        self._torch.save(told, part)
        part.replace(self._folder / STATE)

    def _trained(self) -> dict[str, Any]:
        """The weights that change; the others are the base's."""
        return {name: each.detach() for name, each in self.model.named_parameters() if each.requires_grad}

    def _resumed(self) -> dict[str, Any] | None:
        """What an earlier run reached; None where there was none, or one of other settings."""
        path = self._folder / STATE
        if not path.exists():
            return None
        state: dict[str, Any] = self._torch.load(path, map_location=self._device, weights_only=True)
        same = ("batch", "lora", "layers", "languages", "seed")
        if any(state["settings"][key] != asdict(self._settings)[key] for key in same):
            return None
        self.model.load_state_dict(state["model"], strict=False)
        self._optimizer.load_state_dict(state["optimizer"])
        return state

    def _note(self, point: Point) -> None:
        with (self._folder / CURVES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(point)) + "\n")


def curves(folder: Path) -> list[Point]:
    """Read the curves of a run, step by step. Of a step that was done again the last time counts."""
    lines = (folder / CURVES).read_text("utf-8").splitlines()
    points = {point.step: point for point in (Point(**json.loads(line)) for line in lines)}
    return [points[step] for step in sorted(points)]


def _frozen_below(model: Any, layers: int) -> Any:
    """Leave all but the upper layers as they are; 0 leaves none."""
    if layers:
        model.requires_grad_(False)
        for layer in model.model.layers[-layers:]:
            layer.requires_grad_(True)
        model.model.norm.requires_grad_(True)
    return model


def _with_adapters(model: Any, rank: int) -> Any:
    if not rank:
        return model
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise LanguageModelError(f"--lora needs peft: pip install peft ({error})") from error
    wanted = LoraConfig(
        r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    return get_peft_model(model, wanted)
