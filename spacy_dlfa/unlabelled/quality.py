"""How good a pipeline is by unlabelled text: estimates, and the scores that they let expect."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language

from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.tasks import Task
from spacy_dlfa.unlabelled.calibrate import by_variety, correlate, expect
from spacy_dlfa.unlabelled.estimate import Estimates, Variety, draw, estimate
from spacy_dlfa.unlabelled.known import known_estimates, known_scores


class Quality(NamedTuple):
    """What is estimated.

    estimates (Dict[Variety, Estimates]): Of the languages that have a sentence.
    expected (Dict[Variety, float]): The score to expect, where one can be.
    correlation (Dict[str, Any]): `spearman`, by name of the estimate, and of how many `languages`;
        nothing if no scores are given.
    """

    estimates: dict[Variety, Estimates]
    expected: dict[Variety, float]
    correlation: dict[str, Any]

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the estimates of each language as `describe --quality` reads them."""
        return {
            str(each): {
                "language": each.language,
                "script": each.script,
                **row,
                "expected": self.expected.get(each),
            }
            for each, row in self.estimates.items()
        }


def estimate_quality(
    nlp: Language,
    second: Language | None,
    texts: Mapping[Variety, Sequence[Path]],
    task: Task,
    sentences: int,
    run: Run | None,
    progress: Callable[[], object],
) -> Quality:
    """Estimate how good a pipeline is in each language.

    nlp (Language): The pipeline, whose meta data may know scores and estimates.
    second (Optional[Language]): Another one for the same task.
    texts (Mapping[Variety, Sequence[Path]]): What `find_varieties` returns.
    sentences (int): Sentences of a language, at most.
    run (Optional[Run]): Scores of the pipeline, which the estimates are correlated with.
    progress (Callable[[], object]): Called after each language.
    RAISES (ValueError): If a file can't be read, or a pipeline lets sentences fall.
    """
    found: dict[Variety, Estimates] = {}
    for variety, paths in texts.items():
        if drawn := draw(paths, sentences):
            found[variety] = estimate(nlp, second, drawn, task)
        progress()
    expected = expect(found, known_estimates(nlp.meta, task), known_scores(nlp.meta, task))
    correlation: dict[str, Any] = {}
    if run:
        scored = [each for each in run["scores"].items() if is_zero_shot(each[1])]
        values, number = correlate(
            found, by_variety({name: row[task.metric] for name, row in scored})
        )
        correlation = {"spearman": values, "languages": number}
    return Quality(found, expected, correlation)
