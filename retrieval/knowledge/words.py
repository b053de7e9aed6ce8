"""Words of questions in English and Chinese that are about no particular catalogue.

Roles of words decide what kind of answer is wanted; *plain* words carry nothing that an answer
would have to explain. A word that is neither here nor in the schema or the graph is unexplained,
and what is unexplained speaks against answering. Words of the past, of wishes and of ownership are
left out on purpose: the graph knows what is, not what was, nor what somebody bought.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Role = Literal[
    "plain", "which", "count", "where", "when", "pronoun", "pronouns", "one", "than", "below",
    "above", "now", "and", "also", "or", "opens", "closes", "polar", "have", "money", "extreme",
    "why",
]  # fmt: skip

ROLES: Mapping[Role, str] = {
    "plain": (
        "a|an|the|of|for|in|on|at|to|with|by|from|be|am|you|your|yours|we|our|i|me|us|s|m|re|"
        "ve|as|so|too|please|pls|plz|kindly|hi|hello|hey|ok|okay|well|just|tell|know|"
        "wondering|wonder|look|looking|check|kind|sort|type|version|some|all|both|every|each|"
        "go|put|take|see|find|use|get|make|sell|buy|offer|give|say|list|up|out|it's|then|"
        "exactly|actually|really|long|how long|how|for how long|many|much|available|exist|"
        "come|there|here|into|time|times|day|days|oclock|o'clock|can you tell me|do you know|"
        "i'd like to know|i want to know|i would like to know|like|question|quick question|"
        "about|的|了|啊|呀|吧|哦|噢|哈|呐|咯|哇|呗|哟|在|给|跟|和|与|及|都|也|还|就|请|请问|"
        "问|问下|问一下|想|想问|想问下|想知道|我|你|您|你们|您们|咱们|我们|你们家|你家|咱家|"
        "家|亲|亲亲|您好|你好|麻烦|帮|帮我|帮忙|看|看看|看下|看一下|查|查下|查一下|下|一下|"
        "个|一个|款|件|双|条|把|只|种|样|些|有些|目前|大概|到底|用|放|进|做|里|里面|上|店里|"
        "买|卖|可|行|知道|告诉|说|对|之|点|到|一|展示的|分别|一共|总共|带|具体|洗|呃|嗯|那种|"
        "这种|时间|时候|大|多|多长|多长时间|多久|长|高|功能|款的|要"
    ),
    "which": (
        "what|which|whats|what's|哪|哪个|哪些|哪款|哪种|哪一款|哪一个|什么|啥|哪几款|哪几个|哪几种"
    ),
    "count": "how many|几|几个|几种|几款|几家|多少|多少个|多少种|多少家|有几|几间",
    "where": "where|哪里|哪儿|哪能|哪有|哪家|哪一家|在哪",
    "when": (
        "when|what time|at what time|how late|until when|how long open|开到几点|营业到几点|"
        "到几点|几点开|几点开门|几点关|几点关门|几点|什么时候|啥时候|几点钟"
    ),
    "pronoun": (
        "it|this|that|this one|that one|它|这个|那个|这款|那款|这|该|这件|那件|这双|这家|"
        "那家|这家店|那家店|它的"
    ),
    "pronouns": (
        "they|them|these|those|the two|either|它们|这两个|那两个|这两款|这些|那些|这几个|"
        "这几款|两个|两款|二者|两者"
    ),
    "one": "one|ones|的那个|的那款|一点的|些的",
    "than": "than|compared to|compared with|比|相比|比起",
    "below": (
        "under|below|less than|up to|at most|cheaper than|no more than|以下|以内|不到|低于|"
        "不超过|之内"
    ),
    "above": "over|above|more than|at least|以上|超过|高于|不低于",
    "now": "now|right now|at the moment|currently|still|现在|此刻|这会儿|眼下|当前",
    "and": "and|what about|how about|and what about|and how about|那|那么|那要是|换成",
    "also": "呢",
    "or": "or|vs|versus|还是|或者|或",
    "opens": "open|opens|opening|开门|开|营业|开放|几点开|几点开门|开着|开业|开始营业",
    "closes": (
        "close|closes|closing|closed|shut|shuts|how late|open until|open till|how long open|"
        "until when|关门|打烊|关|几点关|几点关门|开到几点|营业到几点|到几点|休息|歇业"
    ),
    "polar": (
        "is|are|do|does|can|could|would|has|may|isn't|aren't|吗|么|嘛|不|没|是不是|能不能|"
        "可不可以|会不会|有没有|能否|是否|行不行|可以|能|会|是"
    ),
    "have": (
        "have|has|is there|are there|do you have|have you got|got any|any|有|没有|有没有|有卖"
    ),
    "money": "yuan|rmb|cny|元|块|块钱|¥|￥|人民币",
    "extreme": "most|least|最",
    "why": "why|how come|how do i|how can i|为什么|为啥|为何|怎么|怎样|咋|如何",
}
"""Words of each role, separated by ``|``; one may have several roles."""
