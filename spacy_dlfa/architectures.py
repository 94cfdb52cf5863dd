"""The registered architectures: what a spaCy config names in `@architectures`."""

import inspect
from collections.abc import Callable
from typing import Any

from spacy.tokens import Doc, Span
from spacy_transformers.data_classes import FullTransformerBatch
from thinc.api import Model, chain
from thinc.types import Floats2d, Ragged

from spacy_dlfa.encoder.batch import split_rows
from spacy_dlfa.encoder.encoder import Precision, SavedPrecision
from spacy_dlfa.fusions.dlfa import DLFA
from spacy_dlfa.fusions.variants import check_fusion
from spacy_dlfa.pipeline.features import fuse_features
from spacy_dlfa.pipeline.fuse_and_pool import fuse_and_pool
from spacy_dlfa.pipeline.listener import DLFAListener
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.types import Fusion

SpanGetter = Callable[[list[Doc]], list[list[Span]]]


def create_transformer_model(
    name: str,
    get_spans: SpanGetter,
    hidden_layers: list[int] = [],  # noqa: B006 (spaCy fills configs from defaults)
    tokenizer_config: dict[str, Any] = {},  # noqa: B006
    transformer_config: dict[str, Any] = {},  # noqa: B006
    mixed_precision: bool = False,
    grad_scaler_config: dict[str, Any] = {},  # noqa: B006
    precision: Precision = "fp32",
    window: int = 128,
    separator: str | None = None,
    word_spaces: bool = False,
    freeze_below: int = 0,
    learn_rate_factor: float = 1.0,
    packed: bool = True,
    saved_precision: SavedPrecision = "fp32",
) -> Model[list[Doc], FullTransformerBatch]:
    """Build `spacy_dlfa.TransformerModel.v1`, the model of a `dlfa_transformer` component.

    It puts out the layers that listeners read, computes none above them, and sends gradients into
    each. Without a listener it puts out the last layer.

    name (str): A folder with an encoder in Hugging Face's format, its name on the hub, or the
        folder of a trained pipeline whose encoder to start from.
    get_spans (Callable[[List[Doc]], List[List[Span]]]): What the encoder may see together, e.g.
        `spacy-transformers.doc_spans.v1`; windows are cut from it in wordpieces.
    hidden_layers (List[int]): Layers to put out besides, for `doc._.trf_data` alone; 0 is the
        embeddings.
    tokenizer_config (Dict[str, Any]): Settings for the Hugging Face tokenizer.
    transformer_config (Dict[str, Any]): Settings for the Hugging Face configuration.
    mixed_precision (bool): Run in float16 on a GPU, with gradient scaling, whatever `precision`
        says.
    grad_scaler_config (Dict[str, Any]): Settings for thinc's PyTorchGradScaler.
    precision (str): "fp32"; "bf16", bfloat16 in matrix products; "auto", "bf16" where the
        processor computes it natively, else "fp32"; or "int8", for prediction on a CPU with
        weights in eight bits, and "auto" else.
    window (int): Most wordpieces in a window of the encoder, special tokens included. A longer
        span becomes several windows that overlap.
    separator (Optional[str]): A token with this text becomes what the tokenizer has between two
        sentences, `</s></s>` for XLM-R, and token types are set by it; all else that looks like
        a special token is text.
    word_spaces (bool): Show spaces at the word breaks of scripts that are written without any to
        an encoder that knows a word by the space before it, as XLM-R does.
    freeze_below (int): The lowest encoder layer that learns; 0 for all, embeddings included.
    learn_rate_factor (float): The encoder's learning rate as a part of the optimizer's. With 0 it
        is frozen: no dropout, no backward pass, and the component encodes each document of a
        training once.
    packed (bool): Predict on a CPU with a copy of the weights in oneDNN's own layout. False takes
        torch's own linear layers, which are slower, and needs no private operation of torch's.
    saved_precision (str): "fp32", or "fp16" to save the weights in half the size; they are loaded
        as float32, and computed with as `precision` says.
    RETURNS (Model[List[Doc], FullTransformerBatch]): The model; the encoder is loaded when it is
        initialised. Of each document `doc._.trf_data` has arrays (windows, T, E), T wordpieces in
        the longest window, by the name of the layer: `last_hidden_state` or `layer_<k>`.
    RAISES (ValueError): If `learn_rate_factor` is negative. When it is initialised, if the encoder
        can't be found or read, puts out other hidden states than one vector for each wordpiece and
        layer, or lacks a layer that is read; if a setting asks for code that comes with an encoder.
    """
    # All arguments, as there is no other name here
    return TransformerModel(**locals())


