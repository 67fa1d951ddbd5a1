"""Tuned weights as a GGUF file: all that the base's file says of itself, with the new numbers in it.

The base's own file is the pattern, so tokenizer, chat template and shape stay as llama.cpp knows them.
"""

from pathlib import Path
from typing import Any, Literal

from assistant.language.engine import LanguageModelError

Quantisation = Literal["q8_0", "q4_1", "q4_0", "f16"]
_OUTER = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_INNER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_TEMPLATE = "tokenizer.chat_template"
_ARCHITECTURES = ("llama", "qwen2")


def write_gguf(
    tuned: Path,
    base: Path,
    target: Path,
    quantisation: Quantisation = "q8_0",
    *,
    chat_template: str | None = None,
) -> None:
    """Write the weights of a `save_pretrained` folder after the pattern of the base's GGUF file.

    `chat_template` takes the place of the base's.
    Raises `LanguageModelError` for a base of another architecture.
    """
    import gguf
    from safetensors import safe_open

    reader = gguf.GGUFReader(base)
    architecture = str(reader.fields["general.architecture"].contents())
    if architecture not in _ARCHITECTURES:
        known = " and ".join(_ARCHITECTURES)
        raise LanguageModelError(f"{base} is of the architecture {architecture}; {known} can be converted")
    part = target.with_name(f"{target.name}.part")
    writer = gguf.GGUFWriter(part, architecture)
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        inner = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
        told = field.contents()
        if field.name == _TEMPLATE and chat_template is not None:
            told = chat_template
        writer.add_key_value(field.name, told, field.types[0], sub_type=inner)
    wanted = gguf.GGMLQuantizationType[quantisation.upper()]
    with safe_open(tuned / "model.safetensors", framework="pt") as weights:
        for tensor in reader.tensors:
            values = weights.get_tensor(hf_name(tensor.name)).float().numpy()
            if architecture == "llama" and (".attn_q." in tensor.name or ".attn_k." in tensor.name):
                heads = _heads(reader, architecture, key=".attn_k." in tensor.name)
                values = _interleaved(values, heads)
            one = values.ndim == 1
            kind = gguf.GGMLQuantizationType.F32 if one else wanted
            writer.add_tensor(tensor.name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(target)


def hf_name(name: str) -> str:
    """Return transformers' name of a tensor of llama.cpp's. Raises KeyError."""
    if name in _OUTER:
        return _OUTER[name]
    _blk, layer, rest, what = name.split(".")
    return f"model.layers.{layer}.{_INNER[rest]}.{what}"


def _heads(reader: Any, architecture: str, *, key: bool) -> int:
    name = "attention.head_count_kv" if key else "attention.head_count"
    return int(reader.fields[f"{architecture}.{name}"].contents())


def _interleaved(values: Any, heads: int) -> Any:
    """Rows in the order in which llama.cpp turns them: the halves of each head by turns, not one by one."""
    rows, columns = values.shape
    halves = values.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)
