import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Alarm } from './alarm';

let focused: boolean;
let alarm: Alarm;

beforeEach(() => {
  localStorage.clear();
  focused = false;
  vi.spyOn(document, 'hasFocus').mockImplementation(() => focused);
  alarm = new Alarm(() => 'Desk');
  alarm.writeTitle();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('Alarm', () => {
  it('counts in the title what came while nobody looked, until somebody does', () => {
    alarm.ring('A customer', 'Emma');
    alarm.ring('A customer', 'Tom');
    expect(document.title).toBe('(2) Desk');
    focused = true;
    window.dispatchEvent(new Event('focus'));
    expect(document.title).toBe('Desk');
  });

  it('stays silent for somebody who is looking', () => {
    focused = true;
    alarm.ring('A customer', 'Emma');
    expect(document.title).toBe('Desk');
  });

  it('shows a notification where the browser allows it, and none when switched off', async () => {
    const shown: string[] = [];
    const notify = Object.assign(
      vi.fn(function (title: string) {
        shown.push(title);
      }),
      { permission: 'granted' },
    );
    vi.stubGlobal('Notification', notify);
    alarm.ring('A customer', 'Emma');
    await alarm.toggle();
    alarm.ring('A customer', 'Tom');
    expect(shown).toEqual(['A customer']);
    expect(document.title).toBe('(2) Desk');
    expect(new Alarm(() => 'Desk').enabled).toBe(false);
  });
});
