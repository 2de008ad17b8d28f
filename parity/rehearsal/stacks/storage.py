"""Resources that keep data: EFS and S3."""

from __future__ import annotations

from parity.rehearsal.stacks.api import REGION, call
from parity.rehearsal.stacks.load_balancer import without_own_tags
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

EFS = "efs"
S3 = "s3"
TO_IA = "LifecyclePolicies"


def _create_file_system(request: Request) -> Made:
    beside = ("FileSystemTags", "BackupPolicy", "FileSystemPolicy", TO_IA, "FileSystemProtection")
    answer = call(
        EFS,
        "CreateFileSystem",
        **request.without(*beside, "BypassPolicyLockoutSafetyCheck"),
        CreationToken=request.name("CreationToken"),
        Tags=without_own_tags(request.properties, "FileSystemTags"),
    )
    _set_policies(answer["FileSystemId"], request)
    return Made(
        answer["FileSystemId"],
        {"FileSystemId": answer["FileSystemId"], "Arn": answer["FileSystemArn"]},
    )


def _set_policies(file_system: str, request: Request) -> None:
    wanted = request.properties
    if "BackupPolicy" in wanted:
        call(
            EFS,
            "PutBackupPolicy",
            FileSystemId=file_system,
            BackupPolicy=wanted["BackupPolicy"],
        )
    if "FileSystemPolicy" in wanted:
        policy = wanted["FileSystemPolicy"]
        call(EFS, "PutFileSystemPolicy", FileSystemId=file_system, Policy=policy)
    if TO_IA in wanted:
        policies = wanted[TO_IA]
        call(
            EFS,
            "PutLifecycleConfiguration",
            FileSystemId=file_system,
            LifecyclePolicies=policies,
        )


def _update_file_system(request: Request) -> Made:
    throughput = ("ThroughputMode", "ProvisionedThroughputInMibps")
    if request.changed(*throughput):
        call(EFS, "UpdateFileSystem", FileSystemId=request.identifier, **request.only(*throughput))
    _set_policies(request.identifier, request)
    described = call(EFS, "DescribeFileSystems", FileSystemId=request.identifier)
    arn = described["FileSystems"][0]["FileSystemArn"]
    return Made(request.identifier, {"FileSystemId": request.identifier, "Arn": arn})


def _create_access_point(request: Request) -> Made:
    answer = call(
        EFS,
        "CreateAccessPoint",
        **request.without("AccessPointTags", "ClientToken"),
        ClientToken=request.name("ClientToken"),
        Tags=without_own_tags(request.properties, "AccessPointTags"),
    )
    identifier = answer["AccessPointId"]
    return Made(identifier, {"AccessPointId": identifier, "Arn": answer["AccessPointArn"]})


def _create_mount_target(request: Request) -> Made:
    answer = call(EFS, "CreateMountTarget", **request.properties)
    return Made(answer["MountTargetId"], {"Id": answer["MountTargetId"]})


def _update_mount_target(request: Request) -> Made:
    call(
        EFS,
        "ModifyMountTargetSecurityGroups",
        MountTargetId=request.identifier,
        SecurityGroups=request.properties["SecurityGroups"],
    )
    return Made(request.identifier, {"Id": request.identifier})


def _create_bucket(request: Request) -> Made:
    bucket = request.name("BucketName").lower()
    call(S3, "CreateBucket", Bucket=bucket)
    _set_bucket(bucket, request)
    return _made_bucket(bucket)


def _made_bucket(bucket: str) -> Made:
    return Made(
        bucket,
        {
            "Arn": f"arn:aws:s3:::{bucket}",
            "DomainName": f"{bucket}.s3.amazonaws.com",
            "RegionalDomainName": f"{bucket}.s3.{REGION}.amazonaws.com",
        },
    )


def _set_bucket(bucket: str, request: Request) -> None:
    wanted = request.properties
    if "BucketEncryption" in wanted:
        rules = [
            {
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
            }
            for rule in wanted["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        ]
        configuration = {"Rules": rules}
        call(
            S3,
            "PutBucketEncryption",
            Bucket=bucket,
            ServerSideEncryptionConfiguration=configuration,
        )
    if "PublicAccessBlockConfiguration" in wanted:
        block = wanted["PublicAccessBlockConfiguration"]
        call(S3, "PutPublicAccessBlock", Bucket=bucket, PublicAccessBlockConfiguration=block)
    if "OwnershipControls" in wanted:
        controls = wanted["OwnershipControls"]
        call(S3, "PutBucketOwnershipControls", Bucket=bucket, OwnershipControls=controls)
    if "VersioningConfiguration" in wanted:
        versioning = wanted["VersioningConfiguration"]
        call(S3, "PutBucketVersioning", Bucket=bucket, VersioningConfiguration=versioning)
    if "LifecycleConfiguration" in wanted:
        rules = [lifecycle_rule(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]
        call(
            S3,
            "PutBucketLifecycleConfiguration",
            Bucket=bucket,
            LifecycleConfiguration={"Rules": rules},
        )
    tags = without_own_tags(wanted)
    if tags:
        call(S3, "PutBucketTagging", Bucket=bucket, Tagging={"TagSet": tags})


def lifecycle_rule(rule: Properties) -> dict[str, object]:
    """Return a template's lifecycle rule as S3's API has it."""
    made: dict[str, object] = {
        "Filter": {"Prefix": rule.get("Prefix", "")},
        "Status": rule["Status"],
    }
    if "Id" in rule:
        made["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "NoncurrentVersionExpiration" in rule:
        made["NoncurrentVersionExpiration"] = rule["NoncurrentVersionExpiration"]
    if "AbortIncompleteMultipartUpload" in rule:
        made["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    return made


def _update_bucket(request: Request) -> Made:
    _set_bucket(request.identifier, request)
    return _made_bucket(request.identifier)


def _put_bucket_policy(request: Request) -> Made:
    bucket = request.properties["Bucket"]
    call(S3, "PutBucketPolicy", Bucket=bucket, Policy=request.properties["PolicyDocument"])
    return Made(str(bucket))


PROVIDERS = {
    "AWS::EFS::FileSystem": Provider(
        _create_file_system,
        lambda identifier, _: call(EFS, "DeleteFileSystem", FileSystemId=identifier),
        _update_file_system,
        ("AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"),
    ),
    "AWS::EFS::AccessPoint": Provider(
        _create_access_point,
        lambda identifier, _: call(EFS, "DeleteAccessPoint", AccessPointId=identifier),
        replaced_by=("ClientToken", "FileSystemId", "PosixUser", "RootDirectory"),
    ),
    "AWS::EFS::MountTarget": Provider(
        _create_mount_target,
        lambda identifier, _: call(EFS, "DeleteMountTarget", MountTargetId=identifier),
        _update_mount_target,
        ("FileSystemId", "SubnetId", "IpAddress"),
    ),
    "AWS::S3::Bucket": Provider(
        _create_bucket,
        lambda bucket, _: call(S3, "DeleteBucket", Bucket=bucket),
        _update_bucket,
        ("BucketName",),
    ),
    "AWS::S3::BucketPolicy": Provider(
        _put_bucket_policy,
        lambda bucket, _: call(S3, "DeleteBucketPolicy", Bucket=bucket),
        _put_bucket_policy,
        ("Bucket",),
    ),
}
