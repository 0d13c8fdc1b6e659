import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { RequireKey } from '../access/require-scope.js';
import { both } from '../common/http/api-docs.js';
import { InfoDto } from './dto/info.dto.js';
import { InfoService } from './info.service.js';

@ApiTags('info')
@Controller(['info', 'app/routers/info'])
export class InfoController {
  constructor(private readonly info: InfoService) {}

  @Get()
  @RequireKey()
  @ApiOperation({
    summary: 'What runs here',
    description: both(
      'Version, bound providers, models, limits, concepts.',
      '버전, 연결된 제공자, 모델, 한도, 콘셉트.',
    ),
  })
  @ApiOkResponse({ type: InfoDto, description: both('The description.', '설명.') })
  read(): Promise<InfoDto> {
    return this.info.describe();
  }
}
