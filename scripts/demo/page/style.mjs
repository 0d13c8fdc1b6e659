/** Style of the result page; its colours keep at least AA contrast in both schemes. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#faf9f7, #151514);
  --card: light-dark(#ffffff, #1f1e1d);
  --soft: light-dark(#f1efeb, #292826);
  --rule: light-dark(#e4e1db, #353330);
  --ink: light-dark(#1b1a18, #f0eeea);
  --dim: light-dark(#66625b, #aaa59d);
  --accent: light-dark(#0f5f55, #7fd1c1);
  --split: 50%;
}
* { box-sizing: border-box; margin: 0; padding: 0; }
body {
  background: var(--paper); color: var(--ink); word-break: keep-all; overflow-wrap: anywhere;
  font: 400 16px/1.6 Pretendard, "Apple SD Gothic Neo", system-ui, "Segoe UI", Roboto, "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", sans-serif;
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
}
img { display: block; max-width: 100%; }
ol, ul { list-style: none; }
a { color: inherit; text-underline-offset: 3px; text-decoration-color: var(--rule); }
a:hover { color: var(--accent); text-decoration-color: currentColor; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 6px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
.wrap { width: min(1120px, 100% - 48px); margin-inline: auto; }
.dim, .ko { color: var(--dim); font-weight: 400; }
.ko { font-size: .86em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.bar { display: flex; justify-content: space-between; align-items: center; gap: 16px; padding-block: 20px; }
.brand { display: flex; align-items: center; gap: 10px; font-weight: 650; letter-spacing: -.01em; }
.mark { width: 18px; height: 14px; border: 3px solid var(--accent); border-bottom: 0; border-radius: 3px 3px 0 0; }
.tags { display: flex; flex-wrap: wrap; gap: 6px; }
.tag { font-size: 13px; line-height: 1; padding: 7px 11px; border: 1px solid var(--rule); border-radius: 99px; color: var(--dim); }
.title { padding-block: 28px 32px; }
h1 { font-size: clamp(32px, 5.2vw, 52px); line-height: 1.1; letter-spacing: -.03em; font-weight: 680; text-wrap: balance; }
.lead { font-size: 18px; margin-top: 10px; }
h2 { font-size: 24px; line-height: 1.3; letter-spacing: -.015em; font-weight: 650; margin-bottom: 20px; }
h2 .ko { font-size: 16px; margin-left: 4px; }
h3 { font-size: 16px; font-weight: 600; }
section { margin-bottom: 72px; }

.stage { position: relative; overflow: hidden; border-radius: 18px; background: var(--soft); box-shadow: 0 1px 2px rgb(0 0 0 / .06), 0 16px 48px -16px rgb(0 0 0 / .22); }
.stage img { width: 100%; height: auto; }
.stage.tall { max-width: 560px; margin-inline: auto; }
.stage.square { max-width: 860px; margin-inline: auto; }
.over { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--split)); }
.stage .over img { height: 100%; object-fit: cover; }
.pill { position: absolute; bottom: 16px; padding: 6px 13px; border-radius: 99px; background: rgb(18 18 17 / .76); color: #fff; font-size: 13px; font-weight: 550; pointer-events: none; }
.pill .ko { color: #e6e4e0; }
.left { left: 16px; }
.right { right: 16px; }
.stage input { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0; cursor: ew-resize; touch-action: pan-y; }
.line { position: absolute; inset-block: 0; left: var(--split); width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 8px rgb(0 0 0 / .35); pointer-events: none; }
.knob { position: absolute; top: 50%; left: 50%; width: 44px; height: 44px; margin: -22px; border-radius: 50%; background: #fff; box-shadow: 0 2px 12px rgb(0 0 0 / .35); }
.knob::before, .knob::after { content: ""; position: absolute; top: 17px; width: 8px; height: 8px; border: solid #1b1a18; border-width: 2px 0 0 2px; }
.knob::before { left: 11px; transform: rotate(-45deg); }
.knob::after { right: 11px; transform: rotate(135deg); }
.stage input:focus-visible + .line .knob { outline: 4px solid #0f5f55; outline-offset: 2px; }
.stage:has(input:focus-visible) { outline: 3px solid var(--accent); outline-offset: 4px; }
.chooser { border: 0; display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-top: 20px; }
.chooser legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.chooser input { position: absolute; opacity: 0; }
.chooser span { display: block; padding: 9px 18px; border: 1px solid var(--rule); border-radius: 99px; background: var(--card); font-size: 14px; cursor: pointer; }
.chooser input:checked + span { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.chooser input:focus-visible + span { outline: 3px solid var(--accent); outline-offset: 3px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; margin-top: 24px; }
.many { grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); }
.pair img { width: 100%; height: auto; border-radius: 12px; background: var(--soft); }
.pair a { display: block; border-radius: 12px; }
figcaption { font-size: 14px; margin-top: 8px; }

.facts { display: grid; grid-template-columns: repeat(5, 1fr); border-block: 1px solid var(--rule); margin-bottom: 72px; }
.facts div { display: flex; flex-direction: column; padding: 22px 20px; border-left: 1px solid var(--rule); }
.facts div:first-child { border-left: 0; padding-left: 0; }
.facts dt { font-size: 14px; color: var(--dim); }
.facts dd { font-size: 26px; line-height: 1.25; letter-spacing: -.02em; font-weight: 620; font-variant-numeric: tabular-nums; }
.fold { border-bottom: 1px solid var(--rule); }
.fold > summary { padding-block: 10px; cursor: pointer; font-size: 15px; width: 100%; }
.fold > :last-child { margin-bottom: 18px; }
.fold blockquote p { font-size: 15px; }
blockquote p + p { margin-top: 8px; }
.note { font-size: 14px; color: var(--dim); margin-top: 14px; }
blockquote { border-left: 3px solid var(--accent); padding: 2px 0 2px 20px; max-width: 82ch; }
blockquote .first { font-size: 19px; line-height: 1.45; letter-spacing: -.01em; }
blockquote summary { width: fit-content; margin-top: 8px; font-size: 14px; cursor: pointer; color: var(--accent); }
blockquote details p { margin-top: 8px; font-size: 15px; }
blockquote b { font-weight: 600; }

.items { border-top: 1px solid var(--rule); }
.item { display: grid; grid-template-columns: minmax(200px, 280px) 1fr; gap: 16px 32px; padding-block: 26px; border-bottom: 1px solid var(--rule); }
.plain { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 24px 32px; }
.plain li { border-top: 1px solid var(--rule); padding-top: 16px; }
.why h3 { font-size: 18px; line-height: 1.4; }
.why p { color: var(--dim); font-size: 15px; margin-top: 4px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(225px, 100%), 1fr)); gap: 12px; }
.card { position: relative; display: flex; gap: 14px; padding: 14px; border: 1px solid var(--rule); border-radius: 14px; background: var(--card); transition: border-color .15s; }
.card:hover { border-color: var(--accent); }
.icon { flex: none; width: 56px; height: 56px; border-radius: 10px; background: var(--soft); overflow: hidden; }
.icon img { width: 100%; height: 100%; object-fit: cover; }
.initial { display: grid; place-items: center; height: 100%; font-size: 22px; color: var(--dim); }
.what { min-width: 0; font-size: 13px; line-height: 1.45; }
.name { font-size: 15px; font-weight: 550; }
.name a { text-decoration: none; }
.name a::after { content: ""; position: absolute; inset: 0; border-radius: 14px; }
.name a:focus-visible { outline: 0; }
.name a:focus-visible::after { outline: 3px solid var(--accent); outline-offset: 2px; }
.price { font-size: 16px; font-weight: 650; font-variant-numeric: tabular-nums; margin-block: 2px; }
.empty { color: var(--dim); font-size: 15px; }

.making { display: grid; grid-template-columns: 3fr 2fr; gap: 40px 64px; }
.making h3 { margin-bottom: 10px; }
.making * + h3 { margin-top: 32px; }
.steps { width: 100%; border-collapse: collapse; font-size: 14px; margin-bottom: 16px; }
.steps caption { text-align: left; }
.steps th { text-align: left; font-weight: 400; white-space: nowrap; padding: 5px 16px 5px 0; }
.track { width: 100%; }
.track svg { display: block; }
.rail { fill: var(--soft); }
.run { fill: var(--accent); }
.time { text-align: right; white-space: nowrap; padding-left: 16px; font-variant-numeric: tabular-nums; color: var(--dim); }
.rows div { display: flex; justify-content: space-between; gap: 20px; padding-block: 8px; border-bottom: 1px solid var(--rule); font-size: 15px; }
.rows dt { white-space: nowrap; }
.rows dd { text-align: right; }
.warnings { font-size: 14px; }
.warnings li { padding: 3px 0; }
.json { border: 1px solid var(--rule); border-radius: 14px; background: var(--card); margin-bottom: 48px; }
.json summary { padding: 14px 18px; cursor: pointer; font-weight: 550; border-radius: 14px; }
pre { overflow: auto; max-height: 560px; padding: 18px; border-top: 1px solid var(--rule); line-height: 1.5; word-break: normal; overflow-wrap: normal; }
footer { border-top: 1px solid var(--rule); padding-block: 24px 48px; font-size: 13px; color: var(--dim); }

@media (max-width: 720px) {
  .wrap { width: calc(100% - 32px); }
  .title { padding-block: 12px 22px; }
  section, .facts { margin-bottom: 52px; }
  .stage { border-radius: 14px; }
  .pill { bottom: 10px; padding: 4px 10px; font-size: 12px; }
  .left { left: 10px; }
  .right { right: 10px; }
  .pair { gap: 10px; margin-top: 14px; }
  .many { grid-template-columns: 1fr 1fr; }
  .pair figcaption { font-size: 13px; line-height: 1.4; }
  .facts { grid-template-columns: repeat(6, 1fr); }
  .facts div { grid-column: span 2; padding: 14px 12px; }
  .facts div:nth-child(n + 4) { grid-column: span 3; border-top: 1px solid var(--rule); }
  .facts div:nth-child(4) { border-left: 0; padding-left: 0; }
  .facts dd { font-size: 21px; }
  .facts dt { font-size: 13px; line-height: 1.4; }
  .facts .ko { display: block; }
  .item { grid-template-columns: 1fr; padding-block: 20px; }
  .making { grid-template-columns: 1fr; }
  blockquote { padding-left: 16px; }
  blockquote .first { font-size: 17px; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;
