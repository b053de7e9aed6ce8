import { tagOf } from './language';
import type { Language } from './types';

/** Hour and minute of an ISO time, in the reader's zone. */
export function clock(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(tagOf(language), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** Key of the calendar day of an ISO time, in the reader's zone. */
export function dayKey(iso: string): string {
  const at = new Date(iso);
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}

/** Name of a day: today, yesterday, or the date. */
export function dayName(iso: string, language: Language, now: Date = new Date()): string {
  const at = new Date(iso);
  const midnight = (date: Date): number =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0 || days === 1) {
    const name = new Intl.RelativeTimeFormat(tagOf(language), { numeric: 'auto' }).format(
      -days,
      'day',
    );
    return name.charAt(0).toUpperCase() + name.slice(1);
  }
  return new Intl.DateTimeFormat(tagOf(language), {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
  }).format(at);
}

/** Date with time, for tables. */
export function stamp(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(tagOf(language), {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** A span of seconds as `m:ss` or `h:mm:ss`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${hours > 0 ? two(Math.floor((whole % 3600) / 60)) : Math.floor(whole / 60)}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
