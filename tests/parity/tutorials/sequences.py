"""Networks on sequences: recurrent cells, tagging, translation, transformers."""

from __future__ import annotations

import math

from shared import classes, program, train


@program
def char_rnn_by_hand(lib):
    """Names to nationalities: a recurrent cell written out of linear layers, gradients applied by hand."""

    class RNN(lib.nn.Module):
        def __init__(self, input_size, hidden_size, output_size):
            super().__init__()
            self.hidden_size = hidden_size
            self.i2h = lib.nn.Linear(input_size, hidden_size)
            self.h2h = lib.nn.Linear(hidden_size, hidden_size)
            self.h2o = lib.nn.Linear(hidden_size, output_size)
            self.softmax = lib.nn.LogSoftmax(dim=1)

        def forward(self, input, hidden):
            hidden = lib.F.tanh(self.i2h(input) + self.h2h(hidden))
            return self.softmax(self.h2o(hidden)), hidden

        def initHidden(self):
            return lib.t.zeros(1, self.hidden_size)

    rnn = lib.adopt(RNN(7, 12, 3))
    line = lib.F.one_hot(classes(lib, 7, 5, 1), num_classes=7).double()
    criterion, losses = lib.nn.NLLLoss(), []
    for _ in range(4):
        hidden = rnn.initHidden()
        rnn.zero_grad()
        for i in range(line.shape[0]):
            output, hidden = rnn(line[i], hidden)
        loss = criterion(output, classes(lib, 3, 1))
        loss.backward()
        for p in rnn.parameters():
            p.data.add_(p.grad.data, alpha=-0.1)
        losses.append(loss.item())
    return losses


@program
def lstm_tagger(lib):
    class LSTMTagger(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.word_embeddings = lib.nn.Embedding(9, 6)
            self.lstm = lib.nn.LSTM(6, 6)
            self.hidden2tag = lib.nn.Linear(6, 3)

        def forward(self, sentence):
            embeds = self.word_embeddings(sentence)
            lstm_out, _ = self.lstm(embeds.view(len(sentence), 1, -1))
            return lib.F.log_softmax(self.hidden2tag(lstm_out.view(len(sentence), -1)), dim=1)

    model = lib.adopt(LSTMTagger())
    sentence, tags = classes(lib, 9, 5), classes(lib, 3, 5)
    loss_function = lib.nn.NLLLoss()
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1)
    return train(lib, model, optimizer, lambda: loss_function(model(sentence), tags))


@program
def sequence_to_sequence_with_attention(lib):
    """Translation: GRUs, Bahdanau's attention, teacher forcing one token at a time."""
    nn = lib.nn

    class Decoder(nn.Module):
        def __init__(self, hidden, words):
            super().__init__()
            self.embedding = nn.Embedding(words, hidden)
            self.Wa, self.Ua, self.Va = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)
            self.gru = nn.GRU(2 * hidden, hidden, batch_first=True)
            self.out = nn.Linear(hidden, words)

        def forward(self, encoder_outputs, hidden, target):
            outputs, word = [], lib.t.zeros(target.shape[0], 1, dtype=lib.t.long)
            for i in range(target.shape[1]):
                query = hidden.permute(1, 0, 2)
                scores = self.Va(lib.t.tanh(self.Wa(query) + self.Ua(encoder_outputs))).squeeze(2).unsqueeze(1)
                context = lib.t.bmm(lib.F.softmax(scores, dim=-1), encoder_outputs)
                output, hidden = self.gru(lib.t.cat((self.embedding(word), context), dim=2), hidden)
                outputs.append(self.out(output))
                word = target[:, i].unsqueeze(1)
            return lib.F.log_softmax(lib.t.cat(outputs, dim=1), dim=-1)

    embedding, encoder = lib.adopt(nn.Embedding(9, 8)), lib.adopt(nn.GRU(8, 8, batch_first=True))
    decoder = lib.adopt(Decoder(8, 9))
    source, target = classes(lib, 9, 4, 5), classes(lib, 9, 4, 6, seed=1)
    parameters = [*embedding.parameters(), *encoder.parameters(), *decoder.parameters()]

    def loss():
        outputs, hidden = encoder(embedding(source))
        found = decoder(outputs, hidden, target)
        return nn.NLLLoss()(found.view(-1, found.shape[-1]), target.view(-1))

    return train(lib, decoder, lib.optim.Adam(parameters, lr=1e-2), loss)


