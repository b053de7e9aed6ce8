import { render } from 'lit-html';
import { describe, expect, it } from 'vitest';

import { event } from '../testing/events';
import { sentFile } from './sent';
import { deskTexts } from './texts';

const drawn = (more: object): HTMLElement => {
  const place = document.createElement('div');
  render(sentFile(event(7, more), 'a/b', deskTexts.en), place);
  return place;
};

describe('a file that a customer sent', () => {
  it('is a download from its own path, with what a model read in it marked as such', () => {
    const file = { type: 'audio', media_type: 'audio/wav', name: '<i>.wav', size: 9 } as const;
    const place = drawn({ file, transcript: '<b>hello</b>' });
    const link = place.querySelector<HTMLAnchorElement>('[data-testid=sent-file]');
    expect(link?.getAttribute('href')).toBe('/api/v1/desk/conversations/a%2Fb/attachments/7');
    expect(link?.download).toBe('<i>.wav');
    expect(place.querySelector('audio')).not.toBeNull();
    expect(place.querySelector('p')?.textContent).toContain('Heard by a model: <b>hello</b>');
    expect(place.querySelector('b')).toBeNull();
  });

  it('is a picture where it is one, and nothing where there is none', () => {
    const file = { type: 'image', media_type: 'image/png', name: 'a.png', size: 9 } as const;
    const place = drawn({ file });
    expect(place.querySelector('img')).not.toBeNull();
    expect(place.querySelector('p')).toBeNull();
    expect(drawn({}).textContent).toBe('');
  });
});
