"""A small stack of the template's kind: what moto's CloudFormation can make of it."""

from __future__ import annotations

from parity.deploy.receipt import Receipt, SuiteResult

STACK = "chat"
CONFIG = "sha256:" + "c" * 64
TEMPLATE = """\
Metadata: {ParityKit: {Version: 1}}
Parameters:
  ImageUri: {Type: String}
  Receipt: {Type: String, Default: none}
  Architecture: {Type: String, Default: X86_64}
  TaskSize: {Type: String, Default: 0.25-vCPU-0.5-GB}
  MinTasks: {Type: Number, Default: 2}
  MaxTasks: {Type: Number, Default: 10}
  DrainSeconds: {Type: Number, Default: 60}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: chat-cluster}}
  FileSystem:
    Type: AWS::EFS::FileSystem
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {Encrypted: true}
  LogGroup: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: chat-logs}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  TargetGroup:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Name: chat-targets
      VpcId: !Ref Vpc
      Protocol: HTTP
      Port: 8501
      TargetGroupAttributes:
        - {Key: stickiness.enabled, Value: "true"}
        - {Key: deregistration_delay.timeout_seconds, Value: !Ref DrainSeconds}
  TaskDefinition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: chat
      ContainerDefinitions:
        - Name: app
          Image: !Ref ImageUri
          Memory: 512
          DockerLabels: {parity.receipt: !Ref Receipt}
          LogConfiguration:
            LogDriver: awslogs
            Options:
              awslogs-group: chat-logs
              awslogs-region: !Ref AWS::Region
              awslogs-stream-prefix: chat
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      ServiceName: chat-service
      TaskDefinition: !Ref TaskDefinition
      DesiredCount: 2
Outputs:
  Size: {Value: !Sub "${Architecture}, ${TaskSize}, ${MinTasks} to ${MaxTasks}"}
  Url: {Value: "http://chat.example"}
  ClusterName: {Value: !Ref Cluster}
  ServiceName: {Value: !GetAtt Service.Name}
  TaskDefinitionArn: {Value: !Ref TaskDefinition}
  TargetGroupArn: {Value: !Ref TargetGroup}
"""


def receipt(
    number: int = 1, config_digest: str = CONFIG, *, passed: bool = True, failed: int = 0
) -> Receipt:
    """Return a receipt of a test run."""
    return Receipt(
        id=f"2026112{number}-120000-abcdef0",
        created_at=f"2026-11-2{number}T12:00:00+00:00",
        image_id=config_digest,
        config_digest=config_digest,
        git_revision="abcdef0" + "0" * 33,
        tree_clean=True,
        architecture="amd64",
        suites={"unit tests": SuiteResult(passed=9, failed=failed, skipped=1, seconds=1.5)},
        passed=passed,
        parity=None,
        lock_sha256="0" * 64,
    )
