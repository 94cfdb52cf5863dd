"""Score a pipeline on test sets that were damaged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.augmenters.kinds import damage
from spacy_dlfa.evaluation.record import Part
from spacy_dlfa.evaluation.run import evaluate

#: Share of the words that are damaged, where a kind damages single words
AMOUNT = 0.2
_SEED = 0


class Damaged(Mapping[str, list[Doc]]):
    """Test sets with one kind of noise, the same each time that they are read.

    corpora (Mapping[str, Sequence[Doc]]): The test sets.
    kind (str): A key of `spacy_dlfa.augmenters.kinds.KINDS`.
    """

    def __init__(self, corpora: Mapping[str, Sequence[Doc]], kind: str) -> None:
        self._corpora, self._kind = corpora, kind

    def __getitem__(self, name: str) -> list[Doc]:
        # Its own for each sentence, so that no other one has a say
        return [
            damage(doc, self._kind, AMOUNT, Random(f"{_SEED} {self._kind} {name} {place}"))
            for place, doc in enumerate(self._corpora[name])
        ]

    def __iter__(self) -> Iterator[str]:
        return iter(self._corpora)

    def __len__(self) -> int:
        return len(self._corpora)


def evaluate_noise(
    nlp: Language,
    corpora: Mapping[str, Sequence[Doc]],
    task: str,
    kinds: Sequence[str],
    *,
    progress: Callable[[str], object] | None = None,
    failed: Callable[[str, Exception], object] | None = None,
) -> dict[str, Part]:
    """Score a pipeline on test sets once for each kind of noise, as `evaluate` does without any.

    nlp (Language): The pipeline.
    corpora (Mapping[str, Sequence[Doc]]): Gold documents by name of the test set, each of which
        `evaluate` can score.
    task (str): Name of the task.
    kinds (Sequence[str]): Keys of `spacy_dlfa.augmenters.kinds.KINDS`.
    progress (Optional[Callable[[str], object]]): Called before each test set, with its name and the
        kind.
    failed (Optional[Callable[[str, Exception], object]]): Called with the kind and the error of one
        that can't be scored, which is then left out; if None, the error is raised.
    RETURNS (Dict[str, Part]): `scores`, `averages` and `counts` by kind.
    """
    parts: dict[str, Part] = {}
    for kind in kinds:

        def show(name: str, kind: str = kind) -> None:
            if progress:
                progress(f"{name}, {kind}")

        try:
            scored = evaluate(nlp, Damaged(corpora, kind), task, raw=True, progress=show)
        except Exception as err:  # of memory, or of a component
            if failed is None:
                raise
            failed(kind, err)
            continue
        parts[kind] = {
            "scores": scored["scores"],
            "averages": scored["averages"],
            "counts": scored["counts"],
        }
    return parts
