import { both, html } from './html.mjs';

export const promptSection = (results) =>
  html`<section aria-labelledby="prompt">
    <h2 id="prompt">${both('Prompt', '프롬프트')}</h2>
    ${
      results.length === 1
        ? quote(results[0].task.prompt)
        : results.map(
            ({ concept, task }) =>
              html`<details class="fold">
                <summary>${concept}</summary>
                <blockquote>${linesOf(task.prompt).map(paragraph)}</blockquote>
              </details>`,
          )
    }
  </section>`;

const linesOf = (prompt) => String(prompt ?? '').split(/\n+/);

/** The first line says what it is about; the rest is there for those who want it. */
const quote = (prompt) => {
  const [first, ...rest] = linesOf(prompt);
  return html`<blockquote>
    <p class="first">${first}</p>
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${both('The whole prompt', '프롬프트 전체 보기')}</summary>
        ${rest.map(paragraph)}
      </details>`
    }
  </blockquote>`;
};

/** What stands before a colon names the paragraph. */
const paragraph = (line) => {
  const [, name, text] = /^([A-Z][\w ,]{1,60}:) (.+)$/.exec(line) ?? [undefined, undefined, line];
  return html`<p>${name && html`<b>${name}</b> `}${text}</p>`;
};