def create_listener(
    layer: int,
    fusion: Fusion,
    pooling: Model[Ragged, Floats2d],
    grad_factor: float = 1.0,
    upstream: str = "*",
    upper: int | None = None,
    features: str | None = None,
) -> Model[list[Doc], list[Floats2d]]:
    """Build `spacy_dlfa.DLFAListener.v1`, the `tok2vec` sublayer of a component.

    It stands where spacy-transformers' TransformerListener would, and fuses two layers of the
    shared encoder instead of reading the last one.

    layer (int): The lower layer, counted from 0, the embeddings; a fusion that reads the upper
        layer only ignores it.
    fusion (Fusion): How the layers become one, e.g. `spacy_dlfa.DLFA.v1`.
    pooling (Model[Ragged, Floats2d]): Reduces the wordpieces of a token to one vector.
    grad_factor (float): Factor on the gradients that the component sends to the encoder. To
        leave the encoder as it is, freeze the transformer component and let it annotate.
    upstream (str): Name of the transformer component, "*" for any.
    upper (Optional[int]): The upper layer, instead of the encoder's last.
    features (Optional[str]): `doc._.NAME` or `token._.NAME`, an extension attribute with a vector
        (F,) that is fused with each token's, see `spacy_dlfa.pipeline.features`.
    RETURNS (Model[List[Doc], List[Floats2d]]): For each document an array (tokens, E), E as wide
        as the encoder; zeros for a token without a wordpiece, such as white space.
    RAISES (ValueError): If the fusion is none, the pooling is one, or `grad_factor` is negative.
        When it is initialised, if the encoder lacks a layer, or `layer` does not lie under `upper`;
        when it is called, if the transformer did not run on a document.
    """
    check_fusion(fusion, pooling)
    reader = fuse_and_pool(fusion, pooling, layer=layer, upper=upper, grad_factor=grad_factor)
    listener = DLFAListener(upstream, reader)
    model: Model[list[Doc], list[Floats2d]] = chain(listener, reader)
    model.set_ref("listener", listener)
    return _with_features(model, features)


def _with_features(
    tok2vec: Model[list[Doc], list[Floats2d]], features: str | None
) -> Model[list[Doc], list[Floats2d]]:
    return tok2vec if features is None else fuse_features(tok2vec, DLFA(), features)


def _add_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Name the arguments of `create_transformer_model` in the signature of a function of more."""
    own, added = map(inspect.signature, (function, create_transformer_model))
    parameters = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for each in (*own.parameters.values(), *added.parameters.values())
        if each.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    # What confection fills and checks configs by
    function.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {each.name: each.annotation for each in parameters}
    return function


@_add_settings
def create_tok2vec(
    *,
    layer: int,
    fusion: Fusion,
    pooling: Model[Ragged, Floats2d],
    grad_factor: float = 1.0,
    upper: int | None = None,
    features: str | None = None,
    **settings: Any,
) -> Model[list[Doc], list[Floats2d]]:
    """Build `spacy_dlfa.DLFATok2Vec.v1`: encoder and fusion in one, without a shared encoder.

    This is what `nlp.replace_listeners` makes of a listener. With `learn_rate_factor = 0` it
    encodes each document anew in each epoch, as a shared encoder does not. For the arguments see
    `create_transformer_model`, all of whose there are, and `create_listener`.

    RETURNS (Model[List[Doc], List[Floats2d]]): For each document an array (tokens, E).
    RAISES (ValueError): As those two do.
    """
    transformer: Any = create_transformer_model(**settings)
    check_fusion(fusion, pooling)
    reader = fuse_and_pool(fusion, pooling, layer=layer, upper=upper, grad_factor=grad_factor)
    transformer.set_readers([reader])
    # A chain in a chain, the shape that a listener has once it was replaced.
    return _with_features(chain(chain(transformer, split_rows()), reader), features)
