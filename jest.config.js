import { availableParallelism } from 'node:os';

/** Jest runs the ES modules as they are; @swc/jest only strips types and emits decorator metadata. */
export default {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2024',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.{spec,e2e-spec,contract-spec}.ts'],
  testTimeout: 30_000,
  // Many tests wait for processes that they started, so two cores are for two of them.
  maxWorkers: Math.max(2, availableParallelism() - 1),
};
