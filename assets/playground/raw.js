import { el, fold } from './dom.js';
import { announce, t } from './language.js';

const COPIED_MS = 2000;

/** A button that copies; where the browser has no clipboard (plain http) it selects instead. */
export const copyButton = (label, text, source) => {
  const button = el(
    'button',
    { type: 'button', class: 'button plain copy', 'aria-label': `${t('copy')}: ${label}` },
    t('copy'),
  );
  const say = (key) => {
    button.textContent = t(key);
    announce(t(key));
    setTimeout(() => {
      button.textContent = t('copy');
    }, COPIED_MS);
  };
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      say('copied');
    } catch {
      getSelection()?.selectAllChildren(source());
      say('copyFailed');
    }
  });
  return button;
};

const block = (name, title, text, note) => {
  const pre = el('pre', { tabindex: '0', role: 'region', 'aria-label': title }, text);
  return fold(
    name,
    { class: 'raw', id: name },
    title,
    el(
      'div',
      { class: 'raw-head' },
      el('span', { class: 'dim' }, note ?? ''),
      copyButton(title, text, () => pre),
    ),
    pre,
  );
};

/** The task as it came, and how to get it without this page. */
export const rawView = ({ task, request, root, needsKey }) =>
  el(
    'section',
    { class: 'raws' },
    block('curl', t('curlTitle'), curlLines(task, request, root, needsKey), t('curlNote')),
    block('json', t('rawTitle'), JSON.stringify(task, null, 2)),
  );

/** The key is never written out: the shell has it in a variable. */
export const curlLines = (
  task,
  { version, concept, seed, scenario, photoName, photoType },
  root,
  needsKey,
) => {
  const base = root.replace(/\/$/, '');
  const key = needsKey ? ` \\\n  -H "Authorization: Bearer $DESK_AI_KEY"` : '';
  const json = ` \\\n  -H 'Content-Type: application/json'`;
  const mock = scenario ? ` \\\n  -H 'X-Mock-Scenario: ${scenario}'` : '';
  const wish = JSON.stringify({ concept, ...(seed !== undefined && { seed }) });
  return [
    `BASE=${quote(base)}`,
    ...(needsKey ? ["DESK_AI_KEY='desk_...'"] : []),
    '',
    '# Upload the photo',
    `UPLOAD=$(curl -sS "$BASE/uploads"${key}${json} \\\n  -d '${JSON.stringify({ content_type: photoType })}')`,
    `curl -sS -X PUT "$(jq -r .upload_url <<<"$UPLOAD")" \\\n  -H 'Content-Type: ${photoType}' --data-binary @${quote(photoName)}`,
    `IMAGE_URL=$(jq -r .image_url <<<"$UPLOAD")`,
    '',
    '# Is it a desk?',
    `curl -sS "$BASE/classify"${key}${mock}${json} \\\n  -d "$(jq -n --arg url "$IMAGE_URL" '{initial_image_url: $url}')"`,
    '',
    '# Redesign it',
    `TASK=$(curl -sS "$BASE/generated/${version}/generate"${key}${mock}${json} \\\n  -d "$(jq -n --arg url "$IMAGE_URL" '{image_url: $url} + ${wish}')")`,
    '',
    '# Follow it to its end; this one was',
    `# ${base}/tasks/${task.task_id}`,
    `curl -sSN "$BASE/tasks/$(jq -r .task_id <<<"$TASK")/events"${key}`,
  ].join('\n');
};

const quote = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;
