import { FrontdeskChat } from './element';

const TAG = 'frontdesk-chat';

/** Copy the script's data attributes to the element, under the element's own names. */
function mount(script: HTMLScriptElement | null): void {
  if (document.querySelector(TAG) !== null) return;
  const element = document.createElement(TAG);
  if (script !== null) {
    if (script.src !== '') element.setAttribute('api', new URL(script.src).origin);
    for (const { name, value } of Array.from(script.attributes)) {
      if (name.startsWith('data-')) element.setAttribute(name.slice('data-'.length), value);
    }
  }
  document.body.append(element);
}

// Known only while the script itself runs.
const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;
if (customElements.get(TAG) === undefined) customElements.define(TAG, FrontdeskChat);
if (document.readyState === 'loading') {
  document.addEventListener('DOMContentLoaded', () => {
    mount(script);
  });
} else mount(script);
