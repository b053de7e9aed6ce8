import { ApiError, requestJson } from '../lib/errors';

export type Role = 'agent' | 'operator' | 'admin';

export interface User {
  username: string;
  display_name: string;
  role: Role;
  /** Whether the account is switched off. */
  disabled?: boolean;
}

export interface AuthState {
  setup_needed: boolean;
  user: User | null;
  csrf: string | null;
}

const RANK: Record<Role, number> = { agent: 1, operator: 2, admin: 3 };

/** Whether a member of staff has at least the rights of `role`. */
export const may = (user: User, role: Role): boolean => RANK[user.role] >= RANK[role];

/** The staff side of the HTTP API: the session rides in a cookie, writes carry its CSRF token. */
export class StaffHttp {
  private csrf = '';

  /** Called when the session has ended. */
  onSignedOut: () => void = () => undefined;

  async state(): Promise<AuthState> {
    const state = (await requestJson('/api/v1/auth/state')) as AuthState;
    this.csrf = state.csrf ?? '';
    return state;
  }

  /** Sign in (`login`) or make the first administrator (`setup`). */
  async enter(how: 'login' | 'setup', fields: Record<string, string>): Promise<void> {
    await this.send('POST', `/api/v1/auth/${how}`, fields, false);
  }

  async signOut(): Promise<void> {
    await this.send('POST', '/api/v1/auth/logout', {});
    this.onSignedOut();
  }

  get<T>(path: string): Promise<T> {
    return this.watch(requestJson(path)) as Promise<T>;
  }

  post<T = unknown>(path: string, body: object): Promise<T> {
    return this.send('POST', path, body) as Promise<T>;
  }

  put<T = unknown>(path: string, body: object): Promise<T> {
    return this.send('PUT', path, body) as Promise<T>;
  }

  patch<T = unknown>(path: string, body: object): Promise<T> {
    return this.send('PATCH', path, body) as Promise<T>;
  }

  delete<T = unknown>(path: string): Promise<T> {
    return this.send('DELETE', path, null) as Promise<T>;
  }

  private send(
    method: string,
    path: string,
    body: object | null,
    watched = true,
  ): Promise<unknown> {
    const request = requestJson(path, {
      method,
      timeout: 60_000,
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': this.csrf },
      body: body === null ? null : JSON.stringify(body),
    });
    return watched ? this.watch(request) : request;
  }

  private async watch(request: Promise<unknown>): Promise<unknown> {
    try {
      return await request;
    } catch (cause) {
      if (cause instanceof ApiError && cause.status === 401) this.onSignedOut();
      throw cause;
    }
  }
}

/** What to tell a person about a failed request: the service's words, with its advice. */
export function explain(cause: unknown, offline: string): string {
  if (!(cause instanceof ApiError)) return String(cause);
  if (cause.status === 0) return offline;
  const { message, expected, found, fix } = cause.body;
  const details = [expected, found === undefined ? undefined : `≠ ${found}`].filter(Boolean);
  return [message, details.length > 0 ? `(${details.join(' ')})` : '', fix ?? '']
    .filter(Boolean)
    .join(' ');
}
