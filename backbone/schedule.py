"""The learning rate: warm-up, constant, and a cool-down that can start at any checkpoint.

As the constant part has no end, a run can go on for as long as there is time (Hu et al., "MiniCPM",
2024; Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations",
2024).
"""

from typing import NamedTuple

from backbone.settings import TrainingSettings


class CoolDown(NamedTuple):
    """The last part of a run, in which the rate falls to 0.

    start (int): The step it starts at.
    steps (int): How many it has.
    """

    start: int
    steps: int


def get_learn_rate(step: int, settings: TrainingSettings, cool_down: CoolDown | None) -> float:
    """Return the rate of a step, from 0."""
    rate = settings.learn_rate * min(1.0, (step + 1) / max(1, settings.warmup_steps))
    if cool_down is None or step < cool_down.start:
        return rate
    left = 1 - (step - cool_down.start + 1) / (cool_down.steps + 1)
    return rate * max(0.0, left)
