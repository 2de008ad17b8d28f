"""Fargate on the local engine: what was registered with ECS is run, exactly as it says.

- translate.py: a registered task definition as arguments for Docker; what it does not know is an
  error, so nothing in a task definition is dropped silently.
- host.py: the task started, waited for as ECS and a target group wait, and stopped.
- surroundings.py: the network, the load balancer's and Bedrock's stand-ins around the tasks.
"""
