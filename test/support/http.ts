/** An answer with its JSON already read; `body` is undefined when there is none. */
export interface JsonAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

const read = async <T>(response: Response): Promise<JsonAnswer<T>> => {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
};

export const getJson = async <T = Record<string, unknown>>(
  url: string,
  headers: Record<string, string> = {},
): Promise<JsonAnswer<T>> => read<T>(await fetch(url, { headers }));

export const postJson = async <T = Record<string, unknown>>(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<JsonAnswer<T>> =>
  read<T>(
    await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );

export const send = async <T = Record<string, unknown>>(
  method: string,
  url: string,
  init: RequestInit = {},
): Promise<JsonAnswer<T>> => read<T>(await fetch(url, { method, ...init }));

/** Asks again until `isThere` says so: tests wait for a state, not for a time. */
export const eventually = async <T>(
  ask: () => Promise<T>,
  isThere: (value: T) => boolean,
  withinMs = 20_000,
): Promise<T> => {
  const until = Date.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (isThere(value)) return value;
    if (Date.now() > until) throw new Error(`Not reached: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
