import './desk.css';

import { html, nothing, type TemplateResult } from 'lit-html';

import { format } from '../lib/language';
import type { User } from '../staff/http';
import { lineIcon, Shell } from '../staff/shell';
import { Alarm } from './alarm';
import { DeskModel } from './model';
import { customerName, deskTexts, reasonText, type DeskTexts } from './texts';
import { conversationPane, queuePane, type DeskContext } from './view';

const BELL = ['M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.500h-15z', 'M10 20.500a2.2 2.2 0 0 0 4 0'];
const MUTED = [...BELL, 'M4 4l16 16'];

let model: DeskModel | null = null;
let composing = false;
let ticking: ReturnType<typeof setInterval> | undefined;

const texts = (): DeskTexts => deskTexts[shell.language];
const alarm = new Alarm(() => `${texts().title} · Frontdesk`);

/** Draw, and keep the transcript at its end if it was there. */
function changed(): void {
  const before = document.querySelector('.scroll');
  const atEnd =
    before === null || before.scrollHeight - before.scrollTop - before.clientHeight < 90;
  shell.draw();
  if (!atEnd) return;
  setTimeout(() => {
    const after = document.querySelector('.scroll');
    after?.scrollTo({ top: after.scrollHeight, behavior: 'instant' });
  }, 0);
}

function start(user: User): void {
  model = new DeskModel(shell.http, user, {
    changed,
    newcomer: (item) => {
      const why = [customerName(item.customer, texts()), reasonText(item.reason, texts())]
        .filter(Boolean)
        .join(': ');
      alarm.ring(texts().newTitle, why);
    },
    wrote: (customer, text) => {
      const name = customerName(customer, texts());
      alarm.ring(format(texts().newMessage, { customer: name }), text);
    },
  });
  model.start();
  ticking = setInterval(() => {
    shell.draw();
  }, 1_000);
}

function stop(): void {
  model?.stop();
  model = null;
  clearInterval(ticking);
}

function view(): TemplateResult {
  alarm.writeTitle();
  if (model === null) return html``;
  const context: DeskContext = {
    model,
    texts: texts(),
    language: shell.language,
    composing,
    setComposing: (on) => {
      composing = on;
      shell.draw();
    },
  };
  const lost = model.link === 'waiting';
  return html`
    ${lost ? html`<p class="lost" role="status" data-testid="lost">${texts().lost}</p>` : nothing}
    <div class="desk" data-pane=${model.selected === null ? 'list' : 'detail'}>
      ${queuePane(context)} ${conversationPane(context)}
    </div>
  `;
}

function nav(): TemplateResult {
  const label = alarm.enabled ? texts().alarmOn : texts().alarmOff;
  return html`<button
    class="head-button alarm"
    aria-pressed=${alarm.enabled ? 'true' : 'false'}
    aria-label=${label}
    title=${label}
    data-testid="alarm"
    @click=${() => {
      void alarm.toggle().then(() => {
        shell.draw();
      });
      shell.draw();
    }}
  >
    ${lineIcon(...(alarm.enabled ? BELL : MUTED))}
  </button>`;
}

const shell: Shell = new Shell({ name: 'desk', role: 'agent', start, stop, view, nav });
void shell.load();
