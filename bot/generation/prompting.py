"""What a language model is told of a reply, and how its words become one.

It is given the template with its placeholders; values are put in afterwards, by the filler.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from models.errors import GenerationError
from models.filling.generator import (
    Generated,
    GenerationRequest,
    TemplateFiller,
    escape,
    placeholders,
)
from models.filling.template_text import is_placeholder_name

_LANGUAGES = {"en": "English", "zh": "Simplified Chinese"}
_PLACE = re.compile(r"\{([^{}\s]{1,80})\}")
_FENCE = re.compile(r"^```\w*\n|\n```$")
_TASK = """\
You word replies of a shop's customer service. You are given a reply that is right. Say the same \
in {language}, as a friendly and brief colleague would.
- Keep every placeholder in curly brackets, such as {{order_id}}, letter by letter, in its place.
- Keep every number, date, amount, name, link, condition and every "not". Add none.
- Promise nothing, advise nothing and explain nothing that the reply does not.
- Answer with the reply alone: no quotation marks, no remarks, no markup."""
_UPSET = "\n- The customer is upset: be sober, and say once, briefly, that you are sorry."


def messages(request: GenerationRequest, *, personal: bool) -> list[dict[str, str]]:
    """The chat that asks for the reply; without ``personal`` nothing of the customer is in it."""
    base = request.language.partition("-")[0]
    task = _TASK.format(language=_LANGUAGES.get(base, base))
    if request.context.get("upset"):
        task += _UPSET
    given: dict[str, Any] = {"reply": request.template}
    if request.facts:
        given["other wordings and facts"] = list(request.facts)
    if personal:
        given["customer"] = request.context.get("customer", "")
        given["values"] = {
            name: str(request.values[name].value)
            for name in placeholders(request.template)
            if name in request.values
        }
    return [
        {"role": "system", "content": task},
        {"role": "user", "content": json.dumps(given, ensure_ascii=False)},
    ]


def reply_of(words: str, request: GenerationRequest, generator: str) -> Generated:
    """The model's words with the values in place.

    :raises GenerationError: nothing was said, or a placeholder of the template is gone.
    """
    text = _FENCE.sub("", words.strip()).strip()
    wanted = placeholders(request.template)
    found = set(_PLACE.findall(text))
    if not text or not found.issuperset(wanted):
        raise GenerationError(
            "The generator lost a part of the reply",
            expected=", ".join(wanted) or "words",
            found=", ".join(sorted(found)) or "none",
            fix="Nothing: the template goes out. Choose a more able model if it happens often.",
        )
    made = TemplateFiller().generate(replace(request, template=_as_template(text, set(wanted))))
    return Generated(made.text, made.traces, generator)


def _as_template(text: str, names: set[str]) -> str:
    """Words as a template in which the known placeholders alone are places."""
    parts, at = [], 0
    for place in _PLACE.finditer(text):
        if place.group(1) in names and is_placeholder_name(place.group(1)):
            parts += [escape(text[at : place.start()]), place.group()]
            at = place.end()
    return "".join([*parts, escape(text[at:])])
