import { h, svg } from '../lib/dom';
import { format } from '../lib/language';
import type { Language } from '../lib/types';
import art from './art.svg';
import { colourNames, type ColourName, type Product } from './products';
import type { ShopTexts } from './texts';

/** The drawing of a product; its colours follow the custom properties around it. */
export const picture = (sku: string): SVGElement =>
  svg(
    'svg',
    { viewBox: '0 0 200 170', 'aria-hidden': 'true', focusable: 'false' },
    svg('use', { href: `${art}#${sku}` }),
  );

export interface CardActions {
  add: (product: Product, colour: ColourName) => void;
  ask: (product: Product, colour: ColourName) => void;
}

/** One product as a card: drawing in the chosen colour, facts, price, and what can be done. */
export function card(
  product: Product,
  texts: ShopTexts,
  language: Language,
  actions: CardActions,
): HTMLElement {
  let colour: ColourName = product.colours[0] ?? 'white';
  const name = product.name[language];
  const swatch = (value: ColourName): HTMLElement =>
    h(
      'label',
      { class: 'swatch', title: colourNames[value][language] },
      h('input', {
        type: 'radio',
        name: `colour-${product.sku}`,
        checked: value === colour,
        'aria-label': colourNames[value][language],
        onchange: () => {
          colour = value;
          element.dataset.colour = value;
        },
      }),
      h('span', { 'data-colour': value }),
    );
  const element = h(
    'li',
    {
      class: `card ${product.category}${product.wide === true ? ' wide' : ''}`,
      'data-colour': colour,
      'data-testid': 'product',
      'data-sku': product.sku,
    },
    h('div', { class: 'art' }, picture(product.sku)),
    h(
      'div',
      { class: 'facts' },
      h('h3', {}, name),
      h('p', { class: 'note' }, product.note[language]),
      product.sizes[language] !== '' && h('p', { class: 'sizes' }, product.sizes[language]),
      product.colours.length > 1 &&
        h(
          'fieldset',
          { class: 'swatches' },
          h('legend', { class: 'sr-only' }, texts.colour),
          ...product.colours.map(swatch),
        ),
      h(
        'div',
        { class: 'buy' },
        h('span', { class: 'price' }, `¥${product.price}`),
        h(
          'button',
          {
            type: 'button',
            class: 'round',
            'aria-label': format(texts.ask, { name }),
            title: format(texts.ask, { name }),
            'data-testid': 'product-ask',
            onclick: () => {
              actions.ask(product, colour);
            },
          },
          svg(
            'svg',
            { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'line-icon' },
            svg('path', { d: 'M5 5h14v11h-8l-4.500 3.500V16H5z' }),
          ),
        ),
        h(
          'button',
          {
            type: 'button',
            class: 'add',
            'data-testid': 'product-add',
            onclick: () => {
              actions.add(product, colour);
            },
          },
          texts.add,
        ),
      ),
    ),
  );
  return element;
}
