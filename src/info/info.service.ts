import { Inject, Injectable } from '@nestjs/common';

import { findGitCommit } from '../common/git-commit.js';
import { packageVersion } from '../common/package-version.js';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { findChangedSettings } from '../config/changed-settings.js';
import { intakeConfig, type IntakeConfig } from '../config/intake.config.js';
import { tasksConfig, type TasksConfig } from '../config/tasks.config.js';
import { CONCEPTS } from '../generation/domain/concept.js';
import { BoundProviders } from '../generation/bound-providers.js';
import { MOCK_SCENARIOS } from '../mock-scenarios/mock-scenario.js';
import { MockScenarios } from '../mock-scenarios/mock-scenarios.js';
import {
  DESK_CLASSIFIER,
  type DeskClassifier,
} from '../providers/desk-classifier/desk-classifier.port.js';
import { ProviderStatus } from '../providers/status/provider-status.js';
import {
  type BoundProviderDto,
  type InfoClassifierDto,
  type InfoDto,
  type InfoLimitsDto,
} from './dto/info.dto.js';

/** Longest side that the embedded generator draws, in pixels. */
const OUTPUT_RESOLUTION = 1536;

@Injectable()
export class InfoService {
  private readonly version = packageVersion();
  private readonly commit: string | null;
  // Read at start, like every setting.
  private readonly changedSettings = findChangedSettings();

  constructor(
    @Inject(DESK_CLASSIFIER) private readonly classifier: DeskClassifier,
    @Inject(intakeConfig.KEY) private readonly intake: IntakeConfig,
    @Inject(tasksConfig.KEY) private readonly tasks: TasksConfig,
    private readonly providers: BoundProviders,
    private readonly status: ProviderStatus,
    private readonly scenarios: MockScenarios,
    @Inject(appConfig.KEY) app: AppConfig,
  ) {
    this.commit = app.gitCommit ?? findGitCommit() ?? null;
  }

  async describe(): Promise<InfoDto> {
    const report = await this.status.read();
    return {
      name: 'desk-ai',
      version: this.version,
      commit: this.commit,
      uptime_seconds: Math.floor(process.uptime()),
      providers: {
        prompt_writer: this.describeProvider(this.providers.promptWriter()),
        image_generator_v1: this.describeProvider(this.providers.imageGenerator('generate.v1')),
        image_generator_v2: this.describeProvider(this.providers.imageGenerator('generate.v2')),
        product_search: this.providers.productSearch(),
        image_store: this.providers.imageStore(),
      },
      inference_server: report.inference && {
        status: report.inference.state,
        name: report.inference.name,
        version: report.inference.version,
      },
      model_notices: report.models.findings.map((finding) => ({
        model: finding.model,
        problem: finding.problem,
        shutdown_date: finding.shutdownDate,
        message: finding.message,
      })),
      classifier: this.describeClassifier(),
      output_resolution: OUTPUT_RESOLUTION,
      concepts: CONCEPTS,
      limits: this.describeLimits(),
      changed_settings: this.changedSettings,
      mock_scenarios: this.scenarios.isOn ? MOCK_SCENARIOS : [],
    };
  }

  /** A ladder has several models: the first to be shut down counts. */
  private describeProvider({
    name,
    model,
  }: Omit<BoundProviderDto, 'retires_on'>): BoundProviderDto {
    return { name, model, retires_on: this.status.firstShutdownOf(model.split(',')) };
  }

  private describeClassifier(): InfoClassifierDto | null {
    const info = this.classifier.info();
    if (!info) return null;
    const { name, version, sha256, threshold, inputWidth, inputHeight } = info;
    return { name, version, sha256, threshold, input_width: inputWidth, input_height: inputHeight };
  }

  private describeLimits(): InfoLimitsDto {
    return {
      image_max_bytes: this.intake.maxBytes,
      image_max_pixels: this.intake.maxPixels,
      image_timeout_ms: this.intake.timeoutMs,
      task_queue_limit: this.tasks.queueLimit,
      task_concurrency: this.tasks.concurrency,
      max_wait_seconds: Math.floor(this.tasks.maxWaitMs / 1_000),
    };
  }
}
