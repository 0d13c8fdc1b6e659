/**
 * Prints what was measured.
 *
 * @param {(readonly [name: string, value: string, isGood?: boolean])[]} rows
 * @returns {boolean} whether no rule is broken
 */
export const printRows = (rows) => {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  for (const [name, value, isGood] of rows) {
    const verdict = isGood === undefined ? '' : isGood ? 'ok' : 'BROKEN';
    console.log(`${name.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${verdict}`);
  }
  return rows.every(([, , isGood]) => isGood !== false);
};
