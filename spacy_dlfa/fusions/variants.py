"""What fusions are called in sweeps, comparisons and pages; each says so itself, in its file."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar, get_args

from spacy import registry
from thinc.api import Model

from spacy_dlfa.errors import Errors

Reads = Literal["last", "lower", "pair", "all"]
Constructor = TypeVar("Constructor", bound=Callable[..., Any])

#: An argument that a sweep leaves as the config has it, so that it makes no variant of its own.
REDUCTION = "reduction"
#: The system without a fusion.
STOCK = "stock"
_ATTRIBUTE = "fusion_variants"


@dataclass(frozen=True)
class Variant:
    """A fusion, with the settings that make it another one than its other variants.

    name (str): Its short name, e.g. "dlfa-feature".
    title (str): What it is in a sentence, with `{layer}` for the lower layer.
    settings (Dict[str, Any]): Arguments of the constructor.
    colour (str): A name in `spacy_dlfa.study.pages.theme.COLOURS`; of those without a lower layer
        none is seen.
    control (bool): Whether it stands beside the fusions that a sweep is about.
    registered (str): The name in `@layers`; `find_variants` fills it in.
    """

    name: str
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    colour: str = "green"
    control: bool = False
    registered: str = ""

    @property
    def config(self) -> dict[str, Any]:
        """Its block in a config."""
        return {"@layers": self.registered, **self.settings}

    @property
    def reads(self) -> Reads | None:
        """The layers that it reads, see `spacy_dlfa.types.Fusion`."""
        return reads_of(self.config)

    @property
    def has_layer(self) -> bool:
        """Whether it reads a lower layer of the listener's."""
        return self.reads in ("lower", "pair")


def variants(*described: Variant) -> Callable[[Constructor], Constructor]:
    """Decorate the registered constructor of a fusion with what it is called."""

    def decorate(constructor: Constructor) -> Constructor:
        setattr(constructor, _ATTRIBUTE, described)
        return constructor

    return decorate


def find_variants() -> dict[str, Variant]:
    """Return all that is registered in `thinc_layers`, by any package, by short name.

    RAISES (ValueError): If two have one name.
    """
    found: dict[str, Variant] = {}
    for registered, constructor in sorted(registry.layers.get_all().items()):
        for variant in getattr(constructor, _ATTRIBUTE, ()):
            if other := found.get(variant.name):
                raise ValueError(
                    Errors.DL066.format(
                        name=variant.name, other=other.registered, registered=registered
                    )
                )
            found[variant.name] = replace(variant, registered=registered)
    return found


def check_fusion(fusion: Model, pooling: Model) -> None:
    """Check what a listener is given, which a config may have in each other's place.

    RAISES (ValueError): If the fusion is no fusion, or the pooling is one.
    """
    if fusion.attrs.get("reads") not in get_args(Reads):
        known = ", ".join(sorted({each.registered for each in find_variants().values()}))
        raise ValueError(Errors.DL067.format(found=fusion.name, known=known))
    if pooling.attrs.get("reads") in get_args(Reads):
        raise ValueError(Errors.DL068.format(found=pooling.name))


def name_of(fusion: Mapping[str, Any] | None) -> str:
    """Name a fusion by its block in a config, that of a package that is not installed too.

    RETURNS (str): The short name, followed by settings that it has besides and are no defaults.
    """
    if fusion is None:
        return STOCK
    registered = fusion["@layers"]
    settings = {key: value for key, value in fusion.items() if key not in ("@layers", REDUCTION)}
    name, defaults = registered, defaults_of(registered)
    if registered in registry.layers:
        whole = {**defaults, **settings}
        for variant in getattr(registry.layers.get(registered), _ATTRIBUTE, ()):
            if all(whole.get(key) == value for key, value in variant.settings.items()):
                name, defaults = variant.name, {**defaults, **variant.settings}
                break
    more = [f"{key}-{value}" for key, value in settings.items() if defaults.get(key) != value]
    return "-".join([name, *more])


def defaults_of(registered: str) -> dict[str, Any]:
    """Return the arguments of a fusion with their defaults, by name; {} without its package."""
    if registered not in registry.layers:
        return {}
    parameters = inspect.signature(registry.layers.get(registered)).parameters.values()
    return {each.name: each.default for each in parameters}


def reads_of(fusion: Mapping[str, Any]) -> Reads | None:
    """Say which layers a fusion reads, by its block in a config; None without its package."""
    if fusion["@layers"] not in registry.layers:
        return None
    return registry.resolve({"fusion": fusion})["fusion"].attrs["reads"]


def has_layer(fusion: Mapping[str, Any] | None) -> bool:
    """Whether a fusion reads a lower layer of the listener's, if its package is installed."""
    return fusion is not None and reads_of(fusion) in (None, "lower", "pair")
