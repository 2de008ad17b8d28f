"""Permissions that CloudFormation's handlers name, and a stack of template.yml never needs.

As of cfn-lint's data of November 2026. By property: needed only where that property is set, so the
tests hold the template against it. By reason: for all that no property tells.
"""

from __future__ import annotations

BY_PROPERTY: dict[str, dict[str, list[str]]] = {
    "AWS::EC2::EIP": {
        "InstanceId": ["ec2:AssociateAddress", "ec2:DisassociateAddress"],
        "TransferAddress": ["ec2:AcceptAddressTransfer"],
    },
    "AWS::EC2::NatGateway": {
        "SecondaryAllocationIds": ["ec2:AssociateNatGateway*", "ec2:DisassociateNatGateway*"],
        "SecondaryPrivateIpAddresses": ["ec2:AssignPrivateNat*", "ec2:UnassignPrivateNat*"],
    },
    "AWS::EC2::Subnet": {
        "Ipv6CidrBlock": ["ec2:AssociateSubnetCidrBlock", "ec2:DisassociateSubnetCidrBlock"]
    },
    "AWS::EC2::VPC": {"InstanceTenancy": ["ec2:ModifyVpcTenancy"]},
    "AWS::EC2::VPCEndpoint": {
        "ServiceNetworkArn": ["vpc-lattice:*"],
        "ServiceRegion": ["vpce:AllowMultiRegion"],
    },
    "AWS::EC2::VPCGatewayAttachment": {
        "VpnGatewayId": ["ec2:AttachVpnGateway", "ec2:DetachVpnGateway"]
    },
    "AWS::ECS::Cluster": {
        "CapacityProviders": ["ecs:PutClusterCapacityProviders"],
        "Configuration": ["kms:DescribeKey"],
    },
    "AWS::ECS::Service": {"Role": ["iam:PassRole"]},
    "AWS::EFS::FileSystem": {
        "ReplicationConfiguration": ["elasticfilesystem:*ReplicationConfiguration", "iam:PassRole"],
        "FileSystemProtection": ["elasticfilesystem:UpdateFileSystemProtection"],
    },
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "Ipv4IpamPoolId": ["ec2:DescribeIpamPools", "elasticloadbalancing:ModifyIpPools"],
        "MinimumLoadBalancerCapacity": ["elasticloadbalancing:ModifyCapacityReservation"],
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "Targets": [
            "elasticloadbalancing:RegisterTargets",
            "elasticloadbalancing:DeregisterTargets",
        ]
    },
    "AWS::Events::Rule": {"RoleArn": ["iam:PassRole"]},
    "AWS::IAM::Role": {"ManagedPolicyArns": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]},
    "AWS::Logs::LogGroup": {
        "KmsKeyId": ["logs:AssociateKmsKey", "logs:DisassociateKmsKey"],
        "DataProtectionPolicy": [
            "logs:PutDataProtectionPolicy",
            "logs:DeleteDataProtectionPolicy",
            "logs:CreateLogDelivery",
            "firehose:TagDeliveryStream",
            "s3:REST.PUT.OBJECT",
        ],
        "FieldIndexPolicies": ["logs:PutIndexPolicy", "logs:DeleteIndexPolicy"],
        "ResourcePolicyDocument": ["logs:PutResourcePolicy", "logs:DeleteResourcePolicy"],
        "DeletionProtectionEnabled": ["logs:PutLogGroupDeletionProtection"],
        "BearerTokenAuthenticationEnabled": ["logs:PutBearerTokenAuthentication"],
    },
    "AWS::S3::Bucket": {
        "AccelerateConfiguration": ["s3:PutAccelerateConfiguration"],
        "AccessControl": ["s3:PutBucketAcl"],
        "AbacStatus": ["s3:PutBucketAbac"],
        "AnalyticsConfigurations": ["s3:*AnalyticsConfiguration"],
        "CorsConfiguration": ["s3:PutBucketCORS", "s3:DeleteBucketCors"],
        "IntelligentTieringConfigurations": ["s3:PutIntelligentTieringConfiguration"],
        "InventoryConfigurations": ["s3:PutInventoryConfiguration"],
        "LoggingConfiguration": ["s3:PutBucketLogging"],
        "MetadataTableConfiguration": ["s3:*BucketMetadata*", "s3tables:*"],
        "MetadataConfiguration": ["s3:*BucketMetadata*", "s3tables:*"],
        "MetricsConfigurations": ["s3:*MetricsConfiguration"],
        "NotificationConfiguration": ["s3:PutBucketNotification"],
        "ObjectLockConfiguration": ["s3:Put*ObjectLockConfiguration"],
        "ReplicationConfiguration": ["s3:*Replication*", "iam:PassRole"],
        "VersioningConfiguration": ["s3:PutBucketVersioning"],
        "WebsiteConfiguration": ["s3:*BucketWebsite"],
    },
    "AWS::SNS::Subscription": {"SubscriptionRoleArn": ["iam:PassRole", "iam:GetRole"]},
    "AWS::SNS::Topic": {
        "DataProtectionPolicy": ["sns:PutDataProtectionPolicy"],
        "DeliveryStatusLogging": ["iam:PassRole", "iam:GetRole"],
    },
    "AWS::SecretsManager::Secret": {
        "ReplicaRegions": [
            "secretsmanager:ReplicateSecretToRegions",
            "secretsmanager:RemoveRegionsFromReplication",
        ]
    },
}
BY_REASON: dict[str, dict[str, str]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "lambda:*": "the target is an ECS service, no Lambda function",
        "iam:PassRole": "there is no RoleARN: the service-linked role scales",
    },
    "AWS::CloudFront::Distribution": {
        "cloudfront:*ConnectionGroup": "the distribution has no tenants",
        "cloudfront:CreateDistributionWithTags": "IAM calls it CreateDistribution and TagResource",
        "cloudfront:UpdateDistributionWithStagingConfig": "there is no staging distribution",
    },
    "AWS::CloudFront::VpcOrigin": {"sts:AssumeRole": "the role is CloudFront's service-linked one"},
    "AWS::EC2::VPC": {"ec2:CreateVpcEncryptionControl": "the VPC has no encryption control"},
    "AWS::ECS::Cluster": {
        "ecs:PutAccountSetting*": "the account's settings are none of a stack's business"
    },
    "AWS::ElasticLoadBalancingV2::Listener": {
        "cognito-idp:DescribeUserPoolClient": "sign-in is by OIDC, not by Cognito"
    },
    "AWS::IAM::Role": {"iam:DeleteRolePermissionsBoundary": "nothing may take a boundary away"},
    "AWS::S3::Bucket": {
        "s3:DeleteBucketEncryption": "IAM calls it PutEncryptionConfiguration",
        "s3:DeleteBucketLifecycle": "IAM calls it PutLifecycleConfiguration",
        "s3:DeleteBucketTagging": "IAM calls it PutBucketTagging",
        "s3:DeleteObject": "access logs are not this role's to delete",
        "s3:PutObjectAcl": "the bucket's owner owns all objects",
    },
    "AWS::WAFv2::WebACL": {"payments:GetConnectedAccount": "no rule asks for payment"},
    "AWS::WAFv2::WebACLAssociation": {
        f"{service}:*": "the web ACL is for a load balancer"
        for service in (
            *("amplify", "apigateway", "apprunner", "appsync", "bedrock-agentcore", "cognito-idp"),
            "ec2",
        )
    }
    | {"wafv2:*PermissionPolicy": "it has no rule group of its own"},
}
