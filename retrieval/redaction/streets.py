"""Detector for postal addresses in Latin letters: street, house, part of a house, postcode, town.

A town alone is no address; it belongs to one where a street or a postcode stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.spans import Span, mask_of

_U = "A-ZÀ-ÖØ-ÞŠŽČĆĐŁŚŹŻŘŮÅÄÖÜ"
_L = "a-zà-öø-ÿāăąćčďđēęěğīıłńňōőœřśşšťūůűźżžș"
_WORD = rf"[{_U}][{_L}'’-]{{1,20}}"
_KIND = (
    r"(?:road|rd|street|str|st|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq"
    r"|terrace"
    r"|close|crescent|cres|highway|hwy|alley|grove|way|place|pl|gardens?|gdns|walk|row|mews|hill"
    r"|park"
    r"|parade|quay|wharf|green|mill|rise|view|circle|cir|parkway|pkwy|trail|loop|lu|jie|dadao|xiang"
    r"|gate|ways|bridge|estate)\b\.?"
)
_HOUSE = r"(?:(?i:no\.?|nr\.?)\s?)?\d{1,5}(?:[-/]\d{1,4})?[A-Za-z]?"
_GERMANIC = (
    rf"[{_U}]?[{_L}{_U}-]{{2,25}}"
    r"(?:str\.|straße|strasse|straat|weg|allee|platz|gasse|laan|gracht|plein|kade|gatan|vej|gade"
    r"|ring|damm|ufer)"
)
_ROMANCE = (
    r"(?i:rue|avenue|bd|boulevard|chemin|impasse|via|viale|piazza|corso|calle|plaza|paseo|avenida"
    r"|av\.|carrer|rua|travessa|ul\.|ulica|aleja|al\.|os\.)"
)
_STREET = (
    rf"(?:{_HOUSE},?\s+(?:[\w'’.-]{{1,20}}\s+){{1,4}}?(?i:{_KIND})(?:\s(?i:{_KIND}))?(?:\s\d{{1,2}}(?=\s?#))?(?:\s(?:North|South|East|West"
    rf"|[NS][EW]|[NSEW])\b)?"
    rf"|(?i:no\.?\s?)?\d{{1,5}}(?:-\d{{1,3}})?(?:,\s(?i:lane|alley|aly\.?|sec(?:tion"
    rf"|\.))\s\d{{1,4}})"
    rf"{{1,3}},\s(?:{_WORD}\s){{1,3}}(?i:{_KIND})(?:,\s{_WORD}(?:\s(?:City|County))?\s\d{{3}}\b)?"
    rf"|(?:{_WORD}\s+){{1,3}}(?i:{_KIND})\s?,?\s?(?:No\.?\s?)?\d{{1,5}}[A-Za-z]?\b"
    rf"|{_GERMANIC}\s?{_HOUSE}\b"
    rf"|{_WORD}(?:\s{_WORD}){{0,2}}\s\d{{1,4}}(?:/\d{{1,4}})?[A-Za-z]?(?=,\s\d{{3}}\s?\d{{2}}\s)"
    rf"|\d{{1,4}}(?:\s?(?:bis|ter))?,?\s+{_ROMANCE}\s+(?:[\w'’-]{{1,20}}\s+){{0,3}}[\w'’-]{{2,20}}"
    rf"|{_ROMANCE}\s+(?:[\w'’-]{{1,20}}\s+){{0,3}}?[\w'’-]{{2,20}},?\s(?:n[º°.]?\s?)?\d{{1,4}}"
    rf"(?:/\d{{1,4}})?[A-Za-z]?\b)"
)
_POSTCODE_UK = r"(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2})\b"
_POSTCODE = (
    rf"(?:{_POSTCODE_UK}|[A-Z]\d[A-Z]\s?\d[A-Z]\d\b|D\d[\dW]\s?[A-Z0-9]{{4}}\b"
    rf"|\d{{4}}\s?[A-Z]{{2}}\b"
    r"|\d{2}-\d{3}\b|\d{3}\s\d{2}\b|\d{4,6}(?:-\d{4})?\b)"
)
_STATE = r"(?:[A-Z]{2,3}\b)"
_TOWN = rf"(?:{_WORD}(?:[\s-]{_WORD}){{0,2}})"
_INNER = (
    r"(?:(?i:room|rm|flat|apt|apartment|unit|suite|ste|building|bldg|block|tower|floor|house|gate"
    r"|level)"
    r"\.?\s?#?[A-Za-z]?\d{0,5}[A-Za-z]?(?:-\d{1,5})?\b|\d{1,3}(?:st|nd|rd|th)\s+[Ff]loor"
    r"|\d{1,3}/?F\b"
    r"|#\d{1,5}|#?\d{1,4}[A-Z](?:-\d{1,5})?\b|\d{1,2}[º°o]\s?[A-Za-z]?\b)"
)
_PART = (
    rf"(?:,?\s{_INNER}|\s(?i:industrial estate|business park|retail park|trading estate)"
    rf"|,\s?{_POSTCODE}\s{_TOWN}|[\s,]\s?(?:{_TOWN},?\s)?(?:{_STATE}\s)?{_POSTCODE}"
    rf"(?:,?\s{_TOWN})?|,\s?{_TOWN}(?:\s{_STATE})?|,\s?{_STATE}"
    rf"|,?\s(?:[a-z]{{3,15}}\s)?{_POSTCODE_UK})"
)
_BEFORE = (
    rf"(?:{_INNER},?\s|(?:Hotel|Hostel|Casa|Villa|Residence|Residencia)\s{_TOWN},\s"
    rf"|{_TOWN}\s(?:Cottage|House|Lodge|Farm|Villa|Court|Mansions|Tower|Building|Gardens"
    rf"|Point),\s|\d{{1,4}}\s[a-z]+\s(?:court"
    rf"|house),\s)"
)
_ADDRESS = re.compile(rf"(?<![\w.-])(?:{_BEFORE}){{0,3}}{_STREET}(?:{_PART}){{0,5}}")
_NAMED = re.compile(
    rf"(?<![\w-])(?:{_WORD}\s)?{_WORD}\s(?:Cottage|House|Lodge|Farm"
    rf"|Villa),\s(?:{_WORD}\s){{1,3}}(?i:{_KIND})"
    rf"(?:{_PART}){{0,4}}"
)
_CHUNK = (
    rf"(?:The\s)?(?:{_WORD}|\d{{1,5}}[A-Za-z]?)"
    rf"(?:\s(?:{_WORD}|\d{{1,5}}[A-Za-z]?|of|the|upon|on|le|la|de)){{0,3}}"
)
_TOLD = re.compile(
    r"(?i:\b(?:addr?ess|adress)(?:\s(?:is|was|to))?|\blive (?:at|in)|\bdeliver(?:ed|y)? to"
    r"|\bship(?:ped)? to"
    r"|\bmoved to|\bsend (?:it |them |this )?to|\bwe(?:'re| are) at|\bi(?:'m| am) at"
    r"|\bpost (?:it )?to|\bopposite)"
    rf"[\s:]{{1,2}}({_CHUNK}(?:,\s{_CHUNK}){{1,4}})"
)
_STOP = (
    r"(?:ph|phone|contact|mobile|tel|cell|name|names|e?-?mail|and|but|please|pls|plz|thanks?|thx"
    r"|not|instead|my|is|with"
    r"|for|when|so|if|because|cos|since|can|could|you|it|they|was|that|number|no|ssn|order|asap"
    r"|today"
    r"|tomorrow|by|before|after|or|from|ur|u|the)"
)
_SPOKEN = re.compile(
    r"\b(?i:(?:addr?ess|adress|adres|live (?:at|on)|deliver(?:ed|y)?(?: it)? to"
    r"|ship(?:ped)?(?: it)? to"
    r"|send (?:it |them |this )?to|moved to|moving to)(?:\s(?:is|was|to))?[\s:]{1,3})"
    r"((?:(?i:flat|apt|no|house|unit|block|room|plot|door"
    r"|district)\.?\s)?\d{1,6}[A-Za-z]?(?![\w%:.]|\s?(?:am|pm|days?|hour|minutes?|mins?|times?|weeks?"
    rf"|times|items|hours|people)\b)(?:,?\s(?!(?i:{_STOP})\b)[\w'’./#-]+){{1,12}})"
)
_SMALL = re.compile(
    rf"(?<![\w.-])\d{{1,6}}[a-z]?\s(?:(?!{_STOP}\b)[a-z]{{2,15}}\s){{1,3}}"
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|terrace|close"
    r"|crescent)"
    rf"(?:,?\s(?!{_STOP}\b)[a-z]{{2,15}}){{0,4}}\s(?:[a-z]{{2}}|\d{{4,6}}"
    rf"|[a-z]{{2}}\s\d{{4,6}})(?=$|[\s,.!])"
)
_HOUSE_WORD = re.compile(
    rf"\b(?i:{_KIND}|cottage|house|farm|forge|lodge|bakery|barn|mill|hall|court|barracks|rectory)"
    rf"|\d"
)
_NO_HOUSE = re.compile(
    rf"(?<![\w-])(?:(?i:house|plot|villa)\s\d{{1,4}},\s)?(?:{_WORD}\s){{1,3}}(?i:{_KIND})"
    rf"(?:,\s[A-Z0-9][\w.' -]{{1,28}}){{0,3}},?\s{_TOWN}\s"
    rf"(?:\d{{5,6}}(?!\d)|{mask_of('code')})"
)
_FLAT = re.compile(
    r"\b(?i:flat|apt\.?|apartment)\s?#?(\d{1,4}[A-Za-z]?)(?![\w%.]|\s?(?:%|inch|mm|cm|percent"
    r"|pack|rate|off|screen))"
)
_HOUSED = re.compile(
    r"\b(?i:leave|left|deliver|delivered|drop|dropped|courier|driver|live|address|knock"
    r"|neighbou?r)\b[^.!?\n]{0,40}?"
    r"\b((?i:house|number|no\.?|room|unit|door)\s\d{1,4}[A-Za-z]?)(?![\w%.-]|\s?(?:days?|weeks?"
    r"|times|parcels?|orders?|items?))"
)
_ROOM = re.compile(
    rf"\b(?i:room|rm|suite|unit|flat|apt)\s(\d{{1,4}}[A-Za-z]?(?:,\s{_CHUNK}){{0,3}})"
    rf"(?<=[a-z])|\b(?i:room|rm|suite|unit)\s(\d{{1,4}}[A-Za-z]?)(?=,\s{mask_of('address')})"
)
_NO_NUMBER = re.compile(
    rf"\b(?:on|in|at|near|off|from|opposite|behind)\s((?:{_WORD}\s){{1,3}}"
    r"(?:Road|Rd|Street|St|Lane|Ln|Avenue|Ave|Close|Drive|Crescent|Terrace|Gardens|Row|Mews)\b\.?)"
)
_SHOP = re.compile(r"\b(?i:stores?|shops?|branch|branches|outlet|showroom|boutique)\b[^.!?]{0,20}$")
_TOWNED = re.compile(
    rf"(?<![\w-])((?:{_WORD}\s){{0,2}}{_WORD}(?:\s\d{{1,4}}[a-z]?)?,\s\d{{4,5}}\s{_WORD})(?!\w)"
)
_LOT = re.compile(
    r"(?<![\w-])((?:(?i:bl(?:oc)?k\.?)\s\d{1,4}[A-Za-z]?,?\s)?#\d{2}-\d{2,5}(?:,?\s[A-Za-z]{2,15}){0,3}"
    r"(?:\s(?i:st|ave|street|avenue|road|rd|drive|lane|ring)\b(?:\s\d{1,3})?)?)(?!\w)"
)
_POSTED = re.compile(rf"(?<![\w-]){_POSTCODE_UK}(?!\w)")
_IN_TOWN = re.compile(
    rf"(?<![\w-])(?:{_TOWN},\s)?(?:[A-Z]{{2}}\s\d{{5}}(?:-\d{{4}})?(?![\w-])"
    rf"|D\d[\dW]\s[A-Z0-9]{{4}}\b)"
)
_BOX = re.compile(
    rf"(?i:\b(?:g?p\.?\s?o\.?\s?box|locked bag|private bag"
    rf"|postfach))\s\d{{1,6}}(?:[\s,]{{1,2}}{_TOWN})?(?:,?\s{_STATE})?(?:\s\d{{4,6}})?"
)
_CUED_CODE = re.compile(
    r"(?i:\b(?:zip|post(?:al)?\s?code|plz|eircode)(?:\scode)?"
    r"(?:\s(?:is|was|now|changed|to|should|be)){0,4}[\s:]{1,2})"
    r"((?=[A-Za-z ]{0,3}\d)[A-Za-z0-9]{3,8}(?:[ -][A-Za-z0-9]{2,4})?)(?!\w)"
)
_CUED = re.compile(
    r"(?i:\b(?:addr?ess(?:\s(?:is|was|:))?|adress|live (?:at|on|in)|deliver(?:ed)? to"
    r"|ship(?:ped)? to"
    r"|moved (?:from|to)|send (?:it )?to|house is|went to|left (?:it )?at|not|apt|apartment|flat"
    r"|no\.)"
    r"[\s:]{1,2})"
    rf"(\d{{1,4}}[A-Za-z]?\s(?:(?!(?i:and|but|or|not|instead|please|pls"
    rf"|plz)\b)[{_U}][\w'’-]+\s?){{1,3}}(?<!\s)"
    r"|\d{1,4}[a-zA-Z](?!\w))"
)
_UNIT_NUMBER = re.compile(
    rf"(?<![\w-])(?:(?:Blk|Block)\s)?\d{{1,4}}[A-Z]?\s(?:{_WORD}\s){{1,4}}(?:\d{{1,2}}\s?)?,?\s?"
    rf"#\d{{1,3}}-\d{{1,5}}(?:,?\s(?:Singapore\s?|S)\(?(?:\d{{6}}|{mask_of('code')})\)?)?"
)
_BESIDE = re.compile(
    rf"{mask_of('address')}[\s,]{{1,2}}(?i:(?:house|flat|door|apt|unit)(?:\s(?:no\.?|number"
    rf"|nr))?)\s?"
    r"(\d{1,4}[A-Za-z]?)(?!\w)"
)
_NOT_STREET = re.compile(
    r"\b(?i:days?|weeks?|hours?|items?|orders?|times|pcs|x|of|in|to|for|the|my|is|or|from)\b"
    r"|\b(?:at|on|its|can|be|by|with|an|that|this|and|any)\b"
)


def find_streets(text: str) -> Iterator[Span]:
    """Addresses of ``text`` (folded)."""
    for match in _TOLD.finditer(text):
        if _HOUSE_WORD.search(match.group(1)):
            yield Span(*match.span(1), "address")
    for match in _NO_NUMBER.finditer(text):
        if not _SHOP.search(text, max(0, match.start() - 40), match.start()):
            yield Span(*match.span(1), "address")
    if not any(map(str.isdigit, text)):
        return
    for pattern in (_ADDRESS, _NAMED, _POSTED, _IN_TOWN, _BOX, _UNIT_NUMBER):
        for match in pattern.finditer(text):
            if pattern is not _ADDRESS or _plausible(match.group()):
                yield Span(*match.span(), "address")
    for match in _NO_HOUSE.finditer(text):
        yield Span(*match.span(), "address")
    for match in _SMALL.finditer(text):
        if _plausible(match.group()):
            yield Span(*match.span(), "address")
    for pattern in (_TOWNED, _LOT, _SPOKEN, _CUED_CODE, _CUED, _BESIDE, _FLAT, _HOUSED, _ROOM):
        for match in pattern.finditer(text):
            yield Span(*match.span(match.lastindex or 1), "address")


def _plausible(found: str) -> bool:
    """Whether ``2 items in the same street`` and its like are left out."""
    return _NOT_STREET.search(found) is None
