import './shop.css';

import { fill, h, svg } from '../lib/dom';
import { format, languageOf, pageLanguage, tagOf } from '../lib/language';
import type { Language } from '../lib/types';
import { Bag } from './bag';
import { card } from './card';
import { demoCustomers, demoSignIn, type DemoCustomer } from './demo';
import { colourNames, products, type Category } from './products';
import scene from './scene.svg';
import { shopTexts } from './texts';

/** The part of the chat's element that a site may use. */
type Chat = HTMLElement & { open: () => void; ask: (text: string) => void };

const SIGNED_IN = 'harbour-lane:customer';

let language: Language =
  languageOf(new URLSearchParams(location.search).get('lang')) ?? browserLanguage();
let category: Category | 'all' = 'all';
let customers: DemoCustomer[] = [];
let customer = sessionStorage.getItem(SIGNED_IN) ?? '';

const toast = h('div', { class: 'toast', role: 'status', 'data-testid': 'toast' });
const bag = new Bag(() => {
  drawBagButton();
});
const bagButton = h('button', { type: 'button', class: 'bag-button', 'data-testid': 'bag-button' });

function browserLanguage(): Language {
  document.documentElement.removeAttribute('lang');
  return pageLanguage();
}

const chat = (): Chat | null => document.querySelector<Chat>('frontdesk-chat');

function say(text: string): void {
  toast.textContent = text;
  toast.classList.add('shown');
  setTimeout(() => {
    if (toast.textContent === text) toast.classList.remove('shown');
  }, 2_500);
}

function drawBagButton(): void {
  const texts = shopTexts[language];
  bagButton.setAttribute('aria-label', format(texts.bagCount, { n: bag.count }));
  fill(bagButton, [
    svg(
      'svg',
      { viewBox: '0 0 24 24', class: 'line-icon', 'aria-hidden': 'true' },
      svg('path', { d: 'M5 8.500h14l1 11.500H4zM8.5 11V7a3.5 3.5 0 0 1 7 0v4' }),
    ),
    bag.count > 0 && h('span', { class: 'bag-count' }, bag.count),
  ]);
}

function setLanguage(next: Language): void {
  language = next;
  const url = new URL(location.href);
  url.searchParams.set('lang', next);
  history.replaceState(null, '', url);
  draw();
}

/** Sign in as a customer of the demonstration, and hand the token to the widget as a site would. */
async function signIn(id: string): Promise<void> {
  try {
    const token = id === '' ? '' : await demoSignIn(id);
    customer = id;
    sessionStorage.setItem(SIGNED_IN, id);
    chat()?.setAttribute('customer-token', token);
  } catch {
    say(shopTexts[language].signInFailed);
  }
  draw();
}

function logo(): HTMLElement {
  return h(
    'a',
    { class: 'logo', href: `?lang=${language}`, 'data-testid': 'logo' },
    svg(
      'svg',
      { viewBox: '0 0 40 40', 'aria-hidden': 'true' },
      svg('path', { d: 'M19 5v21H7C8 17 12 9 19 5z', class: 'logo-sail' }),
      svg('path', { d: 'M22 10c5 4 8 9 9 16h-9z', class: 'logo-sail-2' }),
      svg('path', { d: 'M4 29h32c-1.5 4-4 6-8 6H12c-4 0-6.5-2-8-6z', class: 'logo-hull' }),
    ),
    h('span', {}, language === 'zh' ? '港湾里' : 'Harbour Lane'),
    h('small', {}, language === 'zh' ? 'Harbour Lane' : '港湾里'),
  );
}

function signInField(): HTMLElement | false {
  if (customers.length === 0) return false;
  const texts = shopTexts[language];
  const option = (id: string, name: string): HTMLElement =>
    h('option', { value: id, selected: id === customer }, name);
  const select = h(
    'select',
    { 'data-testid': 'sign-in', onchange: () => void signIn(select.value) },
    option('', texts.nobody),
    ...customers.map(({ id, name }) => option(id, name)),
  );
  return h('label', { class: 'sign-in' }, h('span', {}, texts.signInAs), select);
}

function top(): HTMLElement {
  const texts = shopTexts[language];
  const other: Language = language === 'zh' ? 'en' : 'zh';
  return h(
    'header',
    { class: 'top' },
    logo(),
    h(
      'div',
      { class: 'tools' },
      signInField(),
      h(
        'button',
        {
          type: 'button',
          class: 'lang',
          lang: tagOf(other),
          'data-testid': 'language',
          onclick: () => {
            setLanguage(other);
          },
        },
        texts.language,
      ),
      bagButton,
    ),
  );
}

