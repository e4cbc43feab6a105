"""``nox -s demo``: what the script leaves behind, and what it says to arguments that it cannot use."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import ndgrad as nd

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "digits.py"


@pytest.fixture(scope="module")
def digits() -> ModuleType:
    spec = importlib.util.spec_from_file_location("digits", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_writes_two_pictures_and_a_checkpoint(digits, tmp_path, capsys):
    assert digits.main(["--epochs", "1", "--out", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.safetensors", "loss.png", "predictions.png"]
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in ("loss.png", "predictions.png"))
    assert set(nd.load(tmp_path / "digits.safetensors")) == set(digits.DigitNet().state_dict())
    assert "held-out accuracy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "--epochs must be at least 1, got 0"),
        (["--seed", "-1"], "--seed must be from 0 to 2**32 - 1, got -1"),
        (["--device", "nonsense"], "--device: unknown device 'nonsense'; the installed backends are"),
        (["--device", "cpu:9"], "--device: no device 'cpu:9'; the cpu devices are cpu"),
        (["--out", str(SCRIPT)], f"--out: cannot write to {SCRIPT}: "),
    ],
)
def test_it_refuses_before_it_trains(digits, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(digits, "train", None)
    with pytest.raises(SystemExit) as exit:
        digits.main(arguments)
    assert exit.value.code == 2
    assert message in capsys.readouterr().err


def test_an_interrupted_write_leaves_the_old_file(digits, tmp_path):
    path = tmp_path / "loss.png"
    path.write_text("before")

    def interrupted(unfinished: Path) -> None:
        unfinished.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        digits.write_whole(path, interrupted)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
