import { render } from 'lit-html';
import { describe, expect, it } from 'vitest';

import { factsOf, repliesMade, sourceInWords } from './reply-origin';
import type { ReplyOrigin } from './why-data';
import { whyTexts } from './why-texts';

const reply = (provenance: ReplyOrigin['provenance']): ReplyOrigin => ({
  text: '😀 订单HL1已发出',
  template: 'utter_status',
  template_id: 'status-zh-1a2b',
  generator: 'endpoint:m',
  provenance,
});

describe('what a reply is made of', () => {
  const texts = whyTexts.en;

  it('names template, writer and checker', () => {
    const literal = { passed: true, literal: true, findings: [] };
    const facts = factsOf(
      reply({
        source: 'mined',
        version: '1a2b',
        logs: ['a', 'b'],
        adapted: true,
        checked: literal,
      }),
      texts,
    );
    expect(facts).toEqual([
      'template utter_status, version 1a2b',
      'from 2 past conversations',
      'shortened: it had been said a moment before',
      'said word for word',
    ]);
  });

  it('says who reworded it, or who was refused and why', () => {
    const checked = { passed: true, literal: false, findings: [] };
    expect(factsOf(reply({ source: 'operator', checked }), texts)).toContain(
      'worded by endpoint:m; the checker passed it',
    );
    const refused = { generator: 'gguf:x', findings: ['claim', 'money'] };
    expect(factsOf(reply({ source: 'operator', refused }), texts)).toContain(
      'gguf:x was refused: claim, money',
    );
    const edits = [{ operation: 'add' as const, text: 'Hello!', at: 0 }];
    expect(factsOf(reply({ source: 'operator', edits }), texts)).toContain('added: Hello!');
  });

  it('tells where values came from', () => {
    expect(sourceInWords('slot:order_id', texts)).toBe('known from the conversation: order_id');
    expect(sourceInWords('action:a:b', texts)).toBe('result of a:b');
    expect(sourceInWords('message', texts)).toBe('words of the customer');
    expect(sourceInWords('graph', texts)).toBe('graph');
  });

  it('draws values by characters and markup as text', () => {
    const host = document.createElement('div');
    const values = [{ placeholder: 'order_id', source: 'slot:order_id', start: 4, end: 7 }];
    const made = { ...reply({ source: 'operator', values }), template: '<b>x</b>' };
    render(repliesMade([made, reply(null)], whyTexts.zh), host);
    expect(host.querySelectorAll('[data-testid=why-reply]')).toHaveLength(1);
    expect(host.querySelector('[data-testid=why-value]')?.textContent).toContain('HL1');
    expect(host.querySelector('b')).toBeNull();
  });

  it('draws nothing where nothing was kept', () => {
    const host = document.createElement('div');
    render(repliesMade([], texts), host);
    expect(host.textContent.trim()).toBe('');
  });
});
