"""`[language_model]` and `[language_model.endpoint]`: which model thinks, and where."""

import os
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from assistant.config.errors import ConfigError
from assistant.config.section import Section, Threads, UserPath, in_catalogue, secret
from assistant.weights.catalogue import ModelKind


def _address(url: str) -> str:
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ValueError("should look like http://127.0.0.1:11434/v1")
    if split.username or split.password:
        raise ValueError("an address holds no secrets: use token_env or token_file")
    return url.rstrip("/")


class Endpoint(Section):
    """A server with OpenAI's API: Ollama, llama.cpp's, vLLM, OpenAI's own. Without `url` there is none.

    `ask` "first" has it think, and the local model where it fails; "offered" has the local model think and
    offer to ask this one. `token_env` names an environment variable, `token_file` a file. `retries` are for
    requests that were not answered at all. `response_format` says how it is told what it may write.
    """

    url: Annotated[str, AfterValidator(_address)] | None = None
    model: str = ""
    ask: Literal["first", "offered"] = "first"
    token_env: str | None = None
    token_file: UserPath | None = None
    ca_file: UserPath | None = None
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    retries: Annotated[int, Field(ge=0, le=5)] = 1
    response_format: Literal["json_schema", "json_object", "none"] = "json_schema"
    fallback: bool = True

    def token(self) -> str:
        """The secret, "" when there is none. Raises `ConfigError`."""
        if self.token_file is not None:
            return secret(self.token_file, "language_model.endpoint.token_file").strip()
        if self.token_env is None:
            return ""
        token = os.environ.get(self.token_env, "").strip()
        if not token:
            raise ConfigError(
                f"language_model.endpoint.token_env names {self.token_env}, which is not set: export it, "
                "or name a token_file"
            )
        return token


class LanguageModel(Section):
    """The language model; `path` names a GGUF file (for `transformers` also a folder) of your own instead of
    `model`.

    The sampling settings mean what they mean in transformers. `device` and `dtype` are for `transformers`,
    `threads`, `context` and `gpu_layers` for `llama.cpp`. `keep_prompts` keeps what was read of the prompt
    over a restart. `remember_s` is how long a conversation is remembered in talk.
    """

    engine: Literal["llama.cpp", "transformers"] = "llama.cpp"
    model: Annotated[str, in_catalogue(ModelKind.LANGUAGE_MODEL)] = "qwen2.5-coder-0.5b-instruct"
    path: UserPath | None = None
    threads: Threads = 0
    context: Annotated[int, Field(ge=256, le=131072)] = 2048
    gpu_layers: Annotated[int, Field(ge=0, le=1000)] = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_k: Annotated[int, Field(ge=0)] = 40
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] = 1.0
    max_new_tokens: Annotated[int, Field(ge=1, le=8192)] = 160
    persona: str | None = None
    keep_prompts: bool = True
    remember_s: Annotated[float, Field(ge=0, le=3600)] = 120.0
    endpoint: Endpoint = Endpoint()

    @property
    def needs_weights(self) -> bool:
        """Whether the catalogue's model is used: not with weights of one's own, nor with a server alone."""
        endpoint = self.endpoint
        alone = endpoint.url is not None and endpoint.ask == "first" and not endpoint.fallback
        return self.path is None and not alone
