import { fill, h, svg } from '../lib/dom';
import { format } from '../lib/language';
import type { Language } from '../lib/types';
import { picture } from './card';
import { colourNames, deliveryFee, type ColourName, type Product } from './products';
import type { ShopTexts } from './texts';

interface Line {
  product: Product;
  colour: ColourName;
  count: number;
}

/** What the visitor has put aside; kept until the page is left. */
export class Bag {
  private lines: Line[] = [];

  constructor(private readonly onChange: () => void) {}

  get count(): number {
    return this.lines.reduce((sum, line) => sum + line.count, 0);
  }

  add(product: Product, colour: ColourName): void {
    const same = this.lines.find((line) => line.product === product && line.colour === colour);
    if (same === undefined) this.lines.push({ product, colour, count: 1 });
    else same.count += 1;
    this.onChange();
  }

  /** The sheet that shows the lines, drawn anew on every change while it is open. */
  dialog(texts: ShopTexts, language: Language): HTMLDialogElement {
    const body = h('div', { class: 'bag-body' });
    const draw = (): void => {
      fill(
        body,
        this.lines.length === 0
          ? [h('p', { class: 'bag-empty' }, texts.emptyBag)]
          : [
              h('ul', {}, ...this.lines.map((line) => this.row(line, texts, language, draw))),
              this.sums(texts),
            ],
      );
    };
    draw();
    const dialog = h(
      'dialog',
      { class: 'bag', 'aria-label': texts.bag, 'data-testid': 'bag' },
      h(
        'header',
        {},
        h('h2', {}, texts.bag),
        h(
          'button',
          {
            type: 'button',
            class: 'round',
            'aria-label': texts.closeBag,
            'data-testid': 'bag-close',
            onclick: () => {
              dialog.close();
            },
          },
          svg(
            'svg',
            { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'line-icon' },
            svg('path', { d: 'M6 6l12 12M18 6L6 18' }),
          ),
        ),
      ),
      body,
      h('p', { class: 'bag-note' }, texts.demoNote),
    );
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
    return dialog;
  }

  private row(line: Line, texts: ShopTexts, language: Language, draw: () => void): HTMLElement {
    const { product, colour, count } = line;
    const name = product.name[language];
    return h(
      'li',
      { class: 'bag-line', 'data-colour': colour, 'data-testid': 'bag-line' },
      h('span', { class: `thumb ${product.category}` }, picture(product.sku)),
      h(
        'span',
        { class: 'bag-name' },
        h('strong', {}, name),
        h('small', {}, `${colourNames[colour][language]} × ${count}`),
      ),
      h('span', { class: 'price' }, `¥${product.price * count}`),
      h(
        'button',
        {
          type: 'button',
          class: 'round',
          'aria-label': format(texts.remove, { name }),
          onclick: () => {
            this.lines = this.lines.filter((other) => other !== line);
            draw();
            this.onChange();
          },
        },
        svg(
          'svg',
          { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'line-icon' },
          svg('path', { d: 'M6 12h12' }),
        ),
      ),
    );
  }

  private sums(texts: ShopTexts): HTMLElement {
    const goods = this.lines.reduce((sum, { product, count }) => sum + product.price * count, 0);
    const fee = deliveryFee(goods);
    const row = (name: string, value: string, strong = false): HTMLElement =>
      h('div', { class: strong ? 'sum' : '' }, h('dt', {}, name), h('dd', {}, value));
    return h(
      'dl',
      { class: 'sums' },
      row(texts.goods, `¥${goods}`),
      row(texts.delivery, fee === 0 ? texts.free : `¥${fee}`),
      row(texts.total, `¥${goods + fee}`, true),
    );
  }
}
