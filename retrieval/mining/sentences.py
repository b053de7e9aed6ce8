"""Sentences of agents' turns and what each of them does in the conversation."""

from __future__ import annotations

import re
from typing import Literal

Act = Literal["greeting", "lookup", "question", "case", "answer"]

_END = re.compile(
    r"(?<=[。！？!?～~])(?![」”\"')）。！？!?～~])\s*"
    r"|(?<=[.!?…])(?<!\b[A-Z][.])(?<!\bMr[.])(?<!\bMs[.])(?<!\bNo[.])(?<!\bMrs[.])(?<!\bDr[.])"
    r"(?<!\bCo[.])\s+(?=[A-Z¥\"“(\d]|[^\x00-\x7f])"
    r"|(?<=[☀-➿\U0001f300-\U0001faff])\s+(?=\S)|\n+"
)
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day|night)|welcome)\b"
    r"(?:[ ,]+(?:there|again|everyone|sir|madam|to you|and welcome\b.{0,20}"
    r"|(?:\w+\.? )?{\w+}))*[^\w?]*"
    r"|dear\b[^?]{0,40}"
    r"|(?:many )?thank(?:s| you)\b[^?]{0,70}|(?:you(?:'re| are)|most"
    r"|very) (?:very )?welcome\b.{0,60}"
    r"|(?:kind |best |warm )?regards\b.{0,30}|yours (?:sincerely|faithfully).{0,30}"
    r"|sincerely.{0,30}"
    r"|(?:have|wish you) an? .{0,40}|enjoy\b.{0,40}|happy \w+.{0,30}|my pleasure.{0,20}"
    r"|(?:always |just )?(?:glad|happy) to .{0,40}|no (?:problem|worries).{0,20}|anytime.{0,20}"
    r"|is there anything else.{0,40}|anything else.{0,40}|(?:sure|of course|certainly|okay|ok"
    r"|got it"
    r"|alright|great|perfect|understood|noted|indeed|hm+|oh no|oops|ha(?:ha)+|exactly|yes|no|nope)"
    r"[\s,!.…]*(?:{\w+})?[\s!.…]*|good(?:bye| luck)\b.{0,30}|bye\b.{0,20}|take care.{0,20}"
    r"|we remain at your disposal.{0,50})$",
    re.IGNORECASE,
)
_GREETING_ZH = re.compile(
    r"^(?:(?:亲|您好|你好|嗨|哈[喽啰罗哈]|在的|早上好|上午好|下午好|晚上好|欢迎光临)+"
    r"(?:[,，~～]?我是[^,，]{0,16})?[^\w?？]*|(?:非常)?感谢(?:您|你)?[^?？，,]{0,26}"
    r"|谢谢[^?？，,]{0,20}|不客气.{0,20}|不用谢.{0,12}"
    r"|客气[啥了].{0,10}|祝(?:您|你|生活|愉快|购物).{0,20}|再见.{0,6}|拜拜.{0,6}"
    r"|(?:还)?有(?:其他|别的|什么)?问题(?:随时|再|欢迎).{0,16}"
    r"|(?:好的|好滴|好嘞|好哒|好|嗯+|行|是的|对的|没错|收到|明白|可以|懂|哈哈+|耶|对|没事|别急"
    r"|别慌)"
    r"[呢哦啦的呀哒~～,，!！。\s亲]*)$"
)
_COURTESY = re.compile(
    r"^(?:@\w+\W+|hi\W+|hello\W+(?:there\W+)?|and\W+)*(?:so\W+)?"
    r"(?:how (?:can|may) (?:i|we) (?:help|assist|be of|serve)\b[^?]{0,40}\??"
    r"|what can (?:i|we) do for you\b[^?]{0,20}\??"
    r"|(?:is there )?any(?:thing)? (?:else|more)\b[^?]{0,60}\?"
    r"|(?:it(?: i|')s |it was )?(?:our|a|always a|my) pleasure\b.{0,60}"
    r"|(?:we |i )?(?:truly |really |do )?(?:appreciate|thanks?|thank you)"
    r"(?: (?:you|so much|a lot))?(?: (?:for|to) (?:your (?:patience|time|call"
    r"|support|understanding|feedback|kind words"
    r"|business|loyalty)|flying|shopping|choosing|contacting|reaching out|waiting)\b.{0,40})"
    r"|(?:please )?(?:rate|leave) (?:us|me|this chat|your (?:rating|feedback))\b.{0,60}"
    r"|we look forward to\b.{0,60})[\s.!~^*\w]{0,8}$",
    re.IGNORECASE,
)
_COURTESY_ZH = re.compile(
    r"(?:有|还有)(?:什么|啥|其他|其它|别的|哪些)[^。]{0,12}(?:帮|协助|服务|处理|解决|咨询)"
    r"|(?:还有|有)[^。]{0,6}(?:可以|能)(?:帮|为)(?:到)?(?:您|你)|咨询之前的问题还是"
    r"|祝(?:您|你|福您)[^。]{0,20}|欢迎(?:您|你)?(?:再次|下次|随时|光临)|期待(?:再次)?为您服务"
    r"|感谢(?:您|你)(?:对|的)[^。]{0,16}(?:支持|理解|耐心|等待|配合|谅解|惠顾|光临)"
    r"|(?:给|打|做)[^。]{0,12}(?:评价|好评|五星|满意)|评价(?:一下|下|哦|呢)"
    r"|(?:太|您|别)客气|应该(?:做|的)的?|分内(?:之)?事|尽心尽力"
    r"|^(?:您好|你好|亲)?[，,!！~～\s]*在的[呢哦呀哈~～!！。\s]*$"
)
SHORT_REST = 22
"""Characters beside a Chinese courtesy up to which the whole sentence is one."""
_LOOKUP = re.compile(
    r"\b(?:let me (?:just )?(?:check|look|see|ask|peek|find|open|pull)|(?:one|just a|a) "
    r"(?:moment|sec(?:ond)?|minute)|please wait|hold on|bear with me|(?:i|i'll|i will|i'm|i am) "
    r"(?:quickly )?(?:check|look|checking|looking|asking|ask)\b|checking|found it|got it up"
    r"|stand by|back in a (?:sec|minute))|稍等|稍候|请等|等我|等一下|我(?:去|来|先)?(?:查|看|瞅"
    r"|翻|核实|核对)"
    r"|(?:帮|为|给)(?:您|你|亲)(?:查|看|核实|核对|问)|查一下|看一下库存|正在(?:查|核)",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"[?？]\s*(?:[^\w\s]*\s*)$|(?:吗|是不是)[~～哦呀。\s]*$"
    r"|\b(?:could|can|may|would) (?:you|i) (?:please )?(?:have|send|tell|give|share|get|let"
    r"|confirm)\b"
    r"|\bplease (?:tell|give|share|send me|send us|provide|confirm|let me know)\b"
    r"|\bi (?:also )?need (?:the|your|a photo)\b|^(?:order|tracking) (?:number|no)\b"
    r"|(?:请|麻烦|需要|方便)(?:您|你|亲)?(?:先|再)?(?:提供|报|告知|告诉|说一下|发(?:一下|我|来"
    r"|下|给)|拍(?:一|张|下|个)|回复|确认|给我)"
    r"|(?:订?单号|手机号|照片|图片?|截图|邮箱|姓名)[^。]{0,8}(?:发|给|报|拍|说)(?:我|一|下|来|苏"
    r"|给)",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b(?:i(?:'ve| have|'ll| will| can see| see|'m| am) (?:just |now |also "
    r"|already )?(?:changed|booked"
    r"|cancelled|canceled|entered|registered|noted|put|passed|forward|forwarded|opened|sent|asked"
    r"|arranged|ordered|submitted|refunded|added|updated|requested|moved|told|made|marked|reported"
    r"|started|reserved|checked|corrected|switched|removed|send|book|register|pass|open|put|note"
    r"|escalate|start|enter|arrange|add|ask|request|forwarding|sending|that|it|the|you|your|here)"
    r"|(?:^|[.!,;] ?)(?:all )?(?:done|set|submitted|booked|registered|entered|changed|cancelled"
    r"|noted|sent|updated|forwarded|approved|confirmed|received)[.!,: ]"
    r"|your (?:order|parcel|refund|return|package|invoice)"
    r" (?:is|was|has|hl|{)|it(?:'s| is| was| has| left| will) (?:now |still |currently )?(?:at"
    r"|on|in|been"
    r"|packed|out|left|with)|you (?:paid|ordered|bought|asked|wrote)|(?:it|they|parcel"
    r"|order) (?:left"
    r"|arrived|went|shows?|was)|{(?:order_id|tracking_no|customer_name|phone|email|address|company"
    r"|tax_no|id_no|card_no|code|agent_name)(?:_\d+)?})"
    r"|已(?:经)?(?:为您|帮您|给您|为你|帮你|给你)?(?:取消|登记|提交|修改|安排|改|退|反馈|补|建"
    r"|催|备注|记|转|发|约|申请|受理|出库|同步|更正|查|上报|通知|签收)"
    r"|查到|看到了|查了|(?:给|帮|为)(?:您|你|亲)(?:约|登记|提交|申请|改|催|备注|补|建|转|反馈|记"
    r"|取消|退|下单|安排)"
    r"|(?:您|你)(?:这单|这票|那单|的订单|的包裹|的账户|当时|是\d)|这(?:单|票|笔)|该(?:订单|笔"
    r"|账户|包裹)"
    r"|{(?:order_id|tracking_no|customer_name|phone|email|address|company|tax_no|agent_name)"
    r"|改完|改好|办好|搞定|约好|登记好|点了催",
    re.IGNORECASE,
)


def split(text: str) -> list[str]:
    """Sentences of ``text`` without surrounding blanks; bullet lines stay with their lead-in."""
    return [part.strip() for part in _END.split(text) if part and part.strip()]


def act(sentence: str) -> Act:
    """What a sentence of an agent does: only an ``answer`` says something about the shop."""
    plain = sentence.strip()
    if _is_courtesy(plain):
        return "greeting"
    if _LOOKUP.search(plain):
        return "lookup"
    if _ASKING.search(plain):
        return "question"
    return "case" if _CASE.search(plain) else "answer"


def _is_courtesy(plain: str) -> bool:
    if _GREETING.match(plain) or _GREETING_ZH.match(plain) or not re.search(r"[^\W_]", plain):
        return True
    if _COURTESY.match(plain):
        return True
    found = _COURTESY_ZH.search(plain)
    # A polite half does not make a courtesy of a sentence that also tells something.
    return bool(found) and len(plain) - len(found.group() if found else "") <= SHORT_REST
