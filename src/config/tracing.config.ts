import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import {
  ChoiceSetting,
  FlagSetting,
  IntegerSetting,
  NumberSetting,
  TextSetting,
} from './setting.js';

export const TRACE_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type TraceSampler = (typeof TRACE_SAMPLERS)[number];

/** OpenTelemetry's own variables; its exporter reads further ones of the standard by itself. */
export class TracingSettings {
  @ChoiceSetting({
    values: ['otlp', 'none'],
    defaultText: '`otlp` when an endpoint is set, else `none`',
    en: 'Where traces go: `otlp` sends them as OTLP over HTTP, `none` makes none and loads nothing.',
    ko: '트레이스를 보낼 곳. `otlp`는 OTLP/HTTP로 보내고, `none`은 만들지 않으며 아무것도 불러오지 않습니다.',
  })
  readonly OTEL_TRACES_EXPORTER?: 'otlp' | 'none';

  @TextSetting({
    kind: 'address',
    pattern: /^https?:\/\/\S+$/i,
    expected: 'an http(s) address',
    en: 'OpenTelemetry collector, for example http://localhost:4318; `/v1/traces` is added.',
    ko: 'OpenTelemetry 수집기 주소(예: http://localhost:4318). `/v1/traces`가 붙습니다.',
  })
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @TextSetting({
    kind: 'address',
    pattern: /^https?:\/\/\S+$/i,
    expected: 'an http(s) address',
    en: 'The same for traces alone, taken as it is.',
    ko: '트레이스 전용 주소. 그대로 사용합니다.',
  })
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string;

  @TextSetting({
    secret: true,
    kind: 'list of `name=value`',
    en: 'Headers for the collector, such as its key.',
    ko: '수집기에 보낼 헤더(예: 인증 키).',
  })
  readonly OTEL_EXPORTER_OTLP_HEADERS?: string;

  @ChoiceSetting({
    default: 'http/json',
    values: ['http/json', 'http/protobuf'],
    en: 'Accepted for the sake of shared environments: spans are sent as JSON, which collectors take at the same address. gRPC is not spoken.',
    ko: '공용 환경을 위해 받아들이기만 합니다. 스팬은 JSON으로 보내며 수집기는 같은 주소로 받습니다. gRPC는 지원하지 않습니다.',
  })
  readonly OTEL_EXPORTER_OTLP_PROTOCOL!: string;

  @TextSetting({
    default: 'desk-ai',
    en: 'Name of this service in traces.',
    ko: '트레이스에 표시할 서비스 이름.',
  })
  readonly OTEL_SERVICE_NAME!: string;

  @TextSetting({
    kind: 'list of `name=value`',
    en: 'Further attributes of this service, such as `deployment.environment.name=staging`.',
    ko: '서비스의 추가 속성(예: `deployment.environment.name=staging`).',
  })
  readonly OTEL_RESOURCE_ATTRIBUTES?: string;

  @ChoiceSetting({
    default: 'parentbased_always_on',
    values: TRACE_SAMPLERS,
    en: 'Which traces are kept. `parentbased_*` follows the caller where there is one.',
    ko: '남길 트레이스. `parentbased_*`는 호출자가 있으면 그 결정을 따릅니다.',
  })
  readonly OTEL_TRACES_SAMPLER!: TraceSampler;

  @NumberSetting({
    default: 1,
    min: 0,
    max: 1,
    unit: 'share',
    en: 'Share of traces that `*traceidratio` keeps.',
    ko: '`*traceidratio`가 남기는 비율.',
  })
  readonly OTEL_TRACES_SAMPLER_ARG!: number;

  @IntegerSetting({
    default: 5_000,
    min: 10,
    max: 300_000,
    unit: 'ms',
    en: 'Pause between two deliveries to the collector.',
    ko: '수집기로 보내는 간격.',
  })
  readonly OTEL_BSP_SCHEDULE_DELAY!: number;

  @FlagSetting({
    default: false,
    en: 'Switches tracing off whatever the others say.',
    ko: '다른 설정과 관계없이 트레이스를 끕니다.',
  })
  readonly OTEL_SDK_DISABLED!: boolean;
}

export const tracingConfig = registerAs('tracing', () => {
  const settings = readSettings(TracingSettings);
  const hasEndpoint =
    settings.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined ||
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== undefined;
  const exporter = settings.OTEL_TRACES_EXPORTER ?? (hasEndpoint ? 'otlp' : 'none');
  return {
    isOn: exporter === 'otlp' && !settings.OTEL_SDK_DISABLED,
    serviceName: settings.OTEL_SERVICE_NAME,
    sampler: settings.OTEL_TRACES_SAMPLER,
    samplerRatio: settings.OTEL_TRACES_SAMPLER_ARG,
    scheduleDelayMs: settings.OTEL_BSP_SCHEDULE_DELAY,
  };
});

export type TracingConfig = ConfigType<typeof tracingConfig>;
