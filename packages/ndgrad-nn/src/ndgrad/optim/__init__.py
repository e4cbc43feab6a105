"""Optimisers and learning-rate schedules, with PyTorch's names, defaults and ``state_dict`` keys.

>>> import ndgrad as nd
>>> from ndgrad import nn, optim
>>> model = nn.Linear(2, 1)
>>> optimizer = optim.Adam(model.parameters(), lr=0.01)
>>> optimizer.zero_grad()
>>> model(nd.ones((4, 2))).sum().backward()
>>> optimizer.step()
"""

from importlib import import_module as _import_module
from typing import Any as _Any

from ndgrad.optim import lr_scheduler
from ndgrad.optim.adadelta import Adadelta
from ndgrad.optim.adagrad import Adagrad
from ndgrad.optim.adam import Adam, AdamW
from ndgrad.optim.adamax import Adamax
from ndgrad.optim.lbfgs import LBFGS
from ndgrad.optim.nadam import NAdam
from ndgrad.optim.optimizer import Optimizer
from ndgrad.optim.radam import RAdam
from ndgrad.optim.rmsprop import RMSprop
from ndgrad.optim.sgd import SGD
from ndgrad.optim.update import update_rule

__all__ = [
    "ASGD", "LBFGS", "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Muon", "NAdam", "Optimizer",
    "RAdam", "RMSprop", "Rprop", "lr_scheduler", "swa_utils", "update_rule",
]  # fmt: skip

# Few programs use these: their modules are imported when one is first asked for.
_DEFERRED = {"ASGD": "asgd", "Adafactor": "adafactor", "Muon": "muon", "Rprop": "rprop", "swa_utils": "swa_utils"}


def __getattr__(name: str) -> _Any:
    if name not in _DEFERRED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    module = _import_module(f"{__name__}.{_DEFERRED[name]}")
    found = globals()[name] = getattr(module, name, module)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_DEFERRED})
