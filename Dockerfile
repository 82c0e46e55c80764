# The studio in a container:
#     docker build -t samajh .
#     docker run --init -p 8501:8501 -v samajh:/home/samajh/studio samajh
# For a GPU: run with --gpus all. Without one, the CPU build of PyTorch saves several GB:
#     docker build --build-arg TORCH_INDEX=<address of PyTorch's CPU builds, from its "Get started" page> -t samajh .
FROM python:3.11-slim-bookworm AS build

# Empty: the usual index, which brings the CUDA build on Linux.
ARG TORCH_INDEX=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/samajh
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY data ./data
COPY lightning_modules ./lightning_modules
COPY dashboard ./dashboard
COPY pages ./pages
RUN /opt/samajh/bin/pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -c constraints.txt .

FROM python:3.11-slim-bookworm

LABEL org.opencontainers.image.title="Samajh" \
      org.opencontainers.image.description="Train, watch, explain and serve deep models from the browser" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --create-home --uid 1000 samajh && install -d -o samajh -g samajh /home/samajh/studio
COPY --from=build /opt/samajh /opt/samajh
ENV PATH=/opt/samajh/bin:$PATH \
    SAMAJH_HOME=/home/samajh/studio \
    SAMAJH_ADDRESS=0.0.0.0 \
    SAMAJH_PORT=8501
USER 1000
WORKDIR /home/samajh
VOLUME /home/samajh/studio
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['SAMAJH_PORT'] + '/_stcore/health', timeout=4)"]
# SIGTERM, docker's default, pauses running jobs with a checkpoint; they go on at the next start. Give it time: --stop-timeout 60.
CMD ["samajh", "up", "--no-open"]
