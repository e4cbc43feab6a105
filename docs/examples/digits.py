"""Teach a small convolutional network to read handwritten digits, in well under a minute on two CPU cores.

The digits are the 1,797 scans of 8x8 pixels that ship inside scikit-learn (`sklearn.datasets.load_digits`). Four fifths
train the network; the rest are held out, and the accuracy at the end is measured on them alone.

    python docs/examples/digits.py
    python docs/examples/digits.py --device cuda --epochs 20 --seed 1 --out /tmp/digits
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")  # draws into files, so the demo runs on a machine without a screen
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import ndgrad as nd
from ndgrad import nn, optim
from ndgrad.data import DataLoader, TensorDataset

BATCH_SIZE = 64
LEARNING_RATE = 1e-3
SHIFTS = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]  # in pixels: as scanned, right, left, down, up


class DigitNet(nn.Module):
    """Two convolutions see strokes, pooling forgets where exactly they were, two linear layers name the digit."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.25),
            nn.Linear(32 * 4 * 4, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
        )

    def forward(self, images: nd.Tensor) -> nd.Tensor:
        """Score each of ten digits for every image: (batch, 1, 8, 8) float32 to (batch, 10) logits."""
        return self.classifier(self.features(images))


class Split(NamedTuple):
    """Images of shape (n, 1, 8, 8), float32 in [0, 1], and their labels of shape (n,), int64."""

    images: np.ndarray
    labels: np.ndarray


def load_split(seed: int) -> tuple[Split, Split]:
    """The digits to train on and the held-out fifth, each with every digit in the same proportion."""
    pixels, labels = load_digits(return_X_y=True)
    images = (pixels / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels.astype(np.int64), test_size=0.2, stratify=labels, random_state=seed
    )
    return Split(train_images, train_labels), Split(test_images, test_labels)


