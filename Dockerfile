# docker build -t dlcli . && docker run --rm --network none -v "$PWD:/work:ro" dlcli detect cat.jpg
FROM python:3.12-slim AS build
COPY pyproject.toml README.md LICENSE NOTICE /src/
COPY dlcli /src/dlcli
RUN python -m venv --without-pip /opt/dlcli \
 && python -m pip --python /opt/dlcli/bin/python install --no-cache-dir --disable-pip-version-check /src

FROM python:3.12-slim
COPY --from=build /opt/dlcli /opt/dlcli
RUN useradd --create-home --uid 1000 dlcli
ENV PATH=/opt/dlcli/bin:$PATH
USER dlcli
WORKDIR /work
ENTRYPOINT ["dlcli"]
CMD ["--help"]
