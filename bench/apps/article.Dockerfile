# The article's requirements installed plainly: no trimming, one stage. On the app image's base and
# with its versions, so that the two images differ by what the kit does and by nothing else.
# Its build context is ../../app.
ARG PYTHON_IMAGE=python:3.13-slim-trixie
FROM ${PYTHON_IMAGE}
WORKDIR /srv/app
COPY requirements.txt .
RUN --mount=type=secret,id=ca,target=/run/secrets/ca.pem \
    if [ -s /run/secrets/ca.pem ]; then export PIP_CERT=/run/secrets/ca.pem; fi; \
    sed -n 's/^\([A-Za-z0-9._-]*==[^ ]*\).*/\1/p' requirements.txt > constraints.txt \
    && python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --quiet --constraint constraints.txt \
        streamlit streamlit-local-storage boto3
ENV PATH=/opt/venv/bin:$PATH
