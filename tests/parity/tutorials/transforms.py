"""Gradients as functions: per sample, of ensembles, second derivatives, gradients of gradients."""

from __future__ import annotations

from shared import classes, normal, program, train


@program
def per_sample_gradients(lib):
    model = lib.adopt(lib.nn.Sequential(lib.nn.Linear(5, 6), lib.nn.ReLU(), lib.nn.Linear(6, 3)))
    data, targets = normal(lib, 4, 5), classes(lib, 3, 4)
    params = {k: v.detach() for k, v in model.named_parameters()}
    buffers = {k: v.detach() for k, v in model.named_buffers()}

    def compute_loss(params, buffers, sample, target):
        predictions = lib.func.functional_call(model, (params, buffers), (sample.unsqueeze(0),))
        return lib.F.cross_entropy(predictions, target.unsqueeze(0))

    ft_compute_sample_grad = lib.func.vmap(lib.func.grad(compute_loss), in_dims=(None, None, 0, 0))
    grads = ft_compute_sample_grad(params, buffers, data, targets)
    return [g.pow(2).sum() for g in grads.values()] + [g[2].sum() for g in grads.values()]


@program
def model_ensembling(lib):
    models = [lib.adopt(lib.nn.Sequential(lib.nn.Linear(5, 6), lib.nn.ReLU(), lib.nn.Linear(6, 3))) for _ in range(3)]
    params, buffers = lib.func.stack_module_state(models)
    base = models[0]

    def fmodel(params, buffers, x):
        return lib.func.functional_call(base, (params, buffers), (x,))

    x = normal(lib, 3, 7, 5)
    each_its_own = lib.func.vmap(fmodel)(params, buffers, x)
    all_the_same = lib.func.vmap(fmodel, in_dims=(0, 0, None))(params, buffers, x[0])
    assert lib.t.allclose(each_its_own[1], models[1](x[1]))
    return [each_its_own.sum(), all_the_same.pow(2).sum()]


@program
def jacobians_and_hessians(lib):
    weight, bias, x = normal(lib, 4, 4), normal(lib, 4, seed=1), normal(lib, 4, seed=2)

    def predict(weight, bias, x):
        return lib.F.linear(x, weight, bias).tanh()

    ft_jacobian = lib.func.jacrev(predict, argnums=2)(weight, bias, x)
    forward = lib.func.jacfwd(predict, argnums=2)(weight, bias, x)
    hessian = lib.func.hessian(lambda x: predict(weight, bias, x).sum())(x)
    product = lib.func.jvp(lib.func.grad(lambda x: predict(weight, bias, x).sum()), (x,), (bias,))[1]
    pulled = lib.func.vjp(lambda x: predict(weight, bias, x), x)[1](bias)[0]
    return [ft_jacobian.sum(), (forward - ft_jacobian).abs().max(), hessian.pow(2).sum(), product.sum(), pulled.sum()]


@program
def gradient_penalty(lib):
    """Double backward: a critic whose gradient is to have norm 1, as in WGAN-GP."""
    critic = lib.adopt(lib.nn.Sequential(lib.nn.Linear(5, 8), lib.nn.Softplus(), lib.nn.Linear(8, 1)))

    def loss():
        x = normal(lib, 6, 5).requires_grad_(True)
        scores = critic(x)
        grads = lib.t.autograd.grad(
            outputs=scores, inputs=x, grad_outputs=lib.t.ones_like(scores), create_graph=True, retain_graph=True
        )[0]
        return ((grads.norm(2, dim=1) - 1) ** 2).mean() * 10 + scores.mean()

    return train(lib, critic, lib.optim.Adam(critic.parameters(), lr=1e-2, betas=(0.0, 0.9)), loss)


@program
def learning_to_learn(lib):
    """MAML: a step of gradient descent on copies of the weights, differentiated through."""
    model = lib.adopt(lib.nn.Sequential(lib.nn.Linear(1, 8), lib.nn.Tanh(), lib.nn.Linear(8, 1)))
    x = lib.t.linspace(-2, 2, 10).reshape(-1, 1)
    tasks = [lib.t.sin(x + phase) for phase in (0.0, 1.0)]

    def meta_loss():
        total = 0.0
        params = dict(model.named_parameters())
        for y in tasks:
            loss = lib.F.mse_loss(lib.func.functional_call(model, params, (x,)), y)
            grads = lib.t.autograd.grad(loss, list(params.values()), create_graph=True)
            adapted = {k: p - 0.1 * g for (k, p), g in zip(params.items(), grads, strict=True)}
            total = total + lib.F.mse_loss(lib.func.functional_call(model, adapted, (x,)), y)
        return total / len(tasks)

    return train(lib, model, lib.optim.Adam(model.parameters(), lr=1e-2), meta_loss)
