import {
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  type PipeTransform,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { type Request } from 'express';

import { RequestError } from '../common/errors/errors.js';
import { both } from '../common/http/api-docs.js';
import { mockConfig, type MockConfig } from '../config/mock.config.js';
import {
  isMockScenario,
  MOCK_SCENARIO_HEADER,
  MOCK_SCENARIOS,
  type MockScenario,
} from './mock-scenario.js';

/** Undefined without the header, and always while `MOCK_SCENARIOS` is off. */
@Injectable()
export class MockScenarioPipe implements PipeTransform<string, MockScenario | undefined> {
  constructor(@Inject(mockConfig.KEY) private readonly config: MockConfig) {}

  /** @throws RequestError `validation_failed` naming the scenarios there are */
  transform(value: string): MockScenario | undefined {
    const name = value.trim();
    if (!this.config.playsScenarios || name === '') return undefined;
    if (isMockScenario(name)) return name;
    throw unknownScenario();
  }
}

const headerOf = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const request = context.switchToHttp().getRequest<Request>();
  return request.get(MOCK_SCENARIO_HEADER) ?? '';
});

/** The scenario that the client asks for. */
export const AskedScenario = (): ParameterDecorator => headerOf(MockScenarioPipe);

const unknownScenario = (): RequestError => {
  const names = MOCK_SCENARIOS.join(', ');
  const field = MOCK_SCENARIO_HEADER;
  return new RequestError(
    'validation_failed',
    `Correct these fields: ${field}.`,
    [
      {
        field,
        message: `${field} must be one of ${names}`,
        messageKo: `${field}: 다음 중 하나여야 합니다: ${names}.`,
      },
    ],
    { messageKo: `다음 필드를 고쳐 주세요: ${field}.` },
  );
};

const NAMES = MOCK_SCENARIOS.map((name) => `\`${name}\``).join(', ');

export const ApiMockScenario = (): MethodDecorator =>
  ApiHeader({
    name: MOCK_SCENARIO_HEADER,
    required: false,
    description: both(
      `Only while the operator has set \`MOCK_SCENARIOS=on\` (never in production), ignored otherwise: plays an outcome with real states, events and callbacks, for any photo and without paid calls. One of ${NAMES}.`,
      `운영자가 \`MOCK_SCENARIOS=on\`으로 설정한 동안에만 동작하며(운영 환경에서는 불가) 그 밖에는 무시합니다. 어떤 사진이든 유료 호출 없이 결과를 실제 상태, 이벤트, 콜백으로 재현합니다. 값: ${NAMES}.`,
    ),
    // No enum: while it is off, whatever is sent is ignored. The first example is what "Try it out" sends.
    schema: { type: 'string' },
    examples: {
      none: { summary: 'none: for real', value: '' },
      ...Object.fromEntries(MOCK_SCENARIOS.map((name) => [name, { value: name }])),
    },
  });
