"""How far the measurements are, and how long the rest will take."""

from collections.abc import Callable, Mapping

from tqdm import tqdm


class Progress:
    """A bar on stderr; the speed so far corrects the estimates of what is left.

    seconds (Mapping[str, float]): For each part, about how long it takes.
    """

    def __init__(self, seconds: Mapping[str, float]):
        self.seconds = seconds
        self.bar = tqdm(
            total=round(sum(seconds.values()), 1),
            bar_format="{desc:28.28} {percentage:3.0f} % |{bar:30}| {elapsed}, left {remaining}",
            smoothing=0,
        )

    def begin(self, part: str, steps: int) -> Callable[[], None]:
        """Start a part; returns a function to call after each of its steps."""
        self.bar.set_description_str(part)
        share = self.seconds[part] / steps

        def tick() -> None:
            self.bar.update(share)

        return tick
