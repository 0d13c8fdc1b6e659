import { availableParallelism } from 'node:os';

import { type ConfigType, registerAs } from '@nestjs/config';

import { parseApiKeys } from '../access/api-keys.js';
import { parseTrustProxy } from '../common/http/trust-proxy.js';
import { type Environment, readSettings } from './read-settings.js';
import { FlagSetting, IntegerSetting, TextSetting } from './setting.js';

/** Who may call, how often, and what is done when too many do. */
export class AccessSettings {
  @TextSetting({
    secret: true,
    kind: 'list of `name:scope+scope:sha256hex`',
    en: 'Keys that are accepted, as `npm run key` prints them. Several may be active at once; two of one name are one client whose key is being rolled.',
    ko: '허용할 키 목록. `npm run key`가 출력한 줄을 넣습니다. 여러 개를 동시에 쓸 수 있으며, 이름이 같으면 키를 교체 중인 같은 클라이언트입니다.',
  })
  readonly API_KEYS?: string;

  @FlagSetting({
    default: true,
    en: '`off` opens the API: keys are not looked at. With no keys set the service starts only in development, bound to loopback.',
    ko: '`off`이면 키를 확인하지 않고 API를 엽니다. 키가 없으면 개발 환경의 루프백에서만 시작합니다.',
  })
  readonly AUTH!: boolean;

  @FlagSetting({
    default: false,
    en: 'Says that `AUTH=off` on a public interface in production is meant: something in front of the service checks callers.',
    ko: '운영 환경의 공개 인터페이스에서 `AUTH=off`가 의도한 것임을 밝힙니다(앞단에서 호출자를 확인할 때).',
  })
  readonly ALLOW_PUBLIC_WITHOUT_AUTH!: boolean;

  @TextSetting({
    kind: 'number of proxies, or list of addresses and networks',
    defaultText: 'none',
    en: 'Proxies in front of us whose X-Forwarded-For is believed: how many, or which (`10.0.0.0/8`, `loopback`). Behind a GCP load balancer: `2`.',
    ko: 'X-Forwarded-For를 신뢰할 앞단 프록시의 수 또는 주소(`10.0.0.0/8`, `loopback`). GCP 로드 밸런서 뒤에서는 `2`.',
  })
  readonly TRUST_PROXY?: string;

  @FlagSetting({
    defaultText: '`on`; `off` in development without keys',
    en: 'Limits the number of requests of each key and address.',
    ko: '키와 주소별 요청 수를 제한합니다.',
  })
  readonly RATE_LIMITS?: boolean;

  @IntegerSetting({
    default: 60,
    min: 1,
    max: 86_400,
    unit: 's',
    en: 'Time in which a used-up limit is whole again; it refills evenly.',
    ko: '다 쓴 한도가 모두 회복되는 시간. 고르게 회복됩니다.',
  })
  readonly RATE_LIMIT_WINDOW_SECONDS!: number;

  @IntegerSetting({
    default: 600,
    min: 1,
    max: 10_000_000,
    unit: 'requests per window',
    en: 'POST /classify, for each key (for each address where no keys are set).',
    ko: '키별(키가 없으면 주소별) POST /classify 한도.',
  })
  readonly RATE_LIMIT_CLASSIFY!: number;

  @IntegerSetting({
    default: 120,
    min: 1,
    max: 10_000_000,
    unit: 'requests per window',
    en: 'Routes that create tasks or upload links, for each key.',
    ko: '키별 작업 생성과 업로드 링크 한도.',
  })
  readonly RATE_LIMIT_GENERATE!: number;

  @IntegerSetting({
    default: 3_000,
    min: 1,
    max: 10_000_000,
    unit: 'requests per window',
    en: 'Everything else that needs a key, for each key.',
    ko: '키가 필요한 그 밖의 요청의 키별 한도.',
  })
  readonly RATE_LIMIT_READ!: number;

  @IntegerSetting({
    default: 6_000,
    min: 1,
    max: 10_000_000,
    unit: 'requests per window',
    en: 'All requests of one address together (IPv6: of one /64), also those with a wrong key.',
    ko: '한 주소(IPv6는 /64)의 모든 요청 한도. 잘못된 키의 요청도 포함합니다.',
  })
  readonly RATE_LIMIT_ADDRESS!: number;

  @IntegerSetting({
    default: 32,
    min: 1,
    max: 10_000,
    unit: 'requests',
    en: 'POST /classify requests in flight, downloads included; above it, and earlier while the CPUs cannot keep up, the answer is 503 with Retry-After.',
    ko: '동시에 처리하는 POST /classify 요청 수(다운로드 포함). 넘거나 CPU가 따라가지 못하면 503과 Retry-After로 답합니다.',
  })
  readonly CLASSIFY_CONCURRENCY!: number;

  @IntegerSetting({
    default: 10_000,
    min: 10,
    max: 1_000_000,
    unit: 'connections',
    en: 'Open connections; further ones are closed at once.',
    ko: '열린 연결의 최대 수. 넘는 연결은 바로 닫습니다.',
  })
  readonly MAX_CONNECTIONS!: number;
}

export const accessConfig = registerAs('access', () => {
  const settings = readSettings(AccessSettings);
  const { keys } = parseApiKeys(settings.API_KEYS);
  const isOpen = !settings.AUTH || keys.length === 0;
  return {
    keys,
    /** Keys are not looked at: the operator said so, or this is development on loopback. */
    isOpen,
    trustProxy: parseTrustProxy(settings.TRUST_PROXY) ?? false,
    maxConnections: settings.MAX_CONNECTIONS,
    classify: {
      concurrency: settings.CLASSIFY_CONCURRENCY,
      cpus: availableParallelism(),
      // While one photo is decoded another is judged: with less, CPUs would wait for each other.
      slots: 2 * availableParallelism(),
    },
    limits: {
      // Without keys and without AUTH=off only this machine can call, and it need not be held back.
      isOn: settings.RATE_LIMITS ?? !(settings.AUTH && keys.length === 0),
      windowMs: settings.RATE_LIMIT_WINDOW_SECONDS * 1_000,
      classify: settings.RATE_LIMIT_CLASSIFY,
      generate: settings.RATE_LIMIT_GENERATE,
      read: settings.RATE_LIMIT_READ,
      address: settings.RATE_LIMIT_ADDRESS,
    },
  };
});

export type AccessConfig = ConfigType<typeof accessConfig>;

/** Faults of the access settings by themselves, beyond what their declarations say. */
export const findAccessValueFaults = (environment: Environment): string[] => [
  ...parseApiKeys(environment['API_KEYS']).faults,
  ...(parseTrustProxy(environment['TRUST_PROXY']) === undefined
    ? [
        'TRUST_PROXY must be a number of proxies (0 to 16) or a list of addresses, networks, `loopback`, `linklocal` and `uniquelocal`; `true` would believe anybody',
      ]
    : []),
];
