import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';

import { Public, RequireScope } from './require-scope.js';
import { UndeclaredRoutes } from './undeclared-routes.js';

@Controller('mixed')
class MixedController {
  @Get('declared')
  @RequireScope('tasks')
  declared(): string {
    return 'declared';
  }

  @Get('forgotten')
  forgotten(): string {
    return 'forgotten';
  }

  /** No route. */
  helper(): string {
    return 'helper';
  }
}

@Controller('pages')
@Public()
class PagesController {
  @Get()
  read(): string {
    return 'page';
  }
}

@Module({
  imports: [DiscoveryModule],
  controllers: [MixedController, PagesController],
  providers: [UndeclaredRoutes],
})
class AppWithAHole {}

describe(UndeclaredRoutes.name, () => {
  it('stops the start and names the route that says nothing about access', async () => {
    const module = await Test.createTestingModule({ imports: [AppWithAHole] }).compile();

    await expect(module.init()).rejects.toThrow(
      /^Declare @RequireScope.* on: MixedController.forgotten \(GET\)$/,
    );
  });
});
