# ruff: noqa: E501 - a pattern is easier to read on one line
"""Sentences that make sense only after a certain call, and words that lead to what they name."""

import re

LEADING = re.compile(
    r"^(?:(?:and|in|at|for|to|on|over in|of|with|from|the one (?:in|at)|a|an|the|some) )+", re.IGNORECASE
)
PLACE_LEADING = re.compile(
    r"^(?:(?:and|in|at|for|to|over in|from|like in|be in|it's|it is) )+", re.IGNORECASE
)
HAN_LEADING = re.compile("^(?:在|去|到|是|要|把|加|来|买|给|一下|个|点|些)+")
DAY_WORDS = re.compile(
    r"\b(?:on |next |this |every )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:today|tomorrow|tonight|the day after tomorrow)\b|"
    r"(?:下|这|本|每)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]|今天|明天|后天|大后天|今晚|明晚|今早|明早|工作日|周末|每天",
    re.IGNORECASE,
)
SPOKEN_LIKE = re.compile(
    r"^(?:i|we|he|she|they|it|you|there|that|this|what|who|why|how|when|where|is|are|do|does|did|can|could|will|turn|switch|set|play|"
    r"tell|stop|open|close|never|thank|thanks|yes|yeah|ok|okay|no|not|go|call|make|show|read|cancel|don't|please|start|lock|dim|pause)\b"
    r"|(?:你|我|他|她|它|吗|什么|怎么|为什么|打开|关|把.+(?:打开|关)|放|播|取消|停|谢谢|好的|没事|算了|行|不用)",
    re.IGNORECASE,
)
VIA = re.compile(
    r"^(?:(?:but|and|oh|actually|also|then|first|can (?:we|you)|could (?:we|you)|let's|i need to|i want to|we need to|i have to|we have to|we should|we'll|please|just)[,\s]+)*"
    r"(?:(?:go|drive|head|route (?:me|us|it)|take (?:me|us)|do it|travel|run)?\s*(?:via|through|by way of|past)|(?:stop|stopping|stop off|pop in|swing by|call in|drop by|swing)(?: off| in| by)?(?: at| in| by)?|"
    r"(?:pick up|drop off|fetch|collect) (?:\w+ ){1,3}?(?:at|from|in))\s+(?:the )?(.+?)(?:\s+(?:on the way|along the way|en route|first|please|on our way|too|as well))*[.!?]*$",
    re.IGNORECASE,
)
HAN_VIA = re.compile(
    r"^(?:(?:但|不过|对了|哦|等等|那)[，,\s]*)*(?:(?:路上|中途|半路|途中|顺路|顺道|半道|先|中间|途径)(?:上)?[，,\s]*)+(?:先|再|要|得|想|帮我|我要|我得)*(?:去|到|绕到|绕去|绕|经过|路过|停|在|拐到|走)(?:一?趟|一?下|个)?(.+?)"
    r"(?:(?:停|接|拿|取|买|吃|加|送|看|办).*|一下|一趟|吧)?$|^(?:先|要)?(?:经过|路过|途经|走|从|绕道?)(.+?)(?:走|过|绕)?(?:吧|一下)?$"
)
OFF = re.compile(
    r"^(?:(?:oh|and|but|actually|also|then|no|sorry|please|you can)[,\s]+)*(?:take|cross|strike|scratch|remove|delete|drop|knock|tick|scrap|forget|lose|get rid of|bin|leave)\s+(?:off\s+)?(?:the )?(.+?)"
    r"(?:\s+(?:off|out|from it|off it|off again|again|from there|off there|off the list|from the list|after all))*(?:,.*)?[.!?]*$"
    r"|^(?:(?:oh|and|but|actually|no|sorry|wait)[,\s]+)+not (?:the |any )?([\w' ]{2,30})[.!]*$"
    r"|^(?:(?:oh|and|but|actually|no|sorry)[,\s]+)*(?:we|i) (?:don't|do not) need (?:the |any )?(.+?)(?: (?:any ?more|after all|now|actually))?[.!?]*$"
    r"|^(?:(?:oh|and|but|actually|no)[,\s]+)*(?:we|i)(?:'ve| have)? (?:already )?(?:got|have|bought) (?:the |some |any |enough )?(.+?)(?: (?:already|now|in|at home))?[.!?]*$",
    re.IGNORECASE,
)
HAN_OFF = re.compile(
    r"^(?:(?:哦|对了|那|把|再)[，,]?)*(?:把|将)?(.+?)(?:就)?(?:不要了|不买了|不用了|不用买了|别买了|去掉|删掉|删了|划掉|拿掉|买过了|买好了|已经买了|有了|还有(?:呢|很多)?|家里有)(?:吧)?$|^(?:不要|不买|删掉|去掉|划掉|拿掉)(.+?)了?$"
)

ANOTHER = re.compile(
    r"(?:(?:actually|oh|no|and|hmm)[,\s]+)*(?:(?:give|make) (?:it|me|them) |add |put (?:on )?|stick (?:on )?)?(?:another|an extra|an additional) ([\w -]{1,14}?)(?: more| on| to it| on it)*",
    re.IGNORECASE,
)
PAUSE = re.compile(
    r"(?:(?:oh|okay|ok|now|please|actually|wait|right|can you|could you)[,\s]+)*(?:pause|hold|freeze) (?:it|that|on)(?: (?:for )?(?:now|a (?:sec|second|minute|moment|bit)|there|please))*",
    re.IGNORECASE,
)
RESUME = re.compile(
    r"(?:(?:oh|okay|ok|now|please|right|right then|can you|could you)[,\s]+)*(?:carry on|resume|continue|unpause|restart|start (?:it|that) again|go on|let it run)(?: (?:with )?(?:it|that))?(?: (?:now|please|again|then))*",
    re.IGNORECASE,
)
DROP = re.compile(
    r"^(?:(?:oh|ah|no|actually|wait|sorry|on second thoughts?|hang on|please|right|okay|ok|never mind)[,.!\s]+)*(?:scratch that[,.\s]+)?"
    r"(?:cancel|forget|scrap|scratch|drop|undo|ditch|delete|bin|kill|take|leave|lose|call off|stop|remove)\s+(?:about\s+)?(?:that|it|this|that one|the last one|them)"
    r"(?: (?:one|back|off|again|off again|now|after all|then|timer|alarm|reminder|please|out))*[.!]*$"
    r"|^(?:(?:哦|啊|等等|不|那|还是|算了|刚才那个|刚才的|这个|那个|把它|把那个|刚刚那个|把刚才那个|把刚才的)[，,\s]*)*(?:取消|算了|不要了|取消掉|取消了|取消吧|撤销|撤了|删了|删掉|去掉|不用了|作废|别弄了|停了吧)(?:吧|了|掉|它|那个|刚才那个|刚才的|这个)*[。！!]*$",
    re.IGNORECASE,
)
