import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { getJson, postJson, eventually } from '../../support/http.js';
import { ServiceProcess } from './service.js';
import { type StandIns, startStandIns } from './stand-ins.js';

export interface TaskBody {
  readonly task_id: string;
  readonly status: string;
  readonly progress: { readonly step: string | null };
  readonly error: { readonly code: string } | null;
}

const ENDED = new Set(['succeeded', 'rejected', 'failed', 'canceled']);

/** One folder, one set of stand-ins and the services that a test starts on them. */
export class Cluster {
  private readonly services: ServiceProcess[] = [];

  private constructor(
    readonly dataDir: string,
    readonly standIns: StandIns,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async create(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-cluster-'));
    const standIns = await startStandIns(join(dataDir, 'calls.log'));
    return new Cluster(dataDir, standIns, settings);
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const { standIns } = this;
    const service = await ServiceProcess.create({
      DATA_DIR: this.dataDir,
      IMAGE_ALLOWED_PRIVATE_HOSTS: standIns.host,
      CUSTOM_INFERENCE_URL: standIns.url,
      CUSTOM_INFERENCE_CONCURRENCY: '8',
      CALLBACK_URL: `${standIns.url}/callback`,
      CALLBACK_BACKOFF_MS: '100',
      CALLBACK_BACKOFF_MAX_MS: '500',
      UPLOAD_SIGNING_KEY: 'cluster-cluster-cluster-cluster-cluster',
      ...this.settings,
      ...settings,
    });
    this.services.push(service);
    await service.start();
    return service;
  }

  /** The id of a new v2 task for this photo. */
  async submit(service: ServiceProcess, photo: number): Promise<string> {
    const answer = await this.trySubmit(service, photo);
    if (answer.status !== 202) throw new Error(`Not accepted: ${JSON.stringify(answer)}`);
    return answer.body.task_id;
  }

  trySubmit(service: ServiceProcess, photo: number): ReturnType<typeof postJson<TaskBody>> {
    const body = { image_url: this.standIns.photoUrl(photo) };
    return postJson<TaskBody>(`${service.url}/generated/v2/generate`, body);
  }

  async read(service: ServiceProcess, id: string): Promise<TaskBody> {
    return (await getJson<TaskBody>(`${service.url}/tasks/${id}`)).body;
  }

  ended(service: ServiceProcess, id: string): Promise<TaskBody> {
    return eventually(
      () => this.read(service, id),
      (task) => ENDED.has(task.status),
      120_000,
    );
  }

  /** Resolves when the drawing of the given photo was asked for `times` times in all. */
  async drawn(times: number): Promise<void> {
    await eventually(
      async () => this.standIns.calls.filter((call) => call.what === 'draw').length,
      (count) => count >= times,
      60_000,
    );
  }

  toldAbout(id: string): readonly string[] {
    return this.standIns.calls
      .filter((call) => call.what === 'callback' && call.who === id)
      .map((call) => call.detail);
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill()));
    await this.standIns.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
