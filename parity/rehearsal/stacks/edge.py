"""Resources in front of the load balancer: WAF and CloudFront."""

from __future__ import annotations

from typing import Any

from parity.rehearsal.stacks.api import call
from parity.rehearsal.stacks.load_balancer import without_own_tags
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

IPV6 = "IPV6Enabled"  # the one name that CloudFront's API has otherwise


def _create_web_acl(request: Request) -> Made:
    answer = call(
        "wafv2",
        "CreateWebACL",
        **request.without("Tags", "Name"),
        Name=request.name("Name"),
        Tags=without_own_tags(request.properties),
    )["Summary"]
    identifier = "|".join((answer["Name"], answer["Id"], request.properties["Scope"]))
    return Made(identifier, {"Arn": answer["ARN"], "Id": answer["Id"]})


def _delete_web_acl(identifier: str, _: Properties) -> None:
    name, key, scope = identifier.split("|")
    where = {"Name": name, "Id": key, "Scope": scope}
    token = call("wafv2", "GetWebACL", **where)["LockToken"]
    call("wafv2", "DeleteWebACL", LockToken=token, **where)


def _associate_web_acl(request: Request) -> Made:
    call("wafv2", "AssociateWebACL", **request.properties)
    return Made(f"{request.properties['WebACLArn']}|{request.properties['ResourceArn']}")


def _put_logging(request: Request) -> Made:
    call("wafv2", "PutLoggingConfiguration", LoggingConfiguration=dict(request.properties))
    return Made(str(request.properties["ResourceArn"]))


def counted(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a distribution's lists as CloudFront's API has them: quantity and items."""
    if isinstance(value, list):
        return {"Quantity": len(value), "Items": [counted(item) for item in value]}
    if isinstance(value, dict):
        return {name: counted(item) for name, item in value.items()}
    return value


def _create_distribution(request: Request) -> Made:
    wanted = counted(request.properties["DistributionConfig"])
    if IPV6 in wanted:
        wanted[f"Is{IPV6}"] = wanted.pop(IPV6)
    wanted.setdefault("CallerReference", request.name("CallerReference"))
    wanted.setdefault("Comment", "")
    answer = call("cloudfront", "CreateDistribution", DistributionConfig=wanted)["Distribution"]
    return Made(answer["Id"], {"Id": answer["Id"], "DomainName": answer["DomainName"]})


def _delete_distribution(identifier: str, _: Properties) -> None:
    tag = call("cloudfront", "GetDistribution", Id=identifier)["ETag"]
    call("cloudfront", "DeleteDistribution", Id=identifier, IfMatch=tag)


def _create_function(request: Request) -> Made:
    wanted = request.without("AutoPublish")  # moto publishes no functions
    answer = call("cloudfront", "CreateFunction", **wanted)["FunctionSummary"]
    return Made(answer["Name"], {"FunctionARN": answer["FunctionMetadata"]["FunctionARN"]})


def _delete_function(name: str, _: Properties) -> None:
    tag = call("cloudfront", "DescribeFunction", Name=name)["ETag"]
    call("cloudfront", "DeleteFunction", Name=name, IfMatch=tag)


PROVIDERS = {
    "AWS::WAFv2::WebACL": Provider(_create_web_acl, _delete_web_acl, replaced_by=("Name", "Scope")),
    "AWS::WAFv2::WebACLAssociation": Provider(
        _associate_web_acl,
        lambda _, properties: call(
            "wafv2", "DisassociateWebACL", ResourceArn=properties["ResourceArn"]
        ),
        replaced_by=("ResourceArn", "WebACLArn"),
    ),
    "AWS::WAFv2::LoggingConfiguration": Provider(
        _put_logging,
        lambda arn, _: call("wafv2", "DeleteLoggingConfiguration", ResourceArn=arn),
        _put_logging,
        ("ResourceArn",),
    ),
    "AWS::CloudFront::Distribution": Provider(_create_distribution, _delete_distribution),
    "AWS::CloudFront::Function": Provider(
        _create_function, _delete_function, replaced_by=("Name",)
    ),
}
