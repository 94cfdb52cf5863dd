"""What a sweep trains: one cell for each fusion, lower layer and seed."""

from collections.abc import Sequence
from typing import NamedTuple

from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.study.errors import Errors


class Cell(NamedTuple):
    """One run of a sweep.

    name (str): The fusion's short name, see `fusions.variants`.
    layer (Optional[int]): The lower layer, None for a fusion that reads no single one.
    seed (int): The seed.
    """

    name: str
    layer: int | None
    seed: int

    def __str__(self) -> str:
        return "-".join(str(part) for part in self if part is not None)


def make_cells(
    fusions: Sequence[str], layers: Sequence[int], seeds: Sequence[int], num_layers: int
) -> list[Cell]:
    """List the runs of a sweep, seed by seed, so that an early stop leaves whole seeds.

    num_layers (int): Layers of the encoder.
    RETURNS (List[Cell]): The runs.
    RAISES (ValueError): If a fusion or a layer does not exist.
    """
    known = find_variants()
    for name in fusions:
        if name not in known:
            raise ValueError(Errors.DL430.format(name=name, known=", ".join(known)))
    for layer in layers:
        if not 0 <= layer < num_layers:
            raise ValueError(
                Errors.DL431.format(layer=layer, num_layers=num_layers, last=num_layers - 1)
            )
    cells = []
    for seed in seeds:
        for name in fusions:
            own_layers = layers if known[name].has_layer else [None]
            cells += [Cell(name, layer, seed) for layer in own_layers]
    return list(dict.fromkeys(cells))


def parse_numbers(option: str, text: str) -> list[int]:
    """Read numbers and ranges, `0-2` or `2,5` or both.

    RAISES (ValueError): If the text is something else.
    """
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        ends = [first, last] if dash else [first, first]
        if not all(end.isdecimal() for end in ends) or int(ends[0]) > int(ends[1]):
            raise ValueError(Errors.DL432.format(option=option, text=text))
        numbers += range(int(ends[0]), int(ends[1]) + 1)
    return list(dict.fromkeys(numbers))
