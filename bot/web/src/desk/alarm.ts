/** Whether somebody sits before the page at this moment. */
export const looking = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

const SETTING = 'frontdesk:alarm';

/** Tells an agent who is not looking: a sound, a count in the tab's title, a notification. */
export class Alarm {
  enabled = localStorage.getItem(SETTING) !== 'off';
  private audio: AudioContext | null = null;
  private missed = 0;

  constructor(private readonly title: () => string) {
    const unlock = (): void => {
      this.unlock();
    };
    // Browsers let a page sound only after somebody has touched it.
    document.addEventListener('pointerdown', unlock, { once: true });
    document.addEventListener('keydown', unlock, { once: true });
    const seen = (): void => {
      if (looking()) this.clear();
    };
    window.addEventListener('focus', seen);
    document.addEventListener('visibilitychange', seen);
  }

  /** Switch sound and notifications; asks the browser for leave when switched on. */
  async toggle(): Promise<void> {
    this.enabled = !this.enabled;
    localStorage.setItem(SETTING, this.enabled ? 'on' : 'off');
    if (!this.enabled) return;
    this.unlock();
    this.sound();
    if ('Notification' in window && Notification.permission === 'default') {
      await Notification.requestPermission();
    }
  }

  /** Ring, unless the page is being looked at. */
  ring(title: string, body: string): void {
    if (looking()) return;
    this.missed += 1;
    this.writeTitle();
    if (!this.enabled) return;
    this.sound();
    if ('Notification' in window && Notification.permission === 'granted') {
      const notification = new Notification(title, { body, tag: 'frontdesk' });
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
    }
  }

  /** Write the title anew, as when the language has changed. */
  writeTitle(): void {
    document.title = this.missed > 0 ? `(${this.missed}) ${this.title()}` : this.title();
  }

  private clear(): void {
    this.missed = 0;
    this.writeTitle();
  }

  private unlock(): void {
    this.audio ??= new AudioContext();
    void this.audio.resume();
  }

  /** Two strokes of a desk bell: a tone with a fifth above it that dies away. */
  private sound(): void {
    const audio = this.audio;
    if (audio?.state !== 'running') return;
    for (const [delay, pitch] of [
      [0, 1318],
      [0.22, 1568],
    ] as const) {
      for (const [partial, loudness] of [
        [1, 0.22],
        [2.76, 0.06],
      ] as const) {
        const begin = audio.currentTime + delay;
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        tone.frequency.value = pitch * partial;
        volume.gain.setValueAtTime(loudness, begin);
        volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.9);
        tone.connect(volume).connect(audio.destination);
        tone.start(begin);
        tone.stop(begin + 1);
      }
    }
  }
}
