"""What the fusion of a run takes from the lower layer, and what that does to translations."""

from collections.abc import Mapping, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.evaluation.sentences import find_restart
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.languages import ENGLISH, kind_of, language_of
from spacy_dlfa.study.inside.look import fused_tok2vec, look, mean_cosine
from spacy_dlfa.study.probing.parallel import row_by_id, shared_rows

#: More would change little, and a sweep looks inside each of its runs.
MAX_SENTENCES = 100


def look_inside(
    nlp: Language, corpora: Mapping[str, Sequence[Doc]], task: str
) -> dict[str, dict[str, Any]] | None:
    """Measure what a fusion of two layers does in each language.

    The weight of the lower layer is the mean of AIF's sigmoid, equation (1). It lies in (0, 1)
    with both gates; with `gate = "feature"` the weight itself is the product of the sigmoid and
    the features, signed and as large as they are, so that its mean says nothing. `LayerMean` has
    0.5, `ScalarMix` its first weight; of other fusions it is not known.

    The cosine similarity is that of translations: of the mean wordpiece of a sentence and that
    of the sentence with the same id in the English test set of the same kind (`de_pud`,
    `en_pud`), in the last layer ("before") and in the fused one ("after").

    nlp (Language): The pipeline.
    corpora (Mapping[str, Sequence[Doc]]): Documents by name of the test set.
    task (str): Name of the task.
    RETURNS (Optional[Dict]): `weight` by test set, and `cosine` by test set with an English
        parallel, each of up to 100 sentences; None if the component does not fuse a pair.
    """
    component = task_named(task).component
    tok2vec = fused_tok2vec(nlp, component)
    if tok2vec is None:
        return None
    # Of all sentences, as the first ones need not show it
    paired = [name for name, docs in corpora.items() if find_restart(docs) is None]
    english = {kind_of(name): name for name in paired if language_of(name).name == ENGLISH}
    looks = {
        kind: look(nlp, component, tok2vec, corpora[name][:MAX_SENTENCES])
        for kind, name in english.items()
    }
    weights: dict[str, float] = {}
    cosines: dict[str, dict[str, float]] = {}
    for name in corpora:
        kind = kind_of(name)
        if name == english.get(kind):
            seen = looks[kind]
        else:
            known = row_by_id(looks[kind].docs) if kind in looks and name in paired else {}
            docs = corpora[name]
            parallel = [doc for doc in docs if doc.user_data.get("id") in known]
            seen = look(nlp, component, tok2vec, (parallel or docs)[:MAX_SENTENCES])
            theirs, ours = shared_rows(looks[kind].docs, seen.docs) if known else ([], [])
            if ours:
                cosines[name] = {
                    "before": mean_cosine(seen.last[ours], looks[kind].last[theirs]),
                    "after": mean_cosine(seen.fused[ours], looks[kind].fused[theirs]),
                }
        if seen.weight is not None:
            weights[name] = seen.weight
    return {"weight": weights, "cosine": cosines}
