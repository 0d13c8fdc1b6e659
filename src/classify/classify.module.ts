import { Module } from '@nestjs/common';

import { ClassifyAdmission } from './classify-admission.js';
import { ClassifyController } from './classify.controller.js';
import { ClassifyFollowUps } from './classify-follow-ups.js';
import { ClassifyService } from './classify.service.js';

@Module({
  controllers: [ClassifyController],
  providers: [ClassifyService, ClassifyFollowUps, ClassifyAdmission],
})
export class ClassifyModule {}