@program
def text_classification_by_bags(lib):
    class TextClassificationModel(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = lib.nn.EmbeddingBag(20, 6, sparse=False)
            self.fc = lib.nn.Linear(6, 4)
            self.init_weights()

        def init_weights(self):
            self.embedding.weight.data.uniform_(-0.5, 0.5)
            self.fc.weight.data.uniform_(-0.5, 0.5)
            self.fc.bias.data.zero_()

        def forward(self, text, offsets):
            return self.fc(self.embedding(text, offsets))

    model = lib.adopt(TextClassificationModel())
    text, offsets, label = classes(lib, 20, 12), lib.t.tensor([0, 3, 7]), classes(lib, 4, 3)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.5)
    scheduler = lib.optim.lr_scheduler.StepLR(optimizer, 1.0, gamma=0.5)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss = lib.nn.CrossEntropyLoss()(model(text, offsets), label)
        loss.backward()
        norm = lib.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        scheduler.step()
        losses += [loss.item(), norm.item(), scheduler.get_last_lr()[0]]
    return losses


@program
def language_model_with_a_transformer_encoder(lib):
    nn = lib.nn

    class PositionalEncoding(nn.Module):
        def __init__(self, d_model, max_len=50):
            super().__init__()
            self.dropout = nn.Dropout(p=0.0)
            position = lib.t.arange(max_len).unsqueeze(1)
            div_term = lib.t.exp(lib.t.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
            pe = lib.t.zeros(max_len, 1, d_model)
            pe[:, 0, 0::2] = lib.t.sin(position * div_term)
            pe[:, 0, 1::2] = lib.t.cos(position * div_term)
            self.register_buffer("pe", pe)

        def forward(self, x):
            x = x + self.pe[: x.shape[0]]
            return self.dropout(x)

    class TransformerModel(nn.Module):
        def __init__(self, ntoken=11, d_model=8):
            super().__init__()
            self.pos_encoder = PositionalEncoding(d_model)
            layers = nn.TransformerEncoderLayer(d_model, 2, 16, 0.0)
            self.transformer_encoder = nn.TransformerEncoder(layers, 2, enable_nested_tensor=False)
            self.embedding = nn.Embedding(ntoken, d_model)
            self.d_model = d_model
            self.linear = nn.Linear(d_model, ntoken)

        def forward(self, src):
            src = self.pos_encoder(self.embedding(src) * math.sqrt(self.d_model))
            mask = nn.Transformer.generate_square_subsequent_mask(len(src))
            return self.linear(self.transformer_encoder(src, mask))

    model = lib.adopt(TransformerModel())
    data, targets = classes(lib, 11, 6, 3), classes(lib, 11, 18)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.5)

    def loss():
        return nn.CrossEntropyLoss()(model(data).view(-1, 11), targets)

    return train(lib, model, optimizer, loss)


