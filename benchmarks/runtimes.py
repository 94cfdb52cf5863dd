"""The same encoder alone under the runtimes that users export encoders to, and under our engine."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from thinc.api import ArgsKwargs
from transformers import AutoModel

from benchmarks.bare import BareEncoder, Batch
from benchmarks.systems import System
from spacy_dlfa.architectures import create_transformer_model
from spacy_dlfa.encoder.encoder import LAST, Precision

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OUTPUT = "last_hidden_state"


class OwnEncoder(BareEncoder):
    """Our engine without spaCy: windows go in as rows, one behind the other."""

    def load(self, folder: Path) -> None:
        """Load the encoder as the component does."""
        precision: dict[torch.dtype, Precision] = {
            torch.float32: "fp32",
            torch.bfloat16: "bf16",
            torch.int8: "int8",
        }
        model: Any = create_transformer_model(
            str(folder), get_spans=lambda docs: [], precision=precision[self.dtype]
        )
        model.initialize()
        self.model = model.shim

    def best_batches(self, texts: Sequence[str]) -> list[Batch]:
        """Hand over all windows at once, as our engine makes its batches itself."""
        return self.pad(self.cut(texts), sys.maxsize)

    def encode(self, batches: list[Batch]) -> None:
        """Run the encoder."""
        for batch in batches:
            mask = batch["attention_mask"] > 0
            self.model.predict(ArgsKwargs((batch["input_ids"][mask], mask.sum(1), [LAST]), {}))


class OpenVINOEncoder(BareEncoder):
    """OpenVINO with its own converter, and all else as it comes but for threads and precision."""

    def load(self, folder: Path) -> None:
        """Convert and compile the encoder for inputs of any size."""
        import openvino

        converted = openvino.convert_model(_Exported(folder), example_input=_example())
        hint = {torch.float32: "f32", torch.bfloat16: "bf16"}[self.dtype]
        settings = {"INFERENCE_NUM_THREADS": torch.get_num_threads()}
        self.model = openvino.compile_model(
            converted, "CPU", {**settings, "INFERENCE_PRECISION_HINT": hint}
        ).create_infer_request()

    def encode(self, batches: list[Batch]) -> None:
        """Run the encoder."""
        for batch in batches:
            self.model.infer(_arrays(batch), share_inputs=True, share_outputs=True)


class OnnxEncoder(BareEncoder):
    """ONNX Runtime with its optimiser for BERT; in eight bits by its dynamic quantisation."""

    def load(self, folder: Path) -> None:
        """Export, optimise and open the encoder for inputs of any size."""
        import onnx
        import onnxruntime
        from onnxruntime.quantization import quantize_dynamic
        from onnxruntime.transformers.optimizer import optimize_model

        with tempfile.TemporaryDirectory() as made:
            path = Path(made, "encoder.onnx")
            exported = _Exported(folder)
            config = exported.transformer.config
            axes = {name: {0: "batch", 1: "length"} for name in (*_INPUTS, _OUTPUT)}
            torch.onnx.export(
                exported,
                _example(),
                str(path),
                input_names=list(_INPUTS),
                output_names=[_OUTPUT],
                dynamic_axes=axes,
                dynamo=False,
            )
            optimize_model(
                str(path),
                model_type="bert",
                num_heads=config.num_attention_heads,
                hidden_size=config.hidden_size,
            ).save_model_to_file(str(path))
            if self.dtype == torch.int8:
                whole, path = path, Path(made, "int8.onnx")
                # What the optimiser makes has operators whose types ONNX doesn't infer.
                quantize_dynamic(
                    whole, path, extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT}
                )
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = torch.get_num_threads()
            self.model = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )

    def encode(self, batches: list[Batch]) -> None:
        """Run the encoder."""
        for batch in batches:
            self.model.run([_OUTPUT], _arrays(batch))


class _Exported(torch.nn.Module):
    """What leaves Python: the last hidden state of three inputs, (B, T)."""

    def __init__(self, folder: Path):
        super().__init__()
        self.transformer = AutoModel.from_pretrained(
            folder, add_pooling_layer=False, attn_implementation="eager"
        ).eval()

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        return self.transformer(input_ids, attention_mask, token_type_ids).last_hidden_state


def _example() -> tuple[torch.Tensor, ...]:
    ids = torch.ones(2, 8, dtype=torch.int64)
    return ids, ids, torch.zeros_like(ids)


def _arrays(batch: Batch) -> dict[str, Any]:
    zeros = torch.zeros_like(batch["input_ids"])
    return {
        "input_ids": batch["input_ids"].numpy(),
        "attention_mask": batch["attention_mask"].numpy(),
        "token_type_ids": zeros.numpy(),
    }


#: The kinds of systems that are an encoder alone
ALONE: dict[str, type[BareEncoder]] = {
    "bare": BareEncoder,
    "own": OwnEncoder,
    "openvino": OpenVINOEncoder,
    "onnx": OnnxEncoder,
}


def load_alone(system: System, folder: Path) -> BareEncoder:
    """Load an encoder alone."""
    return ALONE[system.kind](folder, **system.settings)
