"""What ``config.yml`` of a Rasa project says: language, pipeline and policies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from intents.reading.yamlfile import as_text, line_of, plain
from intents.settings import DIMENSIONS, Settings
from models.errors import Problem

DEFAULT_FALLBACK = "action_default_fallback"
DUCKLING_ZONE = "America/Los_Angeles"
OLDER_HISTORY = 5
MEMORIES = ("AugmentedMemoizationPolicy", "MemoizationPolicy")
LEARNERS = ("TEDPolicy", "KerasPolicy", "EmbeddingPolicy", "SklearnPolicy")
"""Policies that learn from stories; one of Frontdesk's own stands for them."""


@dataclass(frozen=True)
class Component:
    """An entry of the pipeline or of the policies: the class's name, without its module."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Pipeline:
    """``config.yml`` as data. An empty one stands for a project without that file.

    What is asked for by its properties holds in Frontdesk; all other components and options are
    those of another engine and are kept only to be written again.
    """

    language: str | None = None
    components: tuple[Component, ...] = ()
    policies: tuple[Component, ...] = ()
    other: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""

    def __bool__(self) -> bool:
        return bool(self.language or self.components or self.policies or self.other)

    @property
    def rasa(self) -> bool:
        """Whether it is a Rasa project's, though it may leave both lists open."""
        return bool(self.components or self.policies or RASA_KEYS & self.other.keys())

    def find(self, *names: str) -> Component | None:
        """The first component or policy of one of these names, those that Rasa takes where the
        project names none among them."""
        components = self.components or (PIPELINE if self.rasa else ())
        policies = self.policies or (POLICIES if self.rasa else ())
        return next((c for c in (*components, *policies) if c.name in names), None)

    @property
    def fallback_threshold(self) -> float | None:
        """Confidence below which ``FallbackClassifier`` puts ``nlu_fallback`` first."""
        found = self.find("FallbackClassifier")
        if found is not None:
            return _number(found.options.get("threshold"), 0.3)
        older = self.find("FallbackPolicy", "TwoStageFallbackPolicy")
        return None if older is None else _number(older.options.get("nlu_threshold"), 0.3)

    @property
    def ambiguity_threshold(self) -> float | None:
        """Distance between the two best intents below which ``nlu_fallback`` comes first."""
        found = self.find("FallbackClassifier", "FallbackPolicy", "TwoStageFallbackPolicy")
        return None if found is None else _number(found.options.get("ambiguity_threshold"), 0.1)

    @property
    def core_fallback_threshold(self) -> float | None:
        """Confidence of the next action below which the fallback action is taken."""
        rules = self.find("RulePolicy")
        if rules is not None:
            if rules.options.get("enable_fallback_prediction", True) is False:
                return None
            return _number(rules.options.get("core_fallback_threshold"), 0.3)
        older = self.find("FallbackPolicy", "TwoStageFallbackPolicy")
        return None if older is None else _number(older.options.get("core_threshold"), 0.3)

    @property
    def core_fallback_action(self) -> str:
        """The action where nothing is predicted with enough confidence."""
        for name, key in (
            ("RulePolicy", "core_fallback_action_name"),
            ("FallbackPolicy", "fallback_action_name"),
            ("TwoStageFallbackPolicy", "fallback_core_action_name"),
        ):
            found = self.find(name)
            if found is not None and found.options.get(key):
                return as_text(found.options[key])
        return DEFAULT_FALLBACK

    @property
    def max_history(self) -> int | None:
        """Turns that memorised stories look back; None for all of them."""
        found = self.find("MemoizationPolicy", "AugmentedMemoizationPolicy")
        value = found.options.get("max_history") if found else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Duckling's dimensions that the pipeline extracts, those that are known here."""
        found = self.find("DucklingEntityExtractor", "DucklingHTTPExtractor")
        if found is None:
            return ()
        named = found.options.get("dimensions")
        if not isinstance(named, list):
            return DIMENSIONS
        return tuple(name for name in map(as_text, named) if name in DIMENSIONS)

    @property
    def named_entities(self) -> tuple[str, ...]:
        """spaCy's entity types that the pipeline extracts, such as ``PERSON``."""
        found = self.find("SpacyEntityExtractor")
        named = found.options.get("dimensions") if found else None
        return tuple(map(as_text, named)) if isinstance(named, list) else ()

    @property
    def timezone(self) -> str:
        """Where Duckling's times are; an own server of it is in California unless told, and at
        UTC where it does not know the zone."""
        found = self.find("DucklingEntityExtractor", "DucklingHTTPExtractor")
        if found is None:
            return ""
        named = as_text(found.options.get("timezone")) or DUCKLING_ZONE
        return named if _is_zone(named) else "UTC"

    @property
    def remembers(self) -> bool:
        """Whether stories are followed to the letter; so unless policies are named without it."""
        return not self.rasa or self.find(*MEMORIES) is not None

    @property
    def augmented(self) -> bool:
        """Whether what was said and set earlier may be forgotten until a story fits."""
        return self.find("MemoizationPolicy") is None

    @property
    def learns(self) -> bool:
        """Whether a policy generalises from stories; so unless policies are named without one."""
        return not self.rasa or self.find(*LEARNERS) is not None

    @property
    def falls_back(self) -> bool:
        """Whether an action is taken where no policy is sure."""
        return not self.rasa or self.core_fallback_threshold is not None

    @property
    def regex_entities(self) -> bool:
        """Whether lookups and regexes are entities by themselves, not hints alone."""
        return self.find("RegexEntityExtractor") is not None


