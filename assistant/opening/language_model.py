"""Builds what thinks: the local model, a server, or both, and the planner around them."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from assistant.config.errors import ConfigError
from assistant.config.schema import Config
from assistant.language.engine import LanguageModel, LanguageModelError, Sampling
from assistant.scheduler import Threads
from assistant.weights.source import WeightsError
from assistant.weights.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.understanding.grounding import SpokenForms
    from assistant.understanding.language_model import LanguageModelPlanner, PlannerSettings
    from skills.registry import Registry

CARD = "sotto.json"
"""Beside weights of `sotto train --language-model`: that they know the tools, and which languages."""
SMALL_BYTES = 3 * 10**9
"""Of a local model below this size (some 5 billion parameters) nobody should expect general knowledge."""


def load_language_model(config: Config) -> LanguageModel:
    """Load what is to think first. Raises `LanguageModelError`. Blocks; a server is not asked yet."""
    wanted = config.language_model.endpoint
    if wanted.url is None or wanted.ask == "offered":
        return load_local_model(config)
    endpoint = _endpoint(config)
    if not wanted.fallback:
        return endpoint
    from assistant.language.fallback import FallbackModel

    async def load() -> LanguageModel:
        return await asyncio.to_thread(load_local_model, config)

    return FallbackModel(endpoint, load)


def load_local_model(config: Config) -> LanguageModel:
    """Load the configured weights. Raises `LanguageModelError`."""
    wanted = config.language_model
    path = weights_of(config)
    if wanted.engine == "transformers":
        from assistant.language.transformers_model import TransformersModel, TransformersSettings

        return TransformersModel(path, TransformersSettings(wanted.device, wanted.dtype, wanted.threads))
    from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

    threads = wanted.threads or Threads.for_cores().language_model
    kept = user_cache_path("sotto-voce") / "prompts" if wanted.keep_prompts else None
    return LlamaCppModel(path, LlamaSettings(wanted.context, threads, wanted.gpu_layers, kept))


def weights_of(config: Config) -> Path:
    """Where the configured weights lie. Raises `LanguageModelError`."""
    wanted = config.language_model
    try:
        return wanted.path or next(open_store(config.models).require(wanted.model).glob("*.gguf"))
    except WeightsError as error:
        raise LanguageModelError(str(error)) from error


def load_planner(
    config: Config, registry: "Registry", words: "Callable[[], SpokenForms]"
) -> "tuple[LanguageModelPlanner, list[LanguageModel]]":
    """Load the models and make the planner; the caller closes the models. Raises `LanguageModelError`."""
    from assistant.understanding.language_model import LanguageModelPlanner

    model = load_language_model(config)
    endpoint = config.language_model.endpoint
    larger = _endpoint(config) if endpoint.url is not None and endpoint.ask == "offered" else None
    planner = LanguageModelPlanner(model, registry, words, settings_of(config), larger=larger)
    return planner, [model, *([larger] if larger is not None else [])]


def settings_of(config: Config) -> "PlannerSettings":
    """How the planner is to work with the configured model. Raises `LanguageModelError`."""
    from assistant.understanding.language_model import PlannerSettings

    wanted = config.language_model
    local = wanted.endpoint.url is None or wanted.endpoint.ask == "offered"
    weights = weights_of(config) if local else None
    return PlannerSettings(
        persona=wanted.persona or "",
        timeout_s=config.understanding.timeout_s,
        sampling=Sampling(
            wanted.temperature, wanted.top_k, wanted.top_p, wanted.repetition_penalty, wanted.max_new_tokens
        ),
        remember_s=wanted.remember_s,
        trained=weights is not None and bool(card_of(weights)),
        small=weights is not None and _size(weights) < SMALL_BYTES,
    )


def card_of(path: Path) -> dict[str, Any]:
    """What our own training wrote beside the weights; empty for any others."""
    folder = path if path.is_dir() else path.parent
    try:
        card = json.loads((folder / CARD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def _endpoint(config: Config) -> LanguageModel:
    from assistant.language.openai_endpoint import EndpointSettings, OpenAIEndpoint

    wanted = config.language_model.endpoint
    try:
        token = wanted.token()
    except ConfigError as error:
        raise LanguageModelError(str(error)) from error
    assert wanted.url is not None
    return OpenAIEndpoint(
        EndpointSettings(
            wanted.url,
            wanted.model,
            token,
            wanted.ca_file,
            wanted.timeout_s,
            wanted.retries,
            wanted.response_format,
        )
    )


def _size(path: Path) -> int:
    files = path.glob("*.safetensors") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.exists())
