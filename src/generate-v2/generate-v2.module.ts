import { Module } from '@nestjs/common';

import { GenerationModule } from '../generation/generation.module.js';
import { GenerateV2Controller } from './generate-v2.controller.js';

@Module({
  imports: [GenerationModule.forKind('generate.v2', 'v2')],
  controllers: [GenerateV2Controller],
})
export class GenerateV2Module {}
