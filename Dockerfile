# syntax=docker/dockerfile:1
# Pinned by version. Pin it by digest as well where you build (`docker buildx imagetools inspect
# node:24.21.0-bookworm-slim`): a digest could not be looked up where this file was written.
# test/health/docker-steps.mjs runs the same steps without an engine.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# The scripts of packages run as "allowScripts" in package.json says; an older npm does not know it,
# and onnxruntime-node would fetch GPU libraries.
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && find dist \( -name '*.map' -o -name '.tsbuildinfo' \) -delete
# Becomes the data folder of the image: an empty named volume takes over its owner.
RUN mkdir data

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# onnxruntime-node brings its library for five platforms; this image is one of them.
RUN find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 ! -name linux -exec rm -r {} + \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -name "$(node -p process.arch)" -exec rm -r {} +
# What only compilers and debuggers read; @nestjs/swagger asks for typescript, for its build plugin alone.
RUN rm -r node_modules/typescript node_modules/.bin/tsc node_modules/.bin/tsserver \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${NODE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production \
    PORT=8080 \
    DATA_DIR=/data
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY assets ./assets
COPY models ./models
COPY scripts/key.mjs scripts/serve.sh ./scripts/
COPY package.json LICENSE ./
# Everything but the data belongs to root: the service cannot change itself.
COPY --from=build --chown=1000:1000 /app/data /data
# The user `node` of the base image, as a number so that Kubernetes can check runAsNonRoot.
USER 1000:1000
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Below all that is cached: it differs with each build. What /info names.
ARG GIT_COMMIT=
ENV GIT_COMMIT=${GIT_COMMIT}
CMD ["sh", "scripts/serve.sh"]
