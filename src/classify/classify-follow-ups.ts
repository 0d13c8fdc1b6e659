import { Injectable } from '@nestjs/common';

import { DEFAULT_CONCEPT } from '../generation/domain/concept.js';
import { toScenarioInput } from '../mock-scenarios/mock-scenario.handler.js';
import { type MockScenario } from '../mock-scenarios/mock-scenario.js';
import { currentOrigin } from '../tasks/current-origin.js';
import { toDelivery } from '../tasks/task-callbacks.js';
import { TaskEngine } from '../tasks/task-engine.js';
import { TaskService } from '../tasks/task.service.js';
import { type ClassifyRequest } from './dto/classify.dto.js';

/** What a desk photo sets off; see `CLASSIFY_FOLLOW_UP`. */
@Injectable()
export class ClassifyFollowUps {
  constructor(
    private readonly engine: TaskEngine,
    private readonly tasks: TaskService,
  ) {}

  /** The backend is told `{"initial_image_url", "classify": true}`, if a callback address is known. */
  async callBack(request: ClassifyRequest): Promise<void> {
    const url = this.engine.callbacks.resolveUrl(request.callback_url);
    if (url === null) return;
    const body = { initial_image_url: request.initial_image_url, classify: true };
    await this.engine.tell(toDelivery(null, url, body, currentOrigin()));
  }

  /** @returns the id of the v1 task that carries on; its own callback brings the result */
  async generate(
    request: ClassifyRequest,
    owner: string,
    scenario: MockScenario | undefined,
  ): Promise<string> {
    const task = await this.tasks.create({
      kind: 'generate.v1',
      owner,
      input: {
        initialImageUrl: request.initial_image_url,
        concept: request.concept ?? DEFAULT_CONCEPT,
        seed: null,
        ...toScenarioInput(scenario),
      },
      callbackUrl: request.callback_url,
      idempotencyKey: undefined,
    });
    return task.id;
  }
}
