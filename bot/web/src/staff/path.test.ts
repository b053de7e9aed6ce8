import { render } from 'lit-html';
import { describe, expect, it } from 'vitest';

import { pathOf, type Edge } from './path';

const shown = (path: Edge[]): HTMLElement => {
  const box = document.createElement('div');
  render(pathOf(path, 'Read off the catalogue'), box);
  return box;
};

describe('the path of an answer', () => {
  it('is a list of edges, written as text', () => {
    const box = shown([{ from: 'Case', by: 'fits', to: '<b>X200</b>' }]);
    expect(box.querySelector('li')?.textContent).toBe('Case → fits → <b>X200</b>');
    expect(box.querySelector('b')).toBeNull();
  });

  it('is not there without edges', () => {
    expect(shown([]).querySelector('ul')).toBeNull();
  });
});
