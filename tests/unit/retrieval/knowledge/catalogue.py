"""A catalogue small enough to be read at a glance, and a graph of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from intents.reading.yamlfile import load
from retrieval.knowledge.answer import Context, Reply, Time
from retrieval.knowledge.building import Built, build
from retrieval.knowledge.knowledge import Asked, Knowledge
from retrieval.knowledge.prototypes import Prototypes

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday."""

SCHEMA = """\
timezone: Asia/Shanghai
files:
  - {file: things.csv, type: phone}
  - {file: cases.csv, type: case}
  - {file: more.json}
  - {file: places.ttl}
live: [stock]
intents: [info]
types:
  product:
    nouns: {en: [product], zh: [商品]}
    entity: product
  phone:
    is_a: product
    nouns: {en: [phone], zh: [手机]}
  case:
    is_a: product
    nouns: {en: [case], zh: [保护壳]}
  colour:
    nouns: {en: [colour], zh: [颜色]}
    entity: color
  size:
    open: true
    entity: size
    nouns: {en: [size], zh: [尺码]}
    forms: {en: ["size {name}"], zh: ["{name}码"]}
  store:
    nouns: {en: [store, shop], zh: [店, 门店]}
  place: {}
relations:
  colour:
    of: product
    to: colour
    closed: true
    title: {en: colours, zh: 颜色}
    phrases: {en: [come in], zh: [出]}
    examples: {en: ["does {subject} come in {object}"], zh: ["{subject}有{object}的吗"]}
  size:
    of: product
    to: size
    closed: true
    title: {en: sizes, zh: 尺码}
    phrases: {en: [come in]}
  fits:
    of: case
    to: phone
    closed: true
    title: {en: fits, zh: 适用}
    phrases: {en: [compatible with, fit], zh: [兼容, 能给]}
  price:
    of: product
    kind: money
    title: {en: price, zh: 价格}
    description: {en: what it costs, zh: 卖多少钱}
    phrases: {en: [how much, cost], zh: [多少钱]}
    more: {en: [more expensive, most expensive], zh: [最贵, 更贵]}
    less: {en: [cheaper, cheapest], zh: [便宜, 更便宜]}
  weight:
    of: product
    kind: quantity
    units:
      g: {factor: 1, en: "{n} g", zh: "{n}克"}
      kg: {factor: 1000, en: "{n} kg", zh: "{n}千克"}
    title: {en: weight, zh: 重量}
    phrases: {en: [how heavy], zh: [多重]}
    more: {en: [heavier, heaviest], zh: [更重]}
  waterproof:
    of: product
    kind: boolean
    title: {en: waterproof, zh: 防水}
  hours:
    of: store
    kind: hours
    title: {en: opening hours, zh: 营业时间}
  shows: {of: store, to: product, closed: true, title: {en: on show, zh: 展出}}
  located_in:
    of: store
    to: place
    along: within
    closed: true
    title: {en: place, zh: 位置}
    phrases: {en: [near], zh: [附近]}
  within: {of: place, to: place}
say:
  value: {en: "{subject}: {value}", zh: "{subject}：{value}"}
  list: {en: "{subject}: {values}", zh: "{subject}：{values}"}
  things: {en: "{values}", zh: "{values}"}
  nothing: {en: "none", zh: "没有"}
  count: {en: "{count}: {values}", zh: "{count}：{values}"}
  best: {en: "{subject}: {value}", zh: "{subject}：{value}"}
  equal: {en: "both {value}", zh: "都是{value}"}
  more: {en: "yes: {value}, {other_value}", zh: "是：{value}、{other_value}"}
  less: {en: "no: {value}, {other_value}", zh: "不：{value}、{other_value}"}
  "yes": {en: "yes, {subject}", zh: "有，{subject}"}
  "no": {en: "no, {subject}: {values}", zh: "没有，{subject}：{values}"}
  hours: {en: "{hours} on {day}", zh: "{day}{hours}"}
  always: {en: "always {hours}", zh: "每天{hours}"}
  opens: {en: "{opens} on {day}", zh: "{day}{opens}"}
  closes: {en: "{closes} on {day}", zh: "{day}{closes}"}
  open: {en: "open {hours} on {day}", zh: "{day}开{hours}"}
  open_now: {en: "open until {closes}", zh: "开到{closes}"}
  shut: {en: "shut on {day}", zh: "{day}不开"}
  shut_then: {en: "shut, {day} {hours}", zh: "不开，{day}{hours}"}
  week: {en: "{hours}", zh: "{hours}"}
beside:
  en: [is it any good]
  zh: [好用吗]
"""