function hero(): HTMLElement {
  const texts = shopTexts[language];
  return h(
    'section',
    { class: 'hero' },
    h(
      'div',
      { class: 'hero-text' },
      h('h1', {}, texts.headline),
      h('p', {}, texts.sub),
      h(
        'div',
        { class: 'hero-actions' },
        h('a', { class: 'button', href: '#products' }, texts.browse),
        h(
          'button',
          {
            type: 'button',
            class: 'button ghost',
            'data-testid': 'ask-order',
            onclick: () => {
              chat()?.ask(texts.orderQuestion);
            },
          },
          texts.askOrder,
        ),
      ),
    ),
    svg(
      'svg',
      {
        class: 'scene',
        viewBox: '0 0 1440 420',
        preserveAspectRatio: 'xMidYMax slice',
        role: 'img',
        'aria-label': texts.scene,
      },
      svg('use', { href: `${scene}#scene` }),
    ),
  );
}

function facts(): HTMLElement {
  const texts = shopTexts[language];
  const rows = [
    [texts.fact1, texts.fact1more],
    [texts.fact2, texts.fact2more],
    [texts.fact3, texts.fact3more],
    [texts.fact4, texts.fact4more],
  ] as const;
  return h(
    'ul',
    { class: 'promises' },
    ...rows.map(([strong, more]) => h('li', {}, h('strong', {}, strong), h('span', {}, more))),
  );
}

function shelf(): HTMLElement {
  const texts = shopTexts[language];
  const names: Record<Category | 'all', string> = {
    all: texts.all,
    home: texts.catHome,
    electronics: texts.catElectronics,
    clothing: texts.catClothing,
  };
  const list = h('ul', { class: 'grid' });
  const show = (): void => {
    fill(
      list,
      products
        .filter((product) => category === 'all' || product.category === category)
        .map((product) =>
          card(product, texts, language, {
            add: (chosen, colour) => {
              bag.add(chosen, colour);
              say(format(texts.added, { name: chosen.name[language] }));
            },
            ask: (chosen, colour) => {
              const name = chosen.name[language];
              chat()?.ask(format(texts.question, { name, colour: colourNames[colour][language] }));
            },
          }),
        ),
    );
    for (const tab of tabs)
      tab.setAttribute('aria-pressed', String(tab.dataset.category === category));
  };
  const tabs = (Object.keys(names) as (Category | 'all')[]).map((key) =>
    h(
      'button',
      {
        type: 'button',
        class: 'tab',
        'data-category': key,
        'data-testid': `category-${key}`,
        onclick: () => {
          category = key;
          show();
        },
      },
      names[key],
    ),
  );
  show();
  return h(
    'section',
    { id: 'products', class: 'shelf' },
    h('h2', { class: 'sr-only' }, texts.all),
    h('div', { class: 'tabs', role: 'group', 'aria-label': texts.categories }, ...tabs),
    list,
  );
}

function foot(): HTMLElement {
  const t = shopTexts[language];
  const block = (title: string, lines: Node[]): HTMLElement =>
    h('section', {}, h('h2', {}, title), h('ul', {}, ...lines.map((line) => h('li', {}, line))));
  const text = (line: string): Node => document.createTextNode(line);
  const link = (href: string, name: string): Node => h('a', { href }, name);
  return h(
    'footer',
    { class: 'foot' },
    h(
      'div',
      { class: 'foot-inner' },
      block(t.footHelp, [t.footReturns, t.footWarranty, t.footReal].map(text)),
      block(t.footPickup, [t.footPickup1, t.footPickup2, t.footPickup3, t.footPickup4].map(text)),
      block(t.footPay, [text(t.footPayList)]),
      block(t.footDemo, [link('/desk', t.desk), link('/studio', t.studio), link('/docs', t.docs)]),
      h('p', { class: 'foot-note' }, t.demoNote),
    ),
  );
}

function draw(): void {
  const texts = shopTexts[language];
  document.documentElement.lang = tagOf(language);
  document.title = `${texts.title} · ${texts.description}`;
  drawBagButton();
  document.querySelector('dialog.bag')?.remove();
  bagButton.onclick = () => {
    document.querySelector('dialog.bag')?.remove();
    const dialog = bag.dialog(texts, language);
    document.body.append(dialog);
    dialog.showModal();
  };
  fill(document.querySelector('#shop') ?? document.body, [
    top(),
    h('main', {}, hero(), facts(), shelf()),
    foot(),
    toast,
  ]);
}

draw();
void demoCustomers().then(async (list) => {
  customers = list;
  if (list.length === 0) return;
  draw();
  if (customer !== '') {
    await customElements.whenDefined('frontdesk-chat');
    await signIn(customer);
  }
});
