import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import { FlagSetting, IntegerSetting } from './setting.js';

/** Background work. */
export class TasksSettings {
  @IntegerSetting({
    default: 4,
    min: 1,
    max: 1_000,
    unit: 'tasks',
    en: 'Tasks that this process runs side by side.',
    ko: '이 프로세스가 동시에 실행하는 작업 수.',
  })
  readonly TASK_CONCURRENCY!: number;

  @IntegerSetting({
    default: 1_000,
    min: 1,
    max: 1_000_000,
    unit: 'tasks',
    en: 'Tasks that may wait; above it the answer is 429 `queue_full`.',
    ko: '대기할 수 있는 작업 수. 넘으면 429 `queue_full`로 답합니다.',
  })
  readonly TASK_QUEUE_LIMIT!: number;

  @IntegerSetting({
    default: 25,
    min: 0,
    max: 300,
    unit: 's',
    en: 'Longest `Prefer: wait`; below the 30 s at which a load balancer cuts.',
    ko: '`Prefer: wait`의 최대 시간. 로드 밸런서가 끊는 30초보다 짧아야 합니다.',
  })
  readonly MAX_WAIT_SECONDS!: number;

  @IntegerSetting({
    default: 4,
    min: 1,
    max: 100,
    unit: 'attempts',
    en: 'Attempts of one step before its task fails; only transient errors are tried again.',
    ko: '한 단계를 시도하는 최대 횟수. 일시적 오류만 다시 시도합니다.',
  })
  readonly TASK_STEP_ATTEMPTS!: number;

  @IntegerSetting({
    default: 1_000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    en: 'First pause between attempts; it doubles each time, with jitter.',
    ko: '재시도 사이의 첫 대기 시간. 매번 두 배가 되며 무작위 편차가 있습니다.',
  })
  readonly TASK_BACKOFF_MS!: number;

  @IntegerSetting({
    default: 60_000,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    en: 'Longest pause between attempts.',
    ko: '재시도 사이의 최대 대기 시간.',
  })
  readonly TASK_BACKOFF_MAX_MS!: number;

  @IntegerSetting({
    default: 200_000,
    min: 100,
    max: 3_600_000,
    unit: 'ms',
    en: 'Time for one attempt of one step.',
    ko: '한 단계의 한 번 시도에 주어진 시간.',
  })
  readonly TASK_STEP_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 1_800,
    min: 1,
    max: 604_800,
    unit: 's',
    en: 'Time from creation after which a task that has not ended fails.',
    ko: '생성 후 이 시간이 지나도 끝나지 않은 작업은 실패합니다.',
  })
  readonly TASK_DEADLINE_SECONDS!: number;

  @IntegerSetting({
    default: 9_000,
    min: 500,
    max: 600_000,
    unit: 'ms',
    en: 'With PostgreSQL: a worker that has not been heard of for this long loses its tasks to another one.',
    ko: 'PostgreSQL 사용 시: 이 시간 동안 소식이 없는 워커의 작업은 다른 워커가 이어받습니다.',
  })
  readonly TASK_LEASE_MS!: number;

  @IntegerSetting({
    default: 30,
    min: 1,
    max: 3_650,
    unit: 'days',
    en: 'Ended tasks are removed with their images after this time.',
    ko: '끝난 작업과 이미지를 이 기간 뒤에 삭제합니다.',
  })
  readonly TASK_RETENTION_DAYS!: number;

  @IntegerSetting({
    default: 15,
    min: 1,
    max: 600,
    unit: 's',
    en: 'How often a silent event stream is sent a comment; below the idle time after which a proxy cuts.',
    ko: '조용한 이벤트 스트림에 주석을 보내는 간격. 프록시가 끊는 유휴 시간보다 짧아야 합니다.',
  })
  readonly TASK_EVENTS_HEARTBEAT_SECONDS!: number;

  @FlagSetting({
    default: false,
    en: 'The same request of the same client within a minute joins the task that is still in flight.',
    ko: '같은 클라이언트가 1분 안에 같은 요청을 보내면 진행 중인 작업에 합류합니다.',
  })
  readonly DEDUPE_IN_FLIGHT!: boolean;
}

export const tasksConfig = registerAs('tasks', () => {
  const settings = readSettings(TasksSettings);
  return {
    concurrency: settings.TASK_CONCURRENCY,
    queueLimit: settings.TASK_QUEUE_LIMIT,
    maxWaitMs: settings.MAX_WAIT_SECONDS * 1_000,
    stepAttempts: settings.TASK_STEP_ATTEMPTS,
    backoffMs: settings.TASK_BACKOFF_MS,
    backoffMaxMs: settings.TASK_BACKOFF_MAX_MS,
    stepTimeoutMs: settings.TASK_STEP_TIMEOUT_MS,
    deadlineMs: settings.TASK_DEADLINE_SECONDS * 1_000,
    leaseMs: settings.TASK_LEASE_MS,
    retentionMs: settings.TASK_RETENTION_DAYS * 24 * 60 * 60 * 1_000,
    eventsHeartbeatMs: settings.TASK_EVENTS_HEARTBEAT_SECONDS * 1_000,
    dedupesInFlight: settings.DEDUPE_IN_FLIGHT,
  };
});

export type TasksConfig = ConfigType<typeof tasksConfig>;
