import { Module } from '@nestjs/common';

import { GenerationModule } from '../generation/generation.module.js';
import { GenerateV1Controller } from './generate-v1.controller.js';

@Module({
  imports: [GenerationModule.forKind('generate.v1', 'v1')],
  controllers: [GenerateV1Controller],
})
export class GenerateV1Module {}