@program
def a_small_gpt(lib):
    """nanoGPT: causal attention written out, tied weights, weight decay for matrices only, sampling greedily."""
    nn, F = lib.nn, lib.F

    class CausalSelfAttention(nn.Module):
        def __init__(self, n_embd, n_head, block_size):
            super().__init__()
            self.c_attn, self.c_proj = nn.Linear(n_embd, 3 * n_embd, bias=False), nn.Linear(n_embd, n_embd)
            self.n_head, self.n_embd = n_head, n_embd
            mask = lib.t.tril(lib.t.ones(block_size, block_size)).view(1, 1, block_size, block_size)
            self.register_buffer("bias", mask, persistent=False)

        def forward(self, x):
            B, T, C = x.shape
            q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
            q, k, v = (a.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) for a in (q, k, v))
            att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.shape[-1]))
            att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
            y = F.softmax(att, dim=-1) @ v
            assert lib.t.allclose(y, F.scaled_dot_product_attention(q, k, v, is_causal=True))
            return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))

    class Block(nn.Module):
        def __init__(self, n_embd):
            super().__init__()
            self.ln_1, self.attn = nn.LayerNorm(n_embd), CausalSelfAttention(n_embd, 2, 8)
            self.ln_2 = nn.LayerNorm(n_embd)
            self.mlp = nn.ModuleDict({"c_fc": nn.Linear(n_embd, 2 * n_embd), "c_proj": nn.Linear(2 * n_embd, n_embd)})

        def forward(self, x):
            x = x + self.attn(self.ln_1(x))
            m = self.mlp
            return x + m.c_proj(F.gelu(m.c_fc(self.ln_2(x)), approximate="tanh"))

    class GPT(nn.Module):
        def __init__(self, vocab=13, n_embd=8):
            super().__init__()
            self.transformer = nn.ModuleDict(
                {
                    "wte": nn.Embedding(vocab, n_embd), "wpe": nn.Embedding(8, n_embd),
                    "h": nn.ModuleList([Block(n_embd) for _ in range(2)]), "ln_f": nn.LayerNorm(n_embd),
                }
            )  # fmt: skip
            self.lm_head = nn.Linear(n_embd, vocab, bias=False)
            self.transformer.wte.weight = self.lm_head.weight
            self.apply(self._init_weights)

        def _init_weights(self, module):
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, mean=0.0, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

        def forward(self, idx, targets=None):
            pos = lib.t.arange(0, idx.shape[1], dtype=lib.t.long, device=idx.device)
            x = self.transformer.wte(idx) + self.transformer.wpe(pos)
            for block in self.transformer.h:
                x = block(x)
            x = self.transformer.ln_f(x)
            if targets is None:
                return self.lm_head(x[:, [-1], :]), None
            logits = self.lm_head(x)
            return logits, F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1), ignore_index=-1)

    model = lib.adopt(GPT())
    assert model.transformer.wte.weight is model.lm_head.weight
    named = {n: p for n, p in model.named_parameters() if p.requires_grad}
    groups = [
        {"params": [p for p in named.values() if p.dim() >= 2], "weight_decay": 0.1},
        {"params": [p for p in named.values() if p.dim() < 2], "weight_decay": 0.0},
    ]
    optimizer = lib.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95))
    idx, targets = classes(lib, 13, 4, 8), classes(lib, 13, 4, 8, seed=1)
    losses = train(lib, model, optimizer, lambda: model(idx, targets)[1])
    model.eval()
    text = idx[:1, :3]
    for _ in range(4):
        logits, _ = model(text)
        text = lib.t.cat((text, logits[:, -1, :].argmax(dim=-1, keepdim=True)), dim=1)
    return [*losses, *text[0]]


@program
def unequal_sentences(lib):
    """Padded sequences, lengths, and a mask of what is padding."""
    sentences = [classes(lib, 9, n, seed=n) + 1 for n in (5, 2, 4)]
    padded = lib.utils.rnn.pad_sequence(sentences, batch_first=True)
    mask = padded != 0
    embedding = lib.adopt(lib.nn.Embedding(10, 6, padding_idx=0))
    gru = lib.adopt(lib.nn.GRU(6, 6, batch_first=True, bidirectional=True))
    out, _ = gru(embedding(padded))
    pooled = (out * mask.unsqueeze(-1)).sum(dim=1) / mask.sum(dim=1, keepdim=True)
    loss = pooled.pow(2).mean()
    loss.backward()
    return [loss, embedding.weight.grad.abs().sum(), embedding.weight.grad[0].abs().sum(), mask.sum()]
