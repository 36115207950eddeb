# docker build -t mirror .
# The images are arguments, for registries of one's own: the first needs Node.js 26 with npm, the second apt.
ARG NODE_IMAGE=docker.io/library/node:26-trixie-slim
ARG BASE_IMAGE=docker.io/library/debian:trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --prefer-offline
COPY build.ts tsconfig.json ./
COPY bin bin
COPY config config
COPY src src
# The program is one bundle: of node_modules it needs the Node.js that it was tested with, and nothing else.
RUN npm run build && mkdir /out && cp -a --parents bin config dist package.json node_modules/node-linux-*/bin/node /out

FROM ${BASE_IMAGE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libatomic1 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out /opt/mirror
# The user that owns an empty volume, and that a read-only root file system needs nothing of.
RUN ln -s /opt/mirror/bin/mirror /usr/local/bin/mirror \
 && groupadd --gid 10001 mirror \
 && useradd --uid 10001 --gid mirror --home-dir /srv/mirror --no-create-home --shell /usr/sbin/nologin mirror \
 && install -d -o mirror -g mirror /srv/mirror /srv/mirror/www \
 && install -d /etc/mirror
USER 10001:10001
VOLUME /srv/mirror
EXPOSE 8080
# Answered by the daemon over its own socket, whatever port and TLS it serves with.
HEALTHCHECK --interval=1m --timeout=10s --start-period=1m CMD mirror jobs >/dev/null || exit 1
ENTRYPOINT ["mirror"]
CMD ["daemon"]
