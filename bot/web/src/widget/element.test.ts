import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeService, failure } from '../testing/fake-service';
import { FrontdeskChat } from './element';

let service: FakeService;
let chat: FrontdeskChat;

function NoSocket(): never {
  throw new Error('no sockets here');
}

beforeEach(() => {
  localStorage.clear();
  service = new FakeService();
  vi.stubGlobal('fetch', service.fetch);
  vi.stubGlobal('WebSocket', NoSocket);
  if (customElements.get('frontdesk-chat') === undefined) {
    customElements.define('frontdesk-chat', FrontdeskChat);
  }
  document.documentElement.lang = 'en';
  chat = new FrontdeskChat();
  chat.setAttribute('api', 'https://chat.example');
  chat.setAttribute('suggestions', 'One?|Two?');
  document.body.append(chat);
});

afterEach(() => {
  chat.remove();
  vi.unstubAllGlobals();
});

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the kind of element
function find<E extends HTMLElement>(testid: string): E {
  const found = chat.shadowRoot?.querySelector<E>(`[data-testid="${testid}"]`);
  if (found === null || found === undefined) throw new Error(`no ${testid}`);
  return found;
}

const all = (testid: string): HTMLElement[] =>
  Array.from(chat.shadowRoot?.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`) ?? []);
const soon = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 30));
const type = (text: string): HTMLTextAreaElement => {
  const field = find<HTMLTextAreaElement>('composer');
  field.value = text;
  field.dispatchEvent(new Event('input'));
  return field;
};
const press = (on: HTMLElement, key: string, more: object = {}): void => {
  on.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more }),
  );
};

describe('<frontdesk-chat>', () => {
  it('opens with the focus in its field and gives the focus back on Escape', () => {
    expect(find('panel').hidden).toBe(true);
    find('launcher').click();
    expect(find('panel').hidden).toBe(false);
    expect(chat.shadowRoot?.activeElement).toBe(find('composer'));
    press(find('composer'), 'Escape');
    expect(find('panel').hidden).toBe(true);
    expect(chat.shadowRoot?.activeElement).toBe(find('launcher'));
  });

  it('closes its menu before itself on Escape', () => {
    chat.open();
    find('menu').click();
    expect(find('menu-list').hidden).toBe(false);
    press(find('menu-person'), 'Escape');
    expect(find('menu-list').hidden).toBe(true);
    expect(find('panel').hidden).toBe(false);
  });

  it('sends on Enter, but not while an input method composes', async () => {
    chat.open();
    const field = type('nihao');
    field.dispatchEvent(new Event('compositionstart'));
    press(field, 'Enter', { isComposing: true });
    press(field, 'Enter', { keyCode: 229 });
    expect(all('message')).toHaveLength(0);
    field.dispatchEvent(new Event('compositionend'));
    press(field, 'Enter');
    expect(all('message')).toHaveLength(0);
    await soon();
    type('你好');
    press(field, 'Enter', { shiftKey: true });
    expect(all('message')).toHaveLength(0);
    press(field, 'Enter');
    await soon();
    expect(all('message').map((row) => row.dataset.role)).toEqual(['customer']);
    expect(field.value).toBe('');
  });

  it('never sends nothing, and says when a text is too long', async () => {
    chat.open();
    press(type('   '), 'Enter');
    press(type('x'.repeat(4_001)), 'Enter');
    await soon();
    expect(all('message')).toHaveLength(0);
    expect(find('count').textContent).toContain('1 characters too many');
    expect(find<HTMLButtonElement>('send').disabled).toBe(true);
    type('x'.repeat(3_700));
    expect(find('count').textContent).toBe('300 characters left');
    type('short');
    expect(find('count').textContent).toBe('');
  });

  it('writes what it is told as text, with safe links only', async () => {
    chat.open();
    press(type('<b>x</b> javascript:alert(1) https://a.example/?q=1&r=2.'), 'Enter');
    await soon();
    const text = find('message-text');
    expect(text.querySelector('b')).toBeNull();
    expect(text.getAttribute('dir')).toBe('auto');
    const links = Array.from(text.querySelectorAll('a'));
    expect(links.map(({ href }) => href)).toEqual(['https://a.example/?q=1&r=2']);
    expect(links[0]?.rel).toContain('noopener');
  });

  it('shows pictures and files, and nothing of what is meant for the page', async () => {
    service.push({ text: '', custom: { map: 1 } });
    service.push({ text: '', image: 'https://a.example/map.png' });
    const url = 'https://a.example/sizes.pdf';
    service.push({ text: 'Here', attachment: { type: 'file', url, title: 'Sizes' } });
    chat.open();
    press(type('hi'), 'Enter');
    await soon();
    const rows = all('message').filter((row) => row.dataset.role === 'bot');
    expect(rows.map((row) => row.querySelector('.bubble')?.textContent ?? null)).toEqual([
      null,
      'Here',
    ]);
    expect(find<HTMLAnchorElement>('message-file').href).toBe(url);
    const picture = find<HTMLAnchorElement>('message-image');
    expect(picture.querySelector('img')?.alt).toBe('Picture');
    picture.querySelector('img')?.dispatchEvent(new Event('error'));
    expect(picture.querySelector('img')).toBeNull();
    expect(picture.textContent).toBe('Picture');
  });

  it('offers questions to an empty chat and sends the chosen one', async () => {
    chat.open();
    expect(all('suggestion').map((button) => button.textContent)).toEqual(['One?', 'Two?']);
    all('suggestion')[1]?.click();
    await soon();
    expect(service.posted[0]?.body.text).toBe('Two?');
    expect(find('welcome').hidden).toBe(true);
  });

  it('follows the language of the page, unless the visitor has chosen one', async () => {
    document.documentElement.lang = 'zh-CN';
    await soon();
    expect(find('launcher').getAttribute('aria-label')).toBe('打开在线客服');
    find('menu-language').click();
    expect(find('launcher').getAttribute('aria-label')).toBe('Open chat');
  });

  it('keeps what is being written when the language changes', async () => {
    chat.open();
    type('half a sent');
    document.documentElement.lang = 'zh';
    await soon();
    expect(find<HTMLTextAreaElement>('composer').value).toBe('half a sent');
  });

  it('shows a message that was refused as not sent, to be sent again', async () => {
    service.trouble = [{ end: '/messages', answer: failure(422, 'refused', 'Not like this') }];
    chat.open();
    press(type('hello'), 'Enter');
    await soon();
    expect(find('message-failed').textContent).toContain('Not like this');
    find('message-retry').click();
    await soon();
    expect(all('message-failed')).toHaveLength(0);
    expect(service.posted).toHaveLength(1);
  });

  it('lets go of a message that was refused', async () => {
    service.trouble = [{ end: '/messages', answer: failure(422) }];
    chat.open();
    press(type('hello'), 'Enter');
    await soon();
    find('message-discard').click();
    await soon();
    expect(all('message')).toHaveLength(0);
  });

  it('asks for a contact when nobody is online, and checks it', async () => {
    service.online = false;
    chat.open();
    find('menu').click();
    find('menu-person').click();
    await soon();
    expect(find('contact-form').hidden).toBe(false);
    find<HTMLInputElement>('contact-value').value = 'call me';
    find('contact-send').click();
    expect(find('contact-problem').textContent).not.toBe('');
    find<HTMLInputElement>('contact-value').value = '+86 138 0001 5521';
    find('contact-send').click();
    await soon();
    expect(service.posted.at(-1)?.body).toEqual({ contact: '+86 138 0001 5521' });
    expect(find('contact-form').hidden).toBe(true);
  });

  it('is a log that announces additions', () => {
    const log = find('log');
    expect(log.getAttribute('role')).toBe('log');
    expect(log.getAttribute('aria-live')).toBe('polite');
  });

  it('labels every control', () => {
    for (const control of Array.from(chat.shadowRoot?.querySelectorAll('button') ?? [])) {
      const name = control.getAttribute('aria-label') ?? control.textContent;
      expect(name.trim(), control.className).not.toBe('');
    }
  });
});
