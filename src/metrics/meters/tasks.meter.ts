import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { type Run, secondsSince } from '../../common/telemetry/operation.js';
import {
  type StepAttempt,
  stepOutcomeOf,
  taskCreations,
  taskEnds,
  taskRuns,
  taskSteps,
  workerBeats,
} from '../../tasks/task.diagnostics.js';
import { type Task } from '../../tasks/task.js';
import { type Meter, TASK_BUCKETS, type Unwatch, WORK_BUCKETS } from './meter.js';

const MS_PER_SECOND = 1_000;

/** What becomes of tasks, and how long each part of them takes. */
export class TasksMeter implements Meter {
  private readonly creations;
  private readonly ends;
  private readonly duration;
  private readonly wait;
  private readonly running;
  private readonly steps;
  private readonly stepDuration;
  private readonly heartbeat;

  constructor(registry: Registry) {
    const registers = [registry];
    this.creations = new Counter({
      name: 'deskai_tasks_created_total',
      help: 'Requests for a task by kind and outcome: `created`, `existing`, `key_reused`, `queue_full`.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    this.ends = new Counter({
      name: 'deskai_tasks_ended_total',
      help: 'Tasks that ended, by kind, status and error code (`none` without an error).',
      labelNames: ['kind', 'status', 'code'],
      registers,
    });
    this.duration = new Histogram({
      name: 'deskai_task_duration_seconds',
      help: 'Time from the creation of a task to its end.',
      labelNames: ['kind', 'status'],
      buckets: TASK_BUCKETS,
      registers,
    });
    this.wait = new Histogram({
      name: 'deskai_task_wait_seconds',
      help: 'Time from the creation of a task to its first claim.',
      labelNames: ['kind'],
      buckets: TASK_BUCKETS,
      registers,
    });
    this.running = new Gauge({
      name: 'deskai_task_runs_in_progress',
      help: 'Tasks that this process carries on now.',
      registers,
    });
    this.steps = new Counter({
      name: 'deskai_task_steps_total',
      help: 'Attempts of steps by outcome: `done`, `retry`, `failed`, `aborted`; `code` says why.',
      labelNames: ['step', 'outcome', 'code'],
      registers,
    });
    this.stepDuration = new Histogram({
      name: 'deskai_task_step_duration_seconds',
      help: 'Time of one attempt of a step.',
      labelNames: ['step', 'outcome'],
      buckets: WORK_BUCKETS,
      registers,
    });
    this.heartbeat = new Gauge({
      name: 'deskai_worker_heartbeat_timestamp_seconds',
      help: 'When the worker of this process last turned, since the Unix epoch; missing without a worker.',
      labelNames: [],
      registers,
      aggregator: 'max',
    });
    // Without a worker there is no series; a gauge would begin with 0.
    this.heartbeat.remove();
  }

  watch(): readonly Unwatch[] {
    return [
      taskCreations.watch(({ kind, outcome }) => this.creations.inc({ kind, outcome })),
      taskEnds.watch(({ task }) => this.countEnd(task)),
      taskRuns.watch({
        started: ({ context }) => {
          this.running.inc();
          this.countStart(context.task);
        },
        ended: () => this.running.dec(),
      }),
      taskSteps.watch({ ended: (run) => this.countStep(run) }),
      workerBeats.watch(() => this.heartbeat.setToCurrentTime()),
    ];
  }

  private countStart({ kind, claim, createdAt, startedAt }: Task): void {
    if (claim !== 1 || !startedAt) return;
    this.wait.observe({ kind }, (startedAt.getTime() - createdAt.getTime()) / MS_PER_SECOND);
  }

  private countEnd({ kind, status, error, createdAt, finishedAt }: Task): void {
    this.ends.inc({ kind, status, code: error?.code ?? 'none' });
    if (!finishedAt) return;
    const seconds = (finishedAt.getTime() - createdAt.getTime()) / MS_PER_SECOND;
    this.duration.observe({ kind, status }, seconds);
  }

  private countStep(run: Run<StepAttempt, unknown>): void {
    const { step } = run.context;
    const { outcome, code } = stepOutcomeOf(run);
    this.steps.inc({ step, outcome, code });
    this.stepDuration.observe({ step, outcome }, secondsSince(run.startedAt));
  }
}
