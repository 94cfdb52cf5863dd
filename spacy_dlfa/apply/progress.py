"""How far a run is."""

from tqdm import tqdm

from spacy_dlfa.apply.run import Summary


class Bar:
    """A bar on stderr: documents per second, and how long the rest will take.

    size (int): Bytes of the input; how many documents these are is known when they are read.
    """

    def __init__(self, size: int) -> None:
        self.bar = tqdm(
            total=size,
            bar_format="{percentage:3.0f} % |{bar:30}| {desc}{elapsed}, left {remaining}",
            smoothing=0,
            leave=False,
        )

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()

    def show(self, summary: Summary) -> None:
        """Show what is done."""
        # What was done before says nothing about the time.
        self.bar.initial = summary.skipped_size
        now, elapsed = summary.rows - summary.skipped, self.bar.format_dict["elapsed"]
        rate = f", {now / elapsed:,.0f}/s" if elapsed else ""
        self.bar.set_description_str(f"{summary.rows:,} documents{rate}, ", refresh=False)
        self.bar.update(summary.size - self.bar.n)
