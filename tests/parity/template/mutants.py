"""Ways of breaking a template with the kit's logical ids, and the rule that is about each."""

from __future__ import annotations

from tests.parity.template.changing import (
    Change,
    add,
    attribute,
    combined,
    drop,
    each,
    item,
    kind,
    put,
    remove,
    rename_action,
    resource,
    statement,
    undepend,
    unmark,
)

APP = "TaskDefinition.ContainerDefinitions.0"
EFS = "TaskDefinition.Volumes.0.EFSVolumeConfiguration"
BALANCER = "LoadBalancer.LoadBalancerAttributes"
DEPLOYMENT = "Service.DeploymentConfiguration"
TRACKING = "TargetTrackingScalingPolicyConfiguration"
BEDROCK = "bedrock:InvokeModelWithResponseStream"
PROFILE = "bedrock:InferenceProfileArn"
MOUNT = "elasticfilesystem:ClientMount"
LOGS_POLICY = "AccessLogsPolicy.PolicyDocument.Statement"  # who writes, then TLS
ACCESS_POINT = "elasticfilesystem:AccessPointArn"
FILE_POLICY = "FileSystem.FileSystemPolicy.Statement"  # TLS, the access point, then the task role
TRUST = "AssumeRolePolicyDocument.Statement.0"
RIGHTS = "PolicyDocument.Statement"
TASK_ROLE = {"Fn::GetAtt": ["TaskRole", "Arn"]}
HTTP = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
EVERYBODY = {**HTTP, "CidrIp": "0.0.0.0/0"}
FROM_CLOUDFRONT = {**HTTP, "SourcePrefixListId": {"Ref": "CloudFrontPrefixListId"}}

BEHAVIOUR = "Distribution.DistributionConfig.DefaultCacheBehavior"
BY_FORWARDED_FOR = {
    "AggregateKeyType": "FORWARDED_IP",
    "ForwardedIPConfig": {"HeaderName": "X-Forwarded-For"},
}
REVERSED = {"Fn::If": ["UseCloudFront", EVERYBODY, FROM_CLOUDFRONT]}

ARTICLE: dict[str, tuple[str, Change]] = {
    "security-group condition turned round": (
        "balancer-behind-cloudfront",
        put("LoadBalancerSecurityGroup.SecurityGroupIngress.0", REVERSED),
    ),
    "EFS rights on the wrong role": (
        "efs-rights-elsewhere",
        put("TaskPolicy.RoleName", {"Ref": "ExecutionRole"}),
    ),
    "EFS rights on something else": (
        "efs-rights",
        statement(MOUNT, "Resource", {"Fn::GetAtt": ["Cluster", "Arn"]}),
    ),
    "health path that always passes": ("health-path", put("TargetGroup.HealthCheckPath", "/")),
    "Streamlit's own health path, which answers while stopping": (
        "health-path",
        put("TargetGroup.HealthCheckPath", "/_stcore/health"),
    ),
    "MinimumHealthyPercent 0": ("never-fewer-tasks", put(f"{DEPLOYMENT}.MinimumHealthyPercent", 0)),
    "tag latest": ("image-by-digest", put(f"{APP}.Image", "repository:latest")),
    "plain-text cookie secret": (
        "no-plain-secrets",
        add(f"{APP}.Environment", {"Name": "STREAMLIT_SERVER_COOKIE_SECRET", "Value": "1234"}),
    ),
    "no stickiness": (
        "stickiness",
        item("TargetGroup.TargetGroupAttributes", "stickiness.enabled", "false"),
    ),
    "no autoscaling": (
        "scales",
        remove("ScalableTarget", "CpuScaling", "MemoryScaling", "ChatScaling"),
    ),
}

LINTERS_MISS: dict[str, tuple[str, Change]] = {
    "wrong container name": ("container-name", put("Service.LoadBalancers.0.ContainerName", "web")),
    "wrong container port": ("container-port", put("Service.LoadBalancers.0.ContainerPort", 8080)),
    "unknown volume": ("volume-exists", put(f"{APP}.MountPoints.0.SourceVolume", "files")),
    "stop timeout 300": ("stop-timeout", put(f"{APP}.StopTimeout", 300)),
    "idle timeout 5000": (
        "attribute-value",
        item(BALANCER, "idle_timeout.timeout_seconds", "5000"),
    ),
    "made-up target-group attribute": (
        "known-attribute",
        add("TargetGroup.TargetGroupAttributes", {"Key": "stickiness.ttl", "Value": "1"}),
    ),
    "min = max = 100 %": ("room-to-deploy", put(f"{DEPLOYMENT}.MaximumPercent", 100)),
    "EFS on platform 1.3.0": ("platform-version", put("Service.PlatformVersion", "1.3.0")),
    "missing resource label": (
        "resource-label",
        put(
            f"CpuScaling.{TRACKING}.PredefinedMetricSpecification",
            {"PredefinedMetricType": "ALBRequestCountPerTarget"},
        ),
    ),
    "missing listener dependency": ("after-listener", undepend("HttpListener", "HttpsListener")),
    "no POSIX user": ("posix-user", drop("AccessPoint.PosixUser")),
    "no execution role": ("execution-role", drop("TaskDefinition.ExecutionRoleArn")),
    "bare secret name": ("secret-by-arn", put(f"{APP}.Secrets.0.ValueFrom", "cookie-secret")),
}

