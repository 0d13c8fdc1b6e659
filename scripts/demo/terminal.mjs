const BAR_WIDTH = 24;
const FRAME_MS = 100;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

const STEP_NAMES = {
  fetch_image: 'fetching the photo',
  classify: 'looking for a desk',
  store_input: 'storing the photo',
  write_prompt: 'writing the prompt',
  generate_image: 'drawing the new desk',
  search_products: 'finding products',
  check_result: 'checking the result',
  store_result: 'storing the result',
};

/** Lines for a person. Colours and redrawing only where a terminal shows them. */
export class Terminal {
  /** @param {NodeJS.WriteStream} stream @param {NodeJS.ProcessEnv} env */
  constructor(stream, env) {
    this.stream = stream;
    this.isLive = Boolean(stream.isTTY) && env.TERM !== 'dumb';
    this.hasColour = this.isLive && !env.NO_COLOR;
  }

  line(text = '') {
    this.stream.write(`${text}\n`);
  }

  /** @param {string} label @param {string} text */
  field(label, text) {
    this.line(`  ${this.dim(label.padEnd(9))} ${text}`);
  }

  bold(text) {
    return this.hasColour ? `\u001B[1m${text}\u001B[22m` : text;
  }

  dim(text) {
    return this.hasColour ? `\u001B[2m${text}\u001B[22m` : text;
  }

  green(text) {
    return this.hasColour ? `\u001B[32m${text}\u001B[39m` : text;
  }
}

/** The progress of one task: one redrawn line in a terminal, one line a finished step elsewhere. */
export class ProgressBar {
  #percent = 0;
  #running = new Map();
  #frame = 0;
  #timer;
  #startedAt = Date.now();

  /** @param {Terminal} terminal @param {string} label */
  constructor(terminal, label) {
    this.terminal = terminal;
    this.label = label;
    if (!terminal.isLive) {
      terminal.line(`  ${label}`);
      return;
    }
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    this.#draw();
  }

  /** @param {string} type @param {any} data of a Server-Sent Event */
  update(type, data) {
    if (type === 'retry') return this.#retry(data);
    if (type !== 'step') return;
    const { step, state, percent, at } = data;
    this.#percent = Math.max(this.#percent, percent);
    if (state === 'started') this.#running.set(step, Date.parse(at));
    else this.#finish(step, Date.parse(at));
  }

  /** @param {boolean} isDone */
  end(isDone) {
    clearInterval(this.#timer);
    if (isDone) this.#percent = 100;
    const seconds = ((Date.now() - this.#startedAt) / 1000).toFixed(1);
    const text = isDone ? `done in ${seconds} s` : `stopped after ${seconds} s`;
    if (this.terminal.isLive) this.#redraw(text, isDone ? '✓' : '✗');
    this.terminal.line(
      this.terminal.isLive ? '' : `  ${String(this.#percent).padStart(3)} %  ${text}`,
    );
  }

  #finish(step, at) {
    const startedAt = this.#running.get(step) ?? at;
    this.#running.delete(step);
    if (this.terminal.isLive) return;
    const seconds = ((at - startedAt) / 1000).toFixed(2);
    this.terminal.line(
      `  ${String(this.#percent).padStart(3)} %  ${step.padEnd(16)} ${seconds.padStart(6)} s`,
    );
  }

  #retry({ step, retry_in_ms: delayMs }) {
    if (this.terminal.isLive) return;
    this.terminal.line(`         ${step} failed; again in ${(delayMs / 1000).toFixed(1)} s`);
  }

  #draw() {
    this.#frame += 1;
    const running = [...this.#running.keys()];
    const text = running.map((step) => STEP_NAMES[step] ?? step).join(' + ') || 'waiting';
    const seconds = ((Date.now() - this.#startedAt) / 1000).toFixed(1);
    this.#redraw(`${text} · ${seconds} s`, SPINNER[this.#frame % SPINNER.length]);
  }

  #redraw(text, sign) {
    const { terminal, label } = this;
    const filled = Math.round((this.#percent / 100) * BAR_WIDTH);
    const percent = `${String(this.#percent).padStart(3)} %`;
    const head = `  ${sign} ${label.padEnd(7)} `;
    // A line that wraps cannot be redrawn in place.
    const room = (terminal.stream.columns || 80) - head.length - BAR_WIDTH - percent.length - 5;
    const bar = terminal.green('█'.repeat(filled)) + terminal.dim('░'.repeat(BAR_WIDTH - filled));
    const tail = text.slice(0, Math.max(0, room));
    terminal.stream.write(`\r\u001B[2K${head}${bar} ${percent}  ${tail}`);
  }
}