def with_shifts(split: Split) -> Split:
    """Every digit five times: as scanned and moved by one pixel each way, because a shifted 7 is still a 7."""
    padded = np.pad(split.images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    moved = [padded[:, :, 1 - down : 9 - down, 1 - right : 9 - right] for down, right in SHIFTS]
    return Split(np.concatenate(moved), np.tile(split.labels, len(SHIFTS)))


def train(model: nn.Module, split: Split, *, epochs: int, device: str) -> list[float]:
    """Train the model in place with Adam on the cross-entropy; return the loss of every step."""
    dataset = TensorDataset(nd.asarray(split.images), nd.asarray(split.labels))
    batches = DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    optimiser = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    losses: list[float] = []

    model.train()
    for epoch in range(1, epochs + 1):
        seen = correct = 0
        progress = tqdm(batches, desc=f"epoch {epoch}/{epochs}", unit="batch")
        for images, labels in progress:
            images, labels = images.to(device), labels.to(device)
            optimiser.zero_grad()
            logits = model(images)
            loss = criterion(logits, labels)
            loss.backward()
            optimiser.step()

            losses.append(loss.item())
            seen += len(labels)
            correct += int((nd.argmax(logits, axis=1) == labels).sum())
            progress.set_postfix(loss=f"{losses[-1]:.3f}", accuracy=f"{correct / seen:.3f}", refresh=False)
    return losses


def predict(model: nn.Module, images: np.ndarray, *, device: str) -> np.ndarray:
    """The digit that the model sees in each image, as an int64 array of shape (n,)."""
    model.eval()
    with nd.no_grad():
        logits = model(nd.asarray(images).to(device))
    return np.asarray(nd.argmax(logits, axis=1).to("cpu"))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file and rename it, so that Ctrl-C leaves the whole file or none."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        write(unfinished)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def draw_loss(losses: Sequence[float]) -> plt.Figure:
    """The loss of every step, and its mean over the 50 around it as the line to look at."""
    window = min(50, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
    middles = np.arange(len(smooth)) + (window + 1) / 2
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    axes.plot(np.arange(1, len(losses) + 1), losses, color="0.85", linewidth=0.8, label="each step")
    axes.plot(middles, smooth, color="tab:blue", linewidth=2, label=f"mean of {window} steps")
    axes.set(xlabel="training step", ylabel="cross-entropy", yscale="log", title="Learning to read digits")
    axes.yaxis.set_major_formatter("{x:g}")  # 0.1 in place of 10 to the -1
    axes.grid(axis="y", color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0)
    axes.legend(frameon=False)
    return figure


def draw_predictions(split: Split, predicted: np.ndarray, *, rows: int = 6, columns: int = 10) -> plt.Figure:
    """A grid of held-out digits under what the model took them for; its errors come first, in red."""
    wrong = predicted != split.labels
    shown = np.argsort(~wrong, kind="stable")[: rows * columns]
    figure, grid = plt.subplots(rows, columns, figsize=(columns, 1.25 * rows), layout="constrained")
    for axes in grid.flat:
        axes.axis("off")
    for axes, index in zip(grid.flat, shown, strict=False):
        axes.imshow(split.images[index, 0], cmap="gray_r", vmin=0, vmax=1)
        if wrong[index]:
            axes.set_title(f"{predicted[index]}, is {split.labels[index]}", color="tab:red", fontsize=9)
        else:
            axes.set_title(str(predicted[index]), fontsize=9)
    figure.suptitle(f"What the model reads: {wrong.sum()} of {len(wrong)} held-out digits wrong (red)")
    return figure


def reload(path: Path, *, device: str) -> nn.Module:
    """A new model, which has seen no digit, with the weights of the checkpoint."""
    model = DigitNet().to(device)
    model.load_state_dict(nd.load(path))
    return model


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line of this script."""
    parser = argparse.ArgumentParser(description="Train a small CNN on scikit-learn's handwritten digits.")
    parser.add_argument("--device", default="cpu", help="where to train: cpu, cuda, cuda:1, ... (default: cpu)")
    parser.add_argument("--epochs", type=int, default=8, help="passes over the training digits (default: 8)")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the weights and the order (default: 0)")
    parser.add_argument("--out", type=Path, default=Path("digits-out"), help="folder to write to (default: digits-out)")
    arguments = parser.parse_args(argv)
    for problem in problems(arguments):
        parser.error(problem)  # before the training, not after it
    return arguments


def problems(arguments: argparse.Namespace) -> Iterator[str]:
    """What would stop the script, each as a sentence that names the argument; makes the folder to write to."""
    if arguments.epochs < 1:
        yield f"--epochs must be at least 1, got {arguments.epochs}"
    if not 0 <= arguments.seed < 2**32:
        yield f"--seed must be from 0 to 2**32 - 1, got {arguments.seed}"
    try:
        nd.asarray(0).to(arguments.device)
    except (nd.DeviceError, ValueError) as error:
        yield f"--device: {error}"
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=arguments.out).close()
    except OSError as error:
        yield f"--out: cannot write to {arguments.out}: {error.strerror}"


def main(argv: Sequence[str] | None = None) -> int:
    """Train, measure, draw, save, and prove that the saved model is the trained one."""
    arguments = parse_arguments(argv)
    device, out = arguments.device, arguments.out
    training_split, held_out = load_split(arguments.seed)

    nd.manual_seed(arguments.seed)
    model = DigitNet().to(device)
    print(model)
    started = time.perf_counter()
    losses = train(model, with_shifts(training_split), epochs=arguments.epochs, device=device)
    seconds = time.perf_counter() - started

    predicted = predict(model, held_out.images, device=device)
    correct = int((predicted == held_out.labels).sum())
    accuracy = correct / len(predicted)

    curve, grid, checkpoint = out / "loss.png", out / "predictions.png", out / "digits.safetensors"
    write_whole(curve, lambda path: draw_loss(losses).savefig(path, format="png", dpi=120))
    write_whole(grid, lambda path: draw_predictions(held_out, predicted).savefig(path, format="png", dpi=120))
    nd.save(model.state_dict(), checkpoint)  # as careful by itself: it too renames a finished file

    again = predict(reload(checkpoint, device=device), held_out.images, device=device)
    if not np.array_equal(again, predicted):
        raise RuntimeError(f"the model reloaded from {checkpoint} predicts differently from the one that was saved")

    print(f"\nheld-out accuracy  {accuracy:.4f}  ({correct} of {len(predicted)} digits never seen in training)")
    print(f"training           {seconds:.1f} s for {arguments.epochs} epochs on {device}")
    print(f"loss curve         {curve}")
    print(f"predictions        {grid}")
    print(f"checkpoint         {checkpoint}  (reloaded into a new model: the same accuracy, {accuracy:.4f})")
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit("\nstopped before the end; no file is left half-written") from None
