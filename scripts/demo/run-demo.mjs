import { pathToFileURL } from 'node:url';

import { DeskApi } from './api.mjs';
import { DemoError, EXIT } from './demo-error.mjs';
import { OutFolder } from './out-folder.mjs';
import { renderPage } from './page/page.mjs';
import { formatBytes, readPhoto } from './photo.mjs';
import { collectIcons, StepClock } from './results.mjs';
import { DemoService } from './service.mjs';
import { ProgressBar } from './terminal.mjs';

/**
 * One run from the photo to the page. The service it starts has ended when this settles.
 *
 * @param {import('./options.mjs').DemoOptions} options
 * @param {{ root: string, terminal: import('./terminal.mjs').Terminal, signal: AbortSignal }} context
 */
export const runDemo = async (options, context) => {
  const { terminal, signal } = context;
  const photo = await readPhoto(options.photo);
  const out = new OutFolder(options.out);
  await out.prepare();
  const service = new DemoService({
    root: context.root,
    dataDir: out.dataDir,
    openaiBaseUrl: options.openaiBaseUrl,
  });
  const kill = () => service.kill();
  process.once('exit', kill);
  try {
    terminal.line(`${terminal.bold('Desk AI demo')}\n`);
    terminal.field('photo', `${photo.name} (${formatBytes(photo.bytes.length)})`);
    await startService(service, context);
    const api = new DeskApi(service.address, signal);
    const tasks = await redesign(api, photo, options, { terminal, out });
    tell(tasks, out, context);
    if (options.keep) await keepUntilInterrupted(service, context);
  } catch (error) {
    const isLogged = error instanceof DemoError && error.showLog && !signal.aborted;
    if (isLogged) showLog(service);
    // Whatever broke off, broke off because of this.
    if (isLogged && service.hasCrashed) {
      throw new DemoError('The service ended by itself.', { cause: error });
    }
    throw error;
  } finally {
    await service.stop();
    process.off('exit', kill);
    await out.release();
  }
};

const startService = async (service, { terminal, signal }) => {
  const startedAt = Date.now();
  await service.start(signal);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  terminal.field('service', `${service.address}, started in ${seconds} s`);
};

/** Photo to page. @returns {Promise<any[]>} the ended tasks, one a concept */
const redesign = async (api, photo, options, { terminal, out }) => {
  const info = await api.info();
  const stored = await api.upload(photo);
  const size = stored.width ? `${stored.width} x ${stored.height} px` : 'stored';
  terminal.field('upload', size);
  const verdict = await api.classify(stored.image_url);
  assertDesk(verdict, info, photo);
  const score = verdict.confidence.toFixed(3);
  terminal.field('classify', `a desk, score ${score} (${verdict.model})\n`);

  const before = await api.download(stored.image_url);
  await out.write('before.jpg', before.bytes);
  const results = [];
  for (const concept of options.concepts) {
    results.push(await redesignAs(concept, api, stored.image_url, options, { terminal, out }));
  }
  const tasks = results.map(({ task }) => task);
  const icons = await collectIcons(api, tasks);
  const page = renderPage({ photo, stored, verdict, info, results, icons, options });
  await out.write('result.json', toJson(tasks));
  await out.write('index.html', page);
  return tasks;
};

const redesignAs = async (concept, api, imageUrl, options, { terminal, out }) => {
  const clock = new StepClock();
  const bar = new ProgressBar(terminal, concept);
  let task;
  try {
    const seed = options.seed === undefined ? {} : { seed: options.seed };
    const body = { image_url: imageUrl, concept, ...seed };
    const { task_id: taskId } = await api.generate(options.version, body);
    task = await api.follow(taskId, (type, data) => {
      clock.update(type, data);
      bar.update(type, data);
    });
  } finally {
    bar.end(task?.status === 'succeeded');
  }
  if (task.status !== 'succeeded') {
    const why = task.error?.message ?? 'no reason was given';
    throw new DemoError(`The task ended as ${task.status}: ${why}`, {
      exitCode: task.status === 'rejected' ? EXIT.notADesk : EXIT.error,
    });
  }
  const file = options.concepts.length > 1 ? `after-${concept.toLowerCase()}.jpg` : 'after.jpg';
  await out.write(file, (await api.download(task.processed_image_url)).bytes);
  return { concept, file, task, steps: clock.steps };
};

const REASONS = {
  no_desk: ['No desk was found in', '책상을 찾지 못했습니다'],
  too_dark: ['It is too dark in', '사진이 너무 어둡습니다'],
  blurred: ['Too blurred to judge is', '사진이 흐립니다'],
  too_small: ['Too small to judge is', '사진이 너무 작습니다'],
  screenshot: ['A screenshot, not a photo, is', '사진이 아니라 화면 캡처입니다'],
};

const assertDesk = (verdict, info, photo) => {
  if (verdict.classify) return;
  const [english, korean] = REASONS[verdict.reason] ?? REASONS.no_desk;
  const score = verdict.confidence.toFixed(3);
  const needed = info.classifier?.threshold?.toFixed(3) ?? '0.500';
  throw new DemoError(
    `${english} ${photo.name}: its desk score is ${score} and a desk needs ${needed}.`,
    {
      exitCode: EXIT.notADesk,
      korean: `${korean}: ${photo.name}의 책상 점수는 ${score}, 기준은 ${needed}입니다.`,
    },
  );
};

/** One task is an object, as the API gives it; several are a list. */
const toJson = (tasks) => JSON.stringify(tasks.length === 1 ? tasks[0] : tasks, null, 2);

const tell = (tasks, out, { terminal }) => {
  const address = pathToFileURL(out.page).href;
  terminal.line(`\n${toJson(tasks)}\n`);
  terminal.line(`Open the result page:  ${terminal.bold(address)}`);
  terminal.line(`결과 페이지를 여세요:  ${terminal.bold(address)}`);
};

const keepUntilInterrupted = async (service, { terminal, signal }) => {
  terminal.line(`\nThe service stays at ${service.address} (API: /docs). Ctrl+C ends it.`);
  terminal.line(`서비스가 ${service.address} 에서 계속 실행됩니다. Ctrl+C로 종료하세요.`);
  const interrupted = new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', resolve, { once: true });
  });
  await Promise.race([interrupted, service.ended()]);
  if (!signal.aborted) throw new DemoError('The service ended by itself.', { showLog: true });
};

const showLog = (service) => {
  if (service.lastLog.length === 0) return;
  process.stderr.write(`\nLast lines of the service's log:\n`);
  for (const line of service.lastLog) process.stderr.write(`  ${line}\n`);
};
