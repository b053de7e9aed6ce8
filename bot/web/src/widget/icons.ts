import { svg } from '../lib/dom';

const STROKES = {
  close: ['M6 6l12 12', 'M18 6L6 18'],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  send: ['M5 12h13', 'M12.5 5.5L19 12l-6.5 6.5'],
  person: ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M4.5 20c1-4 4-6 7.5-6s6.5 2 7.5 6'],
  contact: ['M4 6h16v12H4z', 'M4 7.5l8 6 8-6'],
  fresh: ['M20 12a8 8 0 1 1-2.6-5.9', 'M20 3v4.5h-4.5'],
  language: [
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
    'M3 12h18',
    'M12 3c2.6 2.6 3.6 5.6 3.6 9s-1 6.4-3.6 9c-2.6-2.6-3.6-5.6-3.6-9s1-6.4 3.6-9z',
  ],
  clip: [
    'M19 11.5l-7.2 7.2a4.600 4.600 0 0 1-6.5-6.5l7.7-7.700a3 3 0 0 1 4.300 4.300l-7.700 7.700a1.500 1.500 0 0 1-2.100-2.100l6.900-6.900',
  ],
  down: ['M12 5v14', 'M6 13l6 6 6-6'],
} as const;

export type IconName = keyof typeof STROKES;

/** A line icon of 24 units; colour and size come from the style sheet. */
export function icon(name: IconName): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    ...STROKES[name].map((d) => svg('path', { d })),
  );
}

/** The product's mark: a reception bell that is also a sun over the water line. */
export function mark(): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 32 32', class: 'mark', 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { cx: 16, cy: 7.2, r: 2.2, class: 'mark-bell' }),
    svg('path', { d: 'M5.5 21a10.5 10.5 0 0 1 21 0z', class: 'mark-bell' }),
    svg('path', {
      d: 'M3 25.500c2.2 0 2.2 1.6 4.3 1.600s2.2-1.6 4.4-1.6 2.1 1.6 4.3 1.6 2.2-1.6 4.3-1.6 2.2 1.6 4.4 1.6 2.1-1.6 4.3-1.6',
      class: 'mark-water',
    }),
  );
}

/** The water line under a header; stretches over any width. */
export function wave(): SVGElement {
  return svg(
    'svg',
    {
      viewBox: '0 0 400 14',
      class: 'wave',
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
      focusable: 'false',
    },
    svg('path', { d: 'M0 14V6c50-8 90-6 140 0s90 6 140 0 80-6 120-1v9z' }),
  );
}
