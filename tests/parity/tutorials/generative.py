"""Networks that make things: variational, adversarial, diffusion."""

from __future__ import annotations

from shared import classes, normal, program, train


@program
def variational_autoencoder(lib):
    class VAE(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc21, self.fc22 = lib.nn.Linear(16, 12), lib.nn.Linear(12, 3), lib.nn.Linear(12, 3)
            self.fc3, self.fc4 = lib.nn.Linear(3, 12), lib.nn.Linear(12, 16)

        def encode(self, x):
            h1 = lib.F.relu(self.fc1(x))
            return self.fc21(h1), self.fc22(h1)

        def reparameterize(self, mu, logvar, eps):
            std = lib.t.exp(0.5 * logvar)
            return mu + eps * std

        def decode(self, z):
            return lib.t.sigmoid(self.fc4(lib.F.relu(self.fc3(z))))

        def forward(self, x, eps):
            mu, logvar = self.encode(x.view(-1, 16))
            return self.decode(self.reparameterize(mu, logvar, eps)), mu, logvar

    model = lib.adopt(VAE())
    x, eps = lib.t.sigmoid(normal(lib, 8, 1, 4, 4)), normal(lib, 8, 3, seed=1)

    def loss_function():
        recon_x, mu, logvar = model(x, eps)
        bce = lib.F.binary_cross_entropy(recon_x, x.view(-1, 16), reduction="sum")
        kld = -0.5 * lib.t.sum(1 + logvar - mu.pow(2) - logvar.exp())
        return bce + kld

    return train(lib, model, lib.optim.Adam(model.parameters(), lr=1e-2), loss_function)


@program
def dcgan(lib):
    """Two networks, two optimisers, labels in a tensor that is filled anew, detached fakes."""
    nn = lib.nn
    generator = nn.Sequential(
        nn.ConvTranspose2d(5, 8, 4, 1, 0, bias=False), nn.BatchNorm2d(8), nn.ReLU(True),
        nn.ConvTranspose2d(8, 1, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip
    discriminator = nn.Sequential(
        nn.Conv2d(1, 8, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True), nn.Conv2d(8, 1, 4, 1, 0, bias=False),
        nn.Sigmoid(),
    )  # fmt: skip

    def weights_init(m):
        classname = m.__class__.__name__
        if classname.find("Conv") != -1:
            nn.init.normal_(m.weight.data, 0.0, 0.02)
        elif classname.find("BatchNorm") != -1:
            nn.init.normal_(m.weight.data, 1.0, 0.02)
            nn.init.constant_(m.bias.data, 0)

    for net in (generator, discriminator):
        net.apply(weights_init)
        lib.adopt(net)
    criterion = nn.BCELoss()
    optimizers = [lib.optim.Adam(net.parameters(), lr=2e-3, betas=(0.5, 0.999)) for net in (discriminator, generator)]
    real, results = normal(lib, 6, 1, 8, 8), []
    for step in range(3):
        discriminator.zero_grad()
        label = lib.t.full((6,), 1.0)
        errD_real = criterion(discriminator(real).view(-1), label)
        errD_real.backward()
        fake = generator(normal(lib, 6, 5, 1, 1, seed=step))
        label.fill_(0.0)
        errD_fake = criterion(discriminator(fake.detach()).view(-1), label)
        errD_fake.backward()
        optimizers[0].step()
        generator.zero_grad()
        label.fill_(1.0)
        errG = criterion(discriminator(fake).view(-1), label)
        errG.backward()
        optimizers[1].step()
        results += [errD_real.item() + errD_fake.item(), errG.item(), fake.mean().item()]
    return results


@program
def diffusion(lib):
    """A step of denoising diffusion: a schedule in buffers, embedded times, gathered coefficients."""

    class Diffusion(lib.nn.Module):
        def __init__(self, steps=10):
            super().__init__()
            betas = lib.t.linspace(1e-4, 0.2, steps)
            self.register_buffer("alphas_cumprod", lib.t.cumprod(1.0 - betas, dim=0))
            self.time = lib.nn.Embedding(steps, 8)
            self.net = lib.nn.Sequential(lib.nn.Linear(8, 16), lib.nn.SiLU(), lib.nn.Linear(16, 8))

        def forward(self, x0, t, noise):
            a = self.alphas_cumprod.gather(-1, t).reshape(-1, 1)
            xt = a.sqrt() * x0 + (1 - a).sqrt() * noise
            return lib.F.mse_loss(self.net(xt + self.time(t)), noise)

    model = lib.adopt(Diffusion())
    x0, t, noise = normal(lib, 8, 8), classes(lib, 10, 8), normal(lib, 8, 8, seed=1)
    return train(lib, model, lib.optim.AdamW(model.parameters(), lr=1e-2), lambda: model(x0, t, noise))
