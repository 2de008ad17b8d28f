"""Stacks with other parameters than the first one's: each deployed, read back, and destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.aws.account import Account

DOMAIN = "chat.example.com"
CIDR = "172.31.0.0/16"
PUBLIC, PRIVATE = ("172.31.0.0/24", "172.31.1.0/24"), ("172.31.16.0/20", "172.31.32.0/20")


def edge(_: Account) -> dict[str, str]:
    """CloudFront and WAF before it, no way to the internet, a schedule, mail."""
    return {
        "AlarmEmail": "operator@example.com",
        "BusinessHoursMinTasks": "3",
        "CloudFront": "on",
        "Egress": "VpcEndpoints",
        "EnableExecuteCommand": "on",
        "FileSystemThroughput": "bursting",
        "Waf": "on",
    }


def sign_in(account: Account) -> dict[str, str]:
    """HTTPS with a certificate, and an identity provider."""
    certificate = account.client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"]
    secret = account.client("secretsmanager").create_secret(
        Name="client-secret", SecretString="rehearsal"
    )
    return {
        "AllowedCidr": "203.0.113.0/24",
        "CertificateArn": certificate,
        "DomainName": DOMAIN,
        "OidcIssuer": "https://idp.example.com",
        "OidcClientId": "chat",
        "OidcClientSecretArn": secret["ARN"],
        "OidcAuthorizationEndpoint": "https://idp.example.com/authorize",
        "OidcTokenEndpoint": "https://idp.example.com/token",
        "OidcUserInfoEndpoint": "https://idp.example.com/userinfo",
    }


def existing_vpc(account: Account) -> dict[str, str]:
    """A network that was there before, larger ARM64 tasks with a shell in them, other models."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=CIDR)["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})  # EFS needs its names
    zones = [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]]

    def subnets(ranges: tuple[str, ...]) -> str:
        made = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=range_, AvailabilityZone=zone)
            for range_, zone in zip(ranges, zones, strict=False)
        ]
        return ",".join(each["Subnet"]["SubnetId"] for each in made)

    return {
        "Architecture": "ARM64",
        "BedrockModelIds": "eu.amazon.nova-lite-v1:0,amazon.nova-micro-v1:0",
        "EnableExecuteCommand": "on",
        "PrivateSubnetIds": subnets(PRIVATE),
        "PublicSubnetIds": subnets(PUBLIC),
        "TaskSize": "0.5-vCPU-1-GB",
        "VpcCidr": CIDR,
        "VpcId": vpc,
    }


@dataclass(frozen=True)
class Variant:
    """One such stack. make: makes what the parameters name, and returns them.

    suffix: of the stack's name. architecture: of the image.
    """

    title: str
    suffix: str
    make: Callable[[Account], dict[str, str]]
    architecture: str = "amd64"


VARIANTS = (
    Variant("CloudFront, WAF, VPC endpoints", "edge", edge),
    Variant("certificate, sign-in", "sign-in", sign_in),
    Variant("existing VPC, ARM64, Exec", "existing-vpc", existing_vpc, "arm64"),
)
