"""OpenAI's own Whisper on torch (extra `torch`): the reference that our engine is compared with.

It reads the same weights: CTranslate2's file holds Whisper's tensors under other names, with query, key and
value joined. The encoder is given the clip's own frames, as in `whisper.py`, and behind its output comes the
same silence. What looks wrong is decoded again by the same rules (`limits.py`).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from speech.audio import RATE_HZ, Samples
from speech.recognition import limits
from speech.recognition.ct2_weights import Tensor, read_tensors
from speech.recognition.engine import Abilities, RecognitionError, Transcript
from speech.recognition.log_mel import log_mel
from speech.recognition.silence import POSITIONS, Encoded, Silence, fingerprint

if TYPE_CHECKING:
    import torch

_WINDOW = limits.WINDOW_S * RATE_HZ
_MARGIN = int(limits.MARGIN_S * RATE_HZ)
_HEAD = 64  # the width of an attention head in every size of Whisper


class OpenAIWhisperRecogniser:
    """One loaded model. Not faster than `WhisperRecogniser`; not thread-safe on a GPU.

    `cache` is a folder where the encoding of silence may be kept, as `WhisperSettings` has it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "auto",
        languages: tuple[str, ...] = ("en", "zh"),
        cache: Path | None = None,
    ) -> None:
        torch, self._whisper = _libraries()
        self._torch = torch
        chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        self._model = load_model(folder, chosen)
        self._languages = languages if self._model.is_multilingual else ("en",)
        self.abilities = Abilities(frozenset(self._languages), chosen)
        self._silence = Silence(self._quiet, fingerprint(folder / "model.bin"), f"torch-{chosen}", cache)

    def transcribe(
        self,
        samples: Samples,
        *,
        language: str | None = None,
        alternatives: int = 0,  # noqa: ARG002 - the Protocol's
        prompt: str = "",
    ) -> Transcript:
        """Recognise up to 30 s; it gives no `alternatives`. `prompt` stands for what was said before.

        Raises `RecognitionError`. Sound without speech gives an empty text.
        """
        if limits.too_short(samples):
            return Transcript("", language or self._languages[0], no_speech=1.0)
        try:
            return self._guarded(samples[:_WINDOW], language, prompt)
        except RuntimeError as error:
            raise RecognitionError(f"openai-whisper failed: {str(error).splitlines()[0]}") from error

    def close(self) -> None:
        """Give the memory back."""
        del self._model

    @property
    def _half(self) -> bool:
        return self.abilities.device != "cpu"

    def _encode(self, samples: Samples) -> "torch.Tensor":
        """The encoder over the sound that is there; its own `forward` takes nothing but 30 s."""
        torch, encoder = self._torch, self._model.encoder
        mel = log_mel(samples)
        mel = mel[:, : mel.shape[1] // 2 * 2]
        with torch.inference_mode():
            x = torch.from_numpy(np.ascontiguousarray(mel))[None].to(self._model.device)
            x = torch.nn.functional.gelu(encoder.conv1(x))
            x = torch.nn.functional.gelu(encoder.conv2(x)).permute(0, 2, 1)
            x = x + encoder.positional_embedding[: x.shape[1]]
            for block in encoder.blocks:
                x = block(x)
            return encoder.ln_post(x)[0].to(torch.float16 if self._half else torch.float32)

    def _quiet(self) -> Encoded:
        encoded: Encoded = self._encode(np.zeros(_WINDOW, np.int16))[None].float().cpu().numpy()
        return encoded

    def _followed(self, own: "torch.Tensor", silence: Encoded) -> "torch.Tensor":
        return self._torch.cat([own, self._torch.from_numpy(np.array(silence[0])).to(own)])

    def _guarded(self, samples: Samples, language: str | None, prompt: str) -> Transcript:
        own = self._encode(np.pad(samples, (0, min(_MARGIN, _WINDOW - len(samples)))))
        language = language if language in self._languages else self._likeliest(own)
        options = self._options(language, prompt, limits.most_tokens(samples))
        for encoded in self._ladder(samples, own):
            heard = self._decode(encoded, options)
            if limits.nothing(heard):
                return Transcript("", language, heard.log_probability, heard.no_speech, suspect=True)
            if not heard.suspect:
                break
        return heard

    def _ladder(self, samples: Samples, own: "torch.Tensor") -> Iterator["torch.Tensor"]:
        """What the decoder is given: first the cheapest, and as long as its text is suspect the next."""
        length = own.shape[0]
        brief = self._silence.brief(length)
        yield self._followed(own, brief)
        if length + brief.shape[1] < POSITIONS:
            yield self._followed(own, self._silence.whole(length))
        if length < POSITIONS:
            yield self._encode(np.pad(samples, (0, _WINDOW - len(samples))))

    def _options(self, language: str, prompt: str, limit: int) -> Any:
        told: list[int] = []
        if prompt.strip():
            tokenizer = self._whisper.tokenizer.get_tokenizer(
                self._model.is_multilingual, num_languages=self._model.num_languages
            )
            told = tokenizer.encode(f" {prompt.strip()}")[: limits.PROMPT_TOKENS]
        return self._whisper.DecodingOptions(
            language=language, without_timestamps=True, fp16=self._half, sample_len=limit, prompt=told
        )

    def _decode(self, encoded: "torch.Tensor", options: Any) -> Transcript:
        """OpenAI's decoding, which takes what has not 1,500 positions for a spectrogram."""
        task = self._whisper.decoding.DecodingTask(self._model, options)
        task._get_audio_features = lambda features: features  # noqa: SLF001 - it has no other door
        with self._torch.inference_mode():
            found = task.run(encoded[None])[0]
        # Over the text's tokens, as CTranslate2 counts it and the limits mean it; OpenAI's counts the end in.
        score = float(found.avg_logprob) * (len(found.tokens) + 1) / max(1, len(found.tokens))
        text = found.text.strip()
        return Transcript(
            text, options.language, score, float(found.no_speech_prob), limits.suspect(text, score)
        )

    def _likeliest(self, own: "torch.Tensor") -> str:
        if len(self._languages) == 1:
            return self._languages[0]
        encoded = self._followed(own, self._silence.whole(own.shape[0]))
        _, chances = self._whisper.detect_language(self._model, encoded[None])
        return max(self._languages, key=lambda language: chances[0].get(language, 0.0))


def load_model(folder: Path, device: str = "cpu") -> Any:
    """OpenAI's own model, filled with the weights in `folder`. Raises `RecognitionError`."""
    torch, whisper = _libraries()
    tensors = read_tensors(folder / "model.bin")
    try:
        return _model(whisper, torch, tensors).to(device)
    except KeyError as error:
        raise RecognitionError(f"{folder} holds no Whisper model: sotto models verify") from error
    except (AssertionError, RuntimeError) as error:  # torch without CUDA asserts
        raise RecognitionError(f"openai-whisper could not be loaded: {str(error).splitlines()[0]}") from error


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import whisper
    except ImportError as error:
        raise RecognitionError(
            "openai-whisper is not installed: pip install 'sotto-voce[torch]' brings it"
        ) from error
    return torch, whisper


def _model(whisper: Any, torch: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Build the model of the size that the tensors have, and fill it."""
    vocabulary, width = tensors["decoder/embeddings/weight"].shape
    size = whisper.model.ModelDimensions(
        n_mels=tensors["encoder/conv1/weight"].shape[1],
        n_audio_ctx=tensors["encoder/position_encodings/encodings"].shape[0],
        n_audio_state=width,
        n_audio_head=width // _HEAD,
        n_audio_layer=_layers(tensors, "encoder"),
        n_vocab=vocabulary,
        n_text_ctx=tensors["decoder/position_encodings/encodings"].shape[0],
        n_text_state=width,
        n_text_head=width // _HEAD,
        n_text_layer=_layers(tensors, "decoder"),
    )
    model = whisper.model.Whisper(size)
    state = {name: torch.from_numpy(np.array(tensor, np.float32)) for name, tensor in _state(tensors)}
    model.load_state_dict(state, strict=True)
    return model.eval()


def _layers(tensors: Mapping[str, Tensor], part: str) -> int:
    found = (re.match(rf"{part}/layer_(\d+)/", name) for name in tensors)
    return 1 + max(int(each[1]) for each in found if each is not None)


def _state(tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Every tensor under the name that OpenAI's code has for it."""
    for conv in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            yield f"encoder.{conv}.{kind}", tensors[f"encoder/{conv}/{kind}"]
    yield "encoder.positional_embedding", tensors["encoder/position_encodings/encodings"]
    yield "decoder.positional_embedding", tensors["decoder/position_encodings/encodings"]
    yield "decoder.token_embedding.weight", tensors["decoder/embeddings/weight"]
    yield from _norm("encoder.ln_post", "encoder/layer_norm", tensors)
    yield from _norm("decoder.ln", "decoder/layer_norm", tensors)
    for part in ("encoder", "decoder"):
        for number in range(_layers(tensors, part)):
            theirs, ours = f"{part}.blocks.{number}", f"{part}/layer_{number}"
            yield from _attention(f"{theirs}.attn", f"{ours}/self_attention", tensors)
            yield from _norm(f"{theirs}.attn_ln", f"{ours}/self_attention/layer_norm", tensors)
            if part == "decoder":
                yield from _attention(f"{theirs}.cross_attn", f"{ours}/attention", tensors)
                yield from _norm(f"{theirs}.cross_attn_ln", f"{ours}/attention/layer_norm", tensors)
            for at, linear in ((0, "linear_0"), (2, "linear_1")):
                for kind in ("weight", "bias"):
                    yield f"{theirs}.mlp.{at}.{kind}", tensors[f"{ours}/ffn/{linear}/{kind}"]
            yield from _norm(f"{theirs}.mlp_ln", f"{ours}/ffn/layer_norm", tensors)


def _attention(theirs: str, ours: str, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Take apart what CTranslate2 joins: (query, key, value) of self-attention, (key, value) of the other."""
    joined = [f"{ours}/linear_{number}" for number in range(3) if f"{ours}/linear_{number}/weight" in tensors]
    *inputs, out = joined
    for kind in ("weight", "bias"):
        width = tensors[f"{out}/{kind}"].shape[0]
        whole = np.concatenate([tensors[f"{each}/{kind}"] for each in inputs])
        query, key, value = (whole[start : start + width] for start in range(0, 3 * width, width))
        yield f"{theirs}.query.{kind}", query
        if kind == "weight":
            yield f"{theirs}.key.weight", key  # Whisper's keys have no bias
        yield f"{theirs}.value.{kind}", value
        yield f"{theirs}.out.{kind}", tensors[f"{out}/{kind}"]


def _norm(theirs: str, ours: str, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    yield f"{theirs}.weight", tensors[f"{ours}/gamma"]
    yield f"{theirs}.bias", tensors[f"{ours}/beta"]
