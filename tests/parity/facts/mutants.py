"""For every fact, ways of breaking it on either side; `parity check` must name exactly that fact.

Where a fact rests on another one, both sides are changed alike until only this one is left to fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.parity.facts.checkout import DIGEST, OVER_HTTPS, PLAIN, Edit, Stack, over
from tests.parity.template.changing import (
    add,
    drop,
    item,
    put,
    resource,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.parity.template.changing import Change

C = "TaskDefinition.ContainerDefinitions.0"
ALB = "LoadBalancer.LoadBalancerAttributes"
GROUP = "TargetGroup.TargetGroupAttributes"
ENV = f"{C}.Environment"
METRIC = "ChatScaling.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification"
NGINX, LIMITS, FORWARDING = "nginx/attributes.json", "nginx/limits.conf", "nginx/forwarding.conf"
DOCKERFILE = "app/Dockerfile"
STREAMLIT = "app/.streamlit/config.toml"
MORE_MODELS = "BEDROCK_MODEL_IDS=amazon.nova-micro-v1:0,"


@dataclass(frozen=True)
class Mutant:
    """One mistake. local: edits of files; cloud: changes of the template.

    image: what a look into the image tells instead; lock: what the lock says instead; receipt: the
    digest in the promoted receipt.
    """

    local: tuple[Edit, ...] = ()
    cloud: tuple[Change, ...] = ()
    image: Mapping[str, object] = field(default_factory=dict)
    lock: Mapping[str, str] = field(default_factory=dict)
    receipt: str = DIGEST
    stack: Stack = PLAIN

    @property
    def side(self) -> str:
        """The side that the mistake is on."""
        here, there = (
            bool(self.local or self.image),
            bool(self.cloud or self.lock or self.receipt != DIGEST),
        )
        return "both" if here and there else "local" if here else "cloud"


def env(name: str, value: str) -> Change:
    """Give the task a variable that it does not have."""
    return add(ENV, {"Name": name, "Value": value})


def here(*edits: Edit, stack: Stack = PLAIN) -> Mutant:
    """Return a mistake on the local side."""
    return Mutant(local=edits, stack=stack)


def there(*changes: Change, stack: Stack = PLAIN) -> Mutant:
    """Return a mistake in the template."""
    return Mutant(cloud=changes, stack=stack)


def value(name: str, old: str, new: str) -> Edit:
    """Change a value of attributes.json."""
    return Edit(NGINX, f'"{name}": {old}', f'"{name}": {new}')


def versions(**changed: str) -> dict[str, object]:
    """Return what a look into the image tells, with other versions."""
    return {"Versions": {"streamlit": "1.67.0", "boto3": "1.44.5", "python": "3.13.5"} | changed}


def waf(rule: dict[str, object]) -> Change:
    """Put a web ACL of one rule before the load balancer."""
    return resource("Acl", "AWS::WAFv2::WebACL", {"Rules": [rule]})


COMMON: dict[str, object] = {
    "Name": "common",
    "Statement": {
        "ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    },
}


def body(size: int) -> dict[str, object]:
    """Return a rule that blocks larger bodies."""
    statement = {"SizeConstraintStatement": {"FieldToMatch": {"Body": {}}, "Size": size}}
    return {"Name": "size", "Action": {"Block": {}}, "Statement": statement}


MUTANTS: dict[str, tuple[Mutant, ...]] = {
    # Image
    "image": (
        here(over("build: !reset null, image: 'someone/chat:latest'")),
        there(put(f"{C}.Image", "someone/chat:latest")),
        there(put(f"{C}.Image", "chat@sha256:12")),
    ),
    "image-digest": (
        Mutant(image={"ConfigDigest": "sha256:" + "b" * 64}),
        Mutant(receipt="sha256:" + "c" * 64),
    ),
    "architecture": (
        here(over("platform: linux/arm64")),
        there(put("TaskDefinition.RuntimePlatform.CpuArchitecture", "ARM64")),
    ),
    "entrypoint": (
        here(over("entrypoint: [sh, -c]")),
        there(put(f"{C}.EntryPoint", ["sh", "-c"])),
    ),
    "command": (
        here(over("command: streamlit run other.py")),
        there(put(f"{C}.Command", ["streamlit", "run", "other.py"])),
    ),
    "working-directory": (
        here(over("working_dir: /srv")),
        there(put(f"{C}.WorkingDirectory", "/srv")),
    ),
    "python-version": (
        Mutant(image=versions(python="3.12.1")),
        Mutant(lock={"python": "3.14"}),
    ),
    "streamlit-version": (
        Mutant(image=versions(streamlit="1.66.0")),
        Mutant(lock={"streamlit": "1.68.0"}),
    ),
    "boto3-version": (
        Mutant(image=versions(boto3="1.40.0")),
        Mutant(lock={"boto3": "1.45.0"}),
    ),
    "time-zone": (here(over("environment: {TZ: Europe/Berlin}")), there(env("TZ", "Asia/Tokyo"))),
    "locale": (
        here(over("environment: {LANG: C}")),
        here(over("environment: {LC_ALL: de_DE.UTF-8}")),
        there(env("LC_ALL", "C")),
        there(env("LANG", "C.UTF-8")),
    ),
    # Container
    "user": (
        # The image's user is the volume's, too: the service's own stands in for it alone.
        Mutant(
            local=(over("user: '10009:10001'"),),
            cloud=(put("AccessPoint.PosixUser", {"Uid": "10009", "Gid": "10001"}),),
        ),
        here(over("user: '0:0'")),
        there(put(f"{C}.User", "0")),
        there(drop(f"{C}.User")),
    ),
    "cpu": (
        here(Edit("compose.yaml", 'cpus: "0.25"', 'cpus: "1"')),
        here(Edit("compose.yaml", 'cpus: "0.25", ', ""), over("cpus: 0.5")),
        here(Edit("compose.yaml", 'cpus: "0.25", ', "")),
        there(put("TaskDefinition.Cpu", "512")),
    ),
    "memory": (
        here(over("deploy: {resources: {limits: {memory: 1G}}}, memswap_limit: 1G")),
        there(put("TaskDefinition.Memory", "1024")),
    ),
    "swap": (
        here(over("memswap_limit: 1G")),
        here(Edit("compose.yaml", "    memswap_limit: *memory", "    #")),
        there(put(f"{C}.LinuxParameters.MaxSwap", 512)),
    ),
    "open-files": (
        here(over("ulimits: {nofile: {soft: 1024, hard: 4096}}")),
        here(over("ulimits: {nofile: 1024}")),
        there(put(f"{C}.Ulimits", [{"Name": "nofile", "SoftLimit": 1024, "HardLimit": 4096}])),
    ),
    "read-only-root": (
        here(over("read_only: false")),
        there(put(f"{C}.ReadonlyRootFilesystem", "false")),
        there(drop(f"{C}.ReadonlyRootFilesystem")),
    ),
    "temporary-folders": (
        here(over("tmpfs: [/var/tmp]")),
        there(put(f"{C}.LinuxParameters.Tmpfs", [{"ContainerPath": "/run", "Size": 1}])),
        there(drop(f"{C}.LinuxParameters.Tmpfs")),
    ),
    "capabilities-dropped": (
        here(over("cap_drop: !override [CHOWN]")),
        there(drop(f"{C}.LinuxParameters.Capabilities.Drop")),
    ),
    "capabilities-added": (
        here(over("cap_add: [NET_ADMIN]")),
        there(put(f"{C}.LinuxParameters.Capabilities.Add", ["SYS_PTRACE"])),
    ),
    "privileged": (here(over("privileged: true")), there(put(f"{C}.Privileged", "true"))),
    "new-privileges": (
        here(over("security_opt: ['seccomp:unconfined']")),
        there(put(f"{C}.DockerSecurityOptions", ["no-new-privileges:false"])),
    ),
    "init": (
        here(over("init: false")),
        there(put(f"{C}.LinuxParameters.InitProcessEnabled", "false")),
    ),
    # Environment
    "environment-names": (
        here(over("environment: {FEATURE: 'on'}")),
        here(over("environment: [FEATURE=on]")),
        there(env("FEATURE", "on")),
    ),
    "environment-values": (
        Mutant(local=(over("environment: {FEATURE: 'on'}"),), cloud=(env("FEATURE", "off"),)),
        Mutant(
            local=(over("environment: {A: '1', B: '2'}"),), cloud=(env("A", "1"), env("B", "3"))
        ),
    ),
    "secrets": (
        here(over("secrets: [token]")),
        there(add(f"{C}.Secrets", {"Name": "TOKEN", "ValueFrom": "arn"})),
    ),
    "region": (
        here(
            Edit(
                "compose.yaml",
                "AWS_REGION: ${AWS_REGION}\n      AWS",
                "AWS_REGION: eu-west-1\n      AWS",
            )
        ),
        there(item(ENV, "AWS_REGION", "eu-central-1", key="Name")),
    ),
    "default-region": (
        here(over("environment: {AWS_DEFAULT_REGION: eu-west-1}")),
        there(item(ENV, "AWS_DEFAULT_REGION", "eu-central-1", key="Name")),
    ),
    "models": (
        here(Edit(".env", MORE_MODELS, f"{MORE_MODELS}amazon.nova-premier-v1:0,")),
        there(item(ENV, "BEDROCK_MODEL_IDS", "amazon.nova-micro-v1:0", key="Name")),
    ),
    "default-model": (
        here(Edit(".env", "nova-micro-v1:0,amazon.nova-lite", "nova-lite-v1:0,amazon.nova-micro")),
        there(
            item(
                ENV,
                "BEDROCK_MODEL_IDS",
                "amazon.nova-pro-v1:0,amazon.nova-lite-v1:0,amazon.nova-micro-v1:0",
                key="Name",
            )
        ),
    ),
    "model-rights": (
        Mutant(
            local=(Edit(".env", MORE_MODELS, f"{MORE_MODELS}x.y-v1:0,"),),
            cloud=(
                item(
                    ENV,
                    "BEDROCK_MODEL_IDS",
                    "amazon.nova-micro-v1:0,x.y-v1:0,amazon.nova-lite-v1:0,amazon.nova-pro-v1:0",
                    key="Name",
                ),
            ),
        ),
        there(
            put(
                "TaskPolicy.PolicyDocument.Statement.1.Resource",
                "arn:aws:bedrock:*::foundation-model/amazon.nova-micro-v1:0",
            )
        ),
    ),
    "metrics-service": (
        here(over("environment: {METRICS_SERVICE: another}")),
        there(item(ENV, "METRICS_SERVICE", "another", key="Name")),
    ),
    "session-max-age": (
        here(Edit(".env", "SESSION_MAX_AGE_DAYS=30", "SESSION_MAX_AGE_DAYS=7")),
        here(Edit("app/settings.py", "DEFAULT_MAX_AGE_DAYS = 30", "DEFAULT_MAX_AGE_DAYS = 90")),
        there(env("SESSION_MAX_AGE_DAYS", "7")),
    ),
    "session-quota": (
        here(Edit(".env", "SESSION_QUOTA_MIB=64", "SESSION_QUOTA_MIB=8")),
        there(env("SESSION_QUOTA_MIB", "8")),
    ),
    # Storage
    "volume": (
        here(over("volumes: !override [{type: tmpfs, target: /mnt/data}]")),
        there(put("TaskDefinition.Volumes.0", {"Name": "data"})),
        there(put(f"{C}.MountPoints", [])),
    ),
    "mount-path": (
        Mutant(
            local=(
                Edit("compose.yaml", "SESSION_ROOT: /mnt/data", "SESSION_ROOT: /mnt/other"),
                over("volumes: !override [{type: bind, source: ./data, target: /mnt/other}]"),
            ),
            cloud=(item(ENV, "SESSION_ROOT", "/mnt/other", key="Name"),),
        ),
        here(over("volumes: !override ['./data:/mnt/wrong']")),
        there(put(f"{C}.MountPoints.0.ContainerPath", "/data")),
    ),
    "mount-read-only": (
        here(over("volumes: ['./data:/mnt/data:ro']")),
        here(over("volumes: [{type: bind, source: ./d, target: /mnt/data, read_only: true}]")),
        there(put(f"{C}.MountPoints.0.ReadOnly", "true")),
    ),
    "session-root": (
        there(item(ENV, "SESSION_ROOT", "/data", key="Name")),
        here(Edit("compose.yaml", "SESSION_ROOT: /mnt/data", "SESSION_ROOT: /tmp/data")),
    ),
    "volume-user": (
        Mutant(local=(over("user: '10009:10009'"),), cloud=(put(f"{C}.User", "10009"),)),
        there(put("AccessPoint.PosixUser.Uid", "0")),
        there(put("AccessPoint.PosixUser.Gid", "0")),
    ),
    "volume-owner": (
        here(Edit("compose.yaml", '-o, "10001"', '-o, "10009"')),
        there(put("AccessPoint.RootDirectory.CreationInfo.OwnerUid", "0")),
    ),
    "volume-mode": (
        here(Edit("compose.yaml", '-m, "0700"', '-m, "0755"')),
        there(put("AccessPoint.RootDirectory.CreationInfo.Permissions", "0777")),
    ),
    "image-folder-owner": (
        here(Edit(DOCKERFILE, "-o ${UID} -g ${GID} -m", "-o 0 -g 0 -m")),
        Mutant(
            local=(Edit("compose.yaml", '-o, "10001"', '-o, "10009"'),),
            cloud=(put("AccessPoint.RootDirectory.CreationInfo.OwnerUid", "10009"),),
        ),
    ),
    "image-folder-mode": (
        here(Edit(DOCKERFILE, "-m 0700 /mnt/data", "-m 0777 /mnt/data")),
        Mutant(
            local=(Edit("compose.yaml", '-m, "0700"', '-m, "0750"'),),
            cloud=(put("AccessPoint.RootDirectory.CreationInfo.Permissions", "0750"),),
        ),
    ),
    # Load balancer
    "container-port": (
        here(Edit(DOCKERFILE, "EXPOSE 8501", "EXPOSE 8080")),
        there(put(f"{C}.PortMappings.0.ContainerPort", 8080)),
    ),
    "listening-port": (
        here(Edit(STREAMLIT, "port = 8501", "port = 8502")),
        there(put("Service.LoadBalancers.0.ContainerPort", 8502)),
    ),
    "target-port": (here(value("Port", "8501", "80")), there(put("TargetGroup.Port", 80))),
    "stickiness": (
        here(value("stickiness.enabled", "true", "false")),
        here(Edit(".env", "STICKINESS=on", "STICKINESS=off")),
        there(item(GROUP, "stickiness.enabled", "false")),
        there(item(GROUP, "stickiness.enabled", None)),
    ),
    "stickiness-kind": (
        here(value("stickiness.type", '"lb_cookie"', '"app_cookie"')),
        there(item(GROUP, "stickiness.type", "app_cookie")),
    ),
    "stickiness-cookie": (
        here(Edit("nginx/target_group.conf", '"AWSALB=$', '"STICKY=$')),
        Mutant(
            local=(value("stickiness.type", '"lb_cookie"', '"app_cookie"'),),
            cloud=(
                item(GROUP, "stickiness.type", "app_cookie"),
                add(GROUP, {"Key": "stickiness.app_cookie.cookie_name", "Value": "SESSION"}),
            ),
        ),
    ),
    "stickiness-duration": (
        here(value("stickiness.lb_cookie.duration_seconds", "86400", "60")),
        there(item(GROUP, "stickiness.lb_cookie.duration_seconds", "3600")),
    ),
    "algorithm": (
        here(
            value("load_balancing.algorithm.type", '"round_robin"', '"least_outstanding_requests"')
        ),
        there(item(GROUP, "load_balancing.algorithm.type", "least_outstanding_requests")),
    ),
    "slow-start": (
        here(value("slow_start.duration_seconds", "0", "30")),
        there(add(GROUP, {"Key": "slow_start.duration_seconds", "Value": "60"})),
    ),
    "idle-timeout": (
        here(value("idle_timeout.timeout_seconds", "60", "300")),
        here(
            Edit(
                "nginx/render_attributes.sh", "proxy_read_timeout ${idle}s", "proxy_read_timeout 5s"
            )
        ),
        there(item(ALB, "idle_timeout.timeout_seconds", "120")),
    ),
    "websocket-ping": (
        here(Edit(STREAMLIT, "port = 8501", "port = 8501\nwebsocketPingInterval = 90")),
        Mutant(
            local=(value("idle_timeout.timeout_seconds", "60", "20"),),
            cloud=(item(ALB, "idle_timeout.timeout_seconds", "20"),),
        ),
    ),
    "client-keep-alive": (
        here(value("client_keep_alive.seconds", "3600", "60")),
        there(add(ALB, {"Key": "client_keep_alive.seconds", "Value": "60"})),
    ),
    "host-header": (
        here(Edit(FORWARDING, "Host $http_host", "Host $proxy_host")),
        here(value("routing.http.preserve_host_header.enabled", "true", "false")),
        there(item(ALB, "routing.http.preserve_host_header.enabled", "false")),
    ),
    "forwarded-for": (
        here(Edit(FORWARDING, "$proxy_add_x_forwarded_for", "$remote_addr")),
        here(value("routing.http.xff_header_processing.mode", '"append"', '"remove"')),
        there(item(ALB, "routing.http.xff_header_processing.mode", "preserve")),
    ),
    "forwarded-headers": (
        here(Edit(FORWARDING, "proxy_set_header X-Forwarded-Port $listener_port;", "")),
        there(
            add(
                ALB,
                {
                    "Key": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
                    "Value": "true",
                },
            )
        ),
    ),
    "invalid-headers": (
        here(Edit(LIMITS, "underscores_in_headers off", "underscores_in_headers on")),
        here(value("routing.http.drop_invalid_header_fields.enabled", "true", "false")),
        there(item(ALB, "routing.http.drop_invalid_header_fields.enabled", None)),
    ),
    "ambiguous-requests": (
        here(value("routing.http.desync_mitigation_mode", '"defensive"', '"strictest"')),
        there(item(ALB, "routing.http.desync_mitigation_mode", "monitor")),
    ),
    "body-limit": (
        here(Edit(LIMITS, "client_max_body_size 0", "client_max_body_size 1m")),
        here(Edit(LIMITS, "client_max_body_size 0;", "")),
        there(waf(COMMON)),
        there(waf(body(1024))),
    ),
    "upload-limit": (
        Mutant(
            local=(Edit(LIMITS, "client_max_body_size 0", "client_max_body_size 8k"),),
            cloud=(waf(COMMON),),
        ),
        Mutant(
            local=(
                Edit(LIMITS, "client_max_body_size 0", "client_max_body_size 16m"),
                Edit(STREAMLIT, "maxUploadSize = 5 ", "maxUploadSize = 50 "),
            ),
            cloud=(waf(body(16 * 2**20)),),
        ),
    ),
    # Health checks
    "health-path": (
        here(value("HealthCheckPath", '"/healthz"', '"/"')),
        there(put("TargetGroup.HealthCheckPath", "/_stcore/health")),
        there(drop("TargetGroup.HealthCheckPath")),
    ),
    "health-matcher": (
        here(value("Matcher", '"200"', '"200-399"')),
        there(put("TargetGroup.Matcher.HttpCode", "200-299")),
    ),
    "health-interval": (
        here(value("HealthCheckIntervalSeconds", "5", "30")),
        there(put("TargetGroup.HealthCheckIntervalSeconds", 10)),
    ),
    "health-timeout": (
        here(value("HealthCheckTimeoutSeconds", "2", "4")),
        there(drop("TargetGroup.HealthCheckTimeoutSeconds")),
    ),
    "healthy-threshold": (
        here(value("HealthyThresholdCount", "2", "5")),
        there(drop("TargetGroup.HealthyThresholdCount")),
    ),
    "unhealthy-threshold": (
        here(value("UnhealthyThresholdCount", "2", "3")),
        there(put("TargetGroup.UnhealthyThresholdCount", 10)),
    ),
    "start-grace": (
        there(put("Service.HealthCheckGracePeriodSeconds", 10)),
        there(drop("Service.HealthCheckGracePeriodSeconds")),
        Mutant(
            local=(Edit(DOCKERFILE, "--start-period=60s", "--start-period=120s"),),
            cloud=(put(f"{C}.HealthCheck.StartPeriod", 120),),
        ),
    ),
    "container-check": (
        here(Edit(DOCKERFILE, '"-ISE", "/srv/app/healthcheck.py"', '"-c", "pass"')),
        here(over("healthcheck: {test: 'curl -f localhost'}")),
        there(put(f"{C}.HealthCheck.Command", ["CMD", "true"])),
    ),
    "container-check-interval": (
        here(Edit(DOCKERFILE, "--interval=10s", "--interval=1m30s")),
        there(put(f"{C}.HealthCheck.Interval", 30)),
    ),
    "container-check-timeout": (
        here(Edit(DOCKERFILE, "--timeout=5s", "--timeout=9s")),
        there(put(f"{C}.HealthCheck.Timeout", 2)),
    ),
    "container-check-retries": (
        here(Edit(DOCKERFILE, "--retries=3", "--retries=1")),
        there(put(f"{C}.HealthCheck.Retries", 10)),
    ),
    "container-check-start": (
        here(over("healthcheck: {start_period: 5s}")),
        there(put(f"{C}.HealthCheck.StartPeriod", 0)),
    ),
    # Stopping
    "stop-grace": (
        here(over("stop_grace_period: 10s")),
        there(put(f"{C}.StopTimeout", 20)),
        there(put(f"{C}.StopTimeout", 120)),
    ),
    "stop-told": (
        here(over("environment: {STOP_SECONDS: '20'}")),
        there(item(ENV, "STOP_SECONDS", "90", key="Name")),
    ),
    "deregistration-delay": (
        here(value("deregistration_delay.timeout_seconds", "30", "300")),
        there(item(GROUP, "deregistration_delay.timeout_seconds", "0")),
        there(item(GROUP, "deregistration_delay.timeout_seconds", None)),
    ),
    "stop-within-drain": (
        Mutant(
            local=(Edit(".env", "STOP_SECONDS=30", "STOP_SECONDS=90"),),
            cloud=(put(f"{C}.StopTimeout", 90), item(ENV, "STOP_SECONDS", "90", key="Name")),
        ),
        Mutant(
            local=(value("deregistration_delay.timeout_seconds", "30", "5"),),
            cloud=(item(GROUP, "deregistration_delay.timeout_seconds", "5"),),
        ),
    ),
    # HTTPS
    "tls": (
        there(
            resource("Distribution2", "AWS::CloudFront::Distribution", {"DistributionConfig": {}})
        ),
        there(put("HttpsListener.Protocol", "TLS"), stack=OVER_HTTPS),
        here(Edit("nginx/listen.sh", "listen 8443 ssl;", "listen 8443;"), stack=OVER_HTTPS),
    ),
    "http-redirect": (
        here(Edit("nginx/listen.sh", "return 301 https", "return 302 https"), stack=OVER_HTTPS),
        there(put("HttpListener.DefaultActions.0", {"Type": "forward"}), stack=OVER_HTTPS),
    ),
    "tls-policy": (
        here(
            Edit("nginx/attributes.json", "TLS13-1-2-2021-06", "2016-08"),
            Edit("nginx/ELBSecurityPolicy-2016-08.conf", "", "ssl_protocols TLSv1.2;"),
            stack=OVER_HTTPS,
        ),
        there(
            put("HttpsListener.SslPolicy", "ELBSecurityPolicy-TLS13-1-3-2021-06"), stack=OVER_HTTPS
        ),
        there(drop("HttpsListener.SslPolicy"), stack=OVER_HTTPS),
    ),
    "strict-transport": (
        here(Edit(NGINX, "max-age=0", "max-age=60"), stack=OVER_HTTPS),
        there(put("HttpsListener.ListenerAttributes.0.Value", "max-age=60"), stack=OVER_HTTPS),
        there(drop("HttpsListener.ListenerAttributes"), stack=OVER_HTTPS),
    ),
    "http2": (
        here(Edit("nginx/listen.sh", "http2 on;", ""), stack=OVER_HTTPS),
        there(add(ALB, {"Key": "routing.http2.enabled", "Value": "false"}), stack=OVER_HTTPS),
    ),
    # Operation
    "replicas": (
        here(Edit(".env", "REPLICAS=3", "REPLICAS=1")),
        here(Edit(".env", "REPLICAS=3", "REPLICAS=11")),
        there(put("ScalableTarget.MinCapacity", 4)),
        there(put("ScalableTarget.MaxCapacity", 2)),
    ),
    "scaling-namespace": (
        here(Edit("app/active_chats.py", 'NAMESPACE = "ParityKit"', 'NAMESPACE = "Chat"')),
        there(put(f"{METRIC}.Namespace", "Chat")),
    ),
    "scaling-metric": (
        here(Edit("app/active_chats.py", 'METRIC = "ActiveChats"', 'METRIC = "Chats"')),
        there(put(f"{METRIC}.MetricName", "Chats")),
    ),
    "scaling-dimension": (
        here(Edit("app/active_chats.py", 'DIMENSION = "Service"', 'DIMENSION = "Stack"')),
        there(put(f"{METRIC}.Dimensions.0.Name", "Stack")),
    ),
    "access-log": (
        here(Edit("nginx/access_log.conf", "access_log /dev/stdout alb", "access_log off; #")),
        there(item(ALB, "access_logs.s3.enabled", "false")),
    ),
    "log-driver": (
        here(over("logging: {driver: none}")),
        there(put(f"{C}.LogConfiguration.LogDriver", "fluentd")),
    ),
    "log-mode": (
        Mutant(
            local=(over("logging: {options: {mode: non-blocking}}"),),
            cloud=(drop(f"{C}.LogConfiguration.Options.mode"),),
        ),
        there(put(f"{C}.LogConfiguration.Options.mode", "other")),
    ),
}
