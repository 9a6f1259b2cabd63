# The advisor for production: CPU only, not root, model and index inside, so that it starts and answers offline.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/advisor
ENV PATH=/opt/advisor/bin:$PATH
WORKDIR /src
COPY pyproject.toml constraints.txt ./
# Dependencies change rarely: their layer is kept while our source changes. PyTorch's own index has the CPU-only wheels.
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
      > requirements.txt \
 && pip install -c constraints.txt --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt
COPY README.md LICENSE ./
COPY knowledge knowledge
COPY bot bot
RUN pip install --no-deps .
# A question is asked so that the index is built here and not when the container starts.
RUN HF_HUB_OFFLINE=1 INDEX_FOLDER=/opt/kept/index advisor ask "what should we fix first?" > /dev/null

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin advisor && install -d -o advisor -g advisor /data
COPY --from=build /opt/advisor /opt/advisor
COPY --from=build --chown=advisor:advisor /opt/kept /opt/kept
ENV PATH=/opt/advisor/bin:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 MPLCONFIGDIR=/tmp/matplotlib \
    DATABASE_URL=sqlite:////data/advisor.db INDEX_FOLDER=/opt/kept/index
USER advisor
WORKDIR /data
VOLUME /data
# No HEALTHCHECK: Socket Mode opens no port, and a process that cannot go on ends, which the restart policy sees.
CMD ["advisor", "run"]
