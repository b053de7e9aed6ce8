"""What of a Rasa project does not come along as it is: components, servers, channels, actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intents.assistant import Assistant, Form
from intents.importing.report import APPROXIMATED, LEFT_OUT, Note
from intents.importing.source import Source
from intents.pipeline import Component
from intents.reading.yamlfile import as_text, line_of, load
from intents.settings import DIMENSIONS
from models.errors import DataError

_HONOURED = frozenset(
    {
        "FallbackClassifier",
        "FallbackPolicy",
        "TwoStageFallbackPolicy",
        "RulePolicy",
        "MappingPolicy",
        "FormPolicy",
        "MemoizationPolicy",
        "AugmentedMemoizationPolicy",
        "RegexEntityExtractor",
        "EntitySynonymMapper",
        "ResponseSelector",
        "DucklingEntityExtractor",
        "DucklingHTTPExtractor",
    }
)
"""Components that Frontdesk does the work of, by the options that docs/import.md names."""

_NAMES = """
WhitespaceTokenizer JiebaTokenizer MitieTokenizer SpacyTokenizer ConveRTTokenizer
LanguageModelTokenizer SpacyNLP MitieNLP HFTransformersNLP
RegexFeaturizer LexicalSyntacticFeaturizer CountVectorsFeaturizer LanguageModelFeaturizer
SpacyFeaturizer MitieFeaturizer ConveRTFeaturizer
DIETClassifier KeywordIntentClassifier LogisticRegressionClassifier MitieIntentClassifier
SklearnIntentClassifier EmbeddingIntentClassifier
CRFEntityExtractor MitieEntityExtractor SpacyEntityExtractor
TEDPolicy UnexpecTEDIntentPolicy EmbeddingPolicy KerasPolicy SklearnPolicy
supervised_embeddings pretrained_embeddings_spacy pretrained_embeddings_convert
tensorflow_embedding spacy_sklearn mitie_sklearn mitie keyword
nlp_spacy nlp_mitie tokenizer_whitespace tokenizer_jieba tokenizer_mitie tokenizer_spacy
intent_featurizer_count_vectors intent_featurizer_mitie intent_featurizer_ngrams
intent_featurizer_spacy intent_entity_featurizer_regex intent_classifier_keyword
intent_classifier_mitie intent_classifier_sklearn intent_classifier_tensorflow_embedding
ner_crf ner_mitie ner_spacy
"""
_REPLACED = frozenset(_NAMES.split())
"""Components of rasa_nlu 0.x to Rasa 3.x whose work Frontdesk does in its own way."""


def notes_on(source: Source, assistant: Assistant, coded: Sequence[str] = ()) -> list[Note]:
    """All notes on a project's files beside the training data; ``coded`` are forms of its code."""
    return [
        *_components(assistant),
        *_server_files(source),
        *_actions(source, assistant),
        *_bare_forms(assistant),
        *(_coded_form(assistant.forms[name]) for name in coded),
    ]


def _components(assistant: Assistant) -> Iterator[Note]:
    pipeline = assistant.pipeline
    replaced: list[Component] = []
    for one in (*pipeline.components, *pipeline.policies):
        if one.name in _HONOURED:
            yield from _unknown_dimensions(pipeline.file, one)
        elif one.name in _REPLACED:
            replaced.append(one)
        else:
            what = f"the component {one.name}"
            instead = "Code of a project's own does not run here; an action may do its work."
            yield Note(LEFT_OUT, pipeline.file, one.line, what, instead)
    if replaced:
        named = ", ".join(dict.fromkeys(one.name for one in replaced))
        instead = "Frontdesk's own encoder, heads, tagger and policy stand for them."
        yield Note(APPROXIMATED, pipeline.file, replaced[0].line, named, instead)


def _unknown_dimensions(file: str, component: Component) -> Iterator[Note]:
    wanted = component.options.get("dimensions")
    if not component.name.startswith("Duckling") or not isinstance(wanted, list):
        return
    unknown = [name for name in map(as_text, wanted) if name not in DIMENSIONS]
    if unknown:
        what = f"Duckling's dimension {', '.join(unknown)}"
        instead = "Mark it in training lines, or write a pattern in frontdesk.yml."
        yield Note(LEFT_OUT, file, component.line, what, instead)


def _server_files(source: Source) -> Iterator[Note]:
    for stem in ("endpoints", "credentials"):
        for name in (f"{stem}.yml", f"{stem}.yaml"):
            if name in source.files:
                yield from _server_file(source, name, stem)


def _server_file(source: Source, name: str, stem: str) -> Iterator[Note]:
    try:
        document = load(source.text(name), name)
    except DataError as error:
        source.problems += error.problems
        return
    for key in document if isinstance(document, dict) else ():
        if as_text(key) == "version":
            continue
        line = line_of(document, key)
        if key == "action_endpoint":
            instead = "Set FRONTDESK_ACTIONS_URL to its address."
            yield Note(APPROXIMATED, name, line, "the address of the action server", instead)
        elif key == "nlg" and stem == "endpoints":
            instead = "Set FRONTDESK_NLG_URL to its address, or FRONTDESK_ENDPOINTS to this file."
            yield Note(APPROXIMATED, name, line, "the address of the NLG server", instead)
        elif stem == "credentials":
            instead = "Channels are set up in Frontdesk's own settings; see docs/settings.md."
            yield Note(LEFT_OUT, name, line, f"the channel {as_text(key)}", instead)
        else:
            instead = "Frontdesk keeps its own record and sessions; see docs/operating.md."
            yield Note(LEFT_OUT, name, line, f"the endpoint {as_text(key)}", instead)


def _actions(source: Source, assistant: Assistant) -> Iterator[Note]:
    code = [n for n in source.names(".py") if n.startswith("actions") and "test" not in n]
    custom = [n for n in assistant.actions if not n.startswith("utter_")]
    if custom:
        place = assistant.actions[custom[0]]
        what = f"actions of the action server: {len(custom)}"
        where = "the project's actions" if code else "its code"
        instead = f"Run {where} by rasa-sdk as before, and set FRONTDESK_ACTIONS_URL."
        yield Note(APPROXIMATED, place.file, place.line, what, instead)


def _coded_form(form: Form) -> Note:
    what = f"the slots of {form.name}, read from the code of its action"
    own = f"Its code is not run: write its checks as validate_{form.name}, its end as an action."
    return Note(APPROXIMATED, form.place.file, form.place.line, what, own)


def _bare_forms(assistant: Assistant) -> Iterator[Note]:
    for form in assistant.forms.values():
        if not form.required_slots:
            what = f"the slots of {form.name}, which stand in the code of its action"
            instead = "Write them under required_slots, and how each is filled under slots."
            yield Note(LEFT_OUT, form.place.file, form.place.line, what, instead)
