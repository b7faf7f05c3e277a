"""A language model of no sense, as a file for llama.cpp: the right form, random weights.

The format is GGUF 3: a header, metadata as typed keys and values, descriptions of the tensors, and
their numbers, each aligned to 32 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

EMBEDDING, FORWARD, HEADS = 32, 64, 2
_ALIGNMENT = 32
_UINT32, _INT32, _FLOAT32, _STRING, _ARRAY = 4, 5, 6, 8, 9
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6

Value = int | float | str | Sequence[int] | Sequence[float] | Sequence[str]


def write_model(path: Path, *, context: int, seed: int = 0) -> Path:
    """Writes a model of one layer that reads and writes single characters."""
    tokens = [*_tokens()]
    tensors = dict(_tensors(len(tokens), np.random.default_rng(seed)))
    described, offset = b"", 0
    for name, tensor in tensors.items():
        # Dimensions stand in the reverse of NumPy's order; 0 is the type of 32-bit floats.
        sizes = struct.pack(f"<{tensor.ndim}Q", *reversed(tensor.shape))
        described += _text(name) + struct.pack("<I", tensor.ndim) + sizes
        described += struct.pack("<IQ", 0, offset)
        offset += _padded(tensor.nbytes)
    values = _metadata(tokens, context)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    head += b"".join(_text(key) + _value(value) for key, value in values.items()) + described
    numbers = (tensor.tobytes().ljust(_padded(tensor.nbytes), b"\0") for tensor in tensors.values())
    path.write_bytes(head.ljust(_padded(len(head)), b"\0") + b"".join(numbers))
    return path


def _tokens() -> Iterator[tuple[str, int]]:
    yield from (("<unk>", _UNKNOWN), ("<s>", _CONTROL), ("</s>", _CONTROL))
    yield from ((f"<0x{byte:02X}>", _BYTE) for byte in range(256))
    yield "\u2581", _NORMAL  # what llama's vocabularies have in place of a space
    yield from ((chr(code), _NORMAL) for code in range(33, 127))


def _metadata(tokens: Sequence[tuple[str, int]], context: int) -> Mapping[str, Value]:
    return {
        "general.architecture": "llama",
        "general.name": "tiny",
        "llama.context_length": context,
        "llama.embedding_length": EMBEDDING,
        "llama.block_count": 1,
        "llama.feed_forward_length": FORWARD,
        "llama.attention.head_count": HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": EMBEDDING // HEADS,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": [token for token, _ in tokens],
        "tokenizer.ggml.scores": [0.0] * len(tokens),
        "tokenizer.ggml.token_type": [kind for _, kind in tokens],
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
    }


def _tensors(tokens: int, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    square = (EMBEDDING, EMBEDDING)
    shapes = {
        "token_embd": (tokens, EMBEDDING),
        "output": (tokens, EMBEDDING),
        **{f"blk.0.attn_{part}": square for part in ("q", "k", "v", "output")},
        "blk.0.ffn_gate": (FORWARD, EMBEDDING),
        "blk.0.ffn_up": (FORWARD, EMBEDDING),
        "blk.0.ffn_down": (EMBEDDING, FORWARD),
    }
    for name, shape in shapes.items():
        yield f"{name}.weight", rng.normal(0, 0.2, shape).astype(np.float32)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        yield f"{name}.weight", np.ones(EMBEDDING, np.float32)


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _value(value: Value) -> bytes:
    match value:
        case str():
            return struct.pack("<I", _STRING) + _text(value)
        case int():
            return struct.pack("<II", _UINT32, value)
        case float():
            return struct.pack("<If", _FLOAT32, value)
        case _:
            return struct.pack("<I", _ARRAY) + _items(value)


def _items(items: Sequence[int] | Sequence[float] | Sequence[str]) -> bytes:
    match items[0]:
        case str():
            kind, packed = _STRING, b"".join(_text(str(item)) for item in items)
        case int():
            kind, packed = _INT32, struct.pack(f"<{len(items)}i", *items)
        case _:
            kind, packed = _FLOAT32, struct.pack(f"<{len(items)}f", *items)
    return struct.pack("<IQ", kind, len(items)) + packed
