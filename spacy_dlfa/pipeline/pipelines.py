"""The pipelines that a transformer component stands in."""

import weakref
from collections.abc import Callable
from typing import Any

from spacy.language import Language
from spacy_transformers.layers import TransformerListener


class Pipelines:
    """The pipelines that a component stands in: its own, for which it was made, and others.

    It keeps none of them alive.

    nlp (Optional[Language]): Its own.
    """

    def __init__(self, nlp: Language | None = None):
        self.own: Callable[[], Language | None] = lambda: None
        #: What was disabled in its own when listeners were last connected
        self.disabled: list[str] = []
        #: Listeners in others, which nobody can ask what they hold now
        self.elsewhere: weakref.WeakSet[TransformerListener] = weakref.WeakSet()
        if nlp is not None:
            self.set_own(nlp)
            # Any place in a pipeline is copied with it.
            vars(nlp).setdefault("_dlfa_pipelines", []).append(InPipeline(self))

    def set_own(self, nlp: Language) -> None:
        """Say which its own is."""
        self.own = weakref.ref(nlp)

    def __reduce__(self) -> tuple[type["Pipelines"], tuple[()], dict[str, Any]]:
        """Leave them out of copies of the component alone, which may be in another process."""
        return Pipelines, (), {"disabled": list(self.disabled)}

    def find_own(self, component: Any) -> Language | None:
        """Return its own, if that is there and the component stands in it."""
        nlp = self.own()
        found = nlp is not None and any(each is component for _, each in nlp.components)
        return nlp if found else None


class InPipeline:
    """Stands in a pipeline, whose copies are so those that the copied component belongs to.

    pipelines (Pipelines): Of the component.
    """

    def __init__(self, pipelines: Pipelines, nlp: Language | None = None):
        self.pipelines = pipelines
        if nlp is not None:
            pipelines.set_own(nlp)

    def __reduce__(self) -> tuple[type["InPipeline"], tuple[Pipelines, Language | None]]:
        """Name the pipeline, which is itself being copied."""
        return InPipeline, (self.pipelines, self.pipelines.own())
