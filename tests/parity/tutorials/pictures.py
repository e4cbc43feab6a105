"""Networks on pictures: residual blocks, segmentation, style."""

from __future__ import annotations

from shared import classes, normal, program, train


@program
def resnet(lib):
    """A small residual network with batch normalisation, and its evaluation."""
    nn = lib.nn

    class BasicBlock(nn.Module):
        def __init__(self, inplanes, planes, stride=1):
            super().__init__()
            self.conv1 = nn.Conv2d(inplanes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.relu = nn.ReLU(inplace=True)
            self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.downsample = None
            if stride != 1 or inplanes != planes:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inplanes, planes, 1, stride, bias=False), nn.BatchNorm2d(planes)
                )

        def forward(self, x):
            identity = x if self.downsample is None else self.downsample(x)
            out = self.relu(self.bn1(self.conv1(x)))
            out = self.bn2(self.conv2(out))
            out += identity
            return self.relu(out)

    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), BasicBlock(8, 8), BasicBlock(8, 16, 2), nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(), nn.Linear(16, 4),
    )  # fmt: skip
    for m in model.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
            nn.init.constant_(m.weight, 1)
            nn.init.constant_(m.bias, 0)
    lib.adopt(model)
    x, y = normal(lib, 8, 3, 8, 8), classes(lib, 4, 8)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4, nesterov=True)
    losses = train(lib, model, optimizer, lambda: lib.F.cross_entropy(model(x), y, label_smoothing=0.1))
    model.eval()
    with lib.t.inference_mode():
        return [*losses, model(x).sum()]


@program
def unet(lib):
    """Segmentation: transposed convolutions, and skips joined along the channels."""
    nn = lib.nn

    def double_conv(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU())

    class UNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.down, self.bottom = double_conv(1, 4), double_conv(4, 8)
            self.pool = nn.MaxPool2d(2)
            self.up = nn.ConvTranspose2d(8, 4, kernel_size=2, stride=2)
            self.smooth = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.join, self.out = double_conv(8, 4), nn.Conv2d(12, 1, 1)

        def forward(self, x):
            skip = self.down(x)
            bottom = self.bottom(self.pool(skip))
            y = self.join(lib.t.cat([skip, self.up(bottom)], dim=1))
            return self.out(lib.t.cat((y, self.smooth(bottom)), 1))

    model = lib.adopt(UNet())
    x, mask = normal(lib, 2, 1, 8, 8), (normal(lib, 2, 1, 8, 8, seed=3) > 0).double()

    def dice_and_cross_entropy():
        logits = model(x)
        p = lib.t.sigmoid(logits)
        dice = 1 - (2 * (p * mask).sum() + 1) / (p.sum() + mask.sum() + 1)
        return nn.BCEWithLogitsLoss()(logits, mask) + dice

    return train(lib, model, lib.optim.RMSprop(model.parameters(), lr=1e-3, momentum=0.9), dice_and_cross_entropy)


@program
def style_of_a_picture(lib):
    """Neural style: Gram matrices of features, and an input that is optimised by L-BFGS."""
    features = lib.adopt(lib.nn.Sequential(lib.nn.Conv2d(3, 4, 3, padding=1), lib.nn.Tanh(), lib.nn.Conv2d(4, 4, 3)))
    for p in features.parameters():
        p.requires_grad_(False)

    def gram_matrix(input):
        a, b, c, d = input.shape
        f = input.view(a * b, c * d)
        return lib.t.mm(f, f.t()).div(a * b * c * d)

    target = gram_matrix(features(normal(lib, 1, 3, 6, 6))).detach()
    image = normal(lib, 1, 3, 6, 6, seed=1).clone().requires_grad_(True)
    optimizer = lib.optim.LBFGS([image], max_iter=5)
    losses = []

    def closure():
        with lib.t.no_grad():
            image.clamp_(-2, 2)
        optimizer.zero_grad()
        loss = lib.F.mse_loss(gram_matrix(features(image)), target) * 1e3
        loss.backward()
        losses.append(loss.item())
        return loss

    for _ in range(2):
        optimizer.step(closure)
    return losses
