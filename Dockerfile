# docker build -t dlcli . && docker run --rm --network none -v "$PWD:/work:ro" dlcli detect cat.jpg
# The base is pinned (3.12.14 on Debian trixie, for every architecture), and so is each package, by its hash.
FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea AS build
COPY requirements /src/requirements
RUN python -m venv --without-pip /opt/dlcli \
 && python -m pip --python /opt/dlcli/bin/python install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r /src/requirements/core.txt
COPY pyproject.toml README.md LICENSE NOTICE /src/
COPY dlcli /src/dlcli
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r /src/requirements/build.txt \
 && /opt/build/bin/python -m pip wheel --no-cache-dir --disable-pip-version-check \
    --no-index --no-deps --no-build-isolation --wheel-dir /wheels /src \
 && python -m pip --python /opt/dlcli/bin/python install --disable-pip-version-check --no-index --no-deps /wheels/*.whl

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
COPY --from=build /opt/dlcli /opt/dlcli
RUN useradd --create-home --uid 1000 dlcli
ENV PATH=/opt/dlcli/bin:$PATH
USER dlcli
WORKDIR /work
ENTRYPOINT ["dlcli"]
CMD ["--help"]
