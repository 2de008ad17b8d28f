"""A local stand-in for Amazon Bedrock's runtime API: deterministic answers, faults on demand."""
