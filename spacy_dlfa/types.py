"""Names for the types that travel between the transformer, a listener and a fusion."""

from typing import NamedTuple

from thinc.api import Model
from thinc.types import Floats2d, Ints1d, Ragged


class DocRows(NamedTuple):
    """What the encoder made of one document, without padding.

    layers (Dict[str, Floats2d]): By name, `last_hidden_state` or `layer_<k>`, an array (N, E). N
        is the number of wordpieces, special tokens included, of all windows, one behind the
        other. A document without wordpieces has no layers.
    lengths (List[int]): Wordpieces in each window; they add up to N.
    align (Ragged): For each token of the document the rows of its wordpieces.
    """

    layers: dict[str, Floats2d]
    lengths: list[int]
    align: Ragged


#: By layer, for each that was read, the gradient of the rows of all documents of a batch, (N, E).
Gradients = dict[str, Floats2d]


class HiddenStates(NamedTuple):
    """Hidden states of one batch, without padding.

    layers (List[Floats2d]): One array (N, E) for each encoder layer that is read, lower layers
        first. N is the number of wordpieces, special tokens included, of all spans.
    lengths (Ints1d): Wordpieces in each span, shape (S,), S spans; they add up to N.
    """

    layers: list[Floats2d]
    lengths: Ints1d


#: A fusion maps the hidden states of a batch to one array (N, E), and the gradient of that to a
#: list of gradients, one for each layer. `attrs["reads"]` says which layers it wants: "last", the
#: listener's upper layer, which is the last one unless it names another; "lower", its lower layer;
#: "pair", both; or "all" up to the upper one. One that weighs a lower layer may say how much:
#: `attrs["lower_weight"]` is a function of the fusion and hidden states to the weight, from 0 to 1:
#: one for all, or an array (N,) of one for each row.
Fusion = Model[HiddenStates, Floats2d]
