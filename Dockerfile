# A node in a container: process 1 is the node itself, the user is 802 (any other works, too, in group 0), the root
# file system may be read-only. docs/container/README.md tells which variables and folders there are.

FROM python:3.11-slim AS packages

WORKDIR /opt/mi
COPY pyproject.toml ./
RUN python -m venv /opt/venv \
    && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > /opt/packages.txt \
    && /opt/venv/bin/pip install --no-cache-dir --requirement /opt/packages.txt
COPY . .
RUN mkdir -p lib registry repository/logs \
    && /opt/venv/bin/python -m compileall -q micro_integrator \
    && chmod -R g=u .


FROM python:3.11-slim

RUN groupadd --gid 802 wso2 \
    && useradd --uid 802 --gid 802 --groups 0 --create-home --home-dir /home/wso2carbon wso2carbon \
    && ln -s /opt/mi /home/wso2carbon/wso2mi

COPY --from=packages /opt/venv /opt/venv
COPY --from=packages --chown=802:0 /opt/mi /opt/mi

# What a container decides differently from the shipped conf/deployment.toml. What is written goes
# where a tmpfs is mounted when the root is read-only; logs go to the console only.
ENV MI_HOME=/opt/mi \
    WSO2_SERVER_HOME=/opt/mi \
    MI_PYTHON=/opt/venv/bin/python \
    MI_PID_FILE=/tmp/wso2carbon.pid \
    MI_SOCKET=/tmp/micro-integrator.sock \
    MI_CLUSTER_DB=jdbc:sqlite:/tmp/cluster.db \
    MI_LOG_FILES=false \
    MI__SERVER__HOT_DEPLOYMENT=false \
    MI__MEDIATION__INTERNAL_HTTP_API_BIND_ADDRESS=0.0.0.0

USER 802
WORKDIR /home/wso2carbon
EXPOSE 8290 8253 9164 9201 9202
STOPSIGNAL SIGTERM

# the probe of the internal listener; a port moved by an offset is read from the announcement beside the pid file
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/opt/venv/bin/python", "-I", "/opt/mi/bin/liveness.py"]

ENTRYPOINT ["/opt/mi/bin/micro-integrator.sh"]
CMD ["run"]
