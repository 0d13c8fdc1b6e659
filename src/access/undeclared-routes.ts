import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';

import { ACCESS_RULE } from './require-scope.js';

/** Stops the start when a route says neither which scope it needs nor that it is public. */
@Injectable()
export class UndeclaredRoutes implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const undeclared = this.find();
    if (undeclared.length === 0) return;
    throw new Error(
      `Declare @RequireScope(...), @RequireKey() or @Public() on: ${undeclared.join(', ')}`,
    );
  }

  private find(): string[] {
    return this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      const prototype: unknown = Object.getPrototypeOf(instance);
      if (typeof metatype !== 'function' || typeof prototype !== 'object' || !prototype) return [];
      return this.scanner
        .getAllMethodNames(prototype)
        .map((name) => ({ name, handler: Reflect.get(prototype, name) as object }))
        .filter(({ handler }) => Reflect.hasMetadata(PATH_METADATA, handler))
        .filter(({ handler }) => !isDeclared(handler) && !isDeclared(metatype))
        .map(({ name, handler }) => `${metatype.name}.${name} (${verbOf(handler)})`);
    });
  }
}

const isDeclared = (target: object): boolean => Reflect.hasMetadata(ACCESS_RULE, target);

const verbOf = (handler: object): string =>
  RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod] ?? 'any method';
