import type { Language } from '../lib/types';

export type Category = 'home' | 'electronics' | 'clothing';
export type ColourName = 'white' | 'black' | 'grey' | 'blue' | 'red' | 'green' | 'beige' | 'yellow';

export interface Product {
  sku: string;
  category: Category;
  /** Yuan. */
  price: number;
  colours: readonly ColourName[];
  sizes: Record<Language, string>;
  name: Record<Language, string>;
  note: Record<Language, string>;
  wide?: boolean;
}

export const colourNames: Record<ColourName, Record<Language, string>> = {
  white: { en: 'white', zh: '白色' },
  black: { en: 'black', zh: '黑色' },
  grey: { en: 'grey', zh: '灰色' },
  blue: { en: 'blue', zh: '蓝色' },
  red: { en: 'red', zh: '红色' },
  green: { en: 'green', zh: '绿色' },
  beige: { en: 'beige', zh: '米色' },
  yellow: { en: 'yellow', zh: '黄色' },
};

type Both = readonly [en: string, zh: string];

function product(
  sku: string,
  category: Category,
  price: number,
  colours: readonly ColourName[],
  [nameEn, nameZh]: Both,
  [noteEn, noteZh]: Both,
  [sizeEn, sizeZh]: Both = ['', ''],
  wide = false,
): Product {
  return {
    sku,
    category,
    price,
    colours,
    name: { en: nameEn, zh: nameZh },
    note: { en: noteEn, zh: noteZh },
    sizes: { en: sizeEn, zh: sizeZh },
    wide,
  };
}

export const products: readonly Product[] = [
  product(
    'HL-DUV',
    'home',
    699,
    ['white'],
    ['Cloud duvet', '云朵羽绒被'],
    [
      '90 % white goose down. Light enough to forget, warm enough for January.',
      '90% 白鹅绒，轻得像没盖，暖到数九天。',
    ],
    ['150×200 · 200×230 · 220×240 cm', '150×200 · 200×230 · 220×240 cm'],
    true,
  ),
  product(
    'HL-KET',
    'home',
    159,
    ['white', 'grey'],
    ['Tide kettle', '潮汐电热水壶'],
    ['Stainless steel inside, 1500 W', '不锈钢内胆，1500 W'],
    ['1.5 L', '1.5 升'],
  ),
  product(
    'HL-LMP',
    'home',
    129,
    ['green', 'white'],
    ['Pebble desk lamp', '卵石台灯'],
    ['Dimmable, three colours of light, USB-C', '亮度可调，三档色温，USB-C'],
  ),
  product(
    'HL-EAR2',
    'electronics',
    499,
    ['black', 'blue'],
    ['Drift Pro earphones', '漂流Pro蓝牙耳机'],
    ['Noise cancelling, 36 hours with the case', '主动降噪，配合充电盒续航 36 小时'],
    ['', ''],
    true,
  ),
  product(
    'HL-MUG',
    'home',
    39,
    ['beige', 'white', 'black'],
    ['Dune mug', '沙丘马克杯'],
    ['Fine in microwave and dishwasher', '可进微波炉和洗碗机'],
    ['350 ml', '350 毫升'],
  ),
  product(
    'HL-JKT',
    'clothing',
    399,
    ['yellow', 'blue', 'black'],
    ['Squall rain jacket', '骤雨冲锋衣'],
    [
      '10,000 mm and every seam sealed. For the walk you take because it rains.',
      '防水 10,000 mm，全身压胶，下雨也想出门。',
    ],
    ['S – XL', 'S – XL'],
    true,
  ),
  product(
    'HL-SHT',
    'home',
    369,
    ['grey', 'beige', 'green'],
    ['Linen bed set', '亚麻四件套'],
    ['100 % flax, washed soft', '100% 亚麻，水洗柔软'],
    ['1.5 m · 1.8 m', '1.5 米 · 1.8 米'],
  ),
  product(
    'HL-PWR',
    'electronics',
    189,
    ['red', 'black'],
    ['Anchor power bank', '船锚充电宝'],
    ['22.5 W, may be taken on planes', '22.5 W 快充，可带上飞机'],
    ['10,000 · 20,000 mAh', '10000 · 20000 毫安时'],
  ),
  product(
    'HL-HOD',
    'clothing',
    229,
    ['grey', 'black', 'red'],
    ['Breakwater hoodie', '防波堤卫衣'],
    ['Fleece inside', '内里加绒'],
    ['S – XXL', 'S – XXL'],
  ),
  product(
    'HL-BLD',
    'home',
    399,
    ['white'],
    ['Reef blender', '珊瑚破壁机'],
    ['800 W, soup or smoothie', '800 W，热汤果昔都能打'],
    ['1.2 L', '1.2 升'],
  ),
  product(
    'HL-SHO',
    'clothing',
    329,
    ['white', 'black'],
    ['Boardwalk sneakers', '栈桥运动鞋'],
    ['Run half a size small', '偏小半码'],
    ['36 – 45', '36 – 45 码'],
  ),
  product(
    'HL-THM',
    'home',
    119,
    ['blue', 'white', 'red'],
    ['Glacier thermos', '冰川保温杯'],
    ['Hot for 12 hours', '12 小时保温'],
    ['500 ml', '500 毫升'],
  ),
  product(
    'HL-EAR',
    'electronics',
    299,
    ['blue', 'black', 'white'],
    ['Drift earphones', '漂流蓝牙耳机'],
    ['Bluetooth 5.3, 28 hours with the case', '蓝牙 5.3，配合充电盒续航 28 小时'],
  ),
  product(
    'HL-TSH',
    'clothing',
    89,
    ['blue', 'white', 'black'],
    ['Harbour T-shirt', '港湾T恤'],
    ['Cotton, 220 g', '220 克纯棉'],
    ['S – XXL', 'S – XXL'],
  ),
  product(
    'HL-VAC',
    'home',
    459,
    ['grey'],
    ['Gust handheld vacuum', '疾风手持吸尘器'],
    ['45 minutes on one charge', '充一次电用 45 分钟'],
  ),
  product(
    'HL-BAG',
    'clothing',
    269,
    ['green', 'black'],
    ['Mooring backpack', '系泊双肩包'],
    ['Fits a 15.6 inch laptop', '放得下 15.6 英寸电脑'],
    ['22 L', '22 升'],
    true,
  ),
];

/** Delivery fee of an order, yuan: free from 99. */
export const deliveryFee = (total: number): number => (total === 0 || total >= 99 ? 0 : 8);