FACTS: dict[str, tuple[str, Change]] = {
    # Storage
    "root directory beside the access point": (
        "mount-with-iam",
        put(f"{EFS}.RootDirectory", "/sessions"),
    ),
    "no encryption in transit": ("mount-with-iam", put(f"{EFS}.TransitEncryption", "DISABLED")),
    "no IAM on the mount": ("mount-with-iam", drop(f"{EFS}.AuthorizationConfig.IAM")),
    "no access point": (
        "mount-by-access-point",
        drop(f"{EFS}.AuthorizationConfig.AccessPointId"),
    ),
    "uid of the access point is another": ("posix-user", put("AccessPoint.PosixUser.Uid", "1000")),
    "container of another user": ("container-user", put(f"{APP}.User", "0:0")),
    "owner of the folder is another": (
        "root-directory",
        put("AccessPoint.RootDirectory.CreationInfo.OwnerUid", "0"),
    ),
    "no folder is made": ("root-directory", drop("AccessPoint.RootDirectory.CreationInfo")),
    "no file-system policy": ("efs-policy-iam", drop("FileSystem.FileSystemPolicy")),
    "file-system policy takes anybody": (
        "efs-policy-iam",
        put(
            "FileSystem.FileSystemPolicy.Statement",
            [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": MOUNT}],
        ),
    ),
    "file-system policy takes anybody with an access point": (
        "efs-policy-iam",
        combined(
            put(f"{FILE_POLICY}.2.Principal", "*"),
            put(f"{FILE_POLICY}.2.Condition", {"StringLike": {ACCESS_POINT: "*"}}),
        ),
    ),
    "file-system policy takes clients without TLS": ("efs-policy-tls", drop(f"{FILE_POLICY}.0")),
    "TLS demanded of another service": (
        "efs-policy-tls",
        put(f"{FILE_POLICY}.0.Action", "s3:GetObject"),
    ),
    "TLS demanded of the tasks alone": (
        "efs-policy-tls",
        put(f"{FILE_POLICY}.0.Principal", {"AWS": TASK_ROLE}),
    ),
    "TLS demanded of another file system": (
        "efs-policy-tls",
        put(f"{FILE_POLICY}.0.Resource", "arn:aws:elasticfilesystem:*:*:file-system/fs-1"),
    ),
    "root mounted by whoever may": ("efs-policy-access-point", drop(f"{FILE_POLICY}.1")),
    "root mounted by all but the tasks": (
        "efs-policy-access-point",
        put(f"{FILE_POLICY}.1.Principal", {"AWS": TASK_ROLE}),
    ),
    "root mounted for reading": (
        "efs-policy-access-point",
        put(f"{FILE_POLICY}.1.Action", ["elasticfilesystem:ClientWrite"]),
    ),
    "root mounted with TLS": (
        "efs-policy-access-point",
        put(f"{FILE_POLICY}.1.Condition.Bool", {"aws:SecureTransport": "false"}),
    ),
    "access points denied instead": (
        "efs-policy-access-point",
        put(f"{FILE_POLICY}.1.Condition", {"ArnLike": {ACCESS_POINT: "*:access-point/*"}}),
    ),
    "file system not encrypted": ("efs-encrypted", put("FileSystem.Encrypted", value=False)),
    "file system goes with the stack": (
        "efs-retained",
        attribute("FileSystem", "DeletionPolicy", "Delete"),
    ),
    "file system goes when it is replaced": (
        "efs-retained",
        attribute("FileSystem", "UpdateReplacePolicy", "Delete"),
    ),
    "throughput that nobody chose": (
        "efs-throughput",
        put("FileSystem.ThroughputMode", "provisioned"),
    ),
    "throughput left to the default": ("efs-throughput", drop("FileSystem.ThroughputMode")),
    "no backup": ("efs-backed-up", drop("FileSystem.BackupPolicy")),
    "everything stays in the dear storage class": (
        "efs-lifecycle",
        drop("FileSystem.LifecyclePolicies"),
    ),
    "one mount target only": ("mount-targets", remove("MountTargetB")),
    "sessions beside the volume": (
        "session-root",
        item(f"{APP}.Environment", "SESSION_ROOT", "/tmp/data", key="Name"),  # noqa: S108
    ),
    "volume mounted read-only": ("session-root", put(f"{APP}.MountPoints.0.ReadOnly", value=True)),
    "service before the mount targets": (
        "after-mount-targets",
        undepend("MountTargetA", "MountTargetB"),
    ),
    # Task
    "memory that this CPU does not have": ("size-pair", put("TaskDefinition.Memory", "768")),
    "stop timeout left out": ("stop-timeout", drop(f"{APP}.StopTimeout")),
    "other processor than asked for": (
        "architecture",
        put("TaskDefinition.RuntimePlatform.CpuArchitecture", "ARM64"),
    ),
    "root file system writable": (
        "read-only-root",
        put(f"{APP}.ReadonlyRootFilesystem", value=False),
    ),
    "nowhere to write to": ("writable-tmp", drop(f"{APP}.LinuxParameters.Tmpfs")),
    "hardly anywhere to write to": (
        "writable-tmp",
        put(f"{APP}.LinuxParameters.Tmpfs.0.Size", 1),
    ),
    "no init process": ("init-process", drop(f"{APP}.LinuxParameters.InitProcessEnabled")),
    "kernel capabilities kept": ("no-privileges", drop(f"{APP}.LinuxParameters.Capabilities")),
    "no container health check": ("container-health-check", drop(f"{APP}.HealthCheck")),
    "container health check on another port": (
        "container-health-check",
        put(f"{APP}.HealthCheck.Command", ["CMD-SHELL", "curl http://localhost:80/healthz"]),
    ),
    "container health check that asks nobody": (
        "container-health-check",
        put(f"{APP}.HealthCheck.Command", ["CMD", "true"]),
    ),
    "container health check that is switched off": (
        "container-health-check",
        put(f"{APP}.HealthCheck.Command", ["NONE"]),
    ),
    "container that sleeps": ("own-command", put(f"{APP}.Command", ["sleep", "1"])),
    "container that is another program": ("own-command", put(f"{APP}.EntryPoint", ["sh", "-c"])),
    "no logs": ("logs", drop(f"{APP}.LogConfiguration")),
    "log group that is not there": (
        "log-group",
        put(f"{APP}.LogConfiguration.Options.awslogs-group", "/ecs/chat"),
    ),
    "logs kept for ever": ("log-retention", drop("LogGroup.RetentionInDays")),
    "no cookie secret": ("cookie-secret", drop(f"{APP}.Secrets")),
    "cookie secret written down": (
        "generated-secret",
        put("CookieSecret.SecretString", "correct horse"),
    ),
    "image in a tag of the cluster": (
        "image-only-in-task",
        put("Cluster.Tags", [{"Key": "image", "Value": {"Ref": "ImageUri"}}]),
    ),
    "same role for both": (
        "task-role",
        put("TaskDefinition.TaskRoleArn", {"Fn::GetAtt": ["ExecutionRole", "Arn"]}),
    ),
    # Service
    "DesiredCount beside autoscaling": ("scaling-owns-the-count", put("Service.DesiredCount", 2)),
    "no circuit breaker": ("circuit-breaker", drop(f"{DEPLOYMENT}.DeploymentCircuitBreaker")),
    "circuit breaker that does not roll back": (
        "circuit-breaker",
        put(f"{DEPLOYMENT}.DeploymentCircuitBreaker.Rollback", value=False),
    ),
    "no grace period": ("grace-period", drop("Service.HealthCheckGracePeriodSeconds")),
    "no rebalancing": ("rebalanced", put("Service.AvailabilityZoneRebalancing", "DISABLED")),
    "tasks with public addresses": (
        "private-tasks",
        put("Service.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "ENABLED"),
    ),
    "shell always on": ("exec-only-on-request", put("Service.EnableExecuteCommand", value=True)),
    "no launch type": ("service-on-fargate", drop("Service.LaunchType")),
    "both private subnets in one zone": (
        "two-zones",
        put("PrivateSubnetB.AvailabilityZone", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
    ),
    "no Container Insights": ("container-insights", drop("Cluster.ClusterSettings")),
    # Load balancer
    "idle timeout shorter than the ping": (
        "idle-timeout",
        item(BALANCER, "idle_timeout.timeout_seconds", "30"),
    ),
    "no access logs": (
        "access-logs",
        item(BALANCER, "access_logs.s3.enabled", "false"),
    ),
    "access logs nobody may write": ("access-logs", remove("AccessLogsPolicy")),
    "access logs go with the stack": (
        "access-logs-kept",
        attribute("AccessLogs", "DeletionPolicy", "Delete"),
    ),
    "access logs go when the bucket is replaced": (
        "access-logs-kept",
        attribute("AccessLogs", "UpdateReplacePolicy", "Delete"),
    ),
    "access logs that everybody reads": (
        "access-logs-written-only",
        add(LOGS_POLICY, {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}),
    ),
    "access logs that another account reads": (
        "access-logs-written-only",
        add(
            LOGS_POLICY,
            {"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "s3:GetObject"},
        ),
    ),
    "access logs that everybody writes": (
        "access-logs-written-only",
        put(f"{LOGS_POLICY}.0.Principal", {"AWS": "*"}),
    ),
    "access logs without TLS": ("access-logs-tls", drop(f"{LOGS_POLICY}.1")),
    "access logs listed without TLS": (
        "access-logs-tls",
        put(f"{LOGS_POLICY}.1.Action", "s3:GetObject"),
    ),
    "access logs read without TLS": (
        "access-logs-tls",
        put(f"{LOGS_POLICY}.1.Resource", {"Fn::GetAtt": ["AccessLogs", "Arn"]}),
    ),
    "target group of machines": ("target-type", put("TargetGroup.TargetType", "instance")),
    "websockets over HTTP/2": ("websocket-protocol", put("TargetGroup.ProtocolVersion", "HTTP2")),
    "redirects count as healthy": (
        "health-matcher",
        put("TargetGroup.Matcher.HttpCode", "200-399"),
    ),
    "health check slower than its interval": (
        "health-timing",
        put("TargetGroup.HealthCheckTimeoutSeconds", 60),
    ),
    "deregistration delay left at 300 s": (
        "deregistration-delay",
        item("TargetGroup.TargetGroupAttributes", "deregistration_delay.timeout_seconds", None),
    ),
    "HTTP served beside HTTPS": (
        "https-when-certified",
        put(
            "HttpListener.DefaultActions",
            [{"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}],
        ),
    ),
    "HTTPS that browsers may forget": (
        "strict-transport",
        drop("HttpsListener.ListenerAttributes"),
    ),
    "HTTPS for no time": (
        "strict-transport",
        put("HttpsListener.ListenerAttributes.0.Value", "max-age=0"),
    ),
    "made-up listener attribute": (
        "known-attribute",
        add("HttpsListener.ListenerAttributes", {"Key": "hsts.enabled", "Value": "true"}),
    ),
    "TLS 1.0": ("tls-policy", put("HttpsListener.SslPolicy", "ELBSecurityPolicy-2016-08")),
    "HTTPS that nobody needs to sign in for": (
        "sign-in-when-asked",
        put(
            "HttpsListener.DefaultActions",
            [{"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}],
        ),
    ),
    # Security groups
    "AllowedCidr without effect": (
        "balancer-open-as-allowed",
        add("LoadBalancerSecurityGroup.SecurityGroupIngress", EVERYBODY),
    ),
    "addresses that are none": (
        "address-range",
        put("TaskSecurityGroup.SecurityGroupEgress.0.CidrIp", "999.1.1.1/99"),
    ),
    "an address taken for a network": (
        "address-range",
        put("TaskSecurityGroup.SecurityGroupEgress.0.CidrIp", "203.0.113.7/24"),
    ),
    "an address without its mask": (
        "address-range",
        add("LoadBalancerSecurityGroup.SecurityGroupIngress", {**HTTP, "CidrIp": "203.0.113.7"}),
    ),
    "load balancer not let in to tasks": (
        "balancer-reaches-tasks",
        put("TaskSecurityGroup.SecurityGroupIngress.0.FromPort", 8502),
    ),
    "tasks open to the world": (
        "only-from-inside",
        add("TaskSecurityGroup.SecurityGroupIngress", {**EVERYBODY, "ToPort": 9000}),
    ),
    "NFS shut": (
        "tasks-reach-storage",
        put("FileSystemSecurityGroup.SecurityGroupIngress.0.ToPort", 2048),
    ),
    "NFS open to the world": (
        "only-from-inside",
        add("FileSystemSecurityGroup.SecurityGroupIngress", {**EVERYBODY, "ToPort": 2049}),
    ),
    "no way out on 443": (
        "tasks-reach-aws",
        put("TaskSecurityGroup.SecurityGroupEgress.0.ToPort", 442),
    ),
    "prefix list by a hard-coded id, and twice": (
        "prefix-list-by-name",
        add(
            "LoadBalancerSecurityGroup.SecurityGroupIngress",
            {**HTTP, "SourcePrefixListId": "pl-3b927c52"},
        ),
    ),
    # Rights
    "mounting past the access point": ("efs-rights", statement(MOUNT, "Condition", None)),
    "read-only sessions": (
        "efs-rights",
        rename_action("elasticfilesystem:ClientWrite", "elasticfilesystem:DescribeFileSystems"),
    ),
    "root on the file system": (
        "efs-no-root",
        rename_action("elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"),
    ),
    "no streaming from Bedrock": ("bedrock-rights", rename_action(BEDROCK, "bedrock:GetModel")),
    "models that the page does not offer only": (
        "bedrock-rights",
        statement(BEDROCK, "Resource", "arn:aws:bedrock:us-east-1::foundation-model/other.model"),
    ),
    "every model": ("bedrock-limited", statement(BEDROCK, "Resource", "*")),
    "every model through every profile": (
        "bedrock-limited",
        combined(
            statement(BEDROCK, "Resource", "arn:aws:bedrock:*::foundation-model/*"),
            statement(BEDROCK, "Condition", {"ArnLike": {PROFILE: "arn:aws:bedrock:*:*:*/*"}}),
        ),
    ),
    "every action": ("no-wildcard-actions", rename_action(BEDROCK, "bedrock:*")),
    "every secret": (
        "no-wildcard-resources",
        statement("secretsmanager:GetSecretValue", "Resource", "*"),
    ),
    "execution role without the secret": (
        "execution-reads-secrets",
        rename_action("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
    ),
    "execution role that may not pull": (
        "execution-pulls",
        rename_action("ecr:BatchGetImage", "ecr:DescribeImages"),
    ),
    "execution role that may not log": (
        "execution-logs",
        rename_action("logs:PutLogEvents", "logs:GetLogEvents"),
    ),
    "FullAccess": (
        "no-broad-policies",
        put("TaskRole.ManagedPolicyArns", ["arn:aws:iam::aws:policy/AmazonBedrockFullAccess"]),
    ),
    "role that trusts machines": (
        "trusted-by-ecs",
        put("TaskRole.AssumeRolePolicyDocument.Statement.0.Principal.Service", "ec2.amazonaws.com"),
    ),
    "role that trusts everybody besides": (
        "trusted-by-ecs",
        put(f"TaskRole.{TRUST}.Principal.AWS", "*"),
    ),
    "role that trusts everybody in a statement of its own": (
        "trusted-by-ecs",
        add(
            "ExecutionRole.AssumeRolePolicyDocument.Statement",
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}},
        ),
    ),
    "tasks of any account": ("own-account", drop(f"TaskRole.{TRUST}.Condition")),
    "tasks of another account": (
        "own-account",
        put(f"ExecutionRole.{TRUST}.Condition.StringEquals", {"aws:SourceAccount": "9" * 12}),
    ),
    "access logs of any account": ("own-account", drop(f"{LOGS_POLICY}.0.Condition")),
    "alarms of any account": (
        "own-account",
        drop("AlarmTopicPolicy.PolicyDocument.Statement.0.Condition"),
    ),
    "tasks that make users": (
        "no-other-rights",
        add(f"TaskPolicy.{RIGHTS}", {"Effect": "Allow", "Action": "iam:CreateUser"}),
    ),
    "execution role that deletes buckets": (
        "no-other-rights",
        add(f"ExecutionPolicy.{RIGHTS}", {"Effect": "Allow", "Action": "s3:DeleteBucket"}),
    ),
    "tasks that open a shell nobody asked for": (
        "no-other-rights",
        add(f"TaskPolicy.{RIGHTS}", {"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel"}),
    ),
    "a managed policy more": (
        "no-other-rights",
        put("TaskRole.ManagedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ),
    "role that nothing bounds": ("roles-bound", drop("TaskRole.PermissionsBoundary")),
    "role bound by a policy without a name": (
        "roles-bound",
        put("ExecutionRole.PermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}),
    ),
    # Scaling and alarms
    "scaling of nothing": ("scalable-target", put("ScalableTarget.ResourceId", "service/a/b")),
    "fewer tasks at most than at least": ("capacity", put("ScalableTarget.MaxCapacity", 1)),
    "scaling on a metric nobody emits": (
        "known-metric",
        put(f"ChatScaling.{TRACKING}.CustomizedMetricSpecification.MetricName", "Chats"),
    ),
    "scaling on another service's chats": (
        "known-metric",
        put(
            f"ChatScaling.{TRACKING}.CustomizedMetricSpecification.Dimensions",
            [{"Name": "Service", "Value": "other"}],
        ),
    ),
    "scaling on the sum of chats": (
        "metric-statistic",
        put(f"ChatScaling.{TRACKING}.CustomizedMetricSpecification.Statistic", "Sum"),
    ),
    "CPU target of 600 %": ("target-value", put(f"CpuScaling.{TRACKING}.TargetValue", 600)),
    "memory does not scale": ("every-limit-scales", remove("MemoryScaling")),
    "alarm on another load balancer": (
        "alarm-dimensions",
        put("UnhealthyHostAlarm.Dimensions.0.Value", "app/other/0123456789abcdef"),
    ),
    "alarm on a metric that is not there": (
        "alarm-metric",
        put("UnhealthyHostAlarm.MetricName", "UnhealthyHosts"),
    ),
    "no alarm on errors": ("alarms-cover", remove("TargetErrorAlarm")),
    "no alarm on unhealthy tasks": ("alarms-cover", remove("UnhealthyHostAlarm")),
    "no alarm on the load balancer's errors": ("alarms-cover", remove("LoadBalancerErrorAlarm")),
    "no alarm on memory": ("alarms-cover", remove("MemoryAlarm")),
    "no alarm on the file system's operations": ("alarms-cover", remove("FileSystemIoAlarm")),
    "no alarm on burst credits": ("alarms-cover", remove("FileSystemBurstAlarm")),
    "alarm turned round": (
        "alarm-goes-off",
        put("MemoryAlarm.ComparisonOperator", "LessThanThreshold"),
    ),
    "alarm on many burst credits": (
        "alarm-goes-off",
        put("FileSystemBurstAlarm.ComparisonOperator", "GreaterThanThreshold"),
    ),
    "alarm with a threshold nobody reaches": (
        "alarm-goes-off",
        put("TargetErrorAlarm.Threshold", 10**9),
    ),
    "alarm on the best of all tasks": (
        "alarm-goes-off",
        put("UnhealthyHostAlarm.Statistic", "Minimum"),
    ),
    "alarm a day later": ("alarm-goes-off", put("LoadBalancerErrorAlarm.Period", 86400)),
    "alarm that tells nobody": ("alarm-action", drop("MemoryAlarm.AlarmActions")),
    "task stops go unreported": (
        "task-stops",
        put("TaskStopRule.EventPattern.detail.lastStatus", ["RUNNING"]),
    ),
    "topic that takes no events": (
        "topic-policy",
        put(
            "AlarmTopicPolicy.PolicyDocument.Statement",
            [{"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}}],
        ),
    ),
    "dashboard that is no JSON": ("dashboard", put("Dashboard.DashboardBody", "widgets: []")),
    # Edge and network
    "plain HTTP to CloudFront": (
        "cloudfront-https",
        put(
            "Distribution.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "allow-all"
        ),
    ),
    "CloudFront without websockets": (
        "cloudfront-passes-everything",
        drop("Distribution.DistributionConfig.DefaultCacheBehavior.OriginRequestPolicyId"),
    ),
    "CloudFront that caches": (
        "cloudfront-caches-nothing",
        put(
            "Distribution.DistributionConfig.DefaultCacheBehavior.CachePolicyId",
            "658327ea-f89d-4fab-a63d-7e88639e58f6",
        ),
    ),
    "CloudFront not tied to the load balancer": (
        "cloudfront-tied",
        put(
            "Distribution.DistributionConfig.Origins",
            [{"Id": "load-balancer", "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"}}],
        ),
    ),
    "load balancer public behind CloudFront": (
        "cloudfront-private",
        put("LoadBalancer.Scheme", "internet-facing"),
    ),
    "CloudFront that does not say by which scheme it was asked": (
        "cloudfront-passes-everything",
        put(f"{BEHAVIOUR}.OriginRequestPolicyId", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
    ),
    "VPC origin taken for the VPC": (
        "origin-reaches-balancer",
        put(
            "LoadBalancerSecurityGroup.SecurityGroupIngress",
            [{**HTTP, "CidrIp": "10.42.0.0/16"}],
        ),
    ),
    "the VPC walks past CloudFront": (
        "balancer-behind-cloudfront",
        add("LoadBalancerSecurityGroup.SecurityGroupIngress", {**HTTP, "CidrIp": "10.42.0.0/16"}),
    ),
    "rate limit by a header that clients write": (
        "rate-by-browser",
        put("WebAcl.Rules.0.Statement.RateBasedStatement", BY_FORWARDED_FOR),
    ),
    "rate limit for all of CloudFront together": (
        "rate-by-browser",
        put("WebAcl.Rules.0.Statement.RateBasedStatement", {"AggregateKeyType": "IP"}),
    ),
    "nobody names the browser to the rate limit": (
        "rate-by-browser",
        drop(f"{BEHAVIOUR}.FunctionAssociations"),
    ),
    "load balancer before the gateway is attached": (
        "gateway-attached-first",
        combined(attribute("LoadBalancer", "DependsOn", []), unmark("LoadBalancer")),
    ),
    "web ACL before nothing": ("web-acl", remove("WebAclAssociation")),
    "no endpoint for Bedrock": ("way-out", remove("BedrockEndpoint")),
    "no route to the NAT gateway": ("way-out", remove("NatRouteB")),
    "VPC without DNS": ("names-resolve", put("Vpc.EnableDnsHostnames", value=False)),
    "route before the gateway is attached": (
        "gateway-attached-first",
        undepend("InternetGatewayAttachment"),
    ),
    "app that is told of more time than it has": (
        "told-stop-timeout",
        item(f"{APP}.Environment", "STOP_SECONDS", "31", key="Name"),
    ),
    "app that is not told of its time": (
        "told-stop-timeout",
        combined(
            put(f"{APP}.StopTimeout", 60),
            item(f"{APP}.Environment", "STOP_SECONDS", None, key="Name"),
        ),
    ),
    # The template as a whole
    "not marked as the kit's own": ("kit-mark", lambda document: document.pop("Metadata")),
    "an output less": ("outputs", lambda document: document["Outputs"].pop("Url")),
    "an output of the wrong thing": (
        "outputs-name-resources",
        lambda document: document["Outputs"]["ClusterName"].update(Value={"Ref": "Service"}),
    ),
    "unknown function": ("resolves", put("Cluster.ClusterName", {"Fn::Upper": "a"})),
    "unknown resource": ("resolves", put("Cluster.ClusterName", {"Ref": "Clutter"})),
    "resource used where it is not there": (
        "resolves",
        put("Cluster.ClusterName", {"Ref": "HttpsListener"}),
    ),
    "second policy that the service does not wait for": (
        "after-policies",
        resource(
            "MorePolicy",
            "AWS::IAM::Policy",
            {"Roles": [{"Ref": "TaskRole"}], "PolicyDocument": {"Statement": []}},
        ),
    ),
}
EDGE = "Distribution.DistributionConfig"
SIGN_IN = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {"ClientSecret": "x"}}
FORWARD = {"Type": "forward", "Order": 2, "TargetGroupArn": {"Ref": "TargetGroup"}}

MORE: dict[str, tuple[str, Change]] = {
    "no file system at all": ("has-service-and-storage", kind("FileSystem", "AWS::S3::Bucket")),
    "no CloudFront though it is on": (
        "cloudfront-when-asked",
        kind("Distribution", "AWS::CloudFront::StreamingDistribution"),
    ),
    "web ACL that keeps everybody out": (
        "web-acl-keeps-out",
        put("WebAcl.DefaultAction", {"Block": {}}),
    ),
    "rate limit that only counts": (
        "web-acl-keeps-out",
        put("WebAcl.Rules.0.Action", {"Count": {}}),
    ),
    "managed rules that only count": (
        "web-acl-keeps-out",
        put(
            "WebAcl.Rules.0",
            {
                "Statement": {"ManagedRuleGroupStatement": {"Name": "Common"}},
                "OverrideAction": {"Count": {}},
            },
        ),
    ),
    "CloudFront that is switched off": (
        "cloudfront-enabled",
        put(f"{EDGE}.Enabled", value=False),
    ),
    "web ACL without rules": ("web-acl", put("WebAcl.Rules", [])),
    "access logs open to the public": (
        "private-bucket",
        drop("AccessLogs.PublicAccessBlockConfiguration"),
    ),
    "repository without a name": (
        "resources-named",
        statement("ecr:BatchGetImage", "Resource", ""),
    ),
    "schedule that nobody asked for": (
        "business-hours",
        put(
            "ScalableTarget.ScheduledActions",
            [{"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 0}}],
        ),
    ),
    "alarms mailed to nobody": ("alarm-email", put("AlarmSubscription.Endpoint", "")),
    "gateway attached to nothing": (
        "gateway-attached-first",
        remove("InternetGatewayAttachment"),
    ),
    "address without a host": (
        "outputs",
        lambda document: document["Outputs"]["Url"].update(Value="http://"),
    ),
    "CloudFront calls the listener that redirects": (
        "cloudfront-origin-protocol",
        put("VpcOrigin.VpcOriginEndpointConfig.OriginProtocolPolicy", "match-viewer"),
    ),
    "client secret in the template": (
        "sign-in-works",
        put("HttpsListener.DefaultActions", [SIGN_IN, FORWARD]),
    ),
    "network load balancer": ("application-balancer", put("LoadBalancer.Type", "network")),
    "malformed headers passed on": (
        "invalid-headers",
        item(
            BALANCER,
            "routing.http.drop_invalid_header_fields.enabled",
            "false",
        ),
    ),
    "address of the client removed": (
        "headers-passed",
        item(BALANCER, "routing.http.xff_header_processing.mode", "remove"),
    ),
    "Host of the load balancer's own": (
        "headers-passed",
        item(BALANCER, "routing.http.preserve_host_header.enabled", "false"),
    ),
    "Host left to the default": (
        "headers-passed",
        item(BALANCER, "routing.http.preserve_host_header.enabled", None),
    ),
    "stickiness for a second": (
        "stickiness",
        item("TargetGroup.TargetGroupAttributes", "stickiness.lb_cookie.duration_seconds", "1"),
    ),
    "redirect that is no HTTPS": (
        "redirect",
        put(
            "HttpListener.DefaultActions",
            [{"Type": "redirect", "RedirectConfig": {"Port": "8443", "StatusCode": "HTTP_302"}}],
        ),
    ),
    "listener on an unusual port": ("listener-port", put("HttpListener.Port", 8080)),
    "listener behind a shut port": ("listener-reachable", put("HttpListener.Port", 8080)),
    "target group of another port": ("target-port", put("TargetGroup.Port", 80)),
    "health check on another port": ("health-port", put("TargetGroup.HealthCheckPort", "80")),
    "two prefix lists in a group": (
        "prefix-list-fits",
        put("LoadBalancerSecurityGroup.SecurityGroupIngress", [FROM_CLOUDFRONT] * 2),
    ),
    "service behind nothing": ("behind-load-balancer", drop("Service.LoadBalancers")),
    "task for machines": (
        "task-on-fargate",
        put("TaskDefinition.RequiresCompatibilities", ["EC2"]),
    ),
    "task without a network of its own": (
        "task-on-fargate",
        put("TaskDefinition.NetworkMode", "bridge"),
    ),
    "no models": (
        "needed-environment",
        item(f"{APP}.Environment", "BEDROCK_MODEL_IDS", None, key="Name"),
    ),
    "region of somebody else": (
        "needed-environment",
        item(f"{APP}.Environment", "AWS_REGION", "eu-west-9", key="Name"),
    ),
    "sessions on the task's own disk": (
        "shared-volume",
        put("TaskDefinition.Volumes", [{"Name": "data"}]),
    ),
    "EFS rights on both roles": (
        "efs-rights-elsewhere",
        put("TaskDefinition.ExecutionRoleArn", {"Fn::GetAtt": ["TaskRole", "Arn"]}),
    ),
    "shell without the rights to it": (
        "exec-rights",
        combined(
            put("Service.EnableExecuteCommand", value=True),
            resource("TaskRole", "AWS::IAM::Role", {}),
            remove("TaskPolicy"),
        ),
    ),
    "schedule that is no cron expression": (
        "schedule",
        put(
            "ScalableTarget.ScheduledActions",
            [{"Schedule": "45 7 * * 1-5", "ScalableTargetAction": {"MinCapacity": 2}}],
        ),
    ),
    "policy that hangs on nothing": ("policy-target", drop("CpuScaling.ScalingTargetId")),
    "policy that never takes tasks away": (
        "scales-in",
        put(f"CpuScaling.{TRACKING}.DisableScaleIn", value=True),
    ),
    "alarm when all is quiet": ("missing-data", drop("TargetErrorAlarm.TreatMissingData")),
    "endpoint under a name that nobody asks": (
        "endpoints-answer",
        put("BedrockEndpoint.PrivateDnsEnabled", value=False),
    ),
    "endpoint that lets nobody in": (
        "endpoints-answer",
        put("EndpointSecurityGroup.SecurityGroupIngress", []),
    ),
    "public subnet that leads nowhere": (
        "way-in",
        combined(remove("PublicRoute"), unmark("LoadBalancer")),
    ),
    "tasks in public subnets": (
        "no-public-subnets",
        put(
            "Service.NetworkConfiguration.AwsvpcConfiguration.Subnets",
            [{"Ref": "PublicSubnetA"}, {"Ref": "PublicSubnetB"}],
        ),
    ),
    "route that leads nowhere": ("way-out", drop("NatRouteB.NatGatewayId")),
    "subnets in whatever zone": (
        "two-zones",
        combined(drop("PrivateSubnetA.AvailabilityZone"), drop("PrivateSubnetB.AvailabilityZone")),
    ),
    "tasks in the default VPC": ("one-network", drop("TaskSecurityGroup.VpcId")),
    "NAT gateway in a private subnet": (
        "nat-in-public-subnet",
        each("AWS::EC2::NatGateway", "SubnetId", {"Ref": "PrivateSubnetA"}),
    ),
}
MUTANTS = ARTICLE | LINTERS_MISS | FACTS | MORE
