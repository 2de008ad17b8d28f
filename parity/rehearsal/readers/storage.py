"""Readers of what keeps data, and of who may do what."""

from __future__ import annotations

import string
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from parity.rehearsal.readers.found import Api, Found, Reader, Wanted, only, renamed

if TYPE_CHECKING:
    from parity.aws.account import Account


def _file_system(account: Account, wanted: Wanted) -> Found:
    efs, key = account.client("efs"), wanted.identifier
    found = only(efs.describe_file_systems(FileSystemId=key)["FileSystems"], "file system")
    properties = renamed(found, FileSystemTags="Tags")
    with suppress(ClientError):  # no policy: then it is not among what was found
        properties["FileSystemPolicy"] = efs.describe_file_system_policy(FileSystemId=key)["Policy"]
    with suppress(ClientError):  # as above
        properties["BackupPolicy"] = efs.describe_backup_policy(FileSystemId=key)["BackupPolicy"]
    lifecycle = efs.describe_lifecycle_configuration(FileSystemId=key)["LifecyclePolicies"]
    properties["LifecyclePolicies"] = lifecycle
    return Found(properties, {"Arn": found["FileSystemArn"], "FileSystemId": key})


def _access_point(account: Account, wanted: Wanted) -> Found:
    answer = account.client("efs").describe_access_points(AccessPointId=wanted.identifier)
    found = only(answer["AccessPoints"], "access point")
    return Found(renamed(found, AccessPointTags="Tags"), {"Arn": found["AccessPointArn"]})


def _mount_target(account: Account, wanted: Wanted) -> Found:
    efs, key = account.client("efs"), wanted.identifier
    answer = efs.describe_mount_targets(MountTargetId=key)
    groups = efs.describe_mount_target_security_groups(MountTargetId=key)["SecurityGroups"]
    return Found(only(answer["MountTargets"], "mount target") | {"SecurityGroups": groups})


def _bucket(account: Account, wanted: Wanted) -> Found:
    s3, bucket = account.client("s3"), wanted.identifier
    s3.head_bucket(Bucket=bucket)
    found: dict[str, Any] = {"BucketName": bucket}
    with suppress(ClientError):  # what is not set is not among what was found
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        found["BucketEncryption"] = {
            "ServerSideEncryptionConfiguration": [
                renamed(rule, ServerSideEncryptionByDefault="ApplyServerSideEncryptionByDefault")
                for rule in rules["Rules"]
            ]
        }
    with suppress(ClientError):
        answer = s3.get_public_access_block(Bucket=bucket)
        found["PublicAccessBlockConfiguration"] = answer["PublicAccessBlockConfiguration"]
    with suppress(ClientError):
        answer = s3.get_bucket_ownership_controls(Bucket=bucket)
        found["OwnershipControls"] = answer["OwnershipControls"]
    with suppress(ClientError):
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        found["LifecycleConfiguration"] = {"Rules": [_lifecycle_rule(rule) for rule in rules]}
    with suppress(ClientError):
        found["Tags"] = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    return Found(found, {"Arn": f"arn:aws:s3:::{bucket}"})


def _lifecycle_rule(rule: Api) -> dict[str, Any]:
    days = rule.get("Expiration", {}).get("Days")
    return renamed(rule, Id="ID") | ({"ExpirationInDays": days} if days else {})


def _bucket_policy(account: Account, wanted: Wanted) -> Found:
    policy = account.client("s3").get_bucket_policy(Bucket=wanted.properties["Bucket"])["Policy"]
    return Found({"PolicyDocument": policy})


def _role(account: Account, wanted: Wanted) -> Found:
    iam, name = account.client("iam"), wanted.identifier
    found = iam.get_role(RoleName=name)["Role"]
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=name, PolicyName=policy) for policy in names]
    managed = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    properties = found | {
        "Policies": policies,
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in managed],
    }
    properties.pop("PermissionsBoundary", None)
    if boundary:
        properties["PermissionsBoundary"] = boundary
    return Found(properties, {"Arn": found["Arn"], "RoleId": found["RoleId"]})


def _role_policy(account: Account, wanted: Wanted) -> Found:
    policy, role = wanted.properties["PolicyName"], wanted.properties["RoleName"]
    return Found(account.client("iam").get_role_policy(RoleName=role, PolicyName=policy))


def _secret(account: Account, wanted: Wanted) -> Found:
    """The recipe of a generated secret cannot be read back; what came of it can be looked at."""
    client = account.client("secretsmanager")
    found = client.describe_secret(SecretId=wanted.identifier)
    value = client.get_secret_value(SecretId=wanted.identifier)["SecretString"]
    punctuation = any(letter in string.punctuation for letter in value)
    recipe = {"PasswordLength": len(value), "ExcludePunctuation": not punctuation}
    return Found(found | {"GenerateSecretString": recipe}, {"Id": found["ARN"]})


READERS: dict[str, Reader] = {
    "AWS::EFS::FileSystem": _file_system,
    "AWS::EFS::AccessPoint": _access_point,
    "AWS::EFS::MountTarget": _mount_target,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::IAM::Role": _role,
    "AWS::IAM::RolePolicy": _role_policy,
    "AWS::SecretsManager::Secret": _secret,
}
