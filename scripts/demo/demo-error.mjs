export const EXIT = { ok: 0, error: 1, notADesk: 2, interrupted: 130 };

/** An end of the demo that a person can act on: one sentence, no stack. */
export class DemoError extends Error {
  /**
   * @param {string} message one sentence
   * @param {{ exitCode?: number, korean?: string, showLog?: boolean, cause?: unknown }} [options]
   */
  constructor(message, options = {}) {
    super(message, { cause: options.cause });
    this.name = 'DemoError';
    this.exitCode = options.exitCode ?? EXIT.error;
    /** The same sentence for Korean readers, when there is one. */
    this.korean = options.korean;
    /** Whether the service's last log lines help to understand it. */
    this.showLog = options.showLog ?? false;
  }
}
