"""BERT without padding: full windows, one matrix for query, key and value, no dropout.

The same function as transformers' `BertModel` on such windows (tested), and faster: attention
needs no mask, and autocast makes one bfloat16 copy of each matrix.
"""

import torch
from torch import nn
from torch.nn import functional

from backbone.settings import ModelSettings

LAYER_NORM_EPS = 1e-12


def attend(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    """Return attention without a mask; all are (B, heads, T, D)."""
    if Q.device.type == "cuda":
        return functional.scaled_dot_product_attention(Q, K, V)
    # On a CPU torch's own is slower at these lengths, backward above all.
    shape = Q.shape
    Q, K, V = (X.reshape(-1, *shape[2:]) for X in (Q, K, V))
    return torch.bmm(torch.bmm(Q * shape[-1] ** -0.5, K.mT).softmax(-1), V).view(shape)


class Layer(nn.Module):
    """A transformer layer with normalization after each half."""

    def __init__(self, settings: ModelSettings):
        super().__init__()
        width = settings.width
        self.heads = settings.heads
        self.qkv = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.attended_norm = nn.LayerNorm(width, LAYER_NORM_EPS)
        self.up = nn.Linear(width, settings.feed_forward)
        self.down = nn.Linear(settings.feed_forward, width)
        self.down_norm = nn.LayerNorm(width, LAYER_NORM_EPS)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Map hidden states, (B, T, W)."""
        size, length, width = X.shape
        qkv = self.qkv(X).view(size, length, 3, self.heads, width // self.heads)
        attended = attend(*qkv.permute(2, 0, 3, 1, 4).unbind(0))
        attended = attended.transpose(1, 2).reshape(size, length, width)
        X = self.attended_norm(X + self.attended(attended))
        return self.down_norm(X + self.down(functional.gelu(self.up(X))))


class Encoder(nn.Module):
    """Embeddings and layers."""

    def __init__(self, settings: ModelSettings, vocabulary: int):
        super().__init__()
        self.words = nn.Embedding(vocabulary, settings.width)
        self.positions = nn.Embedding(settings.positions, settings.width)
        self.segments = nn.Embedding(2, settings.width)
        self.norm = nn.LayerNorm(settings.width, LAYER_NORM_EPS)
        self.layers = nn.ModuleList(Layer(settings) for _ in range(settings.layers))

    def forward(
        self, ids: torch.Tensor, positions: torch.Tensor, segments: torch.Tensor, middle: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the hidden states of the last layer and of layer `middle`, both (B, T, W).

        ids, positions, segments (Tensor[int64]): (B, T).
        """
        X = self.norm(self.words(ids) + self.positions(positions) + self.segments(segments))
        between = X
        for number, layer in enumerate(self.layers, 1):
            X = layer(X)
            between = X if number == middle else between
        return X, between


class MaskedLM(nn.Module):
    """The encoder and what predicts hidden word pieces; the last matrix is the embeddings'."""

    def __init__(self, settings: ModelSettings, vocabulary: int):
        super().__init__()
        self.encoder = Encoder(settings, vocabulary)
        self.transform = nn.Linear(settings.width, settings.width)
        self.transform_norm = nn.LayerNorm(settings.width, LAYER_NORM_EPS)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def predict(self, X: torch.Tensor) -> torch.Tensor:
        """Return scores of all word pieces, (M, pieces), for hidden states (M, W)."""
        transformed = self.transform_norm(functional.gelu(self.transform(X)))
        return functional.linear(transformed, self.encoder.words.weight, self.bias)
