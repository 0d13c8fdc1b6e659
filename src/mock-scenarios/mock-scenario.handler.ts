import { ProviderError } from '../common/errors/errors.js';
import { type TaskContext } from '../tasks/task-context.js';
import { type StepPlan, type TaskHandler } from '../tasks/task-handler.js';
import { type JsonObject, type Task } from '../tasks/task.js';

/** The field of a task's input that names its scenario, so that whoever takes the task up plays it. */
const FIELD = 'mockScenario';

/** What a new task's input gets: nothing without a scenario, so that real tasks stay as they are. */
export const toScenarioInput = (scenario: string | undefined): JsonObject =>
  scenario === undefined ? {} : { [FIELD]: scenario };

/**
 * Hands each task to the pipeline that plays its scenario, and every other task to the real one.
 * Where no scenarios are played, a task that has one ends: it was never meant to be paid for.
 */
export class MockScenarioHandler implements TaskHandler {
  readonly kind: string;
  readonly version: number;
  readonly steps: readonly StepPlan[];

  constructor(
    private readonly real: TaskHandler,
    private readonly scripted: ReadonlyMap<string, TaskHandler>,
  ) {
    this.kind = real.kind;
    this.version = real.version;
    this.steps = real.steps;
  }

  async run(context: TaskContext): Promise<void> {
    const scenario = context.task.input[FIELD];
    if (scenario === undefined) return this.real.run(context);
    const name = String(scenario);
    await context.add({ warnings: [`mock_scenario:${name}`] });
    const handler = this.scripted.get(name);
    if (!handler) throw notPlayedHere(name);
    return handler.run(context);
  }

  toResource(task: Task): JsonObject {
    return this.real.toResource(task);
  }

  deleteFiles(task: Task): Promise<void> {
    return this.real.deleteFiles(task);
  }

  cleanUp(task: Task): Promise<void> {
    return this.real.cleanUp(task);
  }
}

const notPlayedHere = (scenario: string): ProviderError =>
  new ProviderError(
    'provider_failed',
    `This task plays the mock scenario ${scenario}, which is switched off here (MOCK_SCENARIOS).`,
    { provider: 'mock', operation: scenario },
  );
