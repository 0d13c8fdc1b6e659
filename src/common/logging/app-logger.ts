import { type LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

import { currentTrace, spanIdOf, traceIdOf } from '../telemetry/trace-context.js';

type Fields = Readonly<Record<string, unknown>>;

/** Query strings of photo addresses may be signatures: they never reach a log. */
const withoutQuery = (text: string): string =>
  text.replace(/(https?:\/\/[^\s"'?]+)\?[^\s"']*/gi, '$1?…');

const clean = (value: unknown): unknown => {
  if (typeof value === 'string') return withoutQuery(value);
  if (value instanceof Error) {
    return {
      name: value.name,
      message: withoutQuery(value.message),
      stack: withoutQuery(value.stack ?? ''),
      ...(value.cause === undefined ? {} : { cause: clean(value.cause) }),
    };
  }
  return value;
};

/** Lets a line be found from its trace; nothing while tracing is off. */
const traceFields = (): object => {
  const trace = currentTrace();
  return trace ? { traceId: traceIdOf(trace), spanId: spanIdOf(trace) } : {};
};

/** JSON lines on standard output; also Nest's own logger. */
export class AppLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  static create(level: string): AppLogger {
    return new AppLogger(
      pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, mixin: traceFields }),
    );
  }

  info(message: string, fields: Fields = {}): void {
    this.write('info', message, fields);
  }

  log(message: unknown, context?: unknown): void {
    this.write('info', message, { context });
  }

  warn(message: unknown, fields?: unknown): void {
    this.write('warn', message, fields);
  }

  error(message: unknown, fields?: unknown, context?: unknown): void {
    this.write('error', message, typeof fields === 'string' ? { stack: fields, context } : fields);
  }

  debug(message: unknown, fields?: unknown): void {
    this.write('debug', message, fields);
  }

  verbose(message: unknown, fields?: unknown): void {
    this.write('trace', message, fields);
  }

  private write(
    level: 'info' | 'warn' | 'error' | 'debug' | 'trace',
    message: unknown,
    fields: unknown,
  ): void {
    const object = typeof fields === 'object' && fields !== null ? fields : { context: fields };
    const cleaned = Object.fromEntries(
      Object.entries(object).map(([key, value]) => [key, clean(value)]),
    );
    const text = message instanceof Error ? message.message : String(message);
    this.logger[level](cleaned, withoutQuery(text));
  }
}
