import type { ErrorBody } from './types';

/** An answer of the service that is not a success. `status` is 0 when there was no answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
    readonly retryAfter: number | null = null,
    readonly payload: unknown = null,
  ) {
    super(body.message);
    this.name = 'ApiError';
  }

  /** Whether the same request may succeed later without a change. */
  get transient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function errorBody(payload: unknown, status: number): ErrorBody {
  const error = isObject(payload) ? payload.error : null;
  if (isObject(error) && typeof error.message === 'string' && typeof error.code === 'string') {
    return error as unknown as ErrorBody;
  }
  return { code: `http_${status}`, message: `HTTP ${status}` };
}

/** Send a JSON request and return the JSON answer; anything else becomes an ApiError. */
export async function requestJson(
  url: string,
  init: RequestInit & { timeout?: number } = {},
): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(init.timeout ?? 15_000), ...init });
    text = await response.text();
  } catch (cause) {
    throw new ApiError(0, { code: 'network', message: String(cause) });
  }
  const payload = parseJson(text);
  if (response.ok) return payload;
  const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
  throw new ApiError(
    response.status,
    errorBody(payload, response.status),
    Number.isFinite(retryAfter) ? retryAfter : null,
    payload,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