THINGS = """\
id,name_en,name_zh,aliases_en,aliases_zh,colour,size,price,weight,waterproof
X100,Comet X100,彗星X100,comet|X100,彗星手机,black|white,,1999,180 g,no
X200,Comet X200,彗星X200,X200,,black,,2999,0.2 kg,yes
X300,Comet X300,彗星X300,X300,,white,,2999,,
"""

CASES = """\
id,name_en,name_zh,aliases_en,aliases_zh,colour,size,price,fits
C200,Shell case,贝壳保护壳,shell case,保护套,red|black,,99,X200
C100,Leather sleeve,皮革手机套,sleeve,皮套,brown,S|M|L,199,X100|X200
"""

MORE = """\
[{"id": "black", "type": "colour", "name": {"en": "black", "zh": "黑色"}},
 {"id": "white", "type": "colour", "name": {"en": "white", "zh": "白色"}},
 {"id": "red", "type": "colour", "name": {"en": "red", "zh": "红色"}, "aliases": {"zh": ["红"]}},
 {"id": "brown", "type": "colour", "name": {"en": "brown", "zh": "棕色"}},
 {"id": "blue", "type": "colour", "name": {"en": "blue", "zh": "蓝色"}},
 {"id": "s1", "type": "store", "name": {"en": "Harbour store", "zh": "港口店"},
  "hours": "Mo-Sa 10:00-22:00; Su 11:00-20:00", "located_in": "pudong", "shows": ["X200", "C200"]},
 {"id": "s2", "type": "store", "name": {"en": "Hill store", "zh": "山丘店"},
  "hours": "Tu-Su 09:00-18:00", "located_in": "xuhui", "shows": ["X100"]}]
"""

PLACES = """\
@prefix : <https://shop.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:shanghai a :place ; rdfs:label "Shanghai"@en , "上海"@zh .
:pudong a :place ; rdfs:label "Pudong"@en , "浦东"@zh ; :within :shanghai .
:xuhui a :place ; rdfs:label "Xuhui"@en , "徐汇"@zh ; :within :shanghai .
"""

FILES = {
    "schema.yml": SCHEMA,
    "things.csv": THINGS,
    "cases.csv": CASES,
    "more.json": MORE,
    "places.ttl": PLACES,
}


def written(folder: Path, **changed: str) -> Path:
    """Write the catalogue into ``folder``; ``changed`` files by name, with ``_`` for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **{k.replace("_", "."): v for k, v in changed.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def built(folder: Path, **changed: str) -> Built:
    """Build the catalogue."""
    return build(written(folder, **changed), load)


def knowledge(folder: Path) -> Knowledge:
    """The catalogue's knowledge, without an encoder."""
    nothing = Prototypes((), np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
    return Knowledge(built(folder).graph, nothing)


class Talk:
    """A conversation with the graph."""

    def __init__(self, known: Knowledge) -> None:
        self._known, self.context = known, Context()

    def ask(self, text: str, *times: Time, **more: object) -> Reply:
        """Ask in the language that the text is written in."""
        language = "zh" if any("一" <= char <= "鿿" for char in text) else "en"
        asked = Asked(text, language, NOW, times=times, **more)  # type: ignore[arg-type]
        reply = self._known.ask(asked, self.context)
        self.context = reply.context
        return reply
