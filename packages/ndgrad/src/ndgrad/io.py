"""Files: tensors, and the numbers and names around them, in the safetensors format. Nothing in a file is ever executed.

A plain dictionary of tensors becomes a plain safetensors file, which other libraries read. Anything more (the nested
state of an optimiser) keeps its structure as JSON in the file's metadata, with the tensors' names in their places.

Source: Hugging Face, "Safetensors", section "Format".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from ndgrad.dtypes import (
    DType,
    bfloat16,
    bool_,
    complex64,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)  # fmt: skip
from ndgrad.interop import from_bytes
from ndgrad.tensor import Tensor

# json and safetensors are imported where they are used: every program would wait for them, and most touch no file.

__all__ = ["load", "save"]

_NAMES: Final[dict[DType, str]] = {
    bool_: "BOOL", int8: "I8", int16: "I16", int32: "I32", int64: "I64", uint8: "U8", uint16: "U16", uint32: "U32",
    uint64: "U64", float16: "F16", bfloat16: "BF16", float32: "F32", float64: "F64", complex64: "C64",
}  # fmt: skip
_DTYPES: Final = {name: dtype for dtype, name in _NAMES.items()}
_STRUCTURE: Final = "ndgrad.structure"  # the metadata entry with everything that is not a tensor
_TENSOR, _TUPLE, _ITEMS = "$tensor", "$tuple", "$items"  # what JSON has no word for


# -- writing -----------------------------------------------------------------------------------------------------------


def save(obj: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a dictionary of tensors, such as a ``state_dict``, to a safetensors file, all of it or nothing.

    Args:
        obj: tensors by name; values may also be numbers, strings, None, and dictionaries, lists and tuples of these.
        path: the file; one that exists is replaced only when the new one is complete.

    Raises:
        TypeError: a value of another type; the message says where.

    >>> import ndgrad as nd, tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nd.save({"w": nd.ones(2), "step": 3}, os.path.join(folder, "a.safetensors"))
    ...     nd.load(os.path.join(folder, "a.safetensors"))
    {'w': tensor([1., 1.]), 'step': 3}
    """
    if not isinstance(obj, Mapping):
        raise TypeError(f"save takes a dictionary of tensors, got {type(obj).__name__}; write {{'name': tensor}}")
    tensors: dict[str, Tensor] = {}
    structure = _described(obj, (), tensors)
    texts = {}
    if not all(isinstance(key, str) and isinstance(value, Tensor) for key, value in obj.items()):
        import json

        texts[_STRUCTURE] = json.dumps(structure)
    _replace_file(os.fspath(path), _serialized(tensors, texts))


def _described(obj: Any, where: tuple[Any, ...], tensors: dict[str, Tensor]) -> Any:
    """``obj`` as JSON data; its tensors go to ``tensors``, and their names stand in their places."""
    if isinstance(obj, Tensor):
        name = base = ".".join(map(str, where))
        while name in tensors:  # {"a.b": ..., "a": {"b": ...}}
            name = f"{base}#{len(tensors)}"
        tensors[name] = obj
        return {_TENSOR: name}
    if isinstance(obj, Mapping):
        pairs = [[key, _described(value, (*where, key), tensors)] for key, value in obj.items()]
        for key, _ in pairs:
            _check_plain(key, where, "key")
        return {_ITEMS: pairs}
    if isinstance(obj, (list, tuple)):
        parts = [_described(value, (*where, i), tensors) for i, value in enumerate(obj)]
        return {_TUPLE: parts} if isinstance(obj, tuple) else parts
    _check_plain(obj, where, "value")
    return obj


def _check_plain(obj: Any, where: tuple[Any, ...], role: str) -> None:
    if obj is not None and type(obj) not in (bool, int, float, str):
        raise TypeError(
            f"save: the {role} at {'.'.join(map(str, where)) or 'the top'} is a {type(obj).__name__}; files hold "
            "tensors, numbers, strings, None, and dictionaries, lists and tuples of them"
        )