KEYS = frozenset(
    {"language", "pipeline", "policies", "recipe", "assistant_id", "spaces", "importers"}
)
"""Top-level keys of ``config.yml``."""
RASA_KEYS = frozenset({"pipeline", "policies", "recipe", "assistant_id"})
"""Those of them that make a folder a Rasa project, whatever stands under them."""

_SURE: Mapping[str, Any] = {"epochs": 100, "constrain_similarities": True}
PIPELINE = (
    Component("WhitespaceTokenizer"),
    Component("RegexFeaturizer"),
    Component("LexicalSyntacticFeaturizer"),
    Component("CountVectorsFeaturizer"),
    Component("CountVectorsFeaturizer", {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}),
    Component("DIETClassifier", _SURE),
    Component("EntitySynonymMapper"),
    Component("ResponseSelector", _SURE),
    Component("FallbackClassifier", {"threshold": 0.3, "ambiguity_threshold": 0.1}),
)
POLICIES = (
    Component("MemoizationPolicy"),
    Component("RulePolicy"),
    Component("UnexpecTEDIntentPolicy", {"max_history": 5, "epochs": 100}),
    Component("TEDPolicy", {"max_history": 5, **_SURE}),
)
"""What Rasa 3 takes where a ``config.yml`` names no pipeline or no policies
(``rasa/engine/recipes/config_files/default_config.yml``)."""


def read_pipeline(document: dict[Any, Any], file: str, problems: list[Problem]) -> Pipeline:
    """The part of a document that is configuration; what cannot be read is reported."""
    other = {
        as_text(key): plain(value)
        for key, value in document.items()
        if as_text(key) in KEYS - {"language", "pipeline", "policies"}
        or (as_text(key) in RASA_KEYS and not value)
    }
    language = document.get("language")
    return Pipeline(
        None if language is None else as_text(language),
        tuple(_components(document, "pipeline", file, problems)),
        tuple(_components(document, "policies", file, problems)),
        other,
        file,
    )


def with_older_history(pipeline: Pipeline) -> Pipeline:
    """A pipeline of Rasa 1.x or 2.x as one of 3.x: memories that name no ``max_history`` looked
    five turns back, and look at all of them since."""
    policies = pipeline.policies or (POLICIES if pipeline.rasa else ())
    return replace(
        pipeline,
        policies=tuple(
            replace(one, options={"max_history": OLDER_HISTORY, **one.options})
            if one.name in MEMORIES
            else one
            for one in policies
        ),
    )


def from_pipeline(
    settings: Settings, pipeline: Pipeline, set_by_hand: Collection[str] = ()
) -> Settings:
    """Settings with what ``config.yml`` says where ``frontdesk.yml`` does not: language,
    dimensions."""
    if pipeline.dimensions and "dimensions" not in set_by_hand:
        settings = replace(settings, dimensions=pipeline.dimensions)
    if pipeline.language and not {"languages", "default_language"} & set(set_by_hand):
        language = pipeline.language.lower().replace("_", "-").split("-")[0]
        settings = replace(settings, languages=(language,), default_language=language)
    return settings


def _components(
    document: dict[Any, Any], key: str, file: str, problems: list[Problem]
) -> Iterator[Component]:
    node = document.get(key)
    if isinstance(node, str):
        # A template of Rasa 1.x, such as "supervised_embeddings".
        yield Component(as_text(node), {}, line_of(document, key))
        return
    if node is not None and not isinstance(node, list):
        found = repr(plain(node))[:60]
        fix = "Write '- name: <component>'."
        problems.append(Problem(file, line_of(document, key), f"a list under {key}", found, fix))
        return
    for item in node or ():
        line = line_of(item) or line_of(document, key)
        options = plain(item) if isinstance(item, dict) else {"name": as_text(item)}
        name = as_text(options.pop("name", None)).split(".")[-1]
        name = _RENAMED.get(name, name)
        if name:
            zone = options.get("timezone")
            if zone and not _is_zone(as_text(zone)):
                expected, fix = "a time zone such as Europe/Rome", "Times are UTC's until it is."
                found = repr(as_text(zone))[:60]
                problems.append(Problem(file, line, expected, found, fix, "warning"))
            yield Component(name, options, line)
        else:
            found = repr(options)[:60]
            fix = "Write '- name: <component>'."
            problems.append(Problem(file, line, f"a name in {key}", found, fix))


_RENAMED = {
    "ner_duckling": "DucklingHTTPExtractor",
    "ner_duckling_http": "DucklingHTTPExtractor",
    "ner_synonyms": "EntitySynonymMapper",
}
"""What components of rasa_nlu 0.x have been called since, where that matters here."""


@lru_cache(64)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _number(value: Any, default: float) -> float:
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if sound else default
