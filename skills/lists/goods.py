# ruff: noqa: E501 - a pattern is easier to read on one line
"""What may be bought: "we're out of milk" is for the shopping list, "we're out of time" is not."""

import re

LONGEST = 5
"""Words."""
LONGEST_HAN = 6

_NOT_BOUGHT = re.compile(
    r"\b(?:once|when|while|after|before|until|if|who|and i|machine|washer|dryer|oven|film|movie|game|match|party|time|luck|ideas?|here|there|bed|town|office|work|order|date|hand|control|touch|sight|breath|patience|"
    r"energy|hope|options?|excuses?|room|space|memory|storage|money|cash|petrol|diesel|fuel|gas|battery|power|charge|"
    r"signal|words?|questions?|reason|point|doubt|problem|way|one|people|anyone|nobody|everyone|steam|puff|sorts|"
    r"school|hospital|juice left|data|credit|staff|light|lights|hours?|minutes?|days?|seconds?|weeks?|hot water|"
    r"water pressure|heating|internet|wifi|sun|rain|wind|snow|news|need|use|chance|sleep|fun|love|help|traffic|noise|"
    r"it|them|that|this|these|those|everything|anything|something|nothing|stuff|things?|rush|hurry|sound|music|"
    r"channel|volume|picture|timers?|alarms?|reminders?|meetings?|plans?|appointments?|warm|cold|dark|quiet|peace|"
    r"break|rest|holiday|shower|bath|hug|nap|lift|ride|taxi|doctor|dentist|plumber|electrician|haircut)\b",
    re.IGNORECASE,
)
_SURELY = re.compile(
    r"\b(?:milk|bread|eggs?|butter|cheese|coffee|tea|teabags|tea bags|sugar|flour|rice|pasta|oil|salt|pepper|potato(?:es)?|"
    r"tomato(?:es)?|onions?|garlic|carrots?|apples?|bananas?|oranges?|lemons?|limes?|grapes|strawberries|fruit|veg(?:etables)?|"
    r"salad|lettuce|cucumber|mushrooms?|chicken|beef|ham|bacon|sausages?|mince|fish|salmon|tuna|yoghurts?|yogurts?|cream|"
    r"ice cream|cereal|oats|porridge|biscuits|crisps|chocolate|cake|juice|squash|cola|beer|wine|gin|water|toilet rolls?|"
    r"loo rolls?|toilet paper|kitchen roll|kitchen towel|tissues|washing[- ]up liquid|washing powder|detergent|bleach|"
    r"dishwasher tablets|bin bags|bin liners|soap|shampoo|conditioner|toothpaste|toothbrush(?:es)?|deodorant|razors?|nappies|"
    r"wipes|batteries|light ?bulbs?|candles|foil|cling film|cat food|dog food|cat litter|ketchup|mayo(?:nnaise)?|mustard|"
    r"vinegar|honey|jam|marmite|peanut butter|beans|lentils|noodles|soup|stock cubes|spices?|herbs|basil|parsley|ginger|"
    r"plasters|paracetamol|ibuprofen|matches|sponges|nuts|avocados?|peppers?|broccoli|spinach|peas|sweetcorn)\b",
    re.IGNORECASE,
)
_HAN_NOT_BOUGHT = re.compile(
    "时间|电|网|信号|钱|油|人|事|问题|办法|意思|关系|话|声音|力气|精神|心情|耐心|希望|机会|位置|地方|空间|内存|水(?!果|饺)|暖气|热水|气|"
    "灯|光|雨|风|雪|太阳|课|班|会|假|票|車|车|信|消息|新闻|动静|反应|效果|用|必要|完|谁|哪|什么|怎么|一点|啥|手机|他|她|它|我|你|作业|工作|饭|觉|病|药效|味道|天"
)
_HAN_SURELY = re.compile(
    "奶|蛋|面包|米|面粉|面条|酱油|醋|盐|糖|食用油|花生油|橄榄油|菜油|芝麻油|茶|咖啡|菜|肉|鱼|虾|鸡|鸭|豆腐|水果|苹果|香蕉|橙|葡萄|草莓|西瓜|梨|桃|柠檬|土豆|番茄|西红柿|"
    "洋葱|大蒜|葱|姜|黄瓜|胡萝卜|白菜|蘑菇|酸奶|奶酪|黄油|果汁|可乐|啤酒|红酒|白酒|饮料|矿泉水|纸巾|卫生纸|抽纸|厕纸|厨房纸|洗洁精|洗衣液|洗衣粉|"
    "洗手液|洗发水|沐浴露|牙膏|牙刷|肥皂|香皂|垃圾袋|保鲜膜|保鲜袋|尿不湿|纸尿裤|湿巾|电池|灯泡|猫粮|狗粮|猫砂|零食|饼干|薯片|巧克力|调料|胡椒|"
    "辣椒|花生|坚果|火锅|馒头|饺子|方便面|泡面|蜂蜜|果酱|创可贴|口罩|酒精|蚊香|花椒|八角|料酒|蚝油|淀粉|香油|味精|鸡精|豆浆|燕麦|麦片"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


def is_goods(text: str) -> bool:
    """Whether the words may be something that one buys."""
    if _HAN.search(text):
        return len(text) <= LONGEST_HAN * 2 and (
            bool(_HAN_SURELY.search(text)) or (len(text) <= LONGEST_HAN and not _HAN_NOT_BOUGHT.search(text))
        )
    return len(text.split()) <= LONGEST * 2 and (bool(_SURELY.search(text)) or not _NOT_BOUGHT.search(text))


def is_surely_goods(text: str) -> bool:
    """Whether a word for something to buy is among them."""
    return bool((_HAN_SURELY if _HAN.search(text) else _SURELY).search(text))
