"""A transformer component that knows which layers its listeners read."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.language import Language
from spacy.training import Example
from spacy_transformers.layers import TransformerListener
from spacy_transformers.pipeline_component import Transformer
from thinc.api import Model

from spacy_dlfa.encoder.transformer_model import TransformerModel
from spacy_dlfa.evaluation.labels_seen import note_labels
from spacy_dlfa.evaluation.self_training import note_self_training
from spacy_dlfa.pipeline.listener import DLFAListener


class ListenedTransformer(Transformer):
    """spacy-transformers' component, which tells its model what the connected listeners read."""

    def __init__(self, *args: Any, **kwargs: Any):
        self.listening_models: dict[str, Model] = {}
        #: What stands behind it in a pipeline that is being initialised without some components
        self.followers: list[Any] = []
        super().__init__(*args, **kwargs)

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None
    ) -> None:
        """Load the encoder, if there is none yet, and connect the listeners.

        get_examples (Callable[[], Iterable[Example]]): Is not called.
        nlp (Optional[Language]): The pipeline. If the encoder comes from the folder of another
            one, its config gets the settings that the encoder was first loaded with. Labels of
            other languages that it is trained on are noted, see `evaluation.labels_seen`, and
            that the encoder was self-trained, see `evaluation.self_training`.
        """
        super().initialize(get_examples, nlp=nlp)
        if nlp is None:
            return
        names = nlp.component_names
        # spaCy disables components with `source` meanwhile, and would leave them disconnected.
        if self.name in names and nlp.disabled:
            behind = nlp.components[names.index(self.name) + 1 :]
            self.followers = [component for _, component in behind]
        # A sweep puts another model in place of the encoder's.
        if isinstance(self.model, TransformerModel):
            if changed := self.model.trace_back():
                nlp.get_pipe_config(self.name)["model"].update(changed)
            note_labels(nlp)
            note_self_training(nlp)

    @property
    def listener_map(self) -> dict[str, list[TransformerListener]]:
        """The listeners of each component."""
        return self._listener_map

    @listener_map.setter
    def listener_map(self, found: dict[str, list[TransformerListener]]) -> None:
        # spaCy empties it before it connects all listeners anew.
        self._listener_map = found
        followers, self.followers = self.followers, []
        for component in followers:
            self.find_listeners(component)
        self._tell_readers()

    def add_listener(self, listener: TransformerListener, component_name: str) -> None:
        """Connect a listener, whose layers come from now on.

        RAISES (ValueError): If the encoder lacks one of them.
        """
        super().add_listener(listener, component_name)
        if isinstance(listener, DLFAListener):
            listener.connected = True
        self._tell_readers()

    def remove_listener(self, listener: TransformerListener, component_name: str) -> bool:
        """Disconnect a listener; returns whether it was connected."""
        removed = super().remove_listener(listener, component_name)
        self._tell_readers()
        return removed

    def find_listeners(self, component: Any) -> None:
        """Connect the listeners of a component."""
        super().find_listeners(component)
        # A component that is a function has no name.
        if getattr(component, "name", None) in self.listener_map:
            self.listening_models[component.name] = component.model

    def _tell_readers(self) -> None:
        # A sweep puts another model in place of the encoder's.
        if isinstance(self.model, TransformerModel):
            ours = [each for each in self.listeners if isinstance(each, DLFAListener)]
            # spacy-transformers' own read the last layer
            others = len(ours) < len(self.listeners)
            self.model.set_readers([listener.reader for listener in ours], last=others)
