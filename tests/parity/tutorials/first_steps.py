"""First steps: gradients by hand, a function of one's own, modules, data loaders."""

from __future__ import annotations

import copy
import itertools
import math

from shared import classes, normal, program, train


@program
def tensors_and_autograd(lib):
    """Learning PyTorch with examples: a polynomial of third order by hand."""
    x = lib.t.linspace(-math.pi, math.pi, 200)
    y = lib.t.sin(x)
    a, b, c, d = (lib.t.tensor(v, requires_grad=True) for v in (0.1, -0.2, 0.3, 0.05))
    losses = []
    for _ in range(20):
        loss = (a + b * x + c * x**2 + d * x**3 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with lib.t.no_grad():
            for p in (a, b, c, d):
                p -= 1e-6 * p.grad
                p.grad = None
    return losses


@program
def a_function_of_ones_own(lib):
    """Learning PyTorch with examples: a Legendre polynomial with its own backward pass."""

    class LegendrePolynomial3(lib.t.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return 0.5 * (5 * input**3 - 3 * input)

        @staticmethod
        def backward(ctx, grad_output):
            (input,) = ctx.saved_tensors
            return grad_output * 1.5 * (5 * input**2 - 1)

    x = lib.t.linspace(-math.pi, math.pi, 100)
    a, b, c, d = (lib.t.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))
    losses = []
    for _ in range(10):
        y = a + b * LegendrePolynomial3.apply(c + d * x)
        loss = (y - lib.t.sin(x)).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with lib.t.no_grad():
            for p in (a, b, c, d):
                p -= 5e-6 * p.grad
                p.grad = None
    return losses


@program
def control_flow_and_shared_weights(lib):
    """Learning PyTorch with examples: the order of the polynomial changes from call to call."""

    class DynamicNet(lib.nn.Module):
        def __init__(self):
            super().__init__()
            for name, value in zip("abcde", (0.1, 0.2, -0.1, 0.02, 0.001), strict=True):
                setattr(self, name, lib.nn.Parameter(lib.t.tensor(value)))

        def forward(self, x, last):
            y = self.a + self.b * x + self.c * x**2 + self.d * x**3
            for exp in range(4, last):
                y = y + self.e * x**exp
            return y

        def string(self):
            return f"y = {self.a.item()} + {self.b.item()} x"

    x = lib.t.linspace(-1, 1, 50)
    model = DynamicNet()
    criterion = lib.nn.MSELoss(reduction="sum")
    optimizer = lib.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    orders = itertools.cycle([4, 5, 6])
    losses = train(lib, model, optimizer, lambda: criterion(model(x, next(orders)), lib.t.sin(x)), 9)
    assert model.string().startswith("y = ")
    return losses


@program
def quickstart(lib):
    """Learn the basics: a data loader, a training loop with metrics, saving and loading."""

    class NeuralNetwork(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.flatten = lib.nn.Flatten()
            self.linear_relu_stack = lib.nn.Sequential(
                lib.nn.Linear(8 * 8, 32), lib.nn.ReLU(), lib.nn.Linear(32, 32), lib.nn.ReLU(), lib.nn.Linear(32, 10)
            )

        def forward(self, x):
            return self.linear_relu_stack(self.flatten(x))

    dataset = lib.data.TensorDataset(normal(lib, 40, 1, 8, 8), classes(lib, 10, 40))
    loader = lib.data.DataLoader(dataset, batch_size=16)
    model = lib.adopt(NeuralNetwork().to("cpu"))
    loss_fn = lib.nn.CrossEntropyLoss()
    optimizer = lib.optim.SGD(model.parameters(), lr=1e-1)
    results = []
    for _ in range(2):
        model.train()
        for X, y in loader:
            loss = loss_fn(model(X.to("cpu")), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            results.append(loss.item())
        model.eval()
        size, correct = len(loader.dataset), 0
        with lib.t.no_grad():
            for X, y in loader:
                pred = model(X)
                correct += (pred.argmax(1) == y).type(lib.t.float).sum().item()
        results.append(correct / size)
    again = NeuralNetwork()
    again.load_state_dict(copy.deepcopy(model.state_dict()))
    probabilities = lib.nn.Softmax(dim=1)(again(normal(lib, 3, 8, 8)))
    return [*results, *probabilities.argmax(1), probabilities.sum()]


@program
def blitz_lenet(lib):
    """60-minute blitz: a convolutional network, gradients by hand, and its classes' accuracy."""

    class Net(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = lib.nn.Conv2d(3, 6, 5)
            self.pool = lib.nn.MaxPool2d(2, 2)
            self.conv2 = lib.nn.Conv2d(6, 16, 5)
            self.fc1 = lib.nn.Linear(16 * 5 * 5, 120)
            self.fc2 = lib.nn.Linear(120, 10)

        def forward(self, x):
            x = self.pool(lib.F.relu(self.conv1(x)))
            x = self.pool(lib.F.relu(self.conv2(x)))
            x = lib.t.flatten(x, 1)
            return self.fc2(lib.F.relu(self.fc1(x)))

        def num_flat_features(self, x):
            return math.prod(x.shape[1:])

    net = lib.adopt(Net())
    images, labels = normal(lib, 4, 3, 32, 32), classes(lib, 10, 4)
    assert net.num_flat_features(images) == 3 * 32 * 32
    net.zero_grad()
    loss = lib.nn.CrossEntropyLoss()(net(images), labels)
    loss.backward()
    before = net.conv1.bias.grad.norm()
    for f in net.parameters():
        f.data.sub_(f.grad.data * 0.01)
    optimizer = lib.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    losses = train(lib, net, optimizer, lambda: lib.nn.CrossEntropyLoss()(net(images), labels))
    values = lib.t.max(net(images).data, 1)  # the standard's max has no indices
    predicted = net(images).data.argmax(1)
    values = getattr(values, "values", values)
    return [loss, before, *losses, values.sum(), (predicted == labels).sum()]


@program
def what_is_nn(lib):
    """What is torch.nn really: from arrays to modules, datasets and loaders."""
    x_train, y_train = normal(lib, 64, 20), classes(lib, 5, 64)
    weights = (normal(lib, 20, 5, seed=1) / math.sqrt(20)).requires_grad_()
    bias = lib.t.zeros(5, requires_grad=True)

    def log_softmax(x):
        return x - x.exp().sum(-1).log().unsqueeze(-1)

    def nll(input, target):
        return -input[range(target.shape[0]), target].mean()

    results = []
    for epoch in range(2):
        for i in range((64 - 1) // 16 + 1):
            xb, yb = x_train[i * 16 : i * 16 + 16], y_train[i * 16 : i * 16 + 16]
            loss = nll(log_softmax(xb @ weights + bias), yb)
            loss.backward()
            with lib.t.no_grad():
                weights -= weights.grad * 0.5
                bias -= bias.grad * 0.5
                weights.grad.zero_()
                bias.grad.zero_()
            results.append(loss.item() + epoch)

    class Lambda(lib.nn.Module):
        def __init__(self, func):
            super().__init__()
            self.func = func

        def forward(self, x):
            return self.func(x)

    model = lib.adopt(
        lib.nn.Sequential(
            Lambda(lambda x: x.view(-1, 1, 4, 5)), lib.nn.Conv2d(1, 8, kernel_size=3, stride=2, padding=1),
            lib.nn.ReLU(), lib.nn.AdaptiveAvgPool2d(1), Lambda(lambda x: x.view(x.shape[0], -1)),
            lib.nn.Linear(8, 5),
        )
    )  # fmt: skip
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return results + train(lib, model, optimizer, lambda: lib.F.cross_entropy(model(x_train), y_train))
