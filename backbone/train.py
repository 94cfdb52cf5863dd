"""The training loop: the same on a CPU and on a GPU, and the same if it is killed and goes on."""

import time
from pathlib import Path
from typing import Any

import srsly
import torch
from torch.nn import functional
from torch.utils.data import DataLoader
from tqdm import tqdm

from backbone.checkpoint import Progress, save_checkpoint
from backbone.encoder import MaskedLM
from backbone.objectives.batches import Batch, Batches
from backbone.objectives.contrastive import contrastive_loss
from backbone.schedule import get_learn_rate
from backbone.settings import ObjectiveSettings, Settings, TrainingSettings

LOG = "log.jsonl"
_TERMS = ("mlm", "tlm", "contrastive")


def make_optimizer(model: MaskedLM, settings: TrainingSettings) -> torch.optim.AdamW:
    """Return fused AdamW; vectors have no weight decay."""
    parameters = list(model.parameters())
    return torch.optim.AdamW(
        [
            {
                "params": [p for p in parameters if p.ndim > 1],
                "weight_decay": settings.weight_decay,
            },
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ],
        betas=(0.9, settings.beta2),
        eps=1e-6,
        fused=True,
    )


def compute_losses(
    model: MaskedLM, batch: Batch, settings: ObjectiveSettings
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what is minimized, and sums and counts of its terms for the log, (3, 2)."""
    size, length = batch.ids.shape
    device = batch.ids.device
    with torch.autocast(device.type, torch.bfloat16):
        last, middle = model.encoder(
            batch.ids, batch.positions, batch.segments, settings.contrastive_layer
        )
        scores = model.predict(last.reshape(size * length, -1)[batch.places])
    losses = functional.cross_entropy(scores.float(), batch.gold, reduction="none")
    contrastive = contrastive_loss(middle, batch.twins, settings.temperature)
    first, end = 2 * batch.twins * length, (2 * batch.twins + batch.tlm) * length
    # Without indexing by a mask, for which a GPU would be waited for
    tlm = ((batch.places >= first) & (batch.places < end)).float()
    with torch.no_grad():
        logged = torch.stack(
            [
                torch.stack([(losses * (1 - tlm)).sum(), (1 - tlm).sum()]),
                torch.stack([(losses * tlm).sum(), tlm.sum()]),
                torch.stack([contrastive, torch.full_like(contrastive, batch.twins > 1)]),
            ]
        )
    return losses.mean() + settings.contrastive * contrastive, logged


def train(
    model: MaskedLM,
    optimizer: torch.optim.Optimizer,
    batches: Batches,
    settings: Settings,
    progress: Progress,
    folder: Path,
    *,
    steps: int,
    minutes: float | None = None,
    workers: int = 0,
) -> Progress:
    """Train until a number of steps is reached, with checkpoints and a log in a folder.

    steps (int): Steps of the whole run, those before this call included.
    minutes (Optional[float]): Stops earlier, with a checkpoint, when so many have passed.
    workers (int): Processes that make batches; 0 makes them in this one.
    RETURNS (Progress): How far the run is now.
    RAISES (ValueError): If the loss or a gradient is not finite; the last checkpoint stays.
    """
    training = settings.training
    device = next(model.parameters()).device
    folder.mkdir(parents=True, exist_ok=True)
    # Typed as any: a sampler of numbers is all that DataLoader needs.
    numbers: Any = range(progress.step, steps)
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=numbers,
        num_workers=workers,
        pin_memory=device.type == "cuda",
    )
    sums, norms = torch.zeros(len(_TERMS), 2, device=device), torch.zeros((), device=device)
    begin = last_log = last_checkpoint = time.monotonic()
    pieces_before = progress.pieces
    model.train()
    with tqdm(total=steps, initial=progress.step, unit=" steps", desc="Pretraining") as bar:
        for batch in loader:
            batch = Batch(*(_move(part, device) for part in batch))
            rate = get_learn_rate(progress.step, training, progress.cool_down)
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss, logged = compute_losses(model, batch, settings.objectives)
            loss.backward()
            norms += torch.nn.utils.clip_grad_norm_(model.parameters(), training.max_norm)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            sums += logged
            progress = progress._replace(
                step=progress.step + 1,
                pieces=progress.pieces + batch.ids.numel(),
                predicted=progress.predicted + len(batch.gold),
            )
            bar.update()
            now = time.monotonic()
            out_of_time = minutes is not None and now - begin > 60 * minutes
            if progress.step % training.log_steps == 0 or progress.step == steps or out_of_time:
                speed = (progress.pieces - pieces_before) / (now - last_log)
                _check_finite(sums, norms, progress.step)
                _log(folder / LOG, sums, progress, rate, speed, bar)
                sums.zero_()
                last_log, pieces_before = now, progress.pieces
                # Only after the check that all is finite
                if now - last_checkpoint > 60 * training.checkpoint_minutes:
                    save_checkpoint(
                        folder, model, optimizer, progress, settings, batches.vocabulary
                    )
                    last_checkpoint = now
            if out_of_time:
                break
    save_checkpoint(folder, model, optimizer, progress, settings, batches.vocabulary)
    return progress


def _move(part: Any, device: torch.device) -> Any:
    return part.to(device, non_blocking=True) if isinstance(part, torch.Tensor) else part


def _check_finite(sums: torch.Tensor, norms: torch.Tensor, step: int) -> None:
    """Refuse a loss, or a sum of gradients' norms, with which weights have become useless."""
    for what, value in (("loss", sums[:, 0].sum()), ("sum of the gradients' norms", norms)):
        if not torch.isfinite(value):
            raise ValueError(
                f"step {step}: the {what} is {value.item()}; set a lower training.learn_rate and "
                "start again from the last checkpoint"
            )


def _log(
    path: Path, sums: torch.Tensor, progress: Progress, rate: float, speed: float, bar: tqdm
) -> None:
    means = (sums[:, 0] / sums[:, 1].clamp(min=1)).tolist()
    row = {
        "step": progress.step,
        "pieces": progress.pieces,
        **{name: round(mean, 4) for name, mean in zip(_TERMS, means, strict=True)},
        "learn_rate": rate,
        "pieces_per_s": round(speed),
    }
    with path.open("a", encoding="utf8") as file:
        file.write(srsly.json_dumps(row) + "\n")
    bar.set_postfix({name: f"{row[name]:.3f}" for name in _TERMS}, refresh=False)
