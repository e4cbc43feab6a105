"""Other losses and ways to learn: pairs, triplets, distillation, reinforcement."""

from __future__ import annotations

import copy

from shared import classes, normal, program, train


@program
def siamese_networks(lib):
    """Pairs and triplets: contrastive loss by hand, and the library's."""
    net = lib.adopt(lib.nn.Sequential(lib.nn.Linear(6, 8), lib.nn.PReLU(), lib.nn.Linear(8, 4)))
    a, b, c = (normal(lib, 5, 6, seed=s) for s in range(3))
    same = lib.t.tensor([1.0, 0.0, 1.0, 0.0, 1.0])

    def contrastive():
        distance = lib.F.pairwise_distance(net(a), net(b))
        apart = lib.t.clamp(1.0 - distance, min=0.0)
        return (same * distance.pow(2) + (1 - same) * apart.pow(2)).mean()

    def triplets():
        angle = lib.nn.CosineEmbeddingLoss(margin=0.2)(net(a), net(b), same * 2 - 1)
        return lib.nn.TripletMarginLoss(margin=1.0)(net(a), net(b), net(c)) + angle

    optimizer = lib.optim.Adam(net.parameters(), lr=1e-2)
    return train(lib, net, optimizer, contrastive) + train(lib, net, optimizer, triplets)


@program
def contrastive_pretraining(lib):
    """SimCLR's loss: normalised embeddings, a masked diagonal, cross entropy of similarities."""
    encoder = lib.adopt(lib.nn.Linear(6, 4))
    x = lib.t.cat([normal(lib, 4, 6), normal(lib, 4, 6, seed=1)], dim=0)

    def info_nce():
        z = lib.F.normalize(encoder(x), dim=1)
        similar = z @ z.T
        labels = lib.t.cat([lib.t.arange(4) for _ in range(2)], dim=0)
        positive = (labels.unsqueeze(0) == labels.unsqueeze(1)).double()
        rest = ~lib.t.eye(8, dtype=lib.t.bool)
        positive, similar = positive[rest].view(8, -1), similar[rest].view(8, -1)
        logits = lib.t.cat([similar[positive.bool()].view(8, -1), similar[~positive.bool()].view(8, -1)], dim=1) / 0.07
        return lib.nn.CrossEntropyLoss()(logits, lib.t.zeros(8, dtype=lib.t.long))

    return train(lib, encoder, lib.optim.SGD(encoder.parameters(), lr=0.1), info_nce)


@program
def knowledge_distillation(lib):
    teacher, student = (lib.adopt(lib.nn.Linear(6, 4)) for _ in range(2))
    x, y = normal(lib, 8, 6), classes(lib, 4, 8)
    T = 2.0

    def loss():
        with lib.t.no_grad():
            soft_targets = lib.F.softmax(teacher(x) / T, dim=-1)
        logits = student(x)
        soft_prob = lib.F.log_softmax(logits / T, dim=-1)
        soft = lib.t.sum(soft_targets * (soft_targets.log() - soft_prob)) / soft_prob.shape[0] * T**2
        kl = lib.nn.KLDivLoss(reduction="batchmean")(soft_prob, soft_targets)
        return 0.25 * soft + 0.25 * kl + 0.5 * lib.F.cross_entropy(logits, y)

    return train(lib, student, lib.optim.Adam(student.parameters(), lr=1e-2), loss)


@program
def policy_gradient_by_hand(lib):
    """REINFORCE: log-probabilities of the actions taken, discounted and normalised returns."""
    policy = lib.adopt(lib.nn.Sequential(lib.nn.Linear(4, 8), lib.nn.ReLU(), lib.nn.Linear(8, 2)))
    states, actions = normal(lib, 10, 4), classes(lib, 2, 10)
    returns, R = [], 0.0
    for r in [1.0] * 10:
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = lib.t.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std(correction=1) + 1e-9)

    def loss():
        log_probs = lib.F.log_softmax(policy(states), dim=1)
        taken = log_probs.gather(1, actions.unsqueeze(1)).squeeze(1)
        entropy = -(log_probs.exp() * log_probs).sum(1).mean()
        return (-taken * returns).sum() - 0.01 * entropy

    return train(lib, policy, lib.optim.Adam(policy.parameters(), lr=1e-2), loss)


@program
def deep_q_learning(lib):
    """DQN: a target network that follows slowly, masked next values, Huber loss, clipped gradients."""
    policy_net = lib.adopt(lib.nn.Sequential(lib.nn.Linear(4, 8), lib.nn.ReLU(), lib.nn.Linear(8, 2)))
    target_net = copy.deepcopy(policy_net)
    target_net.load_state_dict(policy_net.state_dict())
    state, action, reward = normal(lib, 6, 4), classes(lib, 2, 6, 1), normal(lib, 6, seed=1)
    non_final = lib.t.tensor([True, True, False, True, False, True])
    following = normal(lib, 4, 4, seed=2)
    optimizer = lib.optim.AdamW(policy_net.parameters(), lr=1e-2, amsgrad=True)
    losses = []
    for _ in range(4):
        values = policy_net(state).gather(1, action)
        next_values = lib.t.zeros(6)
        with lib.t.no_grad():
            best = target_net(following)
            next_values[non_final] = best.amax(1)
        loss = lib.nn.SmoothL1Loss()(values, (next_values * 0.9 + reward).unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        lib.utils.clip_grad_value_(policy_net.parameters(), 100)
        optimizer.step()
        slow, quick = target_net.state_dict(), policy_net.state_dict()
        for key in quick:
            slow[key] = quick[key] * 0.1 + slow[key] * 0.9
        target_net.load_state_dict(slow)
        losses.append(loss.item())
    return losses