def _serialized(tensors: dict[str, Tensor], metadata: dict[str, str]) -> list[bytes]:
    """The parts of the file: the length of the header, the header, and each tensor's bytes."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    for name, x in tensors.items():
        if x.dtype not in _NAMES:
            raise TypeError(f"save: safetensors cannot hold the dtype {x.dtype.name} of {name}; save its real and imag")
        header[name] = {"dtype": _NAMES[x.dtype], "shape": x.shape}
    parts, end = [], 0
    # Larger items first, so that each tensor begins at a multiple of its item size.
    for name, x in sorted(tensors.items(), key=lambda item: -item[1].itemsize):
        parts.append(x._spec.backend.to_bytes(x._data))
        start, end = end, end + len(parts[-1])
        header[name]["data_offsets"] = [start, end]
    import json

    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [len(text).to_bytes(8, "little"), text, *parts]


def _replace_file(path: str, parts: list[bytes]) -> None:
    """Write under another name beside ``path``, then rename: a reader finds the old file or the new one."""
    folder, name = os.path.split(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"save: {path} is a folder; name a file in it")
    if not os.path.isdir(folder or "."):
        raise FileNotFoundError(f"save: there is no folder {folder}; make it with os.makedirs({folder!r})")
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


# -- reading -----------------------------------------------------------------------------------------------------------


def load(path: str | os.PathLike[str], device: Any = None) -> dict[str, Any]:
    """What :func:`save` wrote, or the tensors of any safetensors file, on ``device``.

    Args:
        path: the file.
        device: where the tensors are made; by default the default device.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is truncated, damaged, or of another format. Nothing of it is returned then.
    """
    import json

    from safetensors import SafetensorError, deserialize

    with open(path, "rb") as file:
        data = file.read()
    try:
        entries = dict(deserialize(data))  # type: ignore[no-untyped-call]
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    except (SafetensorError, ValueError) as error:
        reason = _foreign(data) or error
        raise ValueError(f"{os.fspath(path)} is no complete safetensors file ({len(data)} bytes): {reason}") from error
    metadata = header.pop("__metadata__", {})
    unknown = {f"{entry['dtype']} ({name})" for name, entry in entries.items() if entry["dtype"] not in _DTYPES}
    if unknown:
        raise ValueError(f"{os.fspath(path)} holds tensors of dtypes that ndgrad lacks: {', '.join(sorted(unknown))}")
    tensors = {}
    for name in header:  # in the order in which they were saved
        entry = entries[name]
        tensors[name] = from_bytes(entry["data"], _DTYPES[entry["dtype"]], tuple(entry["shape"]), device)
    if _STRUCTURE not in metadata:
        return tensors
    try:
        restored: dict[str, Any] = _restored(json.loads(metadata[_STRUCTURE]), tensors)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{os.fspath(path)}: the entry {_STRUCTURE!r} of its metadata is damaged: {error}") from error
    return restored


def _foreign(data: bytes) -> str | None:
    """What a file of another format is, by its first bytes, and how its tensors get here."""
    if data.startswith(b"\x93NUMPY") or (data.startswith(b"PK") and b".npy" in data[:200]):
        return "it is one of NumPy's; write nd.asarray(numpy.load(path)) for each of its arrays"
    if data.startswith((b"PK", b"\x80")):
        return (
            "it looks like a pickle, which ndgrad never executes; with PyTorch, write "
            "safetensors.torch.save_file(torch.load(path), new_path)"
        )
    return None


def _restored(structure: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(structure, list):
        return [_restored(part, tensors) for part in structure]
    if isinstance(structure, dict):
        if _TENSOR in structure:
            return tensors[structure[_TENSOR]]
        if _TUPLE in structure:
            return tuple(_restored(part, tensors) for part in structure[_TUPLE])
        return {key: _restored(value, tensors) for key, value in structure[_ITEMS]}
    return structure
