import PQueue from 'p-queue';

import { type Clock } from '../../../common/clock.js';
import { AppError } from '../../../common/errors/app-error.js';
import { type GenerationConfig } from '../../../config/generation.config.js';
import { providerCalls } from '../../provider.diagnostics.js';
import { assertPicture, decodeBase64 } from '../../upstream/answered-picture.js';
import {
  exchange,
  type UpstreamAnswer,
  type UpstreamLimits,
  type UpstreamRequest,
} from '../../upstream/upstream-client.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import {
  toConnectionFailure,
  toStatusFailure,
  toUnusableAnswer,
  type UpstreamCall,
} from '../../upstream/upstream-failure.js';
import {
  type DrawnPicture,
  type InferenceJob,
  type InferenceProtocol,
  type ServerModel,
} from './inference-protocol.js';

export interface InferenceState extends ServerModel {
  readonly state: 'up' | 'degraded';
  /** Why it is degraded; null while up. */
  readonly reason: string | null;
  /** Calls that wait on our side for a free place. */
  readonly waiting: number;
}

type ServerConfig = Pick<
  GenerationConfig,
  | 'customInferenceUrl'
  | 'customInferenceToken'
  | 'customInferenceModel'
  | 'customInferenceConcurrency'
  | 'timeoutMs'
>;

const MAX_ANSWER_BYTES = 25 * 1_048_576;
const MAX_STATUS_BYTES = 1_048_576;
const STATUS_TIMEOUT_MS = 2_000;
/** Probes come every few seconds from several balancers; the server is asked less often. */
const STATUS_KEPT_MS = 10_000;

/** The team's own inference server: one place for its limits, its queue and its state, shared by v1 and v2. */
export class InferenceServer {
  private readonly queue: PQueue;
  private known: { readonly at: number; readonly state: Promise<InferenceState> } | undefined;

  constructor(
    private readonly config: ServerConfig,
    private readonly protocol: InferenceProtocol,
    private readonly clock: Clock,
  ) {
    this.queue = new PQueue({ concurrency: config.customInferenceConcurrency });
  }

  get model(): string {
    return this.config.customInferenceModel;
  }

  /**
   * Draws when a place is free; waiting counts against the caller's own time, not against the call's.
   * @throws ProviderError
   */
  async draw(job: Omit<InferenceJob, 'model'>, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    const call = this.callOf(this.protocol.operation);
    const { provider, operation } = call;
    return this.queue.add(
      () =>
        providerCalls.run({ provider, operation, model: this.model }, () =>
          this.drawNow({ ...job, model: this.model }, call, signal),
        ),
      { signal },
    );
  }

  /** Whether the server and its model are there; never throws and is never older than 10 s. */
  async check(): Promise<InferenceState> {
    const now = this.clock.now();
    if (!this.known || now - this.known.at >= STATUS_KEPT_MS) {
      this.known = { at: now, state: this.look() };
    }
    return { ...(await this.known.state), waiting: this.queue.size };
  }

  private async drawNow(
    job: InferenceJob,
    call: UpstreamCall,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const { path, ...request } = this.protocol.toRequest(job);
    const limits = { timeoutMs: this.config.timeoutMs, maxBytes: MAX_ANSWER_BYTES };
    const answer = await this.ask(path, request, call, limits, signal);
    const picture = parseOrFail(() => this.protocol.parse(answer), call);
    if (!picture) throw toUnusableAnswer(call, 'no_picture_in_answer', answer.status);
    return assertPicture(await this.read(picture, call, limits, signal), call);
  }

  private async read(
    picture: DrawnPicture,
    call: UpstreamCall,
    limits: UpstreamLimits,
    signal: AbortSignal,
  ): Promise<Buffer> {
    if ('bytes' in picture) return picture.bytes;
    if ('base64' in picture) return decodeBase64(picture.base64, call);
    const url = this.ownUrl(picture.path, call);
    return (await this.ask(url, { method: 'GET' }, call, limits, signal)).bytes;
  }

  /** An answer may name a picture on the same server (SGLang does) and nowhere else: no second way out. */
  private ownUrl(path: string, call: UpstreamCall): string {
    const base = this.config.customInferenceUrl;
    const url = URL.canParse(path, base) ? new URL(path, base) : undefined;
    if (url?.origin === new URL(base).origin) return url.href;
    throw toUnusableAnswer(call, 'foreign_picture_address');
  }

  private async ask(
    path: string,
    request: UpstreamRequest,
    call: UpstreamCall,
    limits: UpstreamLimits,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer> {
    const { customInferenceUrl: base, customInferenceToken: token } = this.config;
    const headers = new Headers(request.headers ?? {});
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const url = path.startsWith('/') ? `${base}${path}` : path;
    try {
      const answer = await exchange(url, { ...request, headers }, limits, signal);
      if (answer.status < 200 || answer.status > 299) {
        throw toStatusFailure(answer.status, answer.headers, call, this.clock.now());
      }
      return answer;
    } catch (error) {
      throw error instanceof UpstreamError ? toConnectionFailure(error, call, signal) : error;
    }
  }

  private async look(): Promise<InferenceState> {
    const call = this.callOf('status');
    const limits = { timeoutMs: STATUS_TIMEOUT_MS, maxBytes: MAX_STATUS_BYTES };
    const signal = AbortSignal.timeout(STATUS_TIMEOUT_MS * 2);
    try {
      const path = this.protocol.statusPath(this.model);
      const answer = await this.ask(path, { method: 'GET' }, call, limits, signal);
      const model = parseOrFail(() => this.protocol.parseStatus(answer, this.model), call);
      if (model) return { state: 'up', reason: null, waiting: 0, ...model };
      throw toUnusableAnswer(call, 'status');
    } catch (error) {
      const reason = error instanceof AppError ? error.message : 'The inference server is unknown.';
      return { state: 'degraded', reason, waiting: 0, name: null, version: null };
    }
  }

  private callOf(operation: string): UpstreamCall {
    return { provider: 'custom', operation, subject: 'The inference server' };
  }
}

/** Whatever a parser throws about foreign JSON is one thing to us. */
const parseOrFail = <T>(parse: () => T, call: UpstreamCall): T => {
  try {
    return parse();
  } catch {
    throw toUnusableAnswer(call, 'invalid_answer');
  }
};
