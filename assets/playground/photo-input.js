import { byId } from './dom.js';

/**
 * Every way in which a photo comes onto the page.
 *
 * @param {{ onPhoto: (photo: Blob, name: string) => void, onNoPhoto: () => void, loadSample: () => void }} listener
 */
export const startPhotoInput = ({ onPhoto, onNoPhoto, loadSample }) => {
  const take = (files) => {
    const photo = [...(files ?? [])].find(looksLikePhoto);
    if (photo) onPhoto(photo, photo.name);
    else if (files?.length) onNoPhoto();
  };
  const input = byId('file');
  byId('choose').addEventListener('click', () => input.click());
  byId('sample').addEventListener('click', loadSample);
  input.addEventListener('change', () => {
    take(input.files);
    // The same file again is a change too.
    input.value = '';
  });
  document.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    take(files);
  });
  startDrop(take);
};

/** A type that the browser does not know, such as HEIC in some, is for the service to judge. */
const looksLikePhoto = ({ type }) => type === '' || type.startsWith('image/');

/** The whole window takes a photo: a drop beside the frame must not open it instead of the page. */
const startDrop = (take) => {
  const drop = byId('drop');
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  const mark = (step) => (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth + step);
    drop.classList.toggle('over', depth > 0);
  };
  addEventListener('dragenter', mark(1));
  addEventListener('dragleave', mark(-1));
  addEventListener('dragover', (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    drop.classList.remove('over');
    take(event.dataTransfer.files);
  });
};
