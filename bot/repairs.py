"""Messages about the conversation itself: why that question, I have no such number, one moment.

People mend a conversation before they go on with it (repair: Schegloff, Jefferson and Sacks,
Language 53, 1977). Such a message is no answer and no request of its own. English and Chinese, and
only short messages.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Literal

from bot.phrases.plain import LONGEST, plain

Repair = Literal["explain", "lacks", "next", "pause", "repeat"]

EXPLAIN = "utter_explain_"
"""Response that says why a slot is asked for and where its value is found, by the slot's name."""

NO_HURRY = "utter_no_hurry"
"""Response to a customer who needs a moment for the answer."""

STUCK = "utter_form_stuck"
"""Response to a customer who could not answer what a form asked; it offers a person."""

WHAT_NEXT = "utter_what_next"
"""Response to a customer whom the answer before does not help on."""

_ASKS_BACK = re.compile(
    r"\bwhy\b.{0,24}\b(?:need|want|ask(?:ing)?|give|necessary|required|matter)\b"
    r"|\bwhy\b.{0,24}\b(?:number|phone|digits|tail|e-?mail|address|reason|title)\b"
    r"|\bwhat\b.{0,24}\b(?:you|that|it|this)\b.{0,12}\bfor\b|^what for\b"
    r"|\bwhere\s+(?:do|can|could|would|will|should)\s+(?:i|you|we)\s+(?:find|get|see|look|read)"
    r"(?:\s+(?:for\s+)?(?:it|that|this|them|the\s+number|(?:the|my|this|that)\s+order\s+(?:number|id)))?\W*$"
    r"|\bwhere(?:'s|\s+is)\s+(?:the|my|this|that)\s+(?:order\s+)?(?:number|id)\b"
    r"|\b(?:which|what)\s+(?:order\s+)?(?:number|digits|phone)\b(?!.*\b(?:call|reach)\b)"
    r"|\bcan'?t\s+you\s+(?:just\s+)?(?:see|find|look)"
    r"|\b(?:can'?t|cannot|couldn'?t)\s+(?:find|see)\s+"
    r"(?:it|that|(?:the|my|an?|any)\s+(?:order\s+)?(?:number|id|digits|phone))\W*$"
    r"|(?:为什么|为啥|为何|干嘛|干啥|凭啥|凭什么)[^，,]{0,6}(?:要|需要|得|问|给)"
    r"|(?:号|邮箱|地址|原因|尾号|后四位).{0,3}(?:为什么|为啥|干嘛|干什么|干啥|做什么|有啥用|有什么用)"
    r"|要.{0,8}(?:干嘛|干什么|干啥|做什么|有啥用|有什么用)"
    r"|(?:哪里|哪儿|哪|怎么)(?:能|可以|去|才能)?(?:看|找|查|有)(?:得?到|一?下)?(?:这个|我的|那个)?"
    r"(?:订单号|单号|号码|尾号|编号|号)?[啊呀呢吗\W]*$"
    r"|(?:订单号|单号|号码|编号)(?:是?在|去|上)?(?:哪|怎么)"
    r"|(?:哪个|什么|啥)(?:订单号|单号|号码|尾号|手机号|号)(?!.*(?:联系|打))"
    r"|找不到(?:订单号|单号|尾号|手机号|号码)[了啊呀\W]*$|(?:订单号|单号|尾号|号码)[^，,]{0,3}找不到",
    re.IGNORECASE,
)
_LACKS = re.compile(
    r"\b(?:don'?t|do\s+not|didn'?t|can'?t|no\s+longer)\s+(?:even\s+)?(?:know|have|remember|recall|keep|got)\s+"
    r"(?:it|that|one|(?:the|my|an?|any|which)\s+(?:other\s+)?(?:order\s+)?(?:number|id|digits|phone))"
    r"(?:\s+(?:any\s*more|here|with\s+me|right\s+now|at\s+hand|sorry))?\W*$"
    r"|\b(?:lost|forgot|deleted|threw\s+away)\s+(?:it|that|(?:the|my)\s+(?:order\s+)?(?:number|id|e-?mail|text))\W*$"
    r"|\b(?:no|without)\s+(?:idea|clue|(?:order\s+)?(?:number|id))\b"
    r"|(?:不知道|不记得|记不(?:得|住|清)|想不起来?|不清楚|忘(?:记)?了?)(?:是)?(?:哪|什么|多少)?[个一]?"
    r"(?:订单号|单号|编号|号码|尾号|手机号|号)?(?:是?多少|是?什么|是?哪个|是?啥)?[了啊呀诶欸呢\W]*$"
    r"|(?:没有?|没存|没记|没留|弄丢了?|删了?)(?:这个|那个)?(?:订单号|单号|编号|号码|短信|邮件)"
    r"|(?:订单号|单号|编号|短信|邮件)[^，,]{0,3}(?:删|丢|忘|没)[掉了]*[啊呀呢\W]*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\border\s+(?:number|id)\b|\bnumber\b|单号|订单号|订单编号", re.IGNORECASE)
