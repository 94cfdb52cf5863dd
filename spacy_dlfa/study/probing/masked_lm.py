"""The loss of masked language modelling, language by language."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from spacy.vocab import Vocab
from torch import Tensor
from torch.nn.functional import cross_entropy, linear
from transformers import AutoConfig, AutoModelForMaskedLM
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING

from spacy_dlfa.atomic import writing
from spacy_dlfa.docbin import read_docs
from spacy_dlfa.encoder.encoder import plan_batches, use_bf16
from spacy_dlfa.encoder.parts import find_max_length
from spacy_dlfa.encoder.pretrained import load_pretrained
from spacy_dlfa.encoder.weights import quiet
from spacy_dlfa.study.errors import Errors

HEAD = "mlm_head.safetensors"
MASKED = 0.15

_WINDOW = 128
_BATCH_SIZE = 1024  # wordpieces, padding included


def masked_lm(backbone: Path, collections: dict[str, tuple[Path, ...]]) -> dict[str, Any] | None:
    """Measure the loss on raw sentences; of a long one the first 128 wordpieces are read.

    A share of 0.15 of a sentence's wordpieces, one at least, becomes the mask, all at once and
    the same ones for all encoders with the same wordpieces.

    backbone (Path): Folder of the encoder.
    collections (Dict[str, Tuple[Path, ...]]): Test sets, whose texts are read.
    RETURNS (Optional[Dict[str, Any]]): By collection and test set `loss`, in nats for each masked
        wordpiece, and their number, `masked`; None if the encoder has no head for this.
    RAISES (ValueError): If the head belongs to another encoder.
    """
    hf_model = load_pretrained(backbone, {}, {})
    tokenizer = hf_model.tokenizer
    model = load_masked_lm(backbone)
    if model is None or tokenizer.mask_token_id is None:
        return None
    length = find_max_length(hf_model, _WINDOW, tokenizer.num_special_tokens_to_add())
    found: dict[str, dict[str, Any]] = {}
    for title, paths in collections.items():
        found[title] = {}
        for path in paths:
            texts = [doc.text for doc in read_docs(path, Vocab())]
            ids = tokenizer(texts, truncation=True, max_length=length)["input_ids"]
            found[title][path.stem] = mean_loss(model, tokenizer, ids, path.stem)
    return found


def load_masked_lm(backbone: Path) -> Any | None:
    """Load an encoder with its head, from its weights or from `mlm_head.safetensors` beside them.

    RETURNS (Optional[PreTrainedModel]): The model; None if there is no head.
    RAISES (ValueError): If the head's tensors are not those of the encoder's kind and size.
    """
    config = AutoConfig.from_pretrained(
        str(backbone), trust_remote_code=False, local_files_only=True
    )
    if type(config) not in MODEL_FOR_MASKED_LM_MAPPING:
        return None
    with quiet():
        model, info = AutoModelForMaskedLM.from_pretrained(
            str(backbone),
            config=config,
            torch_dtype="float32",
            output_loading_info=True,
            trust_remote_code=False,
            local_files_only=True,
            use_safetensors=True if any(backbone.glob("*.safetensors")) else None,
        )
    tensors = dict(model.named_parameters(remove_duplicate=False))
    missing = {*info["missing_keys"]}
    if (backbone / HEAD).is_file():
        missing -= _load_head(backbone / HEAD, tensors)
    # The decoder shares its weights with the embeddings, which the file need not say.
    known = {tensor.data_ptr() for name, tensor in tensors.items() if name not in missing}
    if any(tensors[name].data_ptr() not in known for name in missing if name in tensors):
        return None
    return model.eval()


def write_random_head(backbone: Path, folder: Path, seed: int) -> None:
    """Write the head of a model of random weights, the floor of the loss, if its kind has one."""
    config = AutoConfig.from_pretrained(
        str(backbone), trust_remote_code=False, local_files_only=True
    )
    if type(config) not in MODEL_FOR_MASKED_LM_MAPPING:
        return
    torch.manual_seed(seed)
    model = AutoModelForMaskedLM.from_config(config)
    encoder = {p.data_ptr() for p in model.base_model.parameters()}
    head = {
        name: tensor.detach().clone()
        for name, tensor in model.named_parameters()
        if tensor.data_ptr() not in encoder
    }
    with writing(folder / HEAD):
        save_file(head, folder / HEAD)


def mean_loss(
    model: Any, tokenizer: Any, sentences: Sequence[Sequence[int]], key: str
) -> dict[str, Any]:
    """Return the mean loss over the masked wordpieces of some sentences, and their number.

    model (PreTrainedModel): The encoder with its head.
    tokenizer (PreTrainedTokenizerBase): Its tokenizer.
    sentences (Sequence[Sequence[int]]): Wordpieces of each, special ones included.
    key (str): Says, with seed 0, what is masked.
    RETURNS (Dict[str, Any]): `loss` in nats, `masked`.
    """
    special = {*tokenizer.all_special_ids}
    rng = numpy.random.default_rng([0, crc32(key.encode("utf8"))])
    ids = torch.tensor([piece for each in sentences for piece in each])
    masked = torch.cat([_choose(each, special, rng) for each in sentences])
    inputs = torch.where(masked, tokenizer.mask_token_id, ids)
    total = 0.0
    with torch.inference_mode():
        for positions, mask in plan_batches(torch.tensor([*map(len, sentences)]), _BATCH_SIZE):
            wanted = masked[positions] & mask
            if wanted.any():
                logits = _logits(model, inputs[positions], mask, wanted)
                total += float(cross_entropy(logits, ids[positions][wanted], reduction="sum"))
    count = int(masked.sum())
    return {"loss": total / count if count else None, "masked": count}


def _choose(pieces: Sequence[int], special: set[int], rng: numpy.random.Generator) -> Tensor:
    places = [place for place, piece in enumerate(pieces) if piece not in special]
    masked = torch.zeros(len(pieces), dtype=torch.bool)
    if places:
        masked[rng.choice(places, max(1, round(MASKED * len(places))), replace=False)] = True
    return masked


def _logits(model: Any, input_ids: Tensor, mask: Tensor, wanted: Tensor) -> Tensor:
    """Return the logits of the wanted places alone, (M, V): of all they would take most time."""
    decoder = model.get_output_embeddings()
    rows: list[Tensor] = []

    def take(module: Any, inputs: tuple[Tensor]) -> tuple[Tensor]:
        rows.append(inputs[0][wanted].float())
        return (inputs[0][:1, :1],)

    hook = decoder.register_forward_pre_hook(take)
    try:
        bf16 = use_bf16("auto", input_ids.device.type)
        with torch.autocast(input_ids.device.type, torch.bfloat16, enabled=bf16):
            model(input_ids=input_ids, attention_mask=mask.long())
    finally:
        hook.remove()
    return linear(rows[0], decoder.weight, decoder.bias)


def _load_head(path: Path, tensors: dict[str, Tensor]) -> set[str]:
    """Copy a head into the parameters of a model, and return their names."""
    try:
        head = load_file(path)
    except (SafetensorError, OSError) as err:
        raise ValueError(Errors.DL458.format(path=path, error=err)) from err
    names = set()
    for key, tensor in head.items():
        # As in a checkpoint of BertForMaskedLM, or as in its `cls` alone
        name = key if key in tensors else f"cls.{key}"
        if name not in tensors or tensors[name].shape != tensor.shape:
            wanted = tuple(tensors[name].shape) if name in tensors else "no such tensor"
            raise ValueError(
                Errors.DL459.format(path=path, key=key, shape=tuple(tensor.shape), wanted=wanted)
            )
        tensors[name].data.copy_(tensor)
        names.add(name)
    return names
