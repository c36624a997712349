# One image for the server: the app is built in the first stage, the Python packages in the second, and
# the third holds only what runs. Every package is checked against its hash. Build with:
#   docker build -t xunjian .
# A registry, proxy or certificate of your own: the usual build arguments and pip.conf / .npmrc secrets.

FROM node:24-bookworm-slim AS app
WORKDIR /app/static/pwa
COPY static/pwa/package.json static/pwa/package-lock.json static/pwa/.npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY static/pwa/ ./
RUN npm run build

FROM python:3.13-slim-bookworm AS packages
COPY requirements/run.txt /run.txt
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes -r /run.txt

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="xunjian" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin xunjian \
 && install -d -m 0700 -o xunjian -g xunjian /data /backups
WORKDIR /app
COPY --from=packages /venv /venv
COPY LICENSE pyproject.toml ./
COPY docs docs
COPY schemas schemas
COPY sync sync
COPY server server
# Compiled here: who runs it may not write, and each start would do it again.
RUN python -m compileall -q schemas sync server
COPY --from=app /app/static/pwa/dist static/pwa/dist
# The letters of printed labels and reports.
COPY --from=app /app/static/pwa/node_modules/@fontsource static/pwa/node_modules/@fontsource
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XUNJIAN_DATA_DIR=/data \
    XUNJIAN_HOST=0.0.0.0 \
    XUNJIAN_PORT=8000 \
    XUNJIAN_LOG_FORMAT=json
USER xunjian
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["python", "-m", "server", "serve"]
