import { Inject, Injectable } from '@nestjs/common';
import { type Response } from 'express';

import { toScenarioInput } from '../mock-scenarios/mock-scenario.handler.js';
import { type MockScenario } from '../mock-scenarios/mock-scenario.js';
import { IMAGE_SOURCE, type ImageSource } from '../providers/image-source/image-source.port.js';
import { StoredTaskError } from '../tasks/stored-error.js';
import { type TaskRequestHeaders } from '../tasks/task-request.js';
import { TaskService } from '../tasks/task.service.js';
import { type JsonObject, type Task } from '../tasks/task.js';
import { DEFAULT_CONCEPT } from './domain/concept.js';
import { type GenerationInput } from './domain/generation.js';
import { type DeskPhotoRequest } from './generate.dto.js';

export interface Submission {
  readonly kind: string;
  readonly owner: string;
  readonly body: DeskPhotoRequest;
  readonly headers: TaskRequestHeaders;
  readonly scenario: MockScenario | undefined;
}

/** Creates a task for a desk photo and answers as the contract says; shared by all generate routes. */
@Injectable()
export class GenerateService {
  constructor(
    private readonly tasks: TaskService,
    @Inject(IMAGE_SOURCE) private readonly source: ImageSource,
  ) {}

  /** @throws StoredTaskError when the task ended badly within the wait */
  async submit(submission: Submission, response: Response): Promise<JsonObject> {
    const { kind, owner, body, headers, scenario } = submission;
    // An address that can never be fetched is refused now, not by a task that fails later.
    this.source.assertAllowed(body.image_url);
    const input: GenerationInput = {
      initialImageUrl: body.image_url,
      concept: body.concept ?? DEFAULT_CONCEPT,
      seed: body.seed ?? null,
    };
    const created = await this.tasks.create({
      kind,
      owner,
      input: { ...input, ...toScenarioInput(scenario) },
      callbackUrl: body.callback_url,
      idempotencyKey: headers.idempotencyKey,
    });
    response.location(`/tasks/${created.id}`);
    const task =
      headers.waitMs === undefined
        ? created
        : await this.tasks.wait(created, headers.waitMs, headers.gone);
    return this.answer(task, headers, response);
  }

  private async answer(
    task: Task,
    headers: TaskRequestHeaders,
    response: Response,
  ): Promise<JsonObject> {
    if (headers.waitMs !== undefined) {
      if (task.error) throw new StoredTaskError(task.id, task.error);
      const seconds = Math.floor(this.tasks.cappedWaitMs(headers.waitMs) / 1_000);
      response.setHeader('Preference-Applied', `wait=${seconds}`);
    }
    response.status(task.status === 'succeeded' && headers.waitMs !== undefined ? 200 : 202);
    return this.tasks.toResource(task);
  }
}
