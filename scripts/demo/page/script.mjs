/** Moves the line between the pictures and changes the one on top. The page is whole without it. */
export const script = `
const stage = document.getElementById('stage');
const split = document.getElementById('split');
const after = document.getElementById('after');
const move = () => {
  stage.style.setProperty('--split', split.value + '%');
  split.setAttribute('aria-valuetext', 'before ' + split.value + ' %, after ' + (100 - split.value) + ' %');
};
split.addEventListener('input', move);
for (const choice of document.querySelectorAll('input[name=concept]')) {
  choice.addEventListener('change', () => {
    after.src = choice.value;
    after.alt = 'After: the desk as ' + choice.dataset.concept;
  });
}
const chosen = document.querySelector('input[name=concept]:checked');
if (chosen) after.src = chosen.value;
move();
`;
