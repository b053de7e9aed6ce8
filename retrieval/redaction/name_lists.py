"""Common given names and surnames, and words that only look like names.

Lists make names without a cue recognisable; they need not be complete, because a name that is
introduced by a cue is found without them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from models.encoders.english import words

_LONG = 7
_REMEMBERED = 16_384
_VOWEL = re.compile("[aeiouyà-ÿ]")
_FREQUENT, _TYPED = 20_000, 5_000
"""Words of the dictionary, the most frequent first, that everyone knows, and that are mistyped so
often that it matters."""


def word_set(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


GIVEN_NAMES = word_set(
    """
    aaron abigail adam adele adrian agnes ahmed aidan aisha alan albert alejandro alex alexander
    alexandra alice alicia alina alison amanda amber amelia amina amy ana andre andrea andreas
    andrew andy angela anika anita anja ann anna anne annie anton antonio anya arjun arthur asha
    astrid audrey ava barbara beatrice becky ben benjamin bernard beth bettina betty bianca bill
    bjorn bob boris brandon brenda brian bridget bruno camila camille carl carla carlos carmen carol
    caroline catherine cathy cecilia celia charles charlie charlotte chloe chris christian christina
    christine christopher claire clara claudia clive colin connor craig cristina daisy damian dan
    daniel daniela daniele danny dave david dean deborah denise dennis derek diana diego dilip
    dmitri dominic dominik donald donna doris dorothy douglas duncan dylan edith eduardo edward
    eileen elaine eleanor elena eli elias elijah elise elizabeth ella ellen elsa emil emily emma
    eric erica erik erin esther ethan eva evan evelyn fabian farah fatima felicity felix fernando
    fiona florence florian francesca francis frank franziska fred freya gabriel gareth gary gavin
    gemma geoff george georgia gerald giulia gloria gordon graham greg gregory greta guillaume
    gustav hana hannah hans harald hari harold harriet harry hassan heather heidi helen helena helga
    hendrik henrietta henrik henry hugo ian ibrahim ida igor ines ingrid irene iris isaac isabel
    isabella isla ivan jack jackie jacob jacqueline jake james jamie jan jana jane janet janice
    jasmine jason javier jean jeff jelena jemma jennifer jenny jeremy jerome jess jessica jill jim
    joan joanna joanne joe joel johan johanna john jonas jonathan jorge jose joseph josephine joshua
    joyce juan juanita judith judy julia julian julie juliet karen karim karin karl kate katarzyna
    katharina katherine kathleen kathryn katie katja kayla keith kelly ken kenneth kerry kevin kim
    kirsten klaus kristen kristin kyle lars laura lauren lea leah lena leo leon leonard leonie
    leslie lewis liam lillian linda lindsay lionel lisa liz logan lorenzo lorna louis louisa louise
    luca lucas lucia lucy ludwig luis lukas lydia lynn madeleine magda malcolm manuel marc marcel
    marco marcus margaret maria marie marina mario marion martha martin martina marvin mary mateo
    mathias matilda matteo matthew maureen maya megan mehmet melanie melissa mia michael michelle
    miguel mike milan mina miriam mohamed mohammed moira molly monica monika morgan nadia nadine
    nancy naomi natalia natalie natasha neha neil nia nicholas nick nicola nicolas nicole nigel
    nikita nikolai nina noah nora norman olga oliver olivia omar oscar otto owen pablo pamela
    patricia patrick paul paula pauline pedro penny peter petra phil philip philippa phoebe pierre
    priya rachel rafael rahul ralph raj ramesh raquel rasmus raymond rebecca renata renee ricardo
    richard rita robert roberta robin roger roland ronald rosa rosalind ross rowan roy rupert
    russell ruth ryan sabine sabrina sally sam samantha samuel sandra sanjay sara sarah scott sean
    sebastian sergei shannon sharon sheila shirley sigrid simon simone sofia solveig sonia sonja
    sophia sophie stanley stefan stella stephanie stephen steve steven stuart susan susanne suzanne
    sven svetlana sylvia tamara tanya tara tatiana teresa tess theo theodore theresa thomas tiffany
    tim timothy tina tobias todd tom tomas tony tracy trevor ulrich ursula valentina valerie vanessa
    vera verena veronica victor victoria vijay vincent viola violet vivian vladimir walter wendy
    werner wilhelm william winston xavier yasmin yvonne zara zoe zora abdul abdullah adnan agata
    agnieszka alba alessandro alfie ali alma amal amira amit anand anders andrzej angelo anil anjali
    anneliese annette antoine archie ariana arnold arturo asif aysha aurora ayesha bart beata becca
    bernd bilal billie björn bogdan brad brett brigitte britta bryan bryony caitlin callum carmel
    carolina cassie cecile cedric chad chandra chantal chiara chidi ciara cindy clemens cody cora
    cornelia courtney curtis dagmar dale damien darren deb debbie debra deepak denis derrick desmond
    devin diane dieter dina dirk don donal doug dwayne eamon ebony eddie edgar edwin ellie elliot
    eloise emilia emmanuel enrique ernesto ernst esme eugene ezra faisal fatih fatou fatoumata femi
    fergus finn flora francois franz frida fritz gabi gabriela garry gaurav gerard gerhard gianni
    gina giorgio giovanni gisela glenn gunther gustavo gwen habib hamza hanif heike heinz henri
    hilary hiroshi holger holly horst howard hussein ilse imogen imran indira ingo ioana irina
    isabelle ismail ivana iwona jakub jamal janek janette jared jasper javed jay jayden jean-pierre
    jeffrey jeremiah jerzy jo jochen jordan josef josh juana jürgen kai kamal karina karla kasia
    katerina kathy katrin kay kaya keisha kenji khalid kofi konrad krzysztof kunal kwame kylie lana
    lara latisha layla leila lennart leroy lexi lina linh lizzie lola lorena lorraine lou lucie
    luigi luisa luna lynda lynne maciej madison mads maggie mahmoud malik mandy manfred manuela mara
    marcin marek margarita margot mariam marianne marika marisa marissa marta mathilde matt mattias
    maurice mauricio max maxine mei mel michal michel mick mikael milena milo mirela mohammad mona
    moritz moses muhammad murat mustafa myra nabil nasir nate nathan natalya ned nelson nicky
    nicolai nikhil niklas nikola nils niamh nita noel noor noreen obi olaf oleg olena oli ollie
    omari orla oskar paige pam paola paolo pascal pat patrice patricio pauli pavel pawel peggy percy
    pete pia pierce piotr preeti rachael rafaela rafal raghav raheem rajesh ralf ramon rashid
    rasheed ravi ray reinhard remy rhys ricky roberto rodrigo rohan rolf roman ron ronan ronnie
    rosemary rosie roxanne rudi rudolf ruby-mae sachin sadie saeed salim sana sasha selina serena
    sergio shane shaun shauna shawn shreya sian silke silvia simran sinead skye sonny stacey stacy
    stan stefano stewart stu sue sunil suresh susana susanna suzie sylvie tahir tamsin tariq ted
    terry thea thorsten tilda timo toby tobi tommy toni torsten tracey trisha trudy ulla ulrike usha
    uwe valeria vanya vicky vikram vince vinod viktor vlad waleed wanda warren wayne wilfred wilma
    wojciech yan yannick yara yasmine yuki yusuf yves zack zahra zain zainab zlatan zofia zsofia
    guillermo ottoline siobhan wilhelmina winnie ximena yolanda priyanka deepa saoirse
    """
)

COMMON_WORDS = word_set(
    """
    mark rob grace bill frank jack penny will may june april august hope faith joy rose lily iris
    daisy ruby amber jade pearl olive ivy hazel basil sage ginger summer dawn eve sky skye art ray
    pat sue don dean max chase grant drew rich sandy heather violet amy jordan paris chelsea austin
    jean bob gene guy miles norm pierce victor viola stella cliff brook holly robin christian carol
    jay mia tony nick josh stan tim earl rocky dale glen lance page wade woody buddy melody harmony
    star angel destiny trinity mercedes lexus ali an in so jo kay lou mel my noel ted van von mac
    """
)
"""Given names that are words, months, stones or flowers: names only with a sure cue."""

SURNAMES = word_set(
    """
    adeyemi agarwal ahmed ali andersson andersen banerjee begum bianchi campbell chaudhary chopra
    chowdhury clarke costa davies desai diaz dubois evans fernandes fernandez ferrari fischer
    flores garcia gomez gonzalez gupta gutierrez hansen hassan hernandez hoffmann hughes hussain
    huynh ibrahim iyer jansen jensen johansson johnson jones kapoor khan kim kowalczyk kowalski
    kumar larsen lopez mahmood malik martinez mbeki mehta mendoza meyer mishra mitchell mohamed
    morales mueller murphy nair nakamura ndiaye nguyen nielsen novak nowak nwosu obi okafor
    okonkwo olsen ortiz osei pham patel perez petersen phan popescu qureshi rahman ramirez ramos
    rao reddy reyes ricci rivera robinson rodriguez rossi ruiz sanchez santos sato schmidt
    schneider schulz shah sharma sheikh silva singh smith suzuki tanaka thompson torres tran
    verma vu wagner watanabe weber williams wilson wojcik yamamoto yilmaz
    """
)
"""Surnames that are hardly ever anything else in English."""

PINYIN_SURNAMES = word_set(
    """
    bai cai cao chang chen cheng cui dai deng ding dong du duan fan fang feng fu gao ge gong gu guan
    guo han hao he hong hou hu huang huo jia jiang jin kang kong lai lei li liang liao lin ling liu
    long lu luo lyu ma mao meng miao mo mu ni niu ou ouyang pan peng qi qian qiao qin qiu qu ren
    ruan shao shen shi song su sun tan tang tao tian tong wan wang wei wen weng wu xia xiang xiao
    xie xin xing xiong xu xue yan yang yao ye yi yin yu yuan yue zeng zhai zhan zhang zhao zheng
    zhong zhou zhu zhuang zou zuo chan cheung chow kwok lam lau leung ng tsang tse wong yeung
    """
)

HAN_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤葛"
    "柴屈苗娄卞桑骆裴翟安常樊殷施牛洪庞颜倪温芦季俞章鲁伍申尤毕聂焦齐康路岳左辛管祝霍房阮柯甘解纪欧梅翁"
    "井车项祁童盛冉蓝晏柳窦鲍蒲游涂麦简卓仇隋单茅谷符凌路邢穆艾詹戚连仲栾褚冼揭佟荆厉臧粟明巩敖阚沙佘郜"
)
HAN_RARE_SURNAMES = (
    "丘丛丰乜云亓亢仝伊伏但俱傅储冀冷冶刁劳勾匡区却卜卫印危卿厍古叱司吉吾呂吳呼咸哈哙商啜喬單嚴圉"
    "坚堵塗夔奉奚姬姒孫宁宓宗宛宜宣宦宫宰宾宿寇密封尉尚尧居屠展岑崇嵇巢巫巴师帅師席庚庾廉強弓弘張"
    "忻忽怡恽惠慎慕應戈戎扈扶折拓挚操敬斐於旷昌易昝晁晋曲杭柏查栗桂植楊楚楼檀歐毋沃沐洛浦渠湛湯溫"
    "溥满滑滕漆澹濮焉燕牟牧狄班璩甄甯畢皋皮盍盖盘盧盾眭瞿祖祢禄禹禤稽竇竺笪箫簡籃籍粘糜紀索練繆绳"
    "缑缪罕羅羊羿習翦耿聞聶胥舒芈芮苌苍苑苟茆茹荀荣荤莊莘華萧萬葉蒙蒯蓟蓬蔚蔣蔺蕭薄藍蘇虎虞衡衣裘"
    "許詩謝譚计訾诗诸谈谌谯豐賀賈賴费贝赏赖赫趙車軒輔轩辜边迟連逄逯遲邝邬邰邸郁郎郏郗鄂鄒鄔鄞鄢鄧"
    "鄭鄺酆釋錢鍾鐘鈕钭钮铎闕闞闭闵闻闾阎阙陳陸陽隗雍霸靖靳鞏鞠韓韋韶顏顧饒饶馬馮駱驹魚魯鮑鹿麥麴"
    "麻黃齊龍龎龔"
)
"""Surnames that are common words or hardly met, and traditional forms: with a sure cue alone."""

HAN_COMPOUND_SURNAMES = (
    "闻人", "钟离", "太史", "申屠", "澹台", "公冶", "宗政", "濮阳", "淳于", "单于", "仲孙",
    "百里", "呼延", "西门", "歐陽", "司馬", "諸葛", "上官", "司空", "鲜于", "闾丘", "赫连", "拓跋",
    "欧阳", "司马", "诸葛", "夏侯", "尉迟", "皇甫", "慕容", "司徒", "令狐", "公孙",
    "东方", "独孤", "南宫", "端木", "长孙", "宇文", "轩辕",
)  # fmt: skip

NAMES_ALSO = word_set(
    """
    mark rob grace bill frank jack penny will may june april august hope faith joy rose lily iris
    daisy ruby amber jade pearl olive ivy hazel eve summer dawn autumn pat sue dean grant drew rich
    heather violet amy jordan bob gene guy norm victor cliff brook holly robin christian carol nick
    josh stan tim earl dale glen lance wade woody chase melody harmony angel destiny crystal
    """
)
"""Of the names that are words those that people bear, for cues that nothing else goes with."""

NOT_NAMES = word_set(
    """
    a about account actually afraid after afternoon again agent alipay all also am an and android
    any anyone anybody apologies april are as at august back best but bye can cannot card cc chat
    checking china chinese code come confirmed could customer day days dear december delivered
    delivery did do does done drift each english enjoy evening every everyone express february fine
    first folks for friday friend from front full fully gold good great guys half happy harbour have
    hello her here hey hi his hope how huabei i if iphone in interested is it it's january jd july
    june just kind lane last let looking ma'am madam march mastercard may me mine monday more
    morning mr mrs ms my name never new next no nope not november now october of ok okay on one only
    or order other our out over page paid paying paypal people perfect phone please points pro quick
    quite ready received reef refund regards returning right same saturday september sf shop
    shipping side silver sir so some someone something sorry still sunday sure team thank thanks
    that that's the their them then there these they this those three thursday thx time to today
    tomorrow too true tuesday two unionpay until up us very via visa wait waiting warm was we wechat
    wednesday welcome well what what's when where which white who why wifi will with would yes
    yesterday yet you your yours yto amazon nike adidas dhl hermes evri fedex ups usps klarna argos
    tesco currys bosch siemens philips kenwood lenovo dell dyson galaxy garmin yamaha xbox nintendo
    lego playmobil disney netflix google facebook instagram samsung huawei xiaomi sony canon nikon
    lg hp epson brother ikea zara puma reebok gucci prada chanel dior microsoft windows chrome
    safari firefox ios macbook ipad airpods whatsapp telegram twitter youtube ebay etsy shopify
    gmail outlook yahoo royal mail parcelforce oxford cambridge london paris berlin york manchester
    leeds bristol dublin milan madrid vienna black easter christmas halloween boxing valentine's
    ramadan diwali eid payment refunds size colour color price item items product products parcel
    package store website site online email number numbers address support customers service care
    returns accounts sales warehouse manager mate mates man dude lovely absolutely totally
    completely sooo urgent disappointed spelled wrong missing broken late stuck really nobody bot
    human robot according both courier everything handed invoice prof professor sirs somebody
    vouchers within since changed checked noted perhaps maybe given being having sending nothing
    anything apple basic blue boardwalk breakwater cloud dune glacier grey green gust linen mooring
    orange pebble red squall tide yellow anchor north south east west district road street avenue
    beijing shanghai guangzhou shenzhen hangzhou chengdu nanjing wuhan suzhou tianjin chongqing
    xiamen qingdao dalian ningbo xinjiang tibet qinghai mongolia taiwan macau kong hong kunming
    """
)

BRANDS = _phrases(
    """
    aunt bessie, aunt bessie's, ben jerry, ben sherman, black decker, bobbi brown, calvin
    klein, captain morgan, charlotte tilbury, christian dior, coco chanel, darth vader, dr
    martens, elizabeth arden, emporio armani, estee lauder, fred perry, giorgio armani, harry
    potter, hello kitty, helly hansen, hugo boss, jack daniel's, jack daniels, jack jones,
    jack wolfskin, james bond, jim beam, jo malone, john lewis, johnnie walker, karl
    lagerfeld, kate spade, laura ashley, le creuset, lloyds bank, luke skywalker, marc jacobs,
    marie claire, mary kay, max mara, michael kors, mickey mouse, minnie mouse, morphy
    richards, paul mitchell, paul smith, peppa pig, philipp plein, ralph lauren, russell
    hobbs, sam edelman, santa claus, stanley cup, star wars, steve madden, ted baker, thomas
    cook, tom ford, tommy hilfiger, tory burch, vera wang, victoria's secret, winnie pooh,
    yves saint laurent
    """
)
"""Names of people that are goods or shops."""

STRANGE_GOODS = word_set(
    """
    xi'an erenhot
    heathrow gatwick stansted luton schiphol laguardia expedia agoda airbnb uber deliveroo kuala
    lumpur aviv saigon hanoi jakarta riyadh doha lhasa chengdu xian harbin shenyang wuxi foshan
    dongguan sanya guilin lijiang urumqi hainan yunnan sichuan guangdong jiangsu zhejiang fujian
    hunan hubei hebei henan shandong shanxi shaanxi jiangxi anhui guizhou gansu liaoning jilin
    heilongjiang guangxi xinjiang ningxia xizang pudong puxi jing'an xuhui kowloon hemnes malm
    billy kallax poang choo pantone fitbit playstation lululemon asos zalando revolut monzo paypal
    alipay wechat weixin taobao tmall weibo douyin tiktok shein temu aliexpress alibaba pinduoduo
    cainiao fapiao huabei miele smeg delonghi nespresso tefal braun oral-b velcro lycra goretex
    polartec cordura bluetooth airtag airpod kindle roku sonos bose jabra anker logitech razer
    asus acer nvidia geforce radeon ryzen xeon oled amoled qled powerbank hoodie onesie leggings
    chinos loafers espadrilles moisturiser moisturizer serum retinol collagen keto vegan halal
    kosher covid ramen udon matcha oolong pu'er longjing gyokuro sencha jasmine mastercard
    maestro bancontact ideal sofort giropay bitcoin ethereum covid brexit whatsapp instagram
    facebook youtube linkedin pinterest snapchat reddit spotify netflix chatgpt alexa siri cortana
    mandarin cantonese hokkien teochew welsh gaelic tagalog hindi urdu punjabi bengali tamil telugu
    swahili yoruba igbo afrikaans castellano euros eur gbp usd cny rmb kwh mah fyi asap faq sms otp
    """
)
"""What no dictionary holds and nobody is called: goods, places, ways of paying, languages."""

NOT_HAN_NAMES = word_set(
    """
    潘婷 伊利 徐福记 沙宣 沙萱 毛血旺 毛毛 如图 宏基 清扬 哈哈 单音 苹果 冷天 关键 关健
    电话 手机 地址 邮编 号码
    阿迪 阿里 姓名 康乐牌 同微信 林肯 秀哪 张卡 张图 张单 王老吉 马应龙 李子柒 孙悟空 林清轩
    李宁 鲁花 高露洁 周大福 周生生 周黑鸭 张小泉 王守义 王麻子
    全聚德 马大姐 王者 段码 张大嘴 方太 方正 金龙鱼 金士顿 安踏 安卓 安利 康师傅 康佳 白象 白猫 白云
    汤臣 石墨 江小白 毛巾 毛毯 毛衣 陈皮 陈醋 史努比 雷蛇 雷柏 雷神 雷电 苗条 章鱼 武器 温度 祁门
    黎明 邓禄普 贝亲 蓝月亮 蓝牙 柳州 杨梅 杨树 杨柳木 柏林 夏天 夏季 秋季 秦皇岛 唐山 唐装 于是
    段位 包邮 花洒 花生 水管 钱款 云南 云端 云台 谭木匠 顾家 戴森 戴尔 欧莱雅 欧派 欧式 苏泊尔 苏宁
    苏打 韩束 韩版 韩国 梅花 梅干 罗技 罗马 莫代尔 路由器 凌晨 卫生 车厘子 尤其 向导 应急 平板 平时
    平台 明显 常温 时间 全部 全新 全国 全家 成分 成人 成色 和田 和路雪 华为 盛夏 万科 林芝 孙女 孙子
    钱呢 付了 白高兴 胡同 余下 花呗 云朵 张照片 祝您 祝你 祝李 齐全 谷歌 柏油 成功 祝愉快 祝生活
    高兴 方便 方法 明白 安全 安排 安装 常见 常用 左右 温馨 单号 单子 单独 单个 向您 向你 连接 连锁
    程序 金额 金卡 白色 黄色 蓝色 黑色 万一 万元 路上 路由 时候 何时 何种 何况 任何 任意 和您 石头
    游戏 符合 简单 明天 明日 明确 明年 马上 马克 马克杯 毛病 甘肃 江苏 江西 江南 管理 管家 解决 解释
    解除 纪念 车上 项目 季节 季度 章节 施工 常规 章程 严重 严格 付款 付费 付钱 付过 史上 段时间 任务
    余额 武汉 康复 叶子 董事 方式 方案 方向 方面 牛仔 牛奶 龙卷 洪水 广州 郑州 杭州 苏州 常州 温州
    徐州 海口 贵阳 贵州 石家庄 金华 黄山 白天 白给 盛大 麦当劳 路线 路过 安心 安静 单位 单价 单笔
    梅雨 陆续 陆运 周日 周末 周期 周五 周三 周一 周二 周四 周六 周围 周到 沈阳 成都 高温 高级 高端
    高铁 高清 高峰 高于 高价 客服 老板 店家 商家 亲亲 小哥 快递 顺丰 圆通 京东 康熙 孔雀 莫名 莫非
    方形 施压 向上 向下 支付宝 微信 钱包 钱数 钱多 单件 万分 应该 谢谢 谢啦 谢了
    """
)

NOT_NICKNAMES = word_set(
    """
    儿子 孩子 果子 样子 句子 盒子 鞋子 裤子 箱子 袋子 杯子 瓶子 被子 帽子 柜子 单子 房子 车子
    妻子 日子
    小姐 小哥 小妹 小号 小时 小票 小码 小区 小店 小米 小心 小孩 小包 小件 小程 老板 老师 老公 老婆
    老家 老人 老款 老是 大家 大号 大码 大件 大概 大哥 大姐 大厅 大约 大小 大门 大师 阿姨 妈妈 爸爸
    爷爷 奶奶 哥哥 姐姐 妹妹 弟弟 叔叔 宝宝 亲亲 谢谢 常常 刚刚 看看 试试 问问 说说 想想 等等 天天
    人人 慢慢 好好 快快 偏偏 往往 仅仅 渐渐 经理 客服 人工 主管 老大 老客 大爷 大妈 小编 小二 地址
    电话 手机 号码 退款 发货 您好 你好 谢啦 麻烦 送到 小红书 改成 发到 寄到 收货 快递 座机 公司
    学校 小区叫 邮编 联系
    """
)
"""Words in the form of a nickname or beside one: ``小哥``, ``谢谢``."""


@cache
def given_names() -> frozenset[str]:
    """:data:`GIVEN_NAMES`, and those of many languages that are no common English words."""
    return GIVEN_NAMES | {row for row in _listed() if row[0] != "+"}


@cache
def names_and_words() -> frozenset[str]:
    """Names that are English words as well, and surnames."""
    return NAMES_ALSO | SURNAMES | {row[1:] for row in _listed() if row[0] == "+"}


def _listed() -> list[str]:
    rows = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").splitlines()
    return [row for row in rows if row and not row.startswith("#")]


@cache
def _english() -> frozenset[str]:
    return frozenset(words())


@cache
def _frequent(count: int = _FREQUENT) -> frozenset[str]:
    return frozenset(words()[:count])


@lru_cache(_REMEMBERED)
def is_foreign(word: str) -> bool:
    """Whether a word is in no English dictionary, nor one that was mistyped by a letter."""
    word = word.lower()
    if len(word) < 3 or not word.isalpha() or not _VOWEL.search(word):
        return False
    if word in _english() or word in NOT_NAMES or word in STRANGE_GOODS:
        return False
    # Names are short: a long word that is nearly an English one was meant to be it.
    typed = _frequent(_TYPED if len(word) < _LONG else _FREQUENT)
    return not any(slip in typed for slip in _one_letter_off(word))


def is_plain(word: str) -> bool:
    """Whether a word is a frequent English one that nobody is called."""
    return all(
        part in _frequent() and part not in given_names() and part not in names_and_words()
        for part in word.lower().split("-")
    )


def _one_letter_off(word: str) -> set[str]:
    """Words that differ from ``word`` by a letter left out, put in, changed or swapped."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {
        *(a + b[1:] for a, b in cuts if b),
        *(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1),
        *(a + c + b[1:] for a, b in cuts if b for c in letters),
        *(a + c + b for a, b in cuts for c in letters),
    }
