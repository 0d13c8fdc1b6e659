import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

/** Photos of MIT-licensed packages, used where they are: none is copied into the repository. */
const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules');
const LANDING = 'startbootstrap-landing-page/dist/assets/img';
const CAFE = 'startbootstrap-business-casual/dist/assets/img';

export const PHOTOS = {
  desk: 'startbootstrap-creative/dist/assets/img/bg-masthead.jpg',
  whiteDesk: `${LANDING}/bg-showcase-3.jpg`,
  sea: `${LANDING}/bg-showcase-2.jpg`,
  portrait: `${LANDING}/testimonials-1.jpg`,
  croissants: `${CAFE}/products-02.jpg`,
  coffee: `${CAFE}/products-01.jpg`,
} as const;

export type PhotoName = keyof typeof PHOTOS;

export const readPhoto = (name: PhotoName): Promise<Buffer> =>
  readFile(join(PACKAGES, PHOTOS[name]));

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface PhotoServer {
  readonly url: string;
  /** `127.0.0.1:<port>`, for IMAGE_ALLOWED_PRIVATE_HOSTS. */
  readonly host: string;
  readonly requests: string[];
  /** Answers a path with something else than a photo. */
  answer(path: string, answer: Answer): void;
  close(): Promise<void>;
}

/** A real HTTP upstream on loopback that serves the photos by name. */
export const startPhotoServer = (): Promise<PhotoServer> =>
  new Promise((resolve) => {
    const answers = new Map<string, Answer>();
    const requests: string[] = [];
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').slice(1);
      requests.push(path);
      const answer = answers.get(path);
      if (answer) {
        answer(request, response);
        return;
      }
      const file = (PHOTOS as Readonly<Record<string, string>>)[path];
      if (file === undefined) {
        response.writeHead(404).end();
        return;
      }
      void readFile(join(PACKAGES, file)).then((bytes) =>
        response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(bytes),
      );
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve({
        url: `http://127.0.0.1:${port}`,
        host: `127.0.0.1:${port}`,
        requests,
        answer: (path, answer) => void answers.set(path, answer),
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
