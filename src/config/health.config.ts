import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import { ChoiceSetting, IntegerSetting } from './setting.js';

export const GPU_CHECKS = ['off', 'nvidia-smi'] as const;
export type GpuCheckKind = (typeof GPU_CHECKS)[number];

const BYTES_PER_MB = 1_048_576;

/** What `/health` looks at, how often, and what counts as too little. */
export class HealthSettings {
  @IntegerSetting({
    default: 2_500,
    min: 100,
    max: 300_000,
    unit: 'ms',
    en: 'Pause between two runs of each health check. Probes are answered from the last results.',
    ko: '각 상태 점검 사이의 간격. 프로브에는 마지막 결과로 답합니다.',
  })
  readonly HEALTH_INTERVAL_MS!: number;

  @IntegerSetting({
    default: 2_000,
    min: 50,
    max: 60_000,
    unit: 'ms',
    en: 'Time for one run of a health check (`GPU_CHECK_TIMEOUT_MS` for the GPU).',
    ko: '상태 점검 한 번의 제한 시간(GPU는 `GPU_CHECK_TIMEOUT_MS`).',
  })
  readonly HEALTH_CHECK_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 15_000,
    min: 500,
    max: 600_000,
    unit: 'ms',
    en: 'A result older than this counts as down: a check of this instance may be slow while it is busy, but not silent.',
    ko: '이보다 오래된 결과는 비정상으로 봅니다. 바쁠 때 점검이 느릴 수는 있어도 소식이 없으면 안 됩니다.',
  })
  readonly HEALTH_STALE_MS!: number;

  @IntegerSetting({
    default: 200,
    min: 0,
    max: 10_000_000,
    unit: 'MB',
    en: 'Least free space on the disk of DATA_DIR; below it `/health` answers 503. 0 turns the check off.',
    ko: 'DATA_DIR 디스크의 최소 여유 공간. 부족하면 `/health`가 503으로 답합니다. 0이면 점검하지 않습니다.',
  })
  readonly HEALTH_DISK_MIN_MB!: number;

  @IntegerSetting({
    min: 0,
    max: 10_000_000,
    unit: 'MB',
    defaultText: '90 % of the memory limit of the container or unit; no limit where there is none',
    en: 'Most memory (RSS) that this process may use; above it `/health` answers 503. 0 turns the check off.',
    ko: '이 프로세스가 쓸 수 있는 최대 메모리(RSS). 넘으면 `/health`가 503으로 답합니다. 0이면 점검하지 않습니다.',
  })
  readonly HEALTH_RSS_LIMIT_MB?: number;

  @IntegerSetting({
    default: 3_000,
    min: 0,
    max: 300_000,
    unit: 'ms',
    en: 'How long the service still answers after SIGTERM, with `/health` at 503, so that a load balancer stops sending; never longer than SHUTDOWN_TIMEOUT_MS. Best: probe interval × unhealthy threshold.',
    ko: 'SIGTERM 이후 `/health`는 503으로, 나머지는 정상으로 답하는 시간. 로드 밸런서가 요청을 멈출 여유이며 SHUTDOWN_TIMEOUT_MS를 넘지 않습니다. 권장: 프로브 간격 × 비정상 임계값.',
  })
  readonly SHUTDOWN_NOTICE_MS!: number;

  @ChoiceSetting({
    default: 'off',
    values: GPU_CHECKS,
    en: '`nvidia-smi` where a GPU is expected: `/health` answers 503 while it is missing, lost, hanging or has memory errors.',
    ko: 'GPU가 있어야 하는 곳에서는 `nvidia-smi`. GPU가 없거나, 사라졌거나, 멈췄거나, 메모리 오류가 있으면 `/health`가 503으로 답합니다.',
  })
  readonly GPU_CHECK!: GpuCheckKind;

  @IntegerSetting({
    default: 5_000,
    min: 50,
    max: 60_000,
    unit: 'ms',
    en: 'Time for `nvidia-smi` to answer; without persistence mode it takes seconds.',
    ko: '`nvidia-smi`의 응답 제한 시간. persistence mode가 아니면 몇 초가 걸립니다.',
  })
  readonly GPU_CHECK_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 1,
    min: 1,
    max: 64,
    unit: 'GPUs',
    en: 'GPUs that have to be there: one that fell off the bus may just be missing from the list.',
    ko: '있어야 하는 GPU 수. 버스에서 떨어진 GPU는 목록에서 사라지기만 할 수 있습니다.',
  })
  readonly GPU_CHECK_MIN_COUNT!: number;
}

/**
 * `constrainedMemory` is the cgroup's limit; without one it is 0 or a number that no machine has.
 * Undefined: no limit.
 */
const rssLimitOf = (settingMb: number | undefined): number | undefined => {
  if (settingMb !== undefined) return settingMb === 0 ? undefined : settingMb * BYTES_PER_MB;
  const limit = process.constrainedMemory();
  const hasLimit = limit > 0 && limit < 2 ** 50;
  return hasLimit ? Math.floor(limit * 0.9) : undefined;
};

export const healthConfig = registerAs('health', () => {
  const settings = readSettings(HealthSettings);
  const { HEALTH_INTERVAL_MS: intervalMs, HEALTH_CHECK_TIMEOUT_MS: timeoutMs } = settings;
  return {
    intervalMs,
    timeoutMs,
    // A regular result must not grow stale before the next one can be there.
    staleMs: Math.max(settings.HEALTH_STALE_MS, 2 * (intervalMs + timeoutMs)),
    diskMinBytes: settings.HEALTH_DISK_MIN_MB * BYTES_PER_MB,
    rssLimitBytes: rssLimitOf(settings.HEALTH_RSS_LIMIT_MB),
    shutdownNoticeMs: settings.SHUTDOWN_NOTICE_MS,
    gpu: {
      check: settings.GPU_CHECK,
      timeoutMs: settings.GPU_CHECK_TIMEOUT_MS,
      minCount: settings.GPU_CHECK_MIN_COUNT,
      /** All that the tool gets to see of our environment, which holds secrets. */
      environment: {
        PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
        LC_ALL: 'C',
        // Containers have the driver's libraries mounted outside the system's folders.
        ...(process.env['LD_LIBRARY_PATH']
          ? { LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] }
          : {}),
      },
    },
  };
});

export type HealthConfig = ConfigType<typeof healthConfig>;
export type GpuConfig = HealthConfig['gpu'];