_MOMENT = (
    r"wait|hold on|hang on|not sure(?:\s+yet)?|i(?:'m| am) not sure(?:\s+yet)?|still thinking|"
    r"(?:just\s+)?(?:one|a|1)\s+(?:moment|sec|second|minute|min)|"
    r"give me (?:a|one) (?:moment|sec|second|minute|min)|(?:let me|i'?ll|i have to|need to)\s+"
    r"(?:just\s+)?(?:check|look|see|think|find|search|get)"
    r"(?:\s+(?:for it|it up|about it|it|that|this))?"
    r"|等会儿?|等一?等|等一?下|稍等(?:一下)?|别急|不急|(?:我|让我|容我|我得|我再|让我再)(?:先|去)?"
    r"(?:找一?找|看一?看|想一?想|查一?查|翻一?翻|[找看想查翻]一?下)"
)
_FILLER = r"ok|okay|hm+|um+|uh|er+|oh|sorry|please|嗯|额|哦|那|先|你|麻烦|不好意思|[吧啊呀哈\W]"
_PAUSES = re.compile(rf"(?:{_FILLER})*(?:{_MOMENT})(?:{_FILLER}|{_MOMENT})*", re.IGNORECASE)
_AGAIN = re.compile(
    r"(?:(?:sorry|pardon|what|huh|hm+|ok|please)\W+)*"
    r"(?:(?:can|could|would)\s+you\s+)?(?:please\s+)?"
    r"(?:pardon(?:\s+me)?|come\s+again|(?:say|repeat)\s+(?:that|it|this)(?:\s+again|\s+once\s+more)?|repeat|"
    r"what\s+(?:did\s+you\s+(?:just\s+)?say|was\s+that)(?:\s+again)?|"
    r"i\s+(?:didn'?t|did\s+not)\s+(?:get|catch|read|understand)\s+(?:that|it))(?:\s+please)?\W*"
    r"|(?:不好意思|抱歉|啊|麻烦|请|你|您|可以|能|能不能|\W)*(?:(?:再说一[遍次下]|重复一[遍次下]|"
    r"(?:你|您)?(?:刚才|刚刚|刚)说?(?:的是|的|了)?(?:什么|啥)|没[看听]清(?:楚)?)[吗吧啊呀来着了\W]*)+",
    re.IGNORECASE,
)

_WHAT_NEXT = re.compile(
    r"(?:(?:ok|okay|so|and|well|right|great|alright|but|then|hm+|ugh|oh|fine|now|wow)\W+)*"
    r"(?:why(?:\s+not)?|how\s+come|what\s+now|now\s+what|what\s+next|so\s+what\s+now|what\s+then|"
    r"what\s+(?:do|can|should|shall|am|will)\s+(?:i|we)\s+(?:supposed\s+to\s+)?do(?:\s+(?:now|then|next|about\s+(?:it|this|that)))?|"
    r"what\s+(?:happens|else\s+can\s+i\s+do)(?:\s+(?:now|next|then))?|where\s+does\s+that\s+leave\s+me|"
    r"(?:(?:it|that|this)\s+)?(?:still\s+)?(?:(?:does|did)(?:n'?t|\s+not)|no)\s+(?:help|work)(?:\s+either)?|"
    r"still\s+(?:not\s+working|nothing|the\s+same|no\s+luck)|(?:i(?:'ve|\s+have)?\s+)?(?:already\s+)?tried\s+(?:that|it|all\s+that))\W*"
    r"|(?:那|这|现在|接下来|我|可|可是|所以|啊|唉|哎|，|,|\s)*(?:该|要|应该|得)?"
    r"(?:为什么(?:不行|不能)?|为啥|凭什么|凭啥|怎么办|咋办|咋整|怎么弄|怎么搞|然后呢|接下来呢|下一步呢|怎么处理"
    r"|(?:都|已经|刚)?试过了?(?:还是)?(?:没用|不行)?|(?:还是|依然|照样|根本)?(?:没用|不管用|没效果|没反应)|还是(?:不行|一样|老样子|连不上|用不了))(?:才好|好|呢|啊|呀|嘛|吧|\W)*",
    re.IGNORECASE,
)


def repair_of(text: str, asked: str | None, responses: Container[str]) -> Repair | None:
    """What a message wants of the conversation itself, where the assistant has words for it.

    :param asked: the slot that the bot has asked for, None outside forms.
    """
    said = plain(text)
    if not said or len(said) > LONGEST:
        return None
    if asked is None:
        if STUCK in responses and _LACKS.search(said) and _NUMBER.search(said):
            return "lacks"
        if WHAT_NEXT in responses and _WHAT_NEXT.fullmatch(said):
            return "next"
        return "repeat" if _AGAIN.fullmatch(said) else None
    if f"{EXPLAIN}{asked}" in responses and _ASKS_BACK.search(said):
        return "explain"
    if _LACKS.search(said):
        return "lacks"
    return "pause" if NO_HURRY in responses and _PAUSES.fullmatch(said) else None
