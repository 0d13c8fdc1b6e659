/** One request with JSON; status 0 when the connection failed. */
export const post = async (url, body) => {
  const startedAt = performance.now();
  const done = (fields) => ({ ...fields, ms: performance.now() - startedAt });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const answer = await response.json();
    const retryAfter = response.headers.get('retry-after');
    return done({ status: response.status, retryAfter, body: answer });
  } catch {
    return done({ status: 0, retryAfter: null, body: {} });
  }
};

/** Sends at a fixed rate whatever comes back; the returned function ends it and gives all answers. */
export const startCaller = (send, everyMs) => {
  const answers = [];
  const pending = new Set();
  const call = async () => {
    const sentAt = Date.now();
    answers.push({ sentAt, ...(await send()) });
  };
  const timer = setInterval(() => {
    const one = call().finally(() => pending.delete(one));
    pending.add(one);
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await Promise.all(pending);
    return answers;
  };
};
