"""Optimisers and learning-rate schedules, with PyTorch's names, defaults and ``state_dict`` keys.

>>> import ndgrad as nd
>>> from ndgrad import nn, optim
>>> model = nn.Linear(2, 1)
>>> optimizer = optim.Adam(model.parameters(), lr=0.01)
>>> optimizer.zero_grad()
>>> model(nd.ones((4, 2))).sum().backward()
>>> optimizer.step()
"""

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
    "LBFGS", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "Optimizer", "RAdam", "RMSprop",
    "lr_scheduler", "update_rule",
]  # fmt: skip
