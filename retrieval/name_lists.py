"""Common given names and surnames, and words that only look like names.

Lists make names without a cue recognisable; they need not be complete, because a name that is
introduced by a cue is found without them.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN_NAMES = _words(
    """
    aaron abigail adam adele adrian agnes ahmed aidan aisha alan albert alejandro alex alexander
    alexandra alice alicia alina alison amanda amber amelia amina amy ana andre andrea andreas
    andrew andy angela anika anita anja ann anna anne annie anton antonio anya arjun arthur asha
    astrid audrey ava barbara beatrice becky ben benjamin bernard beth bettina betty bianca bill
    bjorn bob boris brandon brenda brian bridget bruno camila camille carl carla carlos carmen
    carol caroline catherine cathy cecilia celia charles charlie charlotte chloe chris christian
    christina christine christopher claire clara claudia clive colin connor craig cristina daisy
    damian dan daniel daniela daniele danny dave david dean deborah denise dennis derek diana diego
    dilip dmitri dominic dominik donald donna doris dorothy douglas duncan dylan edith eduardo
    edward eileen elaine eleanor elena eli elias elijah elise elizabeth ella ellen elsa emil emily
    emma eric erica erik erin esther ethan eva evan evelyn fabian farah fatima felicity felix
    fernando fiona florence florian francesca francis frank franziska fred freya gabriel gareth
    gary gavin gemma geoff george georgia gerald giulia gloria gordon graham greg gregory greta
    guillaume gustav hana hannah hans harald hari harold harriet harry hassan heather heidi helen
    helena helga hendrik henrietta henrik henry hugo ian ibrahim ida igor ines ingrid irene iris
    isaac isabel isabella isla ivan jack jackie jacob jacqueline jake james jamie jan jana jane
    janet janice jasmine jason javier jean jeff jelena jemma jennifer jenny jeremy jerome jess
    jessica jill jim joan joanna joanne joe joel johan johanna john jonas jonathan jorge jose
    joseph josephine joshua joyce juan juanita judith judy julia julian julie juliet karen karim
    karin karl kate katarzyna katharina katherine kathleen kathryn katie katja kayla keith kelly
    ken kenneth kerry kevin kim kirsten klaus kristen kristin kyle lars laura lauren lea leah lena
    leo leon leonard leonie leslie lewis liam lillian linda lindsay lionel lisa liz logan lorenzo
    lorna louis louisa louise luca lucas lucia lucy ludwig luis lukas lydia lynn madeleine magda
    malcolm manuel marc marcel marco marcus margaret maria marie marina mario marion martha martin
    martina marvin mary mateo mathias matilda matteo matthew maureen maya megan mehmet melanie
    melissa mia michael michelle miguel mike milan mina miriam mohamed mohammed moira molly monica
    monika morgan nadia nadine nancy naomi natalia natalie natasha neha neil nia nicholas nick
    nicola nicolas nicole nigel nikita nikolai nina noah nora norman olga oliver olivia omar oscar
    otto owen pablo pamela patricia patrick paul paula pauline pedro penny peter petra phil philip
    philippa phoebe pierre priya rachel rafael rahul ralph raj ramesh raquel rasmus raymond rebecca
    renata renee ricardo richard rita robert roberta robin roger roland ronald rosa rosalind ross
    rowan roy rupert russell ruth ryan sabine sabrina sally sam samantha samuel sandra sanjay sara
    sarah scott sean sebastian sergei shannon sharon sheila shirley sigrid simon simone sofia
    solveig sonia sonja sophia sophie stanley stefan stella stephanie stephen steve steven stuart
    susan susanne suzanne sven svetlana sylvia tamara tanya tara tatiana teresa tess theo theodore
    theresa thomas tiffany tim timothy tina tobias todd tom tomas tony tracy trevor ulrich ursula
    valentina valerie vanessa vera verena veronica victor victoria vijay vincent viola violet
    vivian vladimir walter wendy werner wilhelm william winston xavier yasmin yvonne zara zoe zora
    guillermo ines ottoline siobhan solveig wilhelmina winnie ximena yolanda priyanka deepa saoirse
    """
)

PINYIN_SURNAMES = _words(
    """
    bai cai cao chang chen cheng cui dai deng ding dong du duan fan fang feng fu gao ge gong gu
    guan guo han hao he hong hou hu huang huo jia jiang jin kang kong lai lei li liang liao lin ling
    liu long lu luo lyu ma mao meng miao mo mu ni niu ou ouyang pan peng qi qian qiao qin qiu qu
    ren ruan shao shen shi song su sun tan tang tao tian tong wan wang wei wen weng wu xia xiang
    xiao xie xin xing xiong xu xue yan yang yao ye yi yin yu yuan yue zeng zhai zhan zhang zhao
    zheng zhong zhou zhu zhuang zou zuo chan cheung chow kwok lam lau leung ng tsang tse wong yeung
    """
)

HAN_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤葛"
    "柴屈苗娄卞桑骆裴翟安常樊殷施牛洪庞颜倪温芦季俞章鲁伍申尤毕聂焦齐康路岳左辛管祝霍房阮柯甘解纪欧梅翁"
    "井车项祁童盛冉蓝晏柳窦鲍蒲游涂麦简卓仇隋单茅谷符凌路邢穆艾詹戚连仲栾褚冼揭佟荆厉臧粟明巩敖阚沙佘郜"
)
HAN_COMPOUND_SURNAMES = (
    "欧阳", "上官", "司马", "诸葛", "夏侯", "尉迟", "皇甫", "慕容", "司徒", "令狐", "公孙",
    "东方", "独孤", "南宫", "端木", "长孙", "宇文", "轩辕",
)  # fmt: skip

NOT_NAMES = _words(
    """
    a about account actually afraid after afternoon again agent alipay all also am an and android
    any anyone anybody apologies april are as at august back best but bye can cannot card cc chat
    checking china chinese code come confirmed could customer day days dear december delivered
    delivery did do does done drift each english enjoy evening every everyone express february
    fine first folks for friday friend from front full fully gold good great guys half happy harbour
    have hello her here hey hi his hope how huabei i if iphone in interested is it it's january jd
    july june just kind lane last let looking ma'am madam march mastercard may me mine monday more
    morning mr mrs ms my name never new next no nope not november now october of ok okay on one only
    or order other our out over page paid paying paypal people perfect phone please points pro
    quick quite ready received reef refund regards returning right same saturday september sf shop
    shipping side silver sir so some someone something sorry still sunday sure team thank thanks
    that that's the their them then there these they this those three thursday thx time to today
    tomorrow too true tuesday two unionpay until up us very via visa wait waiting warm was we
    wechat wednesday welcome well what what's when where which white who why wifi will with would
    yes yesterday yet you your yours yto
    according both courier everything handed invoice prof professor sirs somebody vouchers within
    since changed checked noted perhaps maybe given being having sending nothing anything
    apple basic black blue boardwalk breakwater cloud dune glacier grey green gust linen mooring
    orange pebble red squall tide yellow anchor north south east west district road street avenue
    beijing shanghai guangzhou shenzhen hangzhou chengdu nanjing wuhan suzhou tianjin chongqing
    xiamen qingdao dalian ningbo xinjiang tibet qinghai mongolia taiwan macau kong hong kunming
    """
)

NOT_HAN_NAMES = _words(
    """
    林芝 孙女 孙子 钱呢 付了 白高兴 胡同 余下 花呗 云朵 张照片 祝您 祝你 祝李
    齐全 谷歌 柏油 成功 祝愉快 祝生活
    高兴 方便 方法 明白 安全 安排 安装 常见 常用 左右 温馨 单号 单子 单独 单个 向您 向你 连接
    连锁 程序 金额 金卡 白色 黄色 蓝色 黑色 万一 万元 路上 路由 时候 何时 何种 何况 任何 任意
    和您 石头 游戏 符合 简单 明天 明日 明确 明年 马上 马克 马克杯 毛病 甘肃 江苏 江西 江南 管理
    管家 解决 解释 解除 纪念 车上 项目 季节 季度 章节 施工 常规 章程 严重 严格 付款 付费 付钱
    付过 史上 段时间 任务 余额 余下 武汉 康复 叶子 董事 方式 方案 方向 方面 牛仔 牛奶 龙卷 洪水
    广州 郑州 杭州 苏州 常州 温州 徐州 海口 贵阳 贵州 石家庄 金华 黄山 白天 白给 盛大 麦当劳
    路线 路过 安心 安静 单位 单价 单笔 梅雨 陆续 陆运 周日 周末 周期 周五 周三 周一 周二 周四
    周六 周围 周到 沈阳 成都 高温 高级 高端 高铁 高清 高峰 高于 高价 客服 老板 店家 商家 亲亲
    小哥 快递 顺丰 圆通 京东 康熙 孔雀 莫名 莫非 方形 施压 向上 向下 支付宝 微信 钱款 钱包 钱数
    钱多 单件 万分 应该 谢谢 谢啦 谢了
    """
)
