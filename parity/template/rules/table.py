"""Every rule, in the order in which a request meets what it is about."""

from __future__ import annotations

from parity.template.rules import (
    access_logs,
    alarms,
    balancing,
    container,
    edge,
    file_policy,
    firewall,
    identity,
    scaling,
    service,
    shape,
    storage,
    subnets,
    task,
    trust,
    watching,
    web_acl,
)
from parity.template.rules.rule import Rule

CFN = "AWS CloudFormation: "
ECS = "Amazon ECS: "
ELB = "Application Load Balancers: "
EFS = "Amazon EFS: "
IAM = "AWS IAM: "
VPC = "Amazon VPC: "
S3 = "Amazon S3: "
EDGE = "Amazon CloudFront: "
SCALING = "Application Auto Scaling: "
WATCH = "Amazon CloudWatch: "
KIT = "Parity Kit: "

RULES: tuple[Rule, ...] = (
    # The template as a whole
    Rule("template-size", shape.size, f"{CFN}Understand CloudFormation quotas"),
    Rule("kit-mark", shape.marked, f"{KIT}design"),
    Rule("outputs", shape.outputs, f"{KIT}design"),
    Rule("outputs-name-resources", shape.outputs_name_resources, f"{KIT}design"),
    Rule("has-service-and-storage", service.has_service, f"{KIT}design"),
    # Edge
    Rule("cloudfront-when-asked", edge.cloudfront_when_asked, f"{KIT}design"),
    Rule("cloudfront-enabled", edge.cloudfront_enabled, f"{EDGE}Distribution settings"),
    Rule("cloudfront-tied", edge.cloudfront_tied, f"{EDGE}Restrict access with VPC origins"),
    Rule(
        "cloudfront-private",
        edge.private_behind_cloudfront,
        f"{EDGE}Restrict access with VPC origins",
    ),
    Rule(
        "cloudfront-https",
        edge.cloudfront_https,
        f"{EDGE}Require HTTPS between viewers and CloudFront",
    ),
    Rule(
        "cloudfront-passes-everything",
        edge.cloudfront_passes_everything,
        f"{EDGE}Use WebSockets with CloudFront distributions",
    ),
    Rule(
        "cloudfront-caches-nothing",
        edge.cloudfront_caches_nothing,
        f"{EDGE}Use managed cache policies",
    ),
    Rule(
        "cloudfront-origin-protocol",
        edge.origin_protocol,
        f"{EDGE}Require HTTPS between CloudFront and your custom origin",
    ),
    Rule("rate-by-browser", web_acl.rate_by_browser, "AWS WAF: Using forwarded IP addresses"),
    Rule("web-acl-keeps-out", web_acl.keeps_out, "AWS WAF: Rule actions"),
    Rule("web-acl", web_acl.stands_before, "AWS WAF: Associating a web ACL with an AWS resource"),
    Rule("sign-in-when-asked", edge.sign_in_when_asked, f"{ELB}Authenticate users"),
    Rule("sign-in-works", edge.sign_in_works, f"{ELB}Authenticate users"),
    # Load balancer
    Rule(
        "application-balancer",
        balancing.application_balancer,
        f"{ELB}What is an Application Load Balancer?",
    ),
    Rule("known-attribute", balancing.known_attributes, f"{ELB}Edit attributes"),
    Rule("attribute-value", balancing.attribute_values, f"{ELB}Edit attributes"),
    Rule("idle-timeout", balancing.idle_timeout, f"{ELB}Connection idle timeout"),
    Rule("invalid-headers", balancing.invalid_headers, f"{ELB}Edit attributes"),
    Rule("headers-passed", balancing.headers_passed, f"{ELB}X-Forwarded headers"),
    Rule("https-when-certified", balancing.https_when_certified, f"{ELB}Create an HTTPS listener"),
    Rule("strict-transport", balancing.strict_transport, f"{ELB}HTTP header modification"),
    Rule("redirect", balancing.redirect, f"{ELB}Redirect actions"),
    Rule("tls-policy", balancing.tls_policy, f"{ELB}Security policies"),
    Rule("listener-port", balancing.listener_ports, f"{ELB}Listeners"),
    Rule("stickiness", balancing.stickiness, f"{ELB}Edit target group attributes: sticky sessions"),
    Rule("deregistration-delay", balancing.deregistration_delay, f"{ELB}Deregistration delay"),
    Rule("target-type", balancing.target_type, f"{ECS}Use an Application Load Balancer"),
    Rule("target-port", balancing.target_port, f"{ECS}Use an Application Load Balancer"),
    Rule("websocket-protocol", balancing.websocket_protocol, f"{ELB}Protocol version"),
    Rule("health-path", balancing.health_path, f"{ELB}Health checks for target groups"),
    Rule("health-matcher", balancing.health_matcher, f"{ELB}Health checks for target groups"),
    Rule("health-port", balancing.health_port, f"{ELB}Health checks for target groups"),
    Rule("health-timing", balancing.health_timing, f"{ELB}Health checks for target groups"),
    # Access logs
    Rule("access-logs", access_logs.written, f"{ELB}Enable access logs"),
    Rule("private-bucket", access_logs.private_buckets, f"{S3}Blocking public access"),
    Rule("access-logs-kept", access_logs.kept, f"{S3}Deleting a bucket"),
    Rule("access-logs-written-only", access_logs.written_only, f"{ELB}Enable access logs"),
    Rule("access-logs-tls", access_logs.sent_encrypted, f"{S3}Security best practices"),
    # Security groups
    Rule(
        "balancer-behind-cloudfront",
        firewall.balancer_behind_cloudfront,
        f"{EDGE}Restrict access to Application Load Balancers",
    ),
    Rule(
        "origin-reaches-balancer",
        firewall.origin_reaches_balancer,
        f"{EDGE}Restrict access with VPC origins",
    ),
    Rule("balancer-open-as-allowed", firewall.balancer_open_as_allowed, f"{ELB}Security groups"),
    Rule("address-range", firewall.ranges_exist, f"{VPC}Security group rules"),
    Rule("listener-reachable", firewall.listener_reachable, f"{ELB}Security groups"),
    Rule("balancer-reaches-tasks", firewall.balancer_reaches_tasks, f"{ELB}Security groups"),
    Rule("tasks-reach-storage", firewall.tasks_reach_storage, f"{EFS}Using VPC security groups"),
    Rule("tasks-reach-aws", firewall.tasks_reach_aws, f"{ECS}Fargate task networking"),
    Rule("only-from-inside", firewall.tasks_only_from_balancer, f"{VPC}Security group rules"),
    Rule(
        "prefix-list-fits",
        firewall.prefix_list_fits,
        f"{EDGE}Use the CloudFront managed prefix list",
    ),
    Rule(
        "prefix-list-by-name",
        firewall.prefix_list_by_name,
        f"{EDGE}Use the CloudFront managed prefix list",
    ),
    # Service
    Rule("container-name", service.container_name, f"{ECS}Service definition parameters"),
    Rule("container-port", service.container_port, f"{ECS}Service definition parameters"),
    Rule("behind-load-balancer", service.behind_load_balancer, f"{ECS}Use load balancing"),
    Rule("after-listener", service.after_listener, f"{CFN}DependsOn attribute"),
    Rule("after-mount-targets", service.after_mount_targets, f"{CFN}DependsOn attribute"),
    Rule("after-policies", service.after_policies, f"{CFN}DependsOn attribute"),
    Rule("never-fewer-tasks", service.never_fewer_tasks, f"{ECS}Rolling update deployments"),
    Rule("room-to-deploy", service.room_to_deploy, f"{ECS}Rolling update deployments"),
    Rule("circuit-breaker", service.circuit_breaker, f"{ECS}Deployment circuit breaker"),
    Rule("grace-period", service.grace_period, f"{ECS}Service definition parameters"),
    Rule("rebalanced", service.rebalanced, f"{ECS}Service rebalancing"),
    Rule("service-on-fargate", service.on_fargate, f"{ECS}Launch types and capacity providers"),
    Rule("scaling-owns-the-count", service.scaling_owns_the_count, f"{ECS}Service auto scaling"),
    Rule("two-zones", service.two_zones, f"{ECS}Availability Zones"),
    Rule("private-tasks", service.private_tasks, f"{ECS}Fargate task networking"),
    Rule(
        "exec-only-on-request",
        service.exec_only_on_request,
        f"{ECS}Monitor containers with ECS Exec",
    ),
    Rule("container-insights", service.container_insights, f"{ECS}Container Insights"),
    # Task definition
    Rule("image-by-digest", task.image_by_digest, f"{ECS}Task definition parameters: image"),
    Rule("image-only-in-task", task.image_only_in_task, f"{KIT}design"),
    Rule("size-pair", task.size_pair, f"{ECS}Task CPU and memory on Fargate"),
    Rule("task-on-fargate", task.runs_on_fargate, f"{ECS}Task definition differences for Fargate"),
    Rule("architecture", task.architecture, f"{ECS}64-bit ARM workloads"),
    Rule("execution-role", task.execution_role, f"{ECS}Task execution IAM role"),
    Rule("task-role", task.task_role, f"{ECS}Task IAM role"),
    Rule("stop-timeout", task.stop_timeout, f"{ECS}Task definition parameters: stopTimeout"),
    Rule("told-stop-timeout", task.told_stop_timeout, f"{ECS}Task lifecycle"),
    Rule("init-process", task.init_process, f"{ECS}Task definition parameters: linuxParameters"),
    Rule("no-privileges", task.no_privileges, f"{ECS}Task definition parameters: linuxParameters"),
    Rule("read-only-root", task.read_only_root, f"{ECS}Monitor containers with ECS Exec"),
    Rule("writable-tmp", task.writable_tmp, f"{ECS}Use bind mounts"),
    Rule("volume-exists", task.volume_exists, f"{ECS}Task definition parameters: mountPoints"),
    Rule(
        "container-health-check", container.container_health_check, f"{ECS}Container health checks"
    ),
    Rule("own-command", container.own_command, f"{ECS}Task definition parameters: command"),
    Rule("needed-environment", container.needed_environment, f"{KIT}design"),
    Rule(
        "no-plain-secrets", container.no_plain_secrets, f"{ECS}Pass sensitive data to a container"
    ),
    Rule("cookie-secret", container.cookie_secret, "Streamlit: server.cookieSecret"),
    Rule("secret-by-arn", container.secret_by_arn, f"{ECS}Pass Secrets Manager secrets"),
    Rule("generated-secret", container.generated_secret, f"{CFN}AWS::SecretsManager::Secret"),
    Rule("logs", container.logs, f"{ECS}Send logs to CloudWatch"),
    Rule("log-group", container.log_group, f"{ECS}Send logs to CloudWatch"),
    Rule("log-retention", container.log_retention, f"{WATCH}Working with log groups"),
    # Storage
    Rule("shared-volume", storage.shared_volume, f"{ECS}Use Amazon EFS volumes"),
    Rule("session-root", container.session_root, f"{KIT}design"),
    Rule("mount-with-iam", storage.mount_with_iam, f"{ECS}Use Amazon EFS volumes"),
    Rule("mount-by-access-point", storage.mount_by_access_point, f"{ECS}Use Amazon EFS volumes"),
    Rule("platform-version", storage.platform_version, f"{ECS}Fargate platform versions"),
    Rule("posix-user", storage.posix_user, f"{EFS}Working with access points"),
    Rule("container-user", storage.container_user, f"{EFS}Working with access points"),
    Rule("root-directory", storage.root_directory, f"{EFS}Working with access points"),
    Rule("mount-targets", storage.mount_targets, f"{EFS}Managing mount targets"),
    Rule("efs-encrypted", storage.encrypted, f"{EFS}Data encryption"),
    Rule("efs-retained", storage.retained, f"{CFN}DeletionPolicy attribute"),
    Rule("efs-backed-up", storage.backed_up, f"{EFS}Backing up file systems"),
    Rule("efs-lifecycle", storage.lifecycle, f"{EFS}Managing storage lifecycle"),
    Rule("efs-throughput", storage.throughput, f"{EFS}Performance specifications"),
    Rule("efs-policy-tls", file_policy.demands_tls, f"{EFS}Using IAM to control access"),
    Rule("efs-policy-iam", file_policy.demands_iam, f"{EFS}Using IAM to control access"),
    Rule(
        "efs-policy-access-point",
        file_policy.demands_access_point,
        f"{EFS}Using access points in IAM policies",
    ),
    # Rights
    Rule("efs-rights", identity.efs_rights, f"{ECS}Use Amazon EFS volumes"),
    Rule("efs-rights-elsewhere", identity.efs_rights_elsewhere, f"{ECS}Use Amazon EFS volumes"),
    Rule("efs-no-root", identity.no_root_on_efs, f"{EFS}Using IAM to control access"),
    Rule(
        "bedrock-rights",
        identity.bedrock_rights,
        "Amazon Bedrock: Prerequisites for running model inference",
    ),
    Rule(
        "bedrock-limited",
        identity.bedrock_limited,
        "Amazon Bedrock: Identity-based policy examples",
    ),
    Rule("execution-pulls", identity.execution_pulls, f"{ECS}Task execution IAM role"),
    Rule("execution-logs", identity.execution_logs, f"{ECS}Task execution IAM role"),
    Rule(
        "execution-reads-secrets", identity.execution_reads_secrets, f"{ECS}Task execution IAM role"
    ),
    Rule("trusted-by-ecs", trust.trusted_by_ecs, f"{ECS}Task IAM role"),
    Rule("own-account", trust.services_of_this_account, f"{IAM}The confused deputy problem"),
    Rule("no-other-rights", identity.no_other_rights, f"{IAM}Grant least privilege"),
    Rule("roles-bound", identity.bounded_when_asked, f"{IAM}Permissions boundaries"),
    Rule("no-wildcard-actions", identity.no_wildcard_actions, f"{IAM}Grant least privilege"),
    Rule("no-wildcard-resources", identity.no_wildcard_resources, f"{IAM}Grant least privilege"),
    Rule("resources-named", identity.resources_named, f"{IAM}Policy elements: Resource"),
    Rule("no-broad-policies", identity.no_broad_managed_policies, f"{IAM}Grant least privilege"),
    Rule("exec-rights", identity.exec_rights, f"{ECS}Monitor containers with ECS Exec"),
    # Scaling
    Rule("scales", scaling.scales, f"{ECS}Service auto scaling"),
    Rule("scalable-target", scaling.scalable_target, f"{SCALING}RegisterScalableTarget"),
    Rule("capacity", scaling.capacity, f"{SCALING}RegisterScalableTarget"),
    Rule("schedule", scaling.schedules, f"{SCALING}Scheduled scaling"),
    Rule("business-hours", scaling.business_hours, f"{SCALING}Scheduled scaling"),
    Rule(
        "policy-target",
        scaling.policies_have_a_target,
        f"{CFN}AWS::ApplicationAutoScaling::ScalingPolicy",
    ),
    Rule("every-limit-scales", scaling.every_limit_scales, f"{KIT}design"),
    Rule("known-metric", scaling.known_metric, f"{SCALING}Target tracking scaling policies"),
    Rule(
        "metric-statistic", scaling.metric_statistic, f"{SCALING}Target tracking scaling policies"
    ),
    Rule("target-value", scaling.target_values, f"{SCALING}Target tracking scaling policies"),
    Rule("scales-in", scaling.scales_in, f"{SCALING}Target tracking scaling policies"),
    Rule("resource-label", scaling.resource_label, f"{SCALING}PredefinedMetricSpecification"),
    # Alarms
    Rule("alarm-metric", alarms.metrics_exist, f"{WATCH}metrics of each service"),
    Rule("alarm-dimensions", alarms.dimensions, f"{WATCH}Dimensions"),
    Rule("alarms-cover", alarms.cover, f"{KIT}design"),
    Rule("alarm-goes-off", alarms.go_off, f"{WATCH}Alarm evaluation"),
    Rule("alarm-action", alarms.reach_somebody, f"{WATCH}Alarm actions"),
    Rule("missing-data", alarms.missing_data, f"{WATCH}How alarms treat missing data"),
    Rule("task-stops", watching.task_stops_reported, f"{ECS}Task state change events"),
    Rule("alarm-email", watching.mailed_when_asked, "Amazon SNS: Email notifications"),
    Rule("topic-policy", watching.topic_takes_them, "Amazon EventBridge: Resource-based policies"),
    Rule("dashboard", watching.dashboard, f"{WATCH}Dashboard body structure"),
    # Network
    Rule("way-out", subnets.way_out, f"{ECS}Interface VPC endpoints"),
    Rule(
        "endpoints-answer",
        subnets.endpoints_answer,
        f"{VPC}Access an AWS service using an endpoint",
    ),
    Rule("way-in", subnets.way_in, f"{ELB}Subnets"),
    Rule("gateway-attached-first", subnets.gateway_attached_first, f"{CFN}DependsOn attribute"),
    Rule("no-public-subnets", subnets.tasks_not_in_public_subnets, f"{ECS}Fargate task networking"),
    Rule("nat-in-public-subnet", subnets.nat_in_public_subnet, f"{VPC}NAT gateways"),
    Rule("one-network", subnets.one_network, f"{VPC}Default VPCs"),
    Rule("names-resolve", subnets.names_resolve, f"{VPC}DNS attributes"),
)
