"""Copies of an encoder whose linear layers are packed for fast inference on a CPU."""

import copy
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from transformers.activations import GELUActivation
from transformers.file_utils import ModelOutput

from spacy_dlfa.encoder.packed_layers import PackedLinear, PackedSelfAttention, lay_out

#: What the linear layers of a packed copy compute in.
PACKED_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "int8": torch.int8}


class PackedTransformer(nn.Module):
    """An encoder of BERT's kin for inference, whose layers see rows and not windows.

    oneDNN prepares each product for the number of its rows, which takes as long as computing it for
    a small encoder. Windows of all sizes give few numbers, once they are rounded up.

    transformer (PreTrainedModel): The encoder; what is in it is taken over, and changed.
    dtype (torch.dtype): float32 or bfloat16.
    """

    def __init__(self, transformer: Any, *, dtype: torch.dtype):
        super().__init__()
        self.config = transformer.config
        self.dtype = dtype
        self.embeddings = transformer.embeddings
        self.encoder = transformer.encoder
        for layer in self.encoder.layer:
            layer.attention.self = PackedSelfAttention(layer.attention.self, dtype=dtype)
        _pack_linear(self.encoder, dtype)

    def get_input_embeddings(self) -> nn.Module:
        """Return the embeddings of wordpieces."""
        return self.embeddings.word_embeddings

    def forward(
        self,
        *,
        input_ids: Tensor,
        attention_mask: Tensor,
        output_hidden_states: bool,
        token_type_ids: Tensor | None = None,
    ) -> ModelOutput:
        """Encode windows (B, T).

        attention_mask (Tensor): 0 for padding, (B, T).
        token_type_ids (Optional[Tensor]): (B, T); zeros if not given.
        RETURNS (ModelOutput): `last_hidden_state`, and `hidden_states` if asked for; (B, T, E).
        """
        embedded = self.embeddings(input_ids=input_ids, token_type_ids=token_type_ids)
        num_rows = input_ids.numel()
        padding = (0, 0, 0, round_up(num_rows) - num_rows)
        encoded = self.encoder(
            nn.functional.pad(embedded.view(1, num_rows, -1), padding),
            attention_mask=lay_out(attention_mask, self.dtype),
            output_hidden_states=output_hidden_states,
        )
        output = ModelOutput(last_hidden_state=_windows(encoded.last_hidden_state, embedded))
        if output_hidden_states:
            output["hidden_states"] = [_windows(rows, embedded) for rows in encoded.hidden_states]
        return output


def round_up(num_rows: int) -> int:
    """Round a number of rows up to one of eight in each power of two."""
    step = max(8, 1 << max(num_rows.bit_length() - 4, 0))
    return -(-num_rows // step) * step


def can_pack(dtype: torch.dtype) -> bool:
    """Whether packed linear layers of a type are meant for this processor."""
    if dtype == torch.int8:
        return True
    if not torch.backends.mkldnn.is_available():
        return False
    return dtype == torch.float32 or torch.ops.mkldnn._is_mkldnn_bf16_supported()


def pack_encoder(transformer: Any, dtype: torch.dtype) -> Any:
    """Copy an encoder for inference, with its linear layers packed.

    The copy shares all parameters, and is out of date once they change.

    transformer (PreTrainedModel): The encoder, on a CPU.
    dtype (torch.dtype): float32; bfloat16, in which the residual stream stays in float32, as under
        autocast; or int8, for weights in eight bits and activations quantised as they come.
    """
    shared: dict[int, Any] = {id(tensor): tensor for tensor in transformer.parameters()}
    shared |= {id(tensor): tensor for tensor in transformer.buffers()}
    packed = copy.deepcopy(transformer, shared).eval()
    if dtype == torch.int8:
        with warnings.catch_warnings():
            # torch announces another library for what it still does itself; docs/speed.md has
            # what follows.
            warnings.simplefilter("ignore")
            return torch.ao.quantization.quantize_dynamic(
                packed, {nn.Linear}, dtype=torch.qint8, inplace=True
            )
    if _is_plain(packed):
        return PackedTransformer(packed, dtype=dtype)
    _pack_linear(packed, dtype)
    return packed


def _pack_linear(transformer: nn.Module, dtype: torch.dtype) -> None:
    """Pack the linear layers, those before a GELU together with it."""
    for module in list(transformer.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                gelu = name == "dense" and _has_gelu(module)
                widen = name == "dense" and hasattr(module, "LayerNorm")
                linear = PackedLinear(child.weight, child.bias, dtype=dtype, gelu=gelu, widen=widen)
                # For code that asks for them
                linear.weight, linear.bias = child.weight, child.bias
                setattr(module, name, linear)
                if gelu:
                    module.intermediate_act_fn = nn.Identity()


def _is_plain(transformer: Any) -> bool:
    """Whether an encoder is embeddings and layers of BERT or its kin, and nothing between them."""
    children = {name for name, _ in transformer.named_children()}
    if not {"embeddings", "encoder"} <= children <= {"embeddings", "encoder", "pooler"}:
        return False
    layers = getattr(transformer.encoder, "layer", ())
    attentions = [getattr(getattr(layer, "attention", None), "self", None) for layer in layers]
    return bool(attentions) and all(map(_is_plain_attention, attentions))


def _windows(rows: Tensor, embedded: Tensor) -> Tensor:
    """Return the rows (1, N, E) of windows as such, (B, T, E)."""
    return rows[0, : embedded.shape[0] * embedded.shape[1]].view(embedded.shape)


def _is_plain_attention(module: Any) -> bool:
    """Whether a module is the self-attention of BERT or its kin, without relative positions."""
    return (
        type(module).__name__.endswith("SdpaSelfAttention")
        and all(type(getattr(module, n, None)) is nn.Linear for n in ("query", "key", "value"))
        and getattr(module, "position_embedding_type", None) == "absolute"
        and not module.is_decoder
    )


def _has_gelu(module: nn.Module) -> bool:
    """Whether a feed-forward block of BERT's kin applies the exact GELU behind its `dense`."""
    activation: Any = getattr(module, "intermediate_act_fn", None)
    return isinstance(activation, GELUActivation) and activation.act is nn.functional.gelu
