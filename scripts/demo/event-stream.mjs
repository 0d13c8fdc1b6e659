/**
 * Splits a Server-Sent Events body into its events.
 *
 * @param {AsyncIterable<Uint8Array>} body
 * @param {() => void} onBytes called for every chunk, heartbeats included
 * @returns {AsyncGenerator<{ id: string, event: string, data: any }>}
 */
export async function* readEvents(body, onBytes) {
  const decoder = new TextDecoder();
  let buffered = '';
  for await (const chunk of body) {
    onBytes();
    buffered += decoder.decode(chunk, { stream: true });
    const blocks = buffered.split(/\r?\n\r?\n/);
    buffered = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = parseFields(block);
      if (fields.data !== '') yield { ...fields, data: JSON.parse(fields.data) };
    }
  }
}

/** @param {string} block */
const parseFields = (block) => {
  const fields = { id: '', event: 'message', data: '' };
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (name === 'data') fields.data += fields.data === '' ? value : `\n${value}`;
    else if (name !== undefined) fields[name] = value;
  }
  return fields;
};
