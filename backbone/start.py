"""Initial weights with which the order of words is of use from the first step.

With BERT's usual start an encoder of this size stayed a bag of words for ten million word pieces
and more (shuffling the input didn't raise its loss). Here positions start as sinusoids, and some
heads of the lower layers start as position heads. It is only a start: all weights are trained.
"""

import torch

from backbone.encoder import Encoder, Layer, MaskedLM
from backbone.settings import ModelSettings

_SPREAD = 0.05
#: Frequencies of the sinusoids, radians a word piece.
_FASTEST, _SLOWEST = 2.5, 0.02
#: Those that tell a neighbourhood of about six word pieces.
_NEAR = (0.5, 0.08)
#: Heads that start out looking at a word piece at these distances, by layer.
_NEIGHBOURS = ((-1, 1, -2, 2), (-1, 1), (-1, 1))
#: Layers with one head that starts out looking around, and which head that is.
_AROUND = {1: 2, 2: 2, 3: 0, 4: 0}
_NEIGHBOUR_SHARPNESS, _AROUND_SHARPNESS = 2.0, 1.5
#: Less sure translations don't start together.
_MIN_DICE = 0.2


def make_structured(settings: ModelSettings, vocabulary: int, seed: int) -> MaskedLM:
    """Return a model that has learned nothing yet.

    vocabulary (int): Word pieces.
    """
    generator = torch.Generator().manual_seed(seed)
    model = MaskedLM(settings, vocabulary)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                spread = 0.02 if "encoder.layers" not in name else _SPREAD / 2
                parameter.normal_(0, spread, generator=generator)
            else:
                parameter.fill_(1.0 if name.endswith("norm.weight") else 0.0)
        waves = _place_sinusoids(model.encoder)
        for number, layer in enumerate(model.encoder.layers):
            assert isinstance(layer, Layer)
            _start_layer(layer, number, waves, generator)
    return model


def draw_together(model: MaskedLM, vocabulary: list[str], lexicons: dict[str, dict]) -> int:
    """Move the embedding of a word half-way to that of its English translation, keeping its norm.

    lexicons (Dict[str, Dict[str, Tuple[str, float]]]): For each language English words with their
        translation and the pair's Dice coefficient.
    RETURNS (int): How many were moved.
    """
    number = {piece: i for i, piece in enumerate(vocabulary)}
    best: dict[int, tuple[float, int]] = {}
    for lexicon in lexicons.values():
        for english, (word, dice) in lexicon.items():
            if dice >= _MIN_DICE and word != english and english in number and word in number:
                found = (dice, number[english])
                best[number[word]] = max(best.get(number[word], found), found)
    with torch.no_grad():
        table = model.encoder.words.weight
        words, english_words = list(best), [english for _, english in best.values()]
        mixed = (table[words] + table[english_words]) / 2
        table[words] = mixed * (table[words].norm(dim=1) / mixed.norm(dim=1))[:, None]
    return len(best)


def _place_sinusoids(encoder: Encoder) -> torch.Tensor:
    """Fill the positions, as long as word embeddings are; returns the frequencies, (W / 2,)."""
    count, width = encoder.positions.weight.shape
    waves = torch.logspace(0, 1, width // 2, base=_SLOWEST / _FASTEST) * _FASTEST
    angles = torch.arange(count)[:, None] * waves
    size = encoder.words.weight.norm(dim=1).mean() / (width // 2) ** 0.5
    encoder.positions.weight.copy_(size * torch.stack([angles.sin(), angles.cos()], 2).flatten(1))
    return waves


def _start_layer(
    layer: Layer, number: int, waves: torch.Tensor, generator: torch.Generator
) -> None:
    width = layer.qkv.in_features
    depth = width // layer.heads
    layer.qkv.weight[: 2 * width].normal_(0, _SPREAD, generator=generator)
    if number < len(_NEIGHBOURS):
        # What these heads bring must weigh enough to be noticed.
        for weight in (layer.qkv.weight[2 * width :], layer.attended.weight):
            weight.normal_(0, 0.8 * _SPREAD, generator=generator)
        fastest = torch.arange(depth // 2)
        for head, distance in enumerate(_NEIGHBOURS[number][: layer.heads]):
            _start_head(layer, head, distance, waves, fastest, _NEIGHBOUR_SHARPNESS, generator)
    if number in _AROUND and _AROUND[number] < layer.heads:
        near = torch.logspace(0, 1, depth // 2, base=_NEAR[1] / _NEAR[0]) * _NEAR[0]
        chosen = (waves[None] - near[:, None]).abs().argmin(1)
        _start_head(layer, _AROUND[number], 0, waves, chosen, _AROUND_SHARPNESS, generator)


def _start_head(
    layer: Layer,
    head: int,
    distance: int,
    waves: torch.Tensor,
    chosen: torch.Tensor,
    sharpness: float,
    generator: torch.Generator,
) -> None:
    """Let a head look at the word piece `distance` places on.

    Query and key both select some sinusoids; the query's are turned by the distance, so that their
    product is largest there.
    """
    width = layer.qkv.in_features
    depth = width // layer.heads
    select, turn = torch.zeros(depth, width), torch.zeros(depth, width)
    sine = torch.arange(len(chosen)) * 2
    angle = waves[chosen] * distance
    select[sine, 2 * chosen] = select[sine + 1, 2 * chosen + 1] = 1
    turn[sine, 2 * chosen] = turn[sine + 1, 2 * chosen + 1] = angle.cos()
    turn[sine, 2 * chosen + 1] = angle.sin()
    turn[sine + 1, 2 * chosen] = -angle.sin()
    for part, start in ((0, turn), (1, select)):
        first = part * width + head * depth
        noise = torch.empty(depth, width).normal_(0, 0.2 * _SPREAD, generator=generator)
        layer.qkv.weight[first : first + depth] = start * sharpness**0.5 + noise
