/** Small helpers to build DOM; text is always set as text, so data can never become markup. */

export type Child = Node | string | number | null | undefined | false;
type Handler = (event: never) => void;
export type Props = Record<string, string | number | boolean | null | undefined | Handler>;

function apply(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') {
      element.addEventListener(name.replace(/^on/, ''), value as unknown as EventListener);
    } else if (typeof value === 'boolean') {
      element.toggleAttribute(name, value);
    } else if (value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
}

/** Create an element: attributes by name, handlers as `onclick`, children as nodes or text. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, props);
  fill(element, children);
  return element;
}

/** Create an SVG element with attributes and children. */
export function svg(tag: string, props: Props = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  apply(element, props);
  fill(element, children);
  return element;
}

/** Replace the children of an element. */
export function fill(element: Element, children: Child[]): void {
  element.replaceChildren(
    ...children
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => (typeof child === 'object' ? child : String(child))),
  );
}

export interface Keyed {
  key: string;
  /** Changes when the element has to be drawn anew. */
  stamp: string;
  draw: () => HTMLElement;
}

/**
 * Make the children of `list` follow `items`, in order, keeping the elements whose key and stamp
 * are unchanged: a live region then announces what is new and nothing else.
 */
export function sync(list: HTMLElement, items: readonly Keyed[]): void {
  const old = new Map<string, HTMLElement>();
  for (const child of Array.from(list.children) as HTMLElement[]) {
    old.set(child.dataset.key ?? '', child);
  }
  let place: Element | null = list.firstElementChild;
  for (const item of items) {
    let element = old.get(item.key);
    old.delete(item.key);
    if (element?.dataset.stamp !== item.stamp) {
      const drawn = item.draw();
      drawn.dataset.key = item.key;
      drawn.dataset.stamp = item.stamp;
      if (element !== undefined) {
        if (place === element) place = drawn;
        element.replaceWith(drawn);
      }
      element = drawn;
    }
    if (place === element) place = element.nextElementSibling;
    else list.insertBefore(element, place);
  }
  for (const left of old.values()) left.remove();
}
