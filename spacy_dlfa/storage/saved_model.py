"""The saved model of a transformer component: what thinc writes around a saved encoder."""

from typing import Any

import srsly

from spacy_dlfa.errors import Errors

_NOTHING = srsly.msgpack_dumps({})


def read_model(data: bytes) -> dict[str, Any]:
    """Read what `TransformerModel.to_bytes` made, the file `model` of the component.

    data (bytes): Its content.
    RETURNS (Dict[str, Any]): What `TransformerModel.from_dict` takes.
    RAISES (ValueError): If it is cut off or damaged, or the model of another architecture.
    """
    try:
        message = srsly.msgpack_loads(data)
        width = message["nodes"][0]["dims"]["nO"]
        encoder = message["shims"][1][0]
    except Exception as err:
        raise _error(data, f"{type(err).__name__}: {err}") from err
    known = isinstance(width, int | None) and (width is None) == (encoder == _NOTHING)
    if not known or message != _message(width, encoder):
        raise _error(data, "its layers are not those of spacy_dlfa.TransformerModel.v1")
    return message


def check_width(saved: int | None, width: int | None) -> None:
    """Raise if a model was saved with another width than its encoder has."""
    if saved != width:
        raise ValueError(Errors.DL016.format(saved=saved, width=width))


def _message(width: int | None, encoder: bytes) -> dict[str, Any]:
    return {
        "nodes": [
            {"index": 0, "name": "transformer", "dims": {"nO": width}, "refs": {}},
            {"index": 1, "name": "encoder", "dims": {}, "refs": {}},
        ],
        "attrs": [{}, {}],
        "params": [{}, {}],
        "shims": [[], [encoder]],
    }


def _error(data: bytes, found: str) -> ValueError:
    return ValueError(Errors.DL014.format(size=len(data), found=found))
