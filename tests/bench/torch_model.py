"""torch_model.py - the same models in PyTorch, under the same parameter names (formats/method.md)

Tscae(fold=False) is the authors' form: both passes have full length, with a mask token for every masked patch.
Tscae(fold=True) computes the equal tokens as one token with + ln K on its logit as a key. Mae is He et al. 2022.
Weights and sizes come from a .safetensors file and its metadata.
"""
import json
import math
import struct

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read_head(f):
    """Entries and settings by name of an open safetensors file of tscae (all F32); f is then at the first tensor."""
    length, = struct.unpack('<Q', f.read(8))
    head = json.loads(f.read(length))
    settings = {k[len('config.'):].replace('-', '_'): v for k, v in head.pop('__metadata__').items()
        if k.startswith('config.')}
    assert all(entry['dtype'] == 'F32' for entry in head.values())
    return head, settings


def positions(side, width):
    """The fixed sine-cosine table of a grid, (side * side, width): column first, then row."""
    frequency = 1 / 10000 ** (np.arange(width // 4) / (width / 4))
    row, column = np.mgrid[:side, :side].reshape(2, -1)
    half = [np.concatenate([np.sin(np.outer(x, frequency)), np.cos(np.outer(x, frequency))], 1) for x in (column, row)]
    return torch.from_numpy(np.concatenate(half, 1).astype(np.float32))


def take(x, index):
    """Rows of each image: (N, L, D) at (N, K) is (N, K, D)."""
    return x.gather(1, index.unsqueeze(-1).expand(-1, -1, x.shape[-1]))


def split(mask):
    """Indices of the visible and of the masked patches, in order, from masks with 1 = masked."""
    order = mask.long().argsort(dim=1, stable=True)
    hidden = int(mask[0].sum())
    return order[:, :-hidden], order[:, -hidden:]


def attend(q, k, v, heads, key_bias=None):
    """softmax(q k' / sqrt(d) + key_bias) v for (N, L, D) and (N, K, D)."""
    n, _, width = q.shape
    q, k, v = (x.view(n, -1, heads, width // heads).transpose(1, 2) for x in (q, k, v))
    logits = (q * (width // heads) ** -0.5) @ k.transpose(-2, -1)
    if key_bias is not None:
        logits = logits + key_bias
    return (logits.softmax(-1) @ v).transpose(1, 2).reshape(n, -1, width)


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, key_bias=None):
        return self.proj(attend(*self.qkv(x).chunk(3, -1), self.heads, key_bias))


class CrossAttention(SelfAttention):
    """Queries, keys and values from three inputs, with one packed projection."""

    def forward(self, q, k, v):
        weights, biases = self.qkv.weight.chunk(3), self.qkv.bias.chunk(3)
        q, k, v = (F.linear(x, w, b) for x, w, b in zip((q, k, v), weights, biases))
        return self.proj(attend(q, k, v, self.heads))


class Mlp(nn.Module):
    def __init__(self, width, act):
        super().__init__()
        self.act = act
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    """Block of the encoder and of MAE's decoder: pre-norm, GELU."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.attn, self.mlp = SelfAttention(width, heads), Mlp(width, F.gelu)

    def forward(self, x, key_bias=None):
        x = x + self.attn(self.norm1(x), key_bias)
        return x + self.mlp(self.norm2(x))


class CrossBlock(nn.Module):
    """Block of the TSCAE decoder: post-norm, ReLU."""

    def __init__(self, width, heads):
        super().__init__()
        self.self_attn, self.cross_attn = CrossAttention(width, heads), CrossAttention(width, heads)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width, 1e-5) for _ in range(3))
        self.mlp = Mlp(width, F.relu)

    def forward(self, x, position, memory, memory_key):
        q = x + position
        x = self.norm1(x + self.self_attn(q, q, x))
        x = self.norm2(x + self.cross_attn(x + position, memory_key, memory))
        return self.norm3(x + self.mlp(x))


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        width = int(c['embed_dim'])
        self.patch, self.side = int(c['patch']), int(c['image']) // int(c['patch'])
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.patch_embed = nn.ModuleDict({'proj': nn.Conv2d(3, width, self.patch, self.patch)})
        self.blocks = nn.ModuleList(Block(width, int(c['heads'])) for _ in range(int(c['depth'])))
        self.norm = nn.LayerNorm(width, 1e-6)
        self.register_buffer('position', positions(self.side, width), persistent=False)
        self.register_buffer('mean', torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer('deviation', torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)

    def normalized(self, images):
        """(N, S, S, 3) bytes to (N, 3, S, S) floats."""
        return (images.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.deviation

    def embed(self, x):
        """Rows of all patches with their positions, (N, P, D)."""
        return self.patch_embed['proj'](x).flatten(2).transpose(1, 2) + self.position

    def encode(self, tokens, key_bias=None):
        for block in self.blocks:
            tokens = block(tokens, key_bias)
        return self.norm(tokens)

    def features(self, images):
        """The mean of the patch outputs, (N, D)."""
        x = self.embed(self.normalized(images))
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1)
        return self.encode(x)[:, 1:].mean(1)

    def targets(self, x, index):
        """Pixels of the patches of index in row, column, channel order, (N, K, 3 p p)."""
        n, p, s = len(x), self.patch, self.side
        rows = x.view(n, 3, s, p, s, p).permute(0, 2, 4, 3, 5, 1).reshape(n, s * s, 3 * p * p)
        return take(rows, index)


class Mae(Encoder):
    def __init__(self, c):
        super().__init__(c)
        width = int(c['decoder_embed_dim'])
        self.decoder_embed = nn.Linear(int(c['embed_dim']), width)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.decoder_blocks = nn.ModuleList(Block(width, int(c['decoder_heads']))
            for _ in range(int(c['decoder_depth'])))
        self.decoder_norm = nn.LayerNorm(width, 1e-6)
        self.decoder_pred = nn.Linear(width, 3 * self.patch ** 2)
        self.register_buffer('decoder_position', positions(self.side, width), persistent=False)

    def forward(self, images, mask):
        x = self.normalized(images)
        seen, hidden = split(mask)
        n = len(x)
        y = torch.cat([self.cls_token.expand(n, -1, -1), take(self.embed(x), seen)], 1)
        y = self.decoder_embed(self.encode(y))
        back = torch.cat([seen, hidden], 1).argsort(1)
        patches = torch.cat([y[:, 1:], self.mask_token.expand(n, hidden.shape[1], -1)], 1)
        y = torch.cat([y[:, :1], take(patches, back) + self.decoder_position], 1)
        for block in self.decoder_blocks:
            y = block(y)
        predicted = self.decoder_pred(self.decoder_norm(take(y, 1 + hidden)))
        return F.mse_loss(predicted, self.targets(x, hidden))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        width = int(c['embed_dim'])
        self.query, self.global_position = nn.Parameter(torch.zeros(1, 1, width)), nn.Parameter(torch.zeros(1, 1,
            width))
        self.blocks = nn.ModuleList(CrossBlock(width, int(c['heads'])) for _ in range(int(c['decoder_depth'])))
        self.norm = nn.LayerNorm(width, 1e-5)

    def forward(self, memory, seen_position, hidden_position):
        n = len(memory)
        position = torch.cat([self.global_position.expand(n, -1, -1), hidden_position], 1)
        x = self.query.expand(n, position.shape[1], -1)
        for block in self.blocks:
            x = block(x, position, memory, memory + seen_position)
        return self.norm(x)


class Tscae(Encoder):
    """SimSiam for l_z, symmetric l_g with stop-gradients, all weights 1: the defaults."""

    def __init__(self, c, fold):
        super().__init__(c)
        width, pixels = int(c['embed_dim']), 3 * self.patch ** 2
        self.fold = fold
        self.teacher_mask_token, self.student_mask_token = nn.Parameter(torch.zeros(1, 1,
            width)), nn.Parameter(torch.zeros(1, 1, width))
        self.decoder = Decoder(c)
        self.pixels = nn.ModuleList([nn.Linear(width, pixels), nn.Linear(pixels, pixels), nn.Linear(pixels, pixels)])
        self.predictor = nn.ModuleList([nn.Linear(width, width // 4, bias=False), nn.BatchNorm1d(width // 4,
            track_running_stats=False), nn.Linear(width // 4, width)])

    def run(self, token, count, patches):
        """[class, `count` equal tokens, patches] through the encoder: outputs of the tokens and of the patches."""
        n, length = len(patches), 1 if self.fold else count
        x = torch.cat([self.cls_token.expand(n, -1, -1), token.expand(n, length, -1), patches], 1)
        bias = None
        if self.fold:
            bias = torch.zeros(x.shape[1])
            bias[1] = math.log(count)
        y = self.encode(x, bias)
        return y[:, 1:1 + length], y[:, 1 + length:]

    def predict(self, x):
        first, norm, last = self.predictor
        return last(F.relu(norm(first(x))))

    def contrast(self, d, s):
        d, s = d.flatten(0, 1), s.flatten(0, 1)
        one, other = F.cosine_similarity(self.predict(d), s.detach()), F.cosine_similarity(self.predict(s), d.detach())
        return -(one.mean() + other.mean()) / 2

    def forward(self, images, mask):
        x = self.normalized(images)
        seen, hidden = split(mask)
        patches = self.embed(x)
        _, memory = self.run(self.teacher_mask_token, hidden.shape[1], take(patches, seen))
        masked, student = self.run(self.student_mask_token, seen.shape[1], take(patches, hidden))
        decoded = self.decoder(memory, self.position[seen], self.position[hidden])
        d, d0, masked = decoded[:, 1:], decoded[:, 0], masked.mean(1)
        y = d
        for i, layer in enumerate(self.pixels):
            y = layer(y) if i == 2 else F.relu(layer(y))
        l_y = F.mse_loss(y, self.targets(x, hidden))
        l_g = (F.cross_entropy(d0, masked.detach().softmax(-1)) + F.cross_entropy(masked, d0.detach().softmax(-1))) / 2
        return l_y + self.contrast(d, student) + l_g


def load(path, form):
    """The model of a file: form full (the authors'), fold, mae, or encoder.

    Tensors are read one by one, without a second copy of all."""
    with open(path, 'rb') as f:
        head, settings = read_head(f)
        make = {'full': lambda c: Tscae(c, False), 'fold': lambda c: Tscae(c, True), 'mae': Mae, 'encoder': Encoder}
        model = make[form](settings)
        parameters, start = model.state_dict(), f.tell()
        assert form == 'encoder' or parameters.keys() == head.keys()
        for name, parameter in parameters.items():
            f.seek(start + head[name]['data_offsets'][0])
            array = np.fromfile(f, '<f4', parameter.numel()).reshape(head[name]['shape'])
            parameter.copy_(torch.from_numpy(array))
    return model


def optimizer(model):
    """AdamW as in tscae-train: weight decay on matrices only (not on biases, norms and tokens)."""
    matrices = [p for name, p in model.named_parameters() if p.dim() > 1
        and not name.endswith(('token', 'query', 'position'))]
    others = [p for name, p in model.named_parameters() if p.dim() < 2 or name.endswith(('token', 'query', 'position'))]
    groups = [{'params': matrices, 'weight_decay': 0.05}, {'params': others, 'weight_decay': 0}]
    return torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.95), eps=1e-8)
