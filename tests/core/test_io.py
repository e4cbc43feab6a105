"""Checkpoint files: what comes back, and what a damaged or foreign file gets."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

import ndgrad as nd
from ndgrad import io

DTYPES = [*nd.__array_namespace_info__().dtypes().values(), nd.float16, nd.bfloat16]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, nd.Tensor):
        return isinstance(b, nd.Tensor) and (a.dtype, a.shape, a.tolist()) == (b.dtype, b.shape, b.tolist())
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


SAVED = {
    "nothing": {},
    "state_dict": {"1.weight": nd.ones((2, 3)), "0.bias": nd.zeros(0), "steps": nd.asarray(7)},
    "every dtype": {d.name: nd.asarray([[0, 1]], dtype=d) for d in DTYPES if d != nd.complex128},
    "not contiguous": {"x": nd.arange(6).reshape((2, 3)).T, "y": nd.arange(4)[::-2]},
    "optimiser": {
        "state": {0: {"step": 3, "exp_avg": nd.ones(2)}, 1: {}},
        "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999), "params": [0, 1], "foreach": None, "max": True}],
    },
    "names that meet": {"a.b": nd.zeros(1), "a": {"b": nd.ones(1)}},
    "infinite number": {"best": float("inf"), "x": nd.ones(1)},
}


@pytest.mark.parametrize("case", SAVED)
def test_what_is_saved_comes_back(case: str, tmp_path: Path) -> None:
    nd.save(SAVED[case], tmp_path / "a.safetensors")
    assert same(SAVED[case], nd.load(tmp_path / "a.safetensors", device="cpu"))


def test_a_state_dict_is_a_plain_safetensors_file(tmp_path: Path) -> None:
    nd.save(SAVED["state_dict"], tmp_path / "a.safetensors")
    assert {k: v.tolist() for k, v in load_file(tmp_path / "a.safetensors").items()} == {
        k: v.tolist() for k, v in SAVED["state_dict"].items()
    }


def test_a_leaf_is_saved_by_value(tmp_path: Path) -> None:
    nd.save({"w": nd.ones(2, requires_grad=True)}, tmp_path / "a")
    assert not nd.load(tmp_path / "a")["w"].requires_grad


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        ([nd.ones(1)], "dictionary"),
        ({"a": {"b": object()}}, r"value at a\.b is a object"),
        ({"a": {(1, 2): 3}}, "key at a is a tuple"),
        ({"z": nd.ones(1, dtype=nd.complex128)}, "complex128"),
    ],
)
def test_what_files_cannot_hold_is_refused_and_nothing_is_written(obj: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=words):
        nd.save(obj, tmp_path / "a")
    assert not os.listdir(tmp_path)


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "whole"
    nd.save({"a": nd.arange(3), "b": 1}, path)
    data = path.read_bytes()
    for n in range(len(data)):
        path.write_bytes(data[:n])
        with pytest.raises(ValueError, match="whole"):
            nd.load(path)


def header(**tensors: Any) -> bytes:
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text


FOREIGN = {
    "zip": b"PK\x03\x04" * 50,
    "text": b"hello world, this is no checkpoint",
    "trailing bytes": header(a={"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}) + bytes(8),
    "shape that does not fit": header(a={"dtype": "F32", "shape": [3], "data_offsets": [0, 4]}) + bytes(4),
    "unknown dtype": header(a={"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}) + bytes(4),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_is_refused_by_name(case: str, tmp_path: Path) -> None:
    path = tmp_path / "strange.bin"
    path.write_bytes(FOREIGN[case])
    with pytest.raises(ValueError, match=r"strange\.bin.*F8_E4M3" if case == "unknown dtype" else r"strange\.bin"):
        nd.load(path)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    nd.save({"x": nd.zeros(1)}, path)

    def fail(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(io.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        nd.save({"x": nd.ones(1)}, path)
    assert nd.load(path)["x"].tolist() == [0]
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x80\x04\x95", "it looks like a pickle, which ndgrad never executes"),
        (b"PK\x03\x04" + b"archive/data.pkl", "safetensors.torch.save_file"),
        (b"PK\x03\x04" + b"a.npy", "nd.asarray(numpy.load(path))"),
        (b"\x93NUMPY\x01\x00", "nd.asarray(numpy.load(path))"),
    ],
)
def test_files_of_pytorch_and_numpy_are_recognised(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(data + bytes(100))
    with pytest.raises(ValueError, match=re.escape(said)):
        nd.load(path)


@pytest.mark.parametrize("text", ["{bad", '{"$items":[["a",{"$tensor":"absent"}]]}', '{"other": 1}'])
def test_a_damaged_structure_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(header(__metadata__={"ndgrad.structure": text}))
    with pytest.raises(ValueError, match=r"a\.safetensors: the entry 'ndgrad\.structure' of its metadata is damaged"):
        nd.load(path)


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="is a folder; name a file in it"):
        nd.save({"x": nd.zeros(1)}, tmp_path)
    assert os.listdir(tmp_path) == []
