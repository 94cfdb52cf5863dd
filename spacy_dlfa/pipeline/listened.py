"""A transformer component that knows which layers its listeners read."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.pipeline import EntityLinker
from spacy.pipeline.legacy import EntityLinker_v1
from spacy.tokens import Doc
from spacy.training import Example
from spacy_transformers.data_classes import FullTransformerBatch
from spacy_transformers.layers import TransformerListener
from spacy_transformers.pipeline_component import Transformer
from thinc.api import Model

from spacy_dlfa.encoder.batch import TransformerBatch
from spacy_dlfa.evaluation.labels_seen import note_labels
from spacy_dlfa.evaluation.self_training import note_self_training
from spacy_dlfa.pipeline.listener import DLFAListener
from spacy_dlfa.pipeline.pipelines import Pipelines
from spacy_dlfa.pipeline.transformer_model import TransformerModel


class Connected(NamedTuple):
    """A component with listeners.

    name (str): Its name in the pipeline.
    model (Model): Its model.
    listeners (List[TransformerListener]): The listeners in it.
    """

    name: str
    model: Model
    listeners: list[TransformerListener]


class ListenedTransformer(Transformer):
    """spacy-transformers' component, which tells its model what the connected listeners read.

    spaCy connects the listeners of one pipeline, and only when components come or go. Here they
    follow, too, when components are enabled. In a component that several pipelines
    share, documents get the layers of all.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        self.listening_models: dict[str, Model] = {}
        self._listener_map: dict[str, list[TransformerListener]] = {}
        self.pipelines = Pipelines()
        #: What it is called in the pipelines that it stands in
        self.names: set[str] = set()
        super().__init__(*args, **kwargs)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Let copies, which know no pipeline, put out what is read now."""
        self._follow()
        return super().__reduce_ex__(protocol)

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
        # A sweep puts another model in place of the encoder's.
        if isinstance(self.model, TransformerModel):
            if changed := self.model.trace_back():
                nlp.get_pipe_config(self.name)["model"].update(changed)
            note_labels(nlp)
            note_self_training(nlp)

    def predict(self, docs: Iterable[Doc]) -> FullTransformerBatch:
        """Encode documents for all components that were ever enabled, without changing them."""
        self._follow()
        output = super().predict(docs)
        if isinstance(output, TransformerBatch):
            output.made_by = frozenset({*self.names, self.name})
        return output

    @property
    def listener_map(self) -> dict[str, list[TransformerListener]]:
        """The listeners of each component."""
        self._follow()
        return self._listener_map

    @listener_map.setter
    def listener_map(self, found: dict[str, list[TransformerListener]]) -> None:
        # spaCy empties it before it connects all listeners anew, and has just set the name.
        self.names.add(self.name)
        if nlp := self.pipelines.find_own(self):
            self.pipelines.disabled = nlp.disabled
        else:
            # Of another pipeline, where they may be disabled just now
            self.pipelines.elsewhere.update(chain(*self._listener_map.values()))
        self._find_lost()
        self._listener_map, self.listening_models = found, {}
        self._tell_readers()

    def add_listener(self, listener: TransformerListener, component_name: str) -> None:
        """Connect a listener, whose layers come from now on.

        RAISES (ValueError): If the encoder lacks one of them.
        """
        super().add_listener(listener, component_name)
        self._prepare(listener)
        if not any(listener in each.listeners for each in self._own_listeners()):
            self.pipelines.elsewhere.add(listener)
        self._tell_readers()

    def remove_listener(self, listener: TransformerListener, component_name: str) -> bool:
        """Disconnect a listener; returns whether it was connected."""
        removed = super().remove_listener(listener, component_name)
        self.pipelines.elsewhere.discard(listener)
        if component_name not in self.listener_map:
            self.listening_models.pop(component_name, None)
        self._tell_readers()
        return removed

    def find_listeners(self, component: Any) -> None:
        """Connect the listeners of a component."""
        super().find_listeners(component)
        if isinstance(component, EntityLinker | EntityLinker_v1) and component.incl_context:
            for node in component.model.walk():
                if isinstance(node, DLFAListener):
                    node.reads_copies = True
        # A component that is a function has no name.
        if getattr(component, "name", None) in self.listener_map:
            self.listening_models[component.name] = component.model

    def enabled_listeners(self) -> list[tuple[str, TransformerListener]]:
        """List the listeners that learn now, each with the name of its component."""
        nlp = self.pipelines.find_own(self)
        own = self._own_listeners()
        if not self.listener_map:
            # Another pipeline had none, and may be gone
            self._connect(own)
        # Components of other pipelines may have the same names.
        disabled = [each for each in own if nlp and each.name in nlp.disabled]
        passed_by = {id(listener) for each in disabled for listener in each.listeners}
        found = [(n, each) for n, listeners in self.listener_map.items() for each in listeners]
        return [(name, listener) for name, listener in found if id(listener) not in passed_by]

    def _own_listeners(self) -> list[Connected]:
        """Find the listeners of the components behind it in its own pipeline.

        One that was never enabled costs nothing; one that was may be called by hand.
        """
        found: list[Connected] = []
        if (nlp := self.pipelines.find_own(self)) is None:
            return found
        names: tuple[str, ...] = ()
        for name, component in nlp.components:
            if component is self:
                # Another pipeline may have given it another name.
                names = ("*", name)
            model = getattr(component, "model", None)
            unused = name in nlp.disabled and name not in self._listener_map
            if not names or unused or not isinstance(model, Model):
                continue
            listeners = [
                node
                for node in model.walk()
                if isinstance(node, TransformerListener) and node.upstream_name in names
            ]
            found += [Connected(name, model, listeners)] if listeners else []
        return found

    def _follow(self) -> None:
        """Connect the listeners of components that were enabled, which spaCy does not."""
        nlp = self.pipelines.find_own(self)
        if nlp is None or nlp.disabled == self.pipelines.disabled:
            return
        disabled, found = nlp.disabled, self._own_listeners()
        own = [listener for each in found for listener in each.listeners]
        # Those of another pipeline, which was put together later, stay.
        if all(listener in own for listener in chain(*self._listener_map.values())):
            self._connect(found)
        for each in found:
            for listener in each.listeners:
                self._prepare(listener)
        self._tell_readers()
        # Last, so that another thread that predicts meanwhile does the same
        self.pipelines.disabled = disabled

    def _find_lost(self) -> None:
        """Find listeners in its own pipeline whose transformer was renamed, or came renamed."""
        if (nlp := self.pipelines.find_own(self)) is None:
            return
        models = [getattr(component, "model", None) for _, component in nlp.components]
        nodes = chain(*(model.walk() for model in models if isinstance(model, Model)))
        for node in nodes:
            if not isinstance(node, DLFAListener):
                continue
            if node.upstream_name in ("*", *nlp.component_names):
                node.lost = False
            # One that another pipeline has connected may be of use there.
            elif not node.connected or node in chain(*self._listener_map.values()):
                node.lost = True

    def _connect(self, found: list[Connected]) -> None:
        self._listener_map = {each.name: each.listeners for each in found}
        self.listening_models = {each.name: each.model for each in found}

    def _prepare(self, listener: TransformerListener) -> None:
        if isinstance(listener, DLFAListener):
            listener.connected, listener.lost = True, False
        if self.model.has_dim("nO") and listener.has_dim("nO") is None:
            listener.set_dim("nO", self.model.get_dim("nO"))

    def _tell_readers(self) -> None:
        # A sweep puts another model in place of the encoder's.
        if not isinstance(self.model, TransformerModel):
            return
        own = [listener for each in self._own_listeners() for listener in each.listeners]
        connected = chain(*self._listener_map.values())
        listeners = dict.fromkeys([*own, *connected, *self.pipelines.elsewhere])
        ours = [each for each in listeners if isinstance(each, DLFAListener)]
        # spacy-transformers' own read the last layer
        others = len(ours) < len(listeners)
        self.model.set_readers([listener.reader for listener in ours], last=others)
