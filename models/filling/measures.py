"""Chinese measure words: which word counts which noun."""

from __future__ import annotations

from functools import cache

GENERAL = "件"
"""Counts goods whose own word is not known."""

_NOUNS = {
    "双": "鞋 靴 袜 手套 筷子 拖鞋 凉鞋",
    "条": "裤 裙 围巾 毛巾 浴巾 领带 皮带 项链 数据线 充电线 被子 毯 床单 短裤 牛仔裤 毛毯 "
    "内裤 手链 丝巾 羽绒被",
    "副": "眼镜 墨镜 耳环 手镯 扑克 对联 耳机 蓝牙耳机",
    "台": "电视 冰箱 洗衣机 空调 电脑 台灯 烤箱 微波炉 电饭煲 咖啡机 风扇 加湿器 净化器 "
    "打印机 相机 料理机 榨汁机 吸尘器 水壶 电热水壶",
    "部": "手机 电话",
    "个": "包 背包 双肩包 杯 水杯 马克杯 碗 锅 盘 枕头 靠垫 箱子 行李箱 充电器 音箱 路由器 "
    "鼠标 玩具 苹果 盒 月饼 钱包 移动电源 抱枕",
    "张": "床 桌 椅 纸 票 券 优惠券 卡 地毯 海报 唱片 发票 床垫",
    "本": "书 笔记本 杂志 手册 日历",
    "支": "笔 牙刷 口红 牙膏 钢笔 铅笔 玫瑰",
    "把": "伞 雨伞 刀 椅子 剪刀 梳子 钥匙 锁 尺",
    "瓶": "水 酒 油 酱油 饮料 香水 洗发水 沐浴露 精华 乳液 牛奶 蜂蜜",
    "盒": "茶 茶叶 巧克力 饼干 面膜 糖 药 蛋糕",
    "袋": "米 大米 面粉 零食 咖啡豆 猫粮 狗粮 洗衣粉 坚果 薯片",
    "块": "手表 腕表 香皂 电池 硬盘 肥皂 画板",
    "辆": "车 自行车 电动车 婴儿车 滑板车",
    "套": "茶具 餐具 西装 家具 睡衣 四件套 工具 护肤品 床品",
    "顶": "帽 帽子 帐篷",
    "枚": "戒指 胸针 硬币 邮票",
    "盏": "灯 吊灯 落地灯 壁灯",
    "束": "花 鲜花 花束",
    "件": "衣 衬衫 T恤 外套 毛衣 羽绒服 夹克 冲锋衣 大衣 卫衣 背心 风衣 上衣 礼物 商品 包裹 "
    "衬衣 针织衫",
    "位": "客人 顾客 同事 客服",
    "笔": "款 订单 退款 交易 款项",
    "次": "机会",
    "家": "店 门店 商店",
}  # fmt: skip


def measure_word(noun: str) -> str:
    """The word that counts ``noun``, by the longest ending that is known: ``双`` of ``运动鞋``."""
    plain = noun.strip().split("（")[0].split("(")[0].strip()
    endings = _endings()
    for size in range(min(len(plain), 6), 0, -1):
        if plain[-size:] in endings:
            return endings[plain[-size:]]
    return GENERAL


@cache
def _endings() -> dict[str, str]:
    return {noun: measure.strip() for measure, nouns in _NOUNS.items() for noun in nouns.split()}
