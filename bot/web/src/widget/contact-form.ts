import { h } from '../lib/dom';
import type { ContactDetails } from './api';
import type { ContactState } from './session';
import type { WidgetTexts } from './texts';

/** Whether a text can be a phone number or an e-mail address; the service checks it properly. */
export function looksLikeContact(text: string): boolean {
  const trimmed = text.trim();
  const digits = trimmed.replace(/\D/g, '').length;
  return /^\S+@\S+\.\S+$/.test(trimmed) || (/^[+\d][\d\s()-]*$/.test(trimmed) && digits >= 6);
}

function field(label: string, testid: string, input: HTMLElement): HTMLElement {
  input.dataset.testid = testid;
  return h('label', { class: 'field' }, h('span', {}, label), input);
}

/** The form to leave a contact when nobody is online. */
export function contactForm(
  texts: WidgetTexts,
  onSend: (details: ContactDetails) => void,
  onCancel: () => void,
): { element: HTMLFormElement; show: (state: ContactState) => void } {
  const name = h('input', { type: 'text', autocomplete: 'name', maxlength: 80, dir: 'auto' });
  const contact = h('input', {
    type: 'text',
    autocomplete: 'email',
    maxlength: 120,
    required: true,
  });
  const note = h('textarea', { rows: 2, maxlength: 500, dir: 'auto' });
  const problem = h('p', { class: 'problem', role: 'alert', 'data-testid': 'contact-problem' });
  const submit = h(
    'button',
    { type: 'submit', class: 'primary', 'data-testid': 'contact-send' },
    texts.contactSend,
  );
  const send = (event: Event): void => {
    event.preventDefault();
    const valid = looksLikeContact(contact.value);
    problem.textContent = valid ? '' : texts.contactNeeded;
    if (!valid) {
      contact.focus();
      return;
    }
    onSend({
      name: name.value.trim(),
      contact: contact.value.trim(),
      note: note.value.trim(),
    });
  };
  const element = h(
    'form',
    { class: 'card contact', novalidate: true, 'data-testid': 'contact-form', onsubmit: send },
    h('strong', {}, texts.contactTitle),
    h('p', {}, texts.contactMore),
    field(texts.phoneOrEmail, 'contact-value', contact),
    field(texts.name, 'contact-name', name),
    field(texts.note, 'contact-note', note),
    problem,
    h(
      'div',
      { class: 'actions' },
      submit,
      h(
        'button',
        { type: 'button', class: 'quiet', 'data-testid': 'contact-cancel', onclick: onCancel },
        texts.cancel,
      ),
    ),
  );
  const show = (state: ContactState): void => {
    element.hidden = state === 'hidden' || state === 'saved';
    submit.disabled = state === 'saving';
    submit.textContent = state === 'saving' ? texts.contactSaving : texts.contactSend;
    if (state === 'failed') problem.textContent = texts.contactFailed;
  };
  return { element, show };
}
